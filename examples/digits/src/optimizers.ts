import {
  adam,
  adamw,
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  lion,
  lookahead,
  rmsprop,
  type Schedule,
  scaleByAdam,
  scaleByLearningRate,
  sgd,
  warmupCosineDecaySchedule
} from 'gradchain'
import { type Training, train } from './train.js'

/** Which params decay: kernels do, biases do not. */
const mask = { dense1: { kernel: true, bias: false }, dense2: { kernel: true, bias: false } }

/** An optimizer to choose, and the peak learning rate at which it does well here. */
interface Choice {
  /** The peak of the schedule unless `--learning-rate` says otherwise. */
  readonly learningRate: number
  /** What it is, as one would write it. */
  readonly formula: string
  /** Training with it, following the given learning rate. */
  readonly trainer: (schedule: Schedule) => Training
}

/** What `--optimizer` offers. Adding a line here is all it takes to offer one more. */
export const optimizers = {
  chain: {
    learningRate: 1e-2,
    formula:
      'chain(clipByGlobalNorm(1), scaleByAdam(), addDecayedWeights(1e-4, { mask }), scaleByLearningRate(schedule))',
    trainer: (schedule) =>
      train(chain(clipByGlobalNorm(1), scaleByAdam(), addDecayedWeights(1e-4, { mask }), scaleByLearningRate(schedule)))
  },
  sgd: {
    learningRate: 0.1,
    formula: 'sgd(schedule, { momentum: 0.9 })',
    trainer: (schedule) => train(sgd(schedule, { momentum: 0.9 }))
  },
  adam: { learningRate: 1e-2, formula: 'adam(schedule)', trainer: (schedule) => train(adam(schedule)) },
  adamw: {
    learningRate: 1e-2,
    formula: 'adamw(schedule, { weightDecay: 1e-2, mask })',
    trainer: (schedule) => train(adamw(schedule, { weightDecay: 1e-2, mask }))
  },
  lion: {
    learningRate: 3e-3,
    formula: 'lion(schedule, { weightDecay: 1e-2, mask })',
    trainer: (schedule) => train(lion(schedule, { weightDecay: 1e-2, mask }))
  },
  rmsprop: { learningRate: 5e-3, formula: 'rmsprop(schedule)', trainer: (schedule) => train(rmsprop(schedule)) },
  lookahead: {
    learningRate: 1e-2,
    formula: 'lookahead(adam(schedule), { syncPeriod: 6, slowStepSize: 0.5 })',
    trainer: (schedule) => train(lookahead(adam(schedule), { syncPeriod: 6, slowStepSize: 0.5 }))
  }
} as const satisfies Record<string, Choice>

/** The name of an optimizer on offer. */
export type OptimizerName = keyof typeof optimizers

/** From 0 to the peak over the first tenth of the steps, then down to 0 along half a cosine. */
export const learningRate = (peakValue: number, steps: number): Schedule =>
  warmupCosineDecaySchedule({ initValue: 0, peakValue, warmupSteps: Math.floor(steps / 10), decaySteps: steps })
