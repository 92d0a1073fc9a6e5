/** gradchain, in its three ways of running, on its built packages. */
import {
  adamw,
  addDecayedWeights,
  ademamix,
  applyUpdates,
  cautious,
  chain,
  clipByGlobalNorm,
  type GradientTransformation,
  type Leaf,
  lion,
  multiSteps,
  prodigy,
  scaleByAdam,
  scaleByLearningRate,
  scheduleFreeAdamw,
  step,
  type Transient,
  type Tree,
  transient,
  tree
} from 'gradchain'
import { type ChainName, estimLr0, type Hyper, slow } from '../cases.js'
import { type Contestant, type Prepare, type Problem, touch } from './contestant.js'

/** A chain of some state, which only the chain itself looks into. */
type Optimizer = GradientTransformation<unknown>

/** The chains as a user writes them. */
const optimizers: Readonly<Record<ChainName, (hyper: Hyper) => Optimizer>> = {
  adamw: ({ learningRate, b1, b2, eps, weightDecay }) => hidden(adamw(learningRate, { b1, b2, eps, weightDecay })),
  clipped: ({ learningRate, b1, b2, eps, weightDecay, maxNorm }) =>
    hidden(
      chain(
        clipByGlobalNorm(maxNorm),
        scaleByAdam({ b1, b2, eps }),
        addDecayedWeights(weightDecay),
        scaleByLearningRate(learningRate)
      )
    ),
  lion: ({ learningRate, b1, b2, weightDecay }) => hidden(lion(learningRate, { b1, b2, weightDecay })),
  multiSteps: ({ learningRate, b1, b2, eps, weightDecay, every }) =>
    hidden(multiSteps(adamw(learningRate, { b1, b2, eps, weightDecay }), every)),
  ademamix: ({ learningRate, b1, b2, eps, weightDecay }) =>
    hidden(ademamix(learningRate, { b1, b2, eps, weightDecay, ...slow })),
  prodigy: ({ learningRate, b1, b2, eps, weightDecay }) =>
    hidden(prodigy(learningRate, { b1, b2, eps, weightDecay, estimLr0 })),
  scheduleFreeAdamw: ({ learningRate, b1, b2, eps, weightDecay }) =>
    hidden(scheduleFreeAdamw(learningRate, { b1, b2, eps, weightDecay })),
  cautiousAdamw: ({ learningRate, b1, b2, eps, weightDecay }) =>
    hidden(
      chain(
        cautious(scaleByAdam({ b1, b2, eps }), { descends: false }),
        addDecayedWeights(weightDecay),
        scaleByLearningRate(learningRate)
      )
    )
}

// The chains differ in their states; here each is given back only what it gave.
const hidden = <S>(tx: GradientTransformation<S>): Optimizer => tx as Optimizer

export const optimizerOf = (name: ChainName, hyper: Hyper): Optimizer => optimizers[name](hyper)

/** Params, as the benchmark passes them around. */
type Params = Tree<Leaf>

/** How arrays are put together to params. */
export type Arrange = (arrays: readonly Float32Array[]) => Params

/** Arrays under names in one object. */
export const record: Arrange = (arrays) => Object.fromEntries(arrays.map((array, i) => [`layer${i}`, array]))

/** Layers of a kernel and a bias, in a list. */
export const layers: Arrange = (arrays) => {
  const pairs = Array.from({ length: arrays.length >> 1 }, (_, i) => arrays.slice(2 * i, 2 * i + 2))
  const alone = arrays.length % 2 === 1 ? arrays.slice(-1) : []
  return [...pairs.map(([kernel, bias]) => ({ kernel, bias }) as Params), ...alone]
}

const arraysOf = (params: Params): Float32Array[] => tree.leaves(params) as Float32Array[]

/** Params, gradients and state in one memory. The gradients are written there once and stay, as they do for PyTorch. */
export const inPlace =
  (arrange: Arrange): Prepare =>
  ({ chain: name, hyper, params, grads, threads }: Problem): Contestant => {
    const run: Transient<Params, unknown, unknown> = transient(optimizerOf(name, hyper), arrange(params), { threads })
    const feed = (next: readonly Float32Array[]): void => {
      for (const [i, place] of arraysOf(run.grads).entries()) place.set(next[i] as Float32Array)
    }
    feed(grads)
    return {
      feed,
      step: () => run.step(),
      finish: () => touch(arraysOf(run.params)),
      params: () => arraysOf(run.params),
      bytes: { ...run.bytes }
    }
  }

/** What a pure way of running needs to know about one step. */
type Advance = (tx: Optimizer, grads: Params, state: unknown, params: Params) => readonly [Params, unknown]

const pure =
  (advance: Advance) =>
  (arrange: Arrange): Prepare =>
  ({ chain: name, hyper, params: start, grads }: Problem): Contestant => {
    const tx = optimizerOf(name, hyper)
    let params = arrange(start)
    let state = tx.init(params)
    let current = arrange(grads)
    return {
      feed: (next) => {
        current = arrange(next)
      },
      step: () => {
        ;[params, state] = advance(tx, current, state, params)
      },
      finish: () => touch(arraysOf(params)),
      params: () => arraysOf(params)
    }
  }

/** `step`: params and state in one evaluation. */
export const oneEvaluation = pure((tx, grads, state, params) => step(tx, grads, state, params))

/** `update`, then `applyUpdates`: two evaluations. */
export const twoEvaluations = pure((tx, grads, state, params) => {
  const [updates, next] = tx.update(grads, state, params)
  return [applyUpdates(params, updates), next]
})
