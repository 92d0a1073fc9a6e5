import {
  add,
  boolean,
  cast,
  check,
  diagonal,
  div,
  type Expr,
  type GradientTransformation,
  greater,
  InvalidOption,
  identityMatrix,
  inUnitInterval,
  isContainer,
  type Leaf,
  matmul,
  min,
  mul,
  type NdArray,
  nonNegative,
  type Operand,
  positiveInteger,
  required,
  reshape,
  shapeOf,
  show,
  sqrt,
  sum,
  type Tree,
  transformation,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { identities } from '../internal/identities.js'
import { checkColumns, rowsOf, stacked, withOnes } from '../internal/rows.js'
import { inversePower } from '../internal/symmetricPower.js'
import { wideDtype } from '../internal/wideDtype.js'
import { zeros } from '../internal/zeros.js'

/** A layer of {@link scaleByKfac}: y = x W + b. */
export interface KfacLayer {
  /** The path of W, like `'.dense.kernel'`: `[…, out]`, where all axes but the last are those of the inputs. */
  readonly kernel: string
  /** The path of b, `[out]`; without it the layer has none, or one that is left alone. */
  readonly bias?: string | undefined
}

/** What a layer saw in a batch of {@link scaleByKfac}. */
export interface KfacLayerSamples {
  /** Its inputs x, `[examples, in]`. */
  readonly inputs: NdArray
  /** The derivatives of the loss of each example by the outputs of the layer, `[examples, out]`: not divided by the number of examples. */
  readonly outputGrads: NdArray
}

/** Options of {@link scaleByKfac}; the layers must be given. */
export interface ScaleByKfacOptions {
  /** The layers, by names that the samples have, too. */
  readonly layers: Readonly<Record<string, KfacLayer>>
  /** Damping λ, finite and ≥ 0. @defaultValue `1e-3` */
  readonly damping?: number
  /** Decay rate β of the factors, in `[0, 1)`, once as many steps have passed. @defaultValue `0.95` */
  readonly decay?: number
  /** After how many steps the inverses are computed anew, a whole number ≥ 1. @defaultValue `1` */
  readonly refreshEvery?: number
  /** Whether damping is divided between the factors by their sizes, π. @defaultValue `true` */
  readonly tikhonov?: boolean
}

/** What is kept of a layer by {@link scaleByKfac}. */
export interface KfacLayerFactors {
  /** The mean A of the products of inputs, `[in, in]`, or one more with a bias. */
  readonly a: Leaf | Expr
  /** The mean S of the products of output gradients, `[out, out]`. */
  readonly s: Leaf | Expr
  /** The inverse of the damped A. */
  readonly aInverse: Leaf | Expr
  /** The inverse of the damped S. */
  readonly sInverse: Leaf | Expr
}

/** State of {@link scaleByKfac}. */
export interface ScaleByKfacState {
  /** How many updates were seen. */
  readonly count: number
  /** The factors of each layer. */
  readonly layers: Readonly<Record<string, KfacLayerFactors>>
}

/** What the update of {@link scaleByKfac} needs to be told. */
export interface KfacExtra {
  /** What each layer saw. */
  readonly layers: Readonly<Record<string, KfacLayerSamples>>
}

/**
 * K-FAC: multiplies the gradient of each layer by the inverse of its block of the Fisher matrix, as if inputs and output gradients were
 * independent.
 *
 * For a layer y = x W + b with the gradient G of W (and of b, as one more row), of examples n with inputs x and derivatives d of their loss by
 * y, at step t = 1, 2, …, with βₜ = min(1 − 1/t, β):
 *
 *     A ← βₜ A + (1 − βₜ) mean(x xᵀ)                  x with a 1 at its end, where there is a bias
 *     S ← βₜ S + (1 − βₜ) mean(d dᵀ)
 *     π = √((tr A / dim A) / (tr S / dim S))          1 without tikhonov
 *     U = (A + π √λ I)⁻¹ G (S + √λ / π I)⁻¹           inverses of refreshEvery steps ago at most
 *
 * A kernel of a convolution is W too, with the patches that it met as inputs, one example for each place. d are derivatives at targets
 * drawn from the model for the Fisher matrix, and those of the loss itself for the empirical one. Leaves of no layer are left as they are: give them
 * to another transformation, with `partition`. A layer keeps 2 (in² + out²) numbers.
 *
 * Laws: linear in G; for one linear layer whose S is I, without damping, a step of rate 1 solves least squares; a change of basis of the inputs, or
 * of the outputs, changes updates as it changes W, without damping; without layers it is the identity.
 *
 * Without damping directions that no input had are left alone, as far as rounding lets them be known: give some. NaN or infinity in what a layer saw
 * stays in its factors, and makes its updates NaN.
 *
 * @example
 * const tx = scaleByKfac({ layers: { dense: { kernel: '.w' } }, damping: 0 })
 * const params = { w: ndarray(new Float64Array(2), [2, 1]) }
 * const inputs = ndarray(new Float64Array([2, 0, 0, 1]), [2, 2])
 * const outputGrads = ndarray(new Float64Array([1, -1]), [2, 1])
 * const grads = { w: ndarray(new Float64Array([1, -0.5]), [2, 1]) }
 * const [u] = tx.update(grads, tx.init(params), params, { layers: { dense: { inputs, outputGrads } } })
 * u.w.data // => Float64Array [0.4…, -0.99…]
 *
 * @throws InvalidOption at construction, when an option is missing or outside its range; at init, for a path that the params do not have; at update,
 * when a layer has no samples. InvalidTree for samples that do not fit a layer.
 * @see Martens and Grosse (2015), sections 3 and 6.3, {@link https://arxiv.org/abs/1503.05671}
 */
export const scaleByKfac = (options: ScaleByKfacOptions): GradientTransformation<ScaleByKfacState, KfacExtra> => {
  const { layers, damping, decay, refreshEvery, tikhonov } = withDefaults<Required<ScaleByKfacOptions>>(
    'scaleByKfac',
    options,
    { layers: required, damping: 1e-3, decay: 0.95, refreshEvery: 1, tikhonov: true }
  )
  check('scaleByKfac', { layers }, someLayers)
  check('scaleByKfac', { damping }, nonNegative)
  check('scaleByKfac', { decay }, inUnitInterval)
  check('scaleByKfac', { refreshEvery }, positiveInteger)
  check('scaleByKfac', { tikhonov }, boolean)
  const names = Object.keys(layers)
  const layerOf = (name: string): KfacLayer => layers[name] as KfacLayer

  return transformation<ScaleByKfacState, KfacExtra>({
    origin: ['scaleByKfac', { ...options }],
    init: (params) => {
      const leaves = leavesByPath(params)
      const factorsOf = (name: string): KfacLayerFactors => {
        const { rows, columns, dtype } = formOf(layerOf(name), leaves)
        return {
          a: zeros([rows, rows], dtype),
          s: zeros([columns, columns], dtype),
          aInverse: identities([rows, rows], dtype),
          sInverse: identities([columns, columns], dtype)
        }
      }
      return { count: 0, layers: Object.fromEntries(names.map((name) => [name, factorsOf(name)])) }
    },
    update: (updates, state, _params, extra) => {
      const count = state.count + 1
      const share = Math.min(1 - 1 / count, decay)
      const isDue = state.count % refreshEvery === 0
      const leaves = leavesByPath(updates)
      const changed = new Map<string, Operand>()
      const next = names.map((name) => {
        const layer = layerOf(name)
        const form = formOf(layer, leaves)
        const factors = learned(state.layers[name] as KfacLayerFactors, samplesOf(name, form, extra), share)
        const inverses = isDue ? invertedOf(factors, damping, tikhonov) : factors
        const all = gathered(layer, form, leaves)
        const moved = matmul(matmul(inverses.aInverse, all), inverses.sInverse)
        const kernel = leaves.get(layer.kernel) as Operand
        const bias = layer.bias === undefined ? undefined : leaves.get(layer.bias)
        const before = bias === undefined ? form.rows : form.rows - 1
        changed.set(layer.kernel, reshape(bias === undefined ? moved : rowsOf(moved, 0, before), shapeOf(kernel)))
        if (layer.bias !== undefined && bias !== undefined) {
          changed.set(layer.bias, likeIn(rowsOf(moved, before, form.rows), bias))
        }
        return [name, inverses] as const
      })
      const scaled = tree.mapWithPath((path, g: Operand): Operand => changed.get(path) ?? g, updates)
      return [scaled as Tree, { count, layers: Object.fromEntries(next) }]
    }
  })
}

/** The sizes of a layer. */
interface Form {
  /** How many inputs it has, with the one of a bias. */
  readonly rows: number
  /** How many outputs it has. */
  readonly columns: number
  readonly hasBias: boolean
  readonly dtype: 'float32' | 'float64'
}

const isLayer = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false
  const { kernel, bias } = value as { readonly kernel?: unknown; readonly bias?: unknown }
  return typeof kernel === 'string' && (bias === undefined || typeof bias === 'string')
}

