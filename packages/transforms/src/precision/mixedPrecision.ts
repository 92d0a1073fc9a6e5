import {
  type AnyGradientTransformation,
  add,
  cast,
  castLike,
  check,
  definitionOf,
  Expr,
  type ExtraOf,
  equal,
  type GradientTransformation,
  type Key,
  keyOrSeed,
  type NdArray,
  type Operand,
  opaque,
  optional,
  paramsAfter,
  type StateOf,
  type Tree,
  transformation,
  updatesTo,
  where,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import { roundStochastically } from '../internal/roundStochastically.js'

/** Options of {@link mixedPrecision}. */
export interface MixedPrecisionOptions {
  /**
   * Where the random bits of stochastic rounding come from, a key or the seed of one; without it masters are rounded to
   * nearest. @defaultValue `undefined`
   */
  readonly stochastic?: Key | number | undefined
}

/** State of {@link mixedPrecision}. */
export interface MixedPrecisionState<Inner> {
  /** How many updates were made. */
  readonly count: number
  /** The float32 masters of bfloat16 and float16 params, shaped like these; 0 for other params, which need none. */
  readonly master: Tree
  /** State of the inner transformation, as it is for float32 params. */
  readonly innerState: Inner
}

/**
 * Trains 16-bit params by float32 masters that it keeps in its state: the inner transformation works on the masters, and the
 * params are always their masters, rounded once.
 *
 * For bfloat16 and float16 params p, their masters m and the gradients g, from m₀ = p:
 *
 *     u  = inner(g, m)                   in float32
 *     mₜ = mₜ₋₁ + u
 *     emitted: rounded(mₜ) − p           in float32, so that the params become exactly rounded(mₜ)
 *
 * To nearest, ties to even; with `stochastic`, to one of the two neighbours, up as often as mₜ is nearer to the upper one: 16
 * random bits are added to those of mₜ and the lower 16 cut off, for bfloat16, as many as are cut off for float16. NaN and
 * infinities stay. Other params, and numbers, are the inner transformation's own.
 *
 * Gradients may be of any float dtype, as with {@link castGradients}: float32 ones of bfloat16 params are taken whole. The updates
 * of 16-bit params are float32, as no 16-bit update leads from every number to every other; `applyUpdates` takes them. It stands
 * outermost, or last in a chain; what passes on its updates as they are (`emaParams`, `applyIfFinite`) may stand around it. Where
 * something else has changed the params in between, the next update brings them back to their masters.
 *
 * The masters are those that `inner` trains in float32 on the same gradients, to the bit, but for one case: where a master falls
 * in one step to less than 2⁻¹⁵ of itself, and what is left cannot be told from its neighbours by any sum with p, it takes
 * the value of the param, off by half of its former last place. An infinite param stays, and so does its master then.
 *
 * Laws: params after = rounded(master), always; for float32, float64 and number params it is `inner`; with `stochastic`, params
 * after are a neighbour of their master, and their mean over many keys is the master.
 *
 * @example
 * const tx = mixedPrecision(scale(-1))
 * let params = { w: ndarray([1], [1], 'bfloat16') }
 * let state = tx.init(params)
 * // Each step is an eighth of what bfloat16 can tell from 1.
 * for (let t = 0; t < 8; t++) [params, state] = step(tx, { w: ndarray([-(2 ** -10)], [1], 'bfloat16') }, state, params)
 * state.master // => { w: { dtype: 'float32', shape: [1], data: Float32Array [1.0078125] } }
 * params.w.data // => Uint16Array [16257]
 *
 * @throws InvalidOption at construction, when an option is unknown or of the wrong kind.
 * @see Micikevicius et al. (2017), Mixed Precision Training, section 3.1, {@link https://arxiv.org/abs/1710.03740}
 * @see Zamirai et al. (2020), Revisiting BFloat16 Training, for stochastic rounding, {@link https://arxiv.org/abs/2010.06192}
 */
export const mixedPrecision = <T extends AnyGradientTransformation>(
  inner: T,
  options: MixedPrecisionOptions = {}
): GradientTransformation<MixedPrecisionState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('mixedPrecision', inner)
  const { stochastic } = withDefaults<Required<MixedPrecisionOptions>>('mixedPrecision', options, {
    stochastic: undefined
  })
  check('mixedPrecision', { stochastic }, optional(keyOrSeed))
  const key = typeof stochastic === 'number' ? random.key(stochastic) : stochastic

  return transformation<MixedPrecisionState<StateOf<T>>, ExtraOf<T>>({
    origin: ['mixedPrecision', inner, { ...options }],
    gradients: 'params',
    init: (params) => ({
      count: 0,
      master: tree.map((p, wide) => (isHalf(p) ? wide : 0), params, tree.widen(params)),
      innerState: init(tree.widen(params))
    }),
    update: (updates, state, params, extra) => {
      const trained = tree.map((p, m) => (isHalf(p) ? cast(m, 'float32') : p), params, state.master)
      const grads = tree.castLike(updates, trained)
      const [steps, innerState] = update(grads, state.innerState, trained, extra)
      const moved = tree.map((p, m, u) => (isHalf(p) ? castLike(add(m, castLike(u, m)), m) : 0), params, trained, steps)
      const wanted = key === undefined ? tree.castLike(moved, params) : stochastically(params, moved, key, state.count)
      const emitted = tree.map((p, u, e) => (isHalf(p) ? e : u), params, steps, updatesTo(params, wanted))
      const master = tree.map(
        (p, m, w, after, e) => (isHalf(p) ? where(equal(after, w), m, add(p, e)) : 0),
        params,
        moved,
        wanted,
        paramsAfter(params, emitted),
        emitted
      )
      return [emitted, { count: state.count + 1, master, innerState }]
    }
  })
}

const isHalf = (p: Operand): p is Expr => p instanceof Expr && (p.dtype === 'bfloat16' || p.dtype === 'float16')

/** The masters in the dtypes of the params, rounded by the bits of a key and of the step. */
const stochastically = (params: Tree, masters: Tree, key: Key, count: number): Tree =>
  tree.map(
    (p: Operand, m: Operand, own: Key): Operand => {
      if (!isHalf(p)) return m
      const dtype = p.dtype as 'bfloat16' | 'float16'
      const round = ({ data }: NdArray) =>
        roundStochastically(data as Float32Array, random.bits(own, [Math.ceil(data.length / 2)]), dtype)
      return opaque(round, [m], { like: p })
    },
    params,
    masters,
    tree.splitKeyLike(random.foldIn(key, count % 2 ** 32), params)
  )
