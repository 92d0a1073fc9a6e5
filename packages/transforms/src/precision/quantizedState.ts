import {
  type AnyGradientTransformation,
  callable,
  cast,
  check,
  definitionOf,
  dequantize,
  Expr,
  type ExtraOf,
  type GradientTransformation,
  InvalidOption,
  type Key,
  keyOrSeed,
  type NdArray,
  nonNegativeInteger,
  type Operand,
  oneOf,
  opaque,
  optional,
  quantize,
  type StateOf,
  shapeOf,
  show,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import { roundStochastically } from '../internal/roundStochastically.js'

/** What arrays of a state are kept in: packed with a scale for each block of 256, or in 16 bits. */
export type StateFormat = 'dynamic8' | 'dynamic4' | 'e4m3fn' | 'e5m2' | 'bfloat16' | 'float16'

/** Options of {@link quantizedState}. */
export interface QuantizedStateOptions {
  /** What arrays are kept in. @defaultValue `'dynamic8'` */
  readonly format?: StateFormat
  /** How many elements an array has at the least, to be kept so, a whole number ≥ 0. @defaultValue `4096` */
  readonly atLeast?: number
  /** Whether the array at a path such as `[0].mu.w` of the inner state is to be kept so. @defaultValue all */
  readonly only?: ((path: string) => boolean) | undefined
  /**
   * Where the random bits of stochastic rounding come from, a key or the seed of one, for `bfloat16` and `float16`; without it, numbers are
   * rounded to nearest. @defaultValue `undefined`
   */
  readonly stochastic?: Key | number | undefined
}

/** State of {@link quantizedState}. */
export interface QuantizedStateState<Inner> {
  /** How many updates were made. */
  readonly count: number
  /** State of the inner transformation; where an array is kept in few bits, with its words, or its 16-bit numbers, in its place. */
  readonly innerState: Inner
}

/**
 * Keeps the state of any transformation in fewer bits: between two updates, its moments are 8 bits an element, or 4, or 16, and during an
 * update they are float32.
 *
 *     s  = dequantised(stateₜ₋₁)              u, s′ = inner(g, s)              stateₜ = quantised(s′)
 *
 * These are the arrays of float32 that have the shape of a param and `atLeast` elements; `only` leaves out what must stay exact, such
 * as slow params. All others, and numbers, stay as they are. What a format does to numbers is said at {@link quantize}: each block
 * of 256 elements has a scale, its largest magnitude, and second moments, which have no sign, a finer map than those that have one.
 * Nobody has to say which they are. Such a state takes 0.254 of the bytes with
 * `dynamic8` and the 8-bit floats `e4m3fn` and `e5m2`, 0.129 with `dynamic4`, one in 16 bits half.
 *
 * A second moment with β₂ = 0.999 moves by a thousandth of what is missing, and in bfloat16, rounded to nearest, it stands still
 * at a quarter; with `stochastic` it gets there in the mean.
 *
 * Laws: with arrays of fewer than `atLeast` elements it is `inner`; an array that does not change keeps its bits; 0 stays 0.
 *
 * @example
 * const tx = quantizedState(trace(0.5), { atLeast: 2 })
 * const params = { w: new Float32Array(2) }
 * const [, state] = tx.update({ w: new Float32Array([1, 0.25]) }, tx.init(params), params)
 * shapeOf((state.innerState.trace as { w: NdArray }).w) // => [1, 130]
 * const [u] = tx.update({ w: new Float32Array(2) }, state, params)
 * u // => { w: Float32Array [0.5, 0.12558…] }
 *
 * @throws InvalidOption at construction, when an option is unknown or outside its range, and for `stochastic` with a format that is not
 * of 16 bits; in `init` and `update`, when `only` does not say true or false.
 * @see Dettmers et al. (2022), 8-bit Optimizers via Block-wise Quantization, {@link https://arxiv.org/abs/2110.02861}
 * @see Li et al. (2023), Memory Efficient Optimizers with 4-bit States, {@link https://arxiv.org/abs/2309.01507}
 */
export const quantizedState = <T extends AnyGradientTransformation>(
  inner: T,
  options: QuantizedStateOptions = {}
): GradientTransformation<QuantizedStateState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update, gradients, takesRows } = definitionOf('quantizedState', inner)
  const { format, atLeast, only, stochastic } = withDefaults<Required<QuantizedStateOptions>>(
    'quantizedState',
    options,
    { format: 'dynamic8', atLeast: 4096, only: undefined, stochastic: undefined }
  )
  check('quantizedState', { format }, oneOf('dynamic8', 'dynamic4', 'e4m3fn', 'e5m2', 'bfloat16', 'float16'))
  check('quantizedState', { atLeast }, nonNegativeInteger)
  check('quantizedState', { only }, optional(callable))
  check('quantizedState', { stochastic }, optional(keyOrSeed))
  const isPacked = format !== 'bfloat16' && format !== 'float16'
  if (isPacked && stochastic !== undefined) {
    throw new InvalidOption(`quantizedState: stochastic must go with bfloat16 or float16, got ${format}`)
  }
  const key = typeof stochastic === 'number' ? random.key(stochastic) : stochastic

  const isKept = (path: string, x: unknown, shapes: ReadonlySet<string>): x is Expr => {
    const isWide = x instanceof Expr && !x.isScalar && x.dtype === 'float32' && x.size > 0 && x.size >= atLeast
    if (!isWide || !shapes.has(`${shapeOf(x)}`)) return false
    const answer: unknown = only?.(path) ?? true
    if (typeof answer === 'boolean') return answer
    throw new InvalidOption(`quantizedState: only('${path}') must be true or false, got ${show(answer)}`)
  }
  const wide = (kept: Operand, like: Expr): Operand =>
    isPacked ? dequantize(kept, format, like) : cast(kept, 'float32')
  const narrow = (x: Operand, own: () => Key | undefined): Operand => {
    if (isPacked) return quantize(cast(x, 'float32'), format)
    const place = own()
    return place === undefined ? cast(x, format) : stochastically(x, place, format)
  }
  /** The inner state in few bits. */
  const kept = (state: unknown, like: unknown, shapes: ReadonlySet<string>, count: number): unknown => {
    let index = 0
    const step = key === undefined ? undefined : random.foldIn(key, count % WORDS)
    const own = (): Key | undefined => (step === undefined ? undefined : random.foldIn(step, index++))
    return tree.mapWithPath(
      (path: string, x: unknown, model: unknown) => (isKept(path, model, shapes) ? narrow(x as Operand, own) : x),
      state as Tree,
      like as Tree
    )
  }

  return transformation<QuantizedStateState<StateOf<T>>, ExtraOf<T>>({
    origin: ['quantizedState', inner, { ...options }],
    gradients,
    takesNull: true,
    takesRows,
    init: (params) => {
      const state = init(params)
      return { count: 0, innerState: kept(state, state, shapesOf(params), 0) as StateOf<T> }
    },
    update: (updates, state, params, extra) => {
      const shapes = shapesOf(params)
      const like = init(params)
      const before = tree.mapWithPath(
        (path: string, x: unknown, model: unknown) => (isKept(path, model, shapes) ? wide(x as Operand, model) : x),
        state.innerState as Tree,
        like as Tree
      )
      const [transformed, after] = update(updates, before as StateOf<T>, params, extra)
      const count = state.count + 1
      return [transformed, { count, innerState: kept(after, like, shapes, count) as StateOf<T> }]
    }
  })
}

const WORDS = 2 ** 32

/** The shapes of the arrays among the params. */
const shapesOf = (params: Tree): ReadonlySet<string> =>
  new Set(tree.leaves<Operand>(params).flatMap((p) => (p instanceof Expr && !p.isScalar ? [`${shapeOf(p)}`] : [])))

/** An array in 16 bits, rounded by the bits of a key. */
const stochastically = (x: Operand, key: Key, dtype: 'bfloat16' | 'float16'): Expr => {
  const round = ({ data }: NdArray) =>
    roundStochastically(data as Float32Array, random.bits(key, [Math.ceil(data.length / 2)]), dtype)
  return opaque(round, [cast(x, 'float32')], { dtype, shape: shapeOf(x) })
}