const someLayers = {
  what: 'an object of layers { kernel, bias }, with paths such as ".dense.kernel"',
  holds: (value: unknown): boolean =>
    typeof value === 'object' && value !== null && isContainer(value) && Object.values(value).every(isLayer)
}

const leavesByPath = (leaves: Tree): ReadonlyMap<string, Operand> => {
  const found = new Map<string, Operand>()
  tree.mapWithPath((path, leaf: Operand) => {
    found.set(path, leaf)
    return 0
  }, leaves)
  return found
}

const formOf = ({ kernel, bias }: KfacLayer, leaves: ReadonlyMap<string, Operand>): Form => {
  const [weights, offsets] = [leaves.get(kernel), bias === undefined ? undefined : leaves.get(bias)]
  const shape = weights === undefined ? [] : shapeOf(weights)
  if (weights === undefined || shape.length < 2) {
    throw new InvalidOption(
      `scaleByKfac: kernel must be the path of a leaf with at least two axes, got ${show(kernel)}`
    )
  }
  const columns = shape.at(-1) as number
  if (
    bias !== undefined &&
    (offsets === undefined || shapeOf(offsets).length !== 1 || shapeOf(offsets)[0] !== columns)
  ) {
    throw new InvalidOption(`scaleByKfac: bias must be the path of a vector of ${columns} elements, got ${show(bias)}`)
  }
  const inputs = shape.slice(0, -1).reduce((n, length) => n * length, 1)
  const hasBias = bias !== undefined
  return { rows: inputs + (hasBias ? 1 : 0), columns, hasBias, dtype: wideDtype(weights) }
}

