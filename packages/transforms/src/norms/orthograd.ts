import {
  check,
  div,
  dot,
  type EmptyState,
  equal,
  type GradientTransformation,
  lessEqual,
  mul,
  norm,
  type Operand,
  positive,
  sub,
  transformation,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link orthograd}. */
export interface OrthogradOptions {
  /** The least share of the length of a gradient that must lie across the params, finite and > 0. @defaultValue `1e-6` */
  readonly eps?: number
}

/**
 * Takes out of each gradient what points along its params, and gives what is left the length that it had: ⊥Grad. Without it a network
 * that already classifies everything right goes on growing its logits, until a softmax has no digits left.
 *
 * For each leaf g of the updates with the params p:
 *
 *     g⊥ = g − p ⟨p, g⟩ / ‖p‖²           g where p is 0
 *     u  = g⊥ ‖g‖ / ‖g⊥‖                 0 where ‖g⊥‖ ≤ eps ‖g‖
 *
 * A gradient along the params, up to roundings, moves nothing; the authors' code would blow what rounding left of it up to full length.
 * Numbers, and arrays of one element, know no other direction: they pass through.
 *
 * It stands before everything else. In front of a weight decay that is added to the gradient, or behind momentum, the sum is no longer
 * orthogonal to the params.
 *
 * Laws: ⟨u, p⟩ = 0 and ‖u‖ = ‖g‖, up to rounding, where anything moves; odd in g; blind to the scale of p; scaling g scales u; each leaf is
 * treated as if it were alone.
 *
 * @example
 * const tx = orthograd()
 * tx.update({ w: new Float64Array([5, 0]), gain: 2 }, {}, { w: new Float64Array([0, 4]), gain: 1 })[0]
 * // => { w: Float64Array [5, 0], gain: 2 }
 * tx.update({ w: new Float64Array([3, 4]) }, {}, { w: new Float64Array([0, 2]) })[0] // => { w: Float64Array [5, 0] }
 *
 * @throws InvalidOption at construction, when eps is not a finite number > 0.
 * @see Prieto et al. (2025), Grokking at the Edge of Numerical Stability, section 5, {@link https://arxiv.org/abs/2501.04697}
 * @see projectRadial
 */
export const orthograd = (options: OrthogradOptions = {}): GradientTransformation<EmptyState> => {
  const { eps } = withDefaults('orthograd', options, { eps: 1e-6 })
  check('orthograd', { eps }, positive)

  const across = (g: Operand, p: Operand): Operand => {
    if (tree.size(p) < 2) return g
    const ofParams = norm(p)
    const direction = div(p, where(equal(ofParams, 0), 1, ofParams))
    const rest = sub(g, mul(direction, dot(direction, g)))
    const [all, left] = [norm(g), norm(rest)]
    const isAlong = lessEqual(left, mul(eps, all))
    return mul(rest, where(isAlong, 0, div(all, where(isAlong, 1, left))))
  }

  return transformation<EmptyState>({
    origin: ['orthograd', { ...options }],
    init: () => ({}),
    update: (updates, state, params) => [tree.map(across, updates, params), state]
  })
}
