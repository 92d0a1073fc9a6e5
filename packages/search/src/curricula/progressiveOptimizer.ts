import {
  type AnyGradientTransformation,
  type ChainExtra,
  type ChainState,
  check,
  type Definition,
  definitionOf,
  type GradientTransformation,
  InvalidOption,
  inClosedUnitInterval,
  positiveInteger,
  show,
  transformation,
  withDefaults
} from '@gradchain/core'

/** Options of {@link progressiveOptimizer}. */
export interface ProgressiveOptimizerOptions {
  /** After how many values without improvement the next stage begins, a whole number ≥ 1. @defaultValue `10` */
  readonly patience?: number | undefined
  /** Share of the size of the best value by which one must be better, in [0, 1]. @defaultValue `1e-3` */
  readonly rtol?: number | undefined
}

/** State of {@link progressiveOptimizer}. */
export interface ProgressiveOptimizerState<T extends readonly AnyGradientTransformation[]> {
  /** The number of the stage, from 0. */
  readonly stage: number
  /** The best value of the stage; before the first, the worst finite one. */
  readonly bestValue: number
  /** How many values in a row were no improvement. */
  readonly plateauCount: number
  /** The states of the stages, in order. */
  readonly innerStates: ChainState<T>
}

/** What {@link progressiveOptimizer} needs beyond the params. */
export interface ProgressiveOptimizerExtra {
  /** The value that is to fall: the loss. */
  readonly value: number
}

/**
 * Goes from a simple optimizer to ever more elaborate ones: the next takes over when the value has stopped improving under the one before.
 *
 * For the value v at each update, from stage i = 0, best b = ∞ and k = 0, before the update is made:
 *
 *     better:  v < b − rtol |b|:   b ← v, k ← 0;      otherwise k ← k + 1
 *     if k reaches patience and there is a next stage:   i ← i + 1, b ← v, k ← 0
 *     u = stages[i](g)
 *
 * Each stage has a state of its own, which begins afresh where it takes over; the others keep theirs. A value that is NaN is never better. By the
 * number of steps instead of by the value: `switchTransform`.
 *
 * Laws: one stage is that transformation; the stage never falls; before the first change it is the first stage; equal transformations
 * without a state are one.
 *
 * @param stages - the transformations, the simplest first.
 *
 * @example
 * const tx = progressiveOptimizer([sgd(0.1), sgd(0.1, { momentum: 0.9 }), adam(0.01)], { patience: 2 })
 * const params = { w: 1 }
 * let state = tx.init(params)
 * const stages: number[] = []
 * for (const value of [3, 2, 2, 2, 1, 1, 1]) {
 *   const [, next] = tx.update({ w: 1 }, state, params, { value })
 *   state = next
 *   stages.push(state.stage)
 * }
 * stages // => [0, 0, 0, 1, 1, 1, 2]
 *
 * @throws InvalidOption at construction, for no stages and for an option outside its range; at update, when the value is no number.
 * @see switchTransform, reduceOnPlateau
 */
export const progressiveOptimizer = <const T extends readonly AnyGradientTransformation[]>(
  stages: T,
  options: ProgressiveOptimizerOptions = {}
): GradientTransformation<ProgressiveOptimizerState<T>, ChainExtra<T> & ProgressiveOptimizerExtra> => {
  if (!Array.isArray(stages) || stages.length === 0) {
    throw new InvalidOption(`progressiveOptimizer: stages must be a list of at least one, got ${show(stages)}`)
  }
  const { patience, rtol } = withDefaults('progressiveOptimizer', options, { patience: 10, rtol: 1e-3 })
  check('progressiveOptimizer', { patience }, positiveInteger)
  check('progressiveOptimizer', { rtol }, inClosedUnitInterval)
  // Each part takes what it needs out of the extra of the whole, which is the intersection of theirs.
  const parts = stages.map((part) => definitionOf('progressiveOptimizer', part) as Definition<unknown>)

  return transformation<ProgressiveOptimizerState<T>, ChainExtra<T> & ProgressiveOptimizerExtra>({
    origin: ['progressiveOptimizer', [...stages], { ...options }],
    init: (params) => ({
      stage: 0,
      bestValue: Number.MAX_VALUE,
      plateauCount: 0,
      innerStates: parts.map(({ init }) => init(params)) as ChainState<T>
    }),
    update: (updates, state, params, extra) => {
      const { value } = (extra ?? {}) as Partial<ProgressiveOptimizerExtra>
      if (typeof value !== 'number') {
        throw new InvalidOption(`progressiveOptimizer: value must be a number, got ${show(value)}`)
      }
      const { bestValue, innerStates } = state
      const isBetter = value < bestValue - rtol * Math.min(Math.abs(bestValue), Number.MAX_VALUE / 2)
      const waited = isBetter ? 0 : state.plateauCount + 1
      const isOver = waited >= patience && state.stage < parts.length - 1
      const stage = isOver ? state.stage + 1 : state.stage
      const part = parts[stage] as Definition<unknown>
      const [emitted, next] = part.update(updates, innerStates[stage], params, extra)
      return [
        emitted,
        {
          stage,
          bestValue: isBetter || (isOver && Number.isFinite(value)) ? value : isOver ? Number.MAX_VALUE : bestValue,
          plateauCount: isOver ? 0 : waited,
          innerStates: innerStates.map((inner, i) => (i === stage ? next : inner)) as unknown as ChainState<T>
        }
      ]
    }
  })
}
