import {
  type AnyGradientTransformation,
  add,
  castLike,
  check,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  inClosedUnitInterval,
  mul,
  type StateOf,
  type Tree,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** State of {@link nesterovLookahead}. */
export interface NesterovLookaheadState<Inner> {
  /** State of the inner transformation. */
  readonly innerState: Inner
  /** How far ahead of the params the next gradient is to be taken, μ times the last update, shaped like the params; float32 where they
   * are 16-bit. */
  readonly ahead: Tree
}

/**
 * Nesterov's accelerated gradient as he wrote it: the gradient is taken ahead of the params, where momentum alone would carry
 * them.
 *
 * For the params p at step t = 1, 2, … and μ = momentum, from v₀ = 0, with the gradient g at p + μ vₜ₋₁, which is
 * {@link lookaheadParams} of the params and the state:
 *
 *     vₜ = μ vₜ₋₁ + inner(g)
 *     uₜ = vₜ
 *
 * The inner transformation has the learning rate and is given the params ahead, where the gradient was taken. It is the outermost
 * transformation, or the last of a chain: the params must move by v.
 *
 * Laws: linear in the updates of `inner`; with μ = 0 it is `inner`; with a learning rate α that does not change, the points
 * ahead are the params of `sgd(α, { momentum: μ, nesterov: true })`, which moves them and not p.
 *
 * Unlike `trace` with `nesterov`, which needs the gradient at the params alone, this form is exact also when the learning rate
 * changes. The loss is evaluated at p.
 *
 * @param momentum - the share μ of the last update that is carried on, in `[0, 1]`.
 *
 * @example
 * const tx = nesterovLookahead(scale(-0.25), 0.5)
 * let params = { x: 8 }
 * let state = tx.init(params)
 * const path: number[] = []
 * for (let t = 0; t < 3; t++) {
 *   const { x } = lookaheadParams(params, state)
 *   // The gradient of x² / 2.
 *   const [updates, next] = tx.update({ x }, state, params)
 *   params = applyUpdates(params, updates)
 *   state = next
 *   path.push(params.x)
 * }
 * path // => [6, 3.75, 1.96875]
 *
 * @throws InvalidOption at construction, when the momentum is not in `[0, 1]`.
 * @see Nesterov (1983), A method for solving the convex programming problem with convergence rate O(1/k²)
 * @see Sutskever et al. (2013), equations 3 and 4, {@link https://proceedings.mlr.press/v28/sutskever13.html}
 * @see trace
 */
export const nesterovLookahead = <T extends AnyGradientTransformation>(
  inner: T,
  momentum: number
): GradientTransformation<NesterovLookaheadState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('nesterovLookahead', inner)
  check('nesterovLookahead', { momentum }, inClosedUnitInterval)

  return transformation<NesterovLookaheadState<StateOf<T>>, ExtraOf<T>>({
    origin: ['nesterovLookahead', inner, momentum],
    init: (params) => ({ innerState: init(params), ahead: tree.zerosLike(tree.widen(params)) }),
    update: (updates, state, params, extra) => {
      const point = tree.map((p, a) => castLike(add(p, a), p), params, state.ahead)
      const [transformed, innerState] = update(updates, state.innerState, point, extra)
      const velocity = tree.map(add, state.ahead, transformed)
      const ahead = tree.map((v) => mul(momentum, v), velocity)
      return [velocity, { innerState, ahead: tree.castLike(ahead, state.ahead) }]
    }
  })
}
