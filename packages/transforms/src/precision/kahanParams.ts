import {
  type AnyGradientTransformation,
  add,
  cast,
  castLike,
  definitionOf,
  Expr,
  type ExtraOf,
  type GradientTransformation,
  isFinite,
  type Operand,
  paramsAfter,
  type StateOf,
  sub,
  type Tree,
  transformation,
  updatesTo,
  where
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** State of {@link kahanParams}. */
export interface KahanParamsState<Inner> {
  /** What 16-bit params have lost by rounding, in their dtype and shape; 0 for other params, which lose nothing that is kept. */
  readonly lost: Tree
  /** State of the inner transformation. */
  readonly innerState: Inner
}

/**
 * Trains 16-bit params without losing small steps: what rounding takes from a param is kept, in 16 bits as well, and added to the next step.
 *
 * For bfloat16 and float16 params p, what they have lost, c, and the gradients g, from c₀ = 0:
 *
 *     u  = inner(g, p)                   in float32
 *     t  = (p + cₜ₋₁) + u
 *     pₜ = rounded(t)                    to nearest, ties to even
 *     cₜ = rounded(t − pₜ)
 *
 * The sum p + c has twice the digits of p, so that a step of a 512th of a bfloat16 param, which would not move it, counts. It takes two
 * bytes a param where {@link mixedPrecision}, which keeps everything, takes four. Other params, and numbers, are the inner
 * transformation's own; an infinite param stays. Updates are float32 and lead to exactly pₜ; it stands outermost, or last in a chain.
 *
 * Laws: params after = rounded(t), always; p + c is off from t by at most a half place of c; for float32, float64 and number
 * params it is `inner`.
 *
 * @example
 * const tx = kahanParams(scale(-1))
 * let params = { w: ndarray([1], [1], 'bfloat16') }
 * let state = tx.init(params)
 * // Each step is an eighth of what bfloat16 can tell from 1.
 * for (let t = 0; t < 8; t++) [params, state] = step(tx, { w: ndarray([-(2 ** -10)], [1], 'bfloat16') }, state, params)
 * params.w.data // => Uint16Array [16257]
 *
 * @throws InvalidOption at construction, when `inner` is no transformation.
 * @see Kahan (1965), Further Remarks on Reducing Truncation Errors, {@link https://doi.org/10.1145/363707.363723}
 * @see Zamirai et al. (2020), Revisiting BFloat16 Training, {@link https://arxiv.org/abs/2010.06192}
 */
export const kahanParams = <T extends AnyGradientTransformation>(
  inner: T
): GradientTransformation<KahanParamsState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('kahanParams', inner)

  return transformation<KahanParamsState<StateOf<T>>, ExtraOf<T>>({
    origin: ['kahanParams', inner],
    gradients: 'params',
    init: (params) => ({
      lost: tree.map((p, zeros) => (isHalf(p) ? zeros : 0), params, tree.zerosLike(params)),
      innerState: init(params)
    }),
    update: (updates, state, params, extra) => {
      const [steps, innerState] = update(tree.castLike(updates, tree.widen(params)), state.innerState, params, extra)
      const wanted = tree.map(
        (p, c, u) => (isHalf(p) ? add(add(p, c), castLike(u, cast(p, 'float32'))) : p),
        params,
        state.lost,
        steps
      )
      const emitted = tree.map(
        (p, u, e) => (isHalf(p) ? e : u),
        params,
        steps,
        updatesTo(params, tree.castLike(wanted, params))
      )
      const lost = tree.map(
        (p, t, after) => {
          if (!isHalf(p)) return 0
          const rest = sub(t, after)
          return castLike(where(isFinite(rest), rest, 0), p)
        },
        params,
        wanted,
        paramsAfter(params, emitted)
      )
      return [emitted, { lost, innerState }]
    }
  })
}

const isHalf = (p: Operand): p is Expr => p instanceof Expr && (p.dtype === 'bfloat16' || p.dtype === 'float16')
