import {
  check,
  div,
  type GradientTransformation,
  greater,
  less,
  max,
  min,
  mul,
  oneOf,
  sqrt,
  sub,
  type Tree,
  transformation,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { ConjugateGradientBeta } from '../methods/conjugateGradient.js'

/** Options of {@link scaleByConjugateGradient}. */
export interface ScaleByConjugateGradientOptions {
  /** How much of the direction before goes into the next. @defaultValue `'polakRibiere'` */
  readonly beta?: ConjugateGradientBeta
}

/** State of {@link scaleByConjugateGradient}. */
export interface ScaleByConjugateGradientState {
  /** The last updates that came in, g₋, shaped like the params; zeros before the first. */
  readonly gradient: Tree
  /** The last that went out, u₋, shaped like the params; zeros before the first. */
  readonly direction: Tree
}

/**
 * Makes conjugate directions of gradients: nonlinear conjugate gradients, without the search along the line.
 *
 * All leaves together are one vector. From g₋ = u₋ = 0, with y = g − g₋:
 *
 *     u = g + β u₋
 *
 *     polakRibiere      β = max(0, gᵀy / g₋ᵀg₋)
 *     fletcherReeves    β = gᵀg / g₋ᵀg₋
 *     hagerZhang        β = max((y − 2 d yᵀy / dᵀy)ᵀ g / dᵀy, −1 / (‖d‖ min(0.01, ‖g₋‖)))        d = −u₋
 *
 * Where that is no direction to go down, uᵀg ≤ 0, and at the first update, u = g. It wants rates that a search along the line has found, such as those of a chain
 * with `scaleByZoomLinesearch`; with one fixed rate it is a momentum of its own making.
 *
 * Laws: the first update is the gradient; uᵀg > 0; with Polak–Ribière and Fletcher–Reeves, gradients scaled by c have directions scaled by c.
 *
 * @example
 * const tx = scaleByConjugateGradient()
 * const params = { x: 0, y: 0 }
 * const [first, state] = tx.update({ x: 1, y: 2 }, tx.init(params), params)
 * first // => { x: 1, y: 2 }
 * tx.update({ x: 2, y: -1 }, state, params)[0] // => { x: 3, y: 1 }
 *
 * @throws InvalidOption at construction, when beta is none of the three.
 * @see Nocedal and Wright (2006), Numerical Optimization, section 5.2; Hager and Zhang (2005), A New Conjugate Gradient Method
 * with Guaranteed Descent and an Efficient Line Search, {@link https://doi.org/10.1137/030601880}
 * @see conjugateGradient, the same with its search, for `minimize`
 */
export const scaleByConjugateGradient = (
  options: ScaleByConjugateGradientOptions = {}
): GradientTransformation<ScaleByConjugateGradientState> => {
  const { beta } = withDefaults<Required<ScaleByConjugateGradientOptions>>('scaleByConjugateGradient', options, {
    beta: 'polakRibiere'
  })
  check('scaleByConjugateGradient', { beta }, oneOf('polakRibiere', 'fletcherReeves', 'hagerZhang'))

  return transformation<ScaleByConjugateGradientState>({
    origin: ['scaleByConjugateGradient', { ...options }],
    init: (params) => {
      // Of params of 16 bits in float32, as everything that goes on from step to step.
      const zeros = () => tree.zerosLike(tree.widen(params))
      return { gradient: zeros(), direction: zeros() }
    },
    update: (updates, { gradient, direction }) => {
      const grads = tree.widen(updates)
      const share = shareOf(beta, grads, gradient, direction)
      const conjugate = tree.addScale(grads, share, direction)
      // Where the share, or what it leads to, is NaN or infinite, as after gradients of 0, the gradient is as good.
      const slope = tree.vdot(conjugate, grads)
      const next = tree.where(mul(greater(slope, 0), less(slope, Infinity)), conjugate, grads)
      return [next, { gradient: tree.castLike(grads, gradient), direction: tree.castLike(next, direction) }]
    }
  })
}

/** β */
const shareOf = (beta: ConjugateGradientBeta, g: Tree, before: Tree, direction: Tree): Value => {
  const size = tree.squaredNorm(before)
  if (beta === 'fletcherReeves') return div(tree.squaredNorm(g), size)
  const change = tree.sub(g, before)
  if (beta === 'polakRibiere') return max(0, div(tree.vdot(g, change), size))
  // Of d = −u: dᵀy = −uᵀy.
  const curve = mul(-1, tree.vdot(direction, change))
  const inner = sub(
    tree.vdot(change, g),
    mul(div(mul(2, tree.squaredNorm(change)), curve), mul(-1, tree.vdot(direction, g)))
  )
  const least = div(-1, mul(tree.norm(direction), min(0.01, sqrt(size))))
  return where(greater(curve, 0), max(div(inner, curve), least), 0)
}