/** What a layer saw, with a 1 at the end of each input where it has a bias. */
const samplesOf = (
  name: string,
  form: Form,
  extra: KfacExtra | undefined
): { readonly x: Operand; readonly d: Operand } => {
  const samples = extra?.layers?.[name]
  if (typeof samples !== 'object' || samples === null) {
    throw new InvalidOption(`scaleByKfac: layers.${name} must be { inputs, outputGrads }, got ${show(samples)}`)
  }
  const { inputs, outputGrads } = samples
  checkColumns('scaleByKfac', `layers.${name}.inputs`, inputs, form.hasBias ? form.rows - 1 : form.rows)
  checkColumns('scaleByKfac', `layers.${name}.outputGrads`, outputGrads, form.columns)
  const x = cast(inputs, form.dtype)
  return { x: form.hasBias ? withOnes(x) : x, d: cast(outputGrads, form.dtype) }
}

const learned = (
  { a, s, ...inverses }: KfacLayerFactors,
  { x, d }: { readonly x: Operand; readonly d: Operand },
  share: number
): KfacLayerFactors => {
  const average = (before: Operand, rows: Operand): Expr => {
    const products = matmul(rows, rows, { transposeA: true, symmetric: true })
    return add(mul(share, before), mul((1 - share) / (shapeOf(rows)[0] as number), products)) as Expr
  }
  return { ...inverses, a: average(a, x), s: average(s, d) }
}

const invertedOf = ({ a, s }: KfacLayerFactors, damping: number, tikhonov: boolean): KfacLayerFactors => {
  const [rows, columns] = [shapeOf(a)[0] as number, shapeOf(s)[0] as number]
  const pi = tikhonov ? ratioOf(div(sum(diagonal(a)), rows), div(sum(diagonal(s)), columns)) : 1
  const root = Math.sqrt(damping)
  return {
    a,
    s,
    aInverse: inverseOf(a, mul(root, pi)),
    sInverse: inverseOf(s, div(root, pi))
  }
}

/** π: 1 where one of the factors is zero. */
const ratioOf = (a: Value, s: Value): Value => where(greater(min(a, s), 0), sqrt(div(a, where(greater(s, 0), s, 1))), 1)

const inverseOf = (x: Operand, damping: Operand): Expr => {
  const n = shapeOf(x)[0] as number
  const damped = add(x, mul(damping, identityMatrix(n, wideDtype(x))))
  return inversePower('scaleByKfac', damped, 1, 0) as Expr
}

/** The gradients of a layer as one matrix. */
const gathered = (
  { kernel, bias }: KfacLayer,
  { rows, columns, hasBias, dtype }: Form,
  leaves: ReadonlyMap<string, Operand>
): Operand => {
  const weights = reshape(cast(leaves.get(kernel) as Operand, dtype), [hasBias ? rows - 1 : rows, columns])
  return bias === undefined
    ? weights
    : stacked(weights, reshape(cast(leaves.get(bias) as Operand, dtype), [1, columns]))
}

/** A row in the form of a bias. */
const likeIn = (row: Operand, bias: Operand): Operand => reshape(row, (bias as Expr).shape)
