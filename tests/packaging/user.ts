// A user's program: type-checked and run against the packed packages as npm would install them.
import {
  addDecayedWeights,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  ndarray,
  scaleByAdam,
  scaleByLearningRate,
  step,
  warmupCosineDecaySchedule
} from 'gradchain'

const schedule = warmupCosineDecaySchedule({ initValue: 0, peakValue: 1e-3, warmupSteps: 2, decaySteps: 10 })
const optimizer = chain(clipByGlobalNorm(1), scaleByAdam(), addDecayedWeights(1e-4), scaleByLearningRate(schedule))

const initial = { dense: { kernel: ndarray(new Float32Array(64 * 10), [64, 10]), bias: new Float32Array(10) } }

/** Gradients of the squared distance to a tree of ones. */
const gradients = ({ dense: { kernel, bias } }: typeof initial): typeof initial => ({
  dense: {
    kernel: ndarray(
      kernel.data.map((x) => x - 1),
      [64, 10]
    ),
    bias: bias.map((x) => x - 1)
  }
})

let params = initial
let state = optimizer.init(params)
let stepped = initial
let steppedState = optimizer.init(stepped)
for (let i = 0; i < 3; i++) {
  const [updates, next] = optimizer.update(gradients(params), state, params)
  params = applyUpdates(params, updates)
  state = next
  ;[stepped, steppedState] = step(optimizer, gradients(stepped), steppedState, stepped)
}

/** The state keeps its type: the second part of the chain is Adam's. */
export const count: number = state[1].count

/** Whether the parameters went towards the ones. */
export const moved: boolean = params.dense.kernel.data.every((x) => x > 0 && x < 1)

/** Whether `step` gave the same bits as `update` and `applyUpdates`. */
export const same: boolean =
  params.dense.kernel.data.every((x, i) => Object.is(x, stepped.dense.kernel.data[i])) &&
  params.dense.bias.every((x, i) => Object.is(x, stepped.dense.bias[i]))
