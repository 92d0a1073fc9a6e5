import {
  type AnyGradientTransformation,
  type ChainExtra,
  type ChainState,
  type Definition,
  definitionOf,
  type GradientTransformation,
  InvalidOption,
  show,
  transformation,
  withDefaults
} from '@gradchain/core'

/** Options of {@link switchTransform}. */
export interface SwitchTransformOptions {
  /** The steps at which the next transformation takes over, each larger than the one before: whole numbers ≥ 1, one for each change. */
  readonly boundaries: readonly number[]
  /**
   * For how many steps before it takes over a transformation is already given the gradients, so that its averages are warm; a whole
   * number ≥ 0, or infinity for all steps from the first. @defaultValue `0`
   */
  readonly warm?: number
}

/** State of {@link switchTransform}. */
export interface SwitchTransformState<T extends readonly AnyGradientTransformation[]> {
  /** How many updates were seen, which is the step of the next one. */
  readonly count: number
  /** The states of the transformations, in order. */
  readonly innerStates: ChainState<T>
}

/**
 * Lets transformations work one after the other, by the step: first one optimizer, later another.
 *
 * At step t = 0, 1, 2, …, with the boundaries 0 < b₁ < b₂ < …:
 *
 *     u = transforms[i](g)         where bᵢ ≤ t < bᵢ₊₁
 *
 * Each has a state of its own, which begins afresh where it takes over, and stays what it was where it has done its part. With `warm` = n it
 * sees the gradients of the n steps before, too, and its updates are dropped: averages are filled by then, and what it counts,
 * schedules included, counts from there. It sees the params as the others move them.
 *
 * Laws: one transformation is that transformation; without `warm`, what each does is what it does alone with the gradients and params
 * of its own steps; equal transformations that are warm from the first are one.
 *
 * @param transforms - the transformations, in order; one more than there are boundaries.
 *
 * @example
 * const tx = switchTransform([scale(-1), scale(-0.5)], { boundaries: [2] })
 * let params = { w: 8 }
 * let state = tx.init(params)
 * const path: number[] = []
 * for (let t = 0; t < 4; t++) {
 *   ;[params, state] = step(tx, { w: 2 }, state, params)
 *   path.push(params.w)
 * }
 * path // => [6, 4, 3, 2]
 *
 * @throws InvalidOption at construction, when the boundaries do not rise or are not one fewer than the transformations, or when
 * warm is outside its range.
 * @see conditionallyTransform, swats
 */
export const switchTransform = <const T extends readonly AnyGradientTransformation[]>(
  transforms: T,
  options: SwitchTransformOptions
): GradientTransformation<SwitchTransformState<T>, ChainExtra<T>> => {
  if (!Array.isArray(transforms) || transforms.length === 0) {
    throw new InvalidOption(`switchTransform: transforms must be a list of at least one, got ${show(transforms)}`)
  }
  // Each part takes what it needs out of the extra of the whole, which is the intersection of theirs.
  const parts = transforms.map((part) => definitionOf('switchTransform', part) as Definition<unknown>)
  const { boundaries, warm } = withDefaults<Required<SwitchTransformOptions>>('switchTransform', options, {
    boundaries: [],
    warm: 0
  })
  if (!isRising(boundaries) || boundaries.length !== parts.length - 1) {
    throw new InvalidOption(
      `switchTransform: boundaries must be ${parts.length - 1} rising whole numbers ≥ 1, got ${show(boundaries)}`
    )
  }
  if (warm !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(warm) && warm >= 0)) {
    throw new InvalidOption(`switchTransform: warm must be a whole number ≥ 0 or Infinity, got ${show(warm)}`)
  }

  return transformation<SwitchTransformState<T>, ChainExtra<T>>({
    origin: ['switchTransform', [...transforms], { ...options }],
    init: (params) => ({ count: 0, innerStates: parts.map(({ init }) => init(params)) as ChainState<T> }),
    update: (updates, { count, innerStates }, params, extra) => {
      const active = boundaries.filter((boundary) => boundary <= count).length
      let emitted = updates
      const states = parts.map(({ update }, i) => {
        const before = innerStates[i]
        const isWaiting = i > active && count >= (boundaries[i - 1] as number) - warm
        if (i !== active && !isWaiting) return before
        const [transformed, next] = update(updates, before, params, extra)
        if (i === active) emitted = transformed
        return next
      })
      return [emitted, { count: count + 1, innerStates: states as ChainState<T> }]
    }
  })
}

const isRising = (steps: unknown): steps is readonly number[] =>
  Array.isArray(steps) &&
  steps.every((step: unknown, i) => Number.isSafeInteger(step) && (step as number) > (i === 0 ? 0 : steps[i - 1]))
