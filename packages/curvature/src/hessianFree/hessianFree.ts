import {
  check,
  force,
  type GradientTransformation,
  hvp,
  InvalidOption,
  inClosedUnitInterval,
  nonNegative,
  nonNegativeInteger,
  type Operand,
  positiveInteger,
  type Requirement,
  show,
  type Tree,
  transformation,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { finiteDifferenceHvp } from '../differences/finiteDifferenceHvp.js'
import { hessianFreeStep } from '../internal/hessianFreeStep.js'
import { layoutOf } from '../internal/layout.js'
import { type ObjectiveExtra, objectiveOf } from '../internal/objective.js'

/** Options of {@link hessianFree}. */
export interface HessianFreeOptions {
  /** Damping λ at the first step, finite and ≥ 0. @defaultValue `1` */
  readonly damping?: number
  /** What the damping is multiplied by, or divided, finite and ≥ 1; with 1 it stays. @defaultValue `1.5` */
  readonly dampingFactor?: number
  /** How much of the last direction the next one begins with, in `[0, 1]`. @defaultValue `0.95` */
  readonly warmStart?: number
  /** How many steps of conjugate gradients there are at most, a whole number ≥ 1. @defaultValue `250` */
  readonly maxIterations?: number
  /** The least progress of a step of theirs, as a share of all of it; finite and ≥ 0. @defaultValue `5e-4` */
  readonly tolerance?: number
  /** How often a step that does not lead down is halved at the most, a whole number ≥ 0. @defaultValue `30` */
  readonly maxBacktracking?: number
}

/** State of {@link hessianFree}. */
export interface HessianFreeState {
  /** How many updates were made. */
  readonly count: number
  /** The damping λ of the next step. */
  readonly damping: number
  /** What conjugate gradients found last, shaped like the params. */
  readonly direction: Tree
  /** The loss after the last step; NaN before the first. */
  readonly value: number
  /** By how much the loss fell, beside what the quadratic model had said; NaN where that said nothing. */
  readonly ratio: number
  /** Which share of the direction the last step was; 0 where no share of it led down. */
  readonly rate: number
  /** How many steps of conjugate gradients the last one took. */
  readonly iterations: number
}

/** What the update of {@link hessianFree} needs to be told: the loss, and if one wants to another curvature than its Hessian. */
export type HessianFreeExtra = ObjectiveExtra & {
  /** The loss at the params, where it is known already. */
  readonly value?: Value | undefined
  /**
   * The product of a matrix of curvature at the params with a direction, both trees in their structure: {@link gnvp}, for instance. By
   * default that of the Hessian, by `hvp`, or from differences of gradients where the loss is a function of arrays. It is declared as a
   * method so that it may take params of one particular type.
   */
  hvpFn?(params: Tree, direction: Tree): Tree
}

/**
 * Hessian-free optimization: Newton's step for a damped curvature, by conjugate gradients, which need its products with directions alone, and
 * as much of it as makes the loss fall.
 *
 * For the gradients g at the params p, with a matrix of curvature B, from d = warmStart times the last direction where that is better than 0:
 *
 *     minimize  q(d) = ⟨g, d⟩ + ½ ⟨d, B d⟩ + ½ λ ‖d‖²        by conjugate gradients, until their progress over the last tenth of them is
 *                                                            less than tolerance for each, or ⟨d, B d⟩ + λ ‖d‖² ≤ 0 on a direction
 *     d ← the step among those after 1, 2, 3, 4, 6, 8, 11 … of them from which on the loss rises, looked at from the end
 *     u = d, d/2, d/4 …                                      until f(p + u) ≤ f(p) + 10⁻⁴ ⟨g, u⟩; else 0
 *     ρ = (f(p + d) − f(p)) / (⟨g, d⟩ + ½ ⟨d, B d⟩)
 *     λ ← λ / dampingFactor where ρ > 3/4, λ · dampingFactor where ρ < 1/4; λ where g is 0 or NaN
 *
 * It goes by the gradients of one batch only if the loss is of the same batch: give it one that is large, or all examples. `hvp` gives B; with
 * {@link gnvp} it is never indefinite. A loss that is NaN or infinite is one that has risen. The update is a step, to be added as it is.
 *
 * Each update asks for the loss some times, and for as many products as there are iterations. Inside of a chain what is pending is evaluated
 * for that; trees are vectors in float64 meanwhile.
 *
 * Laws: with damping 0 the minimum of a convex quadratic, after as many iterations as it has directions; the loss never rises; along −g as λ
 * grows.
 *
 * @example
 * const tx = hessianFree({ damping: 0 })
 * const params = { x: 1, y: 1 }
 * const valueFn = ({ x, y }: { x: Operand; y: Operand }) => add(square(sub(x, 3)), mul(100, square(y)))
 * const [u, state] = tx.update({ x: -4, y: 200 }, tx.init(params), params, { valueFn })
 * u.x.toFixed(9) // => '2.000000000'
 * u.y.toFixed(9) // => '-1.000000000'
 * state.iterations // => 2
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when there is no function.
 * @see Martens (2010), {@link https://www.cs.toronto.edu/~jmartens/docs/Deep_HessianFree.pdf}
 */
export const hessianFree = (
  options: HessianFreeOptions = {}
): GradientTransformation<HessianFreeState, HessianFreeExtra> => {
  const chosen = withDefaults<Required<HessianFreeOptions>>('hessianFree', options, {
    damping: 1,
    dampingFactor: 1.5,
    warmStart: 0.95,
    maxIterations: 250,
    tolerance: 5e-4,
    maxBacktracking: 30
  })
  const { damping, dampingFactor, warmStart, maxIterations, tolerance, maxBacktracking } = chosen
  check('hessianFree', { damping, tolerance }, nonNegative)
  check('hessianFree', { dampingFactor }, aFactor)
  check('hessianFree', { warmStart }, inClosedUnitInterval)
  check('hessianFree', { maxIterations }, positiveInteger)
  check('hessianFree', { maxBacktracking }, nonNegativeInteger)

  return transformation<HessianFreeState, HessianFreeExtra>({
    origin: ['hessianFree', { ...options }],
    init: (params) => ({
      count: 0,
      damping,
      direction: tree.zerosLike(tree.widen(params)),
      value: Number.NaN,
      ratio: Number.NaN,
      rate: 0,
      iterations: 0
    }),
    update: (updates, state, params, extra) => {
      // A function of nothing has no derivatives.
      if (tree.leaves(params).length === 0) return [updates, { ...state, count: state.count + 1 }]
      const objective = objectiveOf('hessianFree', extra)
      const layout = layoutOf(params)
      // In the order of the params: a state may have come with its keys in another.
      const directions = layoutOf(tree.widen(params))
      const at = layout.read(params)
      const valueAfter = (d: Float64Array): number =>
        objective.valueAt(layout.write(at.map((x, i) => x + (d[i] as number))))
      const product = productOf(extra, layout.write(at))
      const step = hessianFreeStep(
        {
          value: extra.value === undefined ? objective.valueAt(layout.write(at)) : numberOf(extra.value),
          gradient: layout.read(updates),
          valueAfter,
          product: (v) => layout.read(product(layout.write(v)))
        },
        { damping: state.damping, direction: directions.read(state.direction) },
        chosen
      )
      const { d, direction, ...rest } = step
      const info = {
        damping: rest.damping,
        value: rest.value,
        ratio: rest.ratio,
        rate: rest.rate,
        iterations: rest.iterations
      }
      return [directions.write(d), { count: state.count + 1, direction: directions.write(direction), ...info }]
    }
  })
}

const aFactor: Requirement = {
  what: 'a finite number ≥ 1',
  holds: (value) => typeof value === 'number' && value >= 1 && value < Infinity
}

const numberOf = (value: Operand): number => {
  const found = force(value)
  if (typeof found === 'number') return found
  throw new InvalidOption(`hessianFree: value must be a number, got ${show(found)}`)
}

/** The products that were given along, those of the Hessian, or those from differences of gradients. */
const productOf = (extra: HessianFreeExtra, params: Tree): ((v: Tree) => Tree) => {
  const { hvpFn, valueFn, valueAndGradFn } = extra
  if (hvpFn !== undefined) {
    if (typeof hvpFn !== 'function')
      throw new InvalidOption(`hessianFree: hvpFn must be a function, got ${show(hvpFn)}`)
    return (v) => hvpFn(params, v)
  }
  if (valueAndGradFn === undefined) {
    const product = hvp((p: Tree) => (valueFn as NonNullable<typeof valueFn>)(p))
    return (v) => product(params, v)
  }
  const product = finiteDifferenceHvp((p: Tree) => valueAndGradFn(force(p))[1])
  return (v) => product(params, v)
}
