import { isNdArray } from '../array/ndarray.js'
import { callable, check, nonNegative, optional, positive, positiveInteger, withDefaults } from '../check.js'
import { read } from '../engine/evaluate.js'
import { InvalidOption, show } from '../errors.js'
import { Expr, type Leaf } from '../expression/expr.js'
import { cast, type Value } from '../expression/operations.js'
import { liftPair } from '../transformation/edge.js'
import { force } from '../transformation/force.js'
import type { Tree } from '../transformation/types.js'
import { leaves, map, mapWithPath, unflatten } from '../tree/tree.js'
import type { Erased } from './edge.js'
import { grad } from './grad.js'
import type { Bound, Fitting } from './types.js'

/** Options of {@link checkGradients}. */
export interface CheckGradientsOptions<P = Tree> {
  /** The gradient to be checked, a function of the params; by default {@link grad} of the loss. */
  readonly gradient?: ((params: P) => unknown) | undefined
  /** How far apart the loss is evaluated, relative to elements above 1, finite and > 0. @defaultValue `1e-4` */
  readonly step?: number | undefined
  /** By what share of the largest derivative of its leaf a derivative may be off, finite and ≥ 0. @defaultValue `1e-4` */
  readonly rtol?: number | undefined
  /** By how much a derivative may be off besides, finite and ≥ 0. @defaultValue `1e-7` */
  readonly atol?: number | undefined
  /** How many elements of each leaf are checked, spread over it, a whole number ≥ 1. @defaultValue `64` */
  readonly maxElements?: number | undefined
}

/** One derivative that two ways of computing it do not agree on. */
export interface GradientMismatch {
  /** Which element: `.layers[0].kernel[5]`, counted through the elements of an array in their order. */
  readonly path: string
  /** What the gradient says. */
  readonly given: number
  /** What differences of the loss say. */
  readonly numeric: number
}

/** What {@link checkGradients} found. */
export interface GradientCheck {
  /** Whether all derivatives that were checked agree. */
  readonly agrees: boolean
  /** How many were checked. */
  readonly checked: number
  /** Those that do not agree, the worst first. */
  readonly mismatches: readonly GradientMismatch[]
}

/**
 * Compares a gradient with differences of the loss, element by element: for a gradient of your own, or an opaque function's.
 *
 * For an element x and the step h, by central differences and one extrapolation:
 *
 *     D(h) = (f(x + h) − f(x − h)) / 2h        numeric = (4 D(h/2) − D(h)) / 3
 *     they agree when |given − numeric| ≤ atol + rtol max |given of the leaf|
 *
 * The loss is given the params in float64, one element of them changed, and gives a number or a lazy scalar; it may be of
 * ordinary code on arrays when the gradient is your own. Where it has a kink within h, the two need not agree.
 *
 * @param f - the loss.
 * @param params - where to check.
 *
 * @example
 * const loss = ({ w }: { w: Operand }) => sum(pow(w, 3))
 * const params = { w: new Float32Array([1, 2]) }
 * checkGradients(loss, params) // => { agrees: true, checked: 2, mismatches: [] }
 * const wrong = checkGradients(loss, params, { gradient: () => ({ w: new Float32Array([3, 6]) }) })
 * wrong // => { agrees: false, checked: 2, mismatches: [{ path: '.w[1]', given: 6, numeric: 12.000… }] }
 *
 * @throws InvalidOption when an option is outside its range or f gives no number; InvalidTree where the gradient does not
 * fit the params.
 * @see grad, opaque
 */
export const checkGradients = <A, P extends Bound<A>>(
  f: (params: A) => Value,
  params: P & Fitting<P, A>,
  options: CheckGradientsOptions<P> = {}
): GradientCheck => {
  const { gradient, step, rtol, atol, maxElements } = withDefaults('checkGradients', options, {
    gradient: undefined as CheckGradientsOptions<P>['gradient'],
    step: 1e-4,
    rtol: 1e-4,
    atol: 1e-7,
    maxElements: 64
  })
  check('checkGradients', { f }, callable)
  check('checkGradients', { gradient }, optional(callable))
  check('checkGradients', { step }, positive)
  check('checkGradients', { rtol, atol }, nonNegative)
  check('checkGradients', { maxElements }, positiveInteger)

  const loss = f as unknown as Erased
  const given = gradient === undefined ? grad(loss as (params: Tree) => Value)(params as Tree) : gradient(params)
  const [found] = liftPair('checkGradients', given, params, 'gradient')
  const derivatives = leaves(inFloat64(found)) as Leaf[]
  const wide = inFloat64(params as Tree)
  const values = leaves(wide) as Leaf[]
  const paths = leaves(mapWithPath((path) => path, wide)) as string[]

  const lossAt = (leaf: number, element: number, x: number): number => {
    const data = elementsOf(values[leaf] as Leaf)
    const before = data[element] as number
    data[element] = x
    const changed = typeof values[leaf] === 'number' ? values.map((value, i) => (i === leaf ? x : value)) : values
    const result = lossOf(loss(unflatten(wide, changed)))
    data[element] = before
    return result
  }
  const numericAt = (leaf: number, element: number): number => {
    const x = elementsOf(values[leaf] as Leaf)[element] as number
    const slope = (h: number): number => (lossAt(leaf, element, x + h) - lossAt(leaf, element, x - h)) / (2 * h)
    const h = step * Math.max(1, Math.abs(x))
    return (4 * slope(h / 2) - slope(h)) / 3
  }

  const mismatches: (GradientMismatch & { readonly excess: number })[] = []
  let checked = 0
  derivatives.forEach((derivative, leaf) => {
    const all = elementsOf(derivative)
    const largest = all.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
    for (const element of spread(all.length, maxElements)) {
      const [slope, numeric] = [all[element] as number, numericAt(leaf, element)]
      const excess = Math.abs(slope - numeric) / (atol + rtol * largest)
      checked += 1
      if (slope === numeric || excess <= 1) continue
      const place = typeof derivative === 'number' ? '' : `[${element}]`
      mismatches.push({ path: `${paths[leaf]}${place}`, given: slope, numeric, excess })
    }
  })
  const rank = (excess: number): number => (Number.isNaN(excess) ? Infinity : excess)
  mismatches.sort((a, b) => rank(b.excess) - rank(a.excess))
  return {
    agrees: mismatches.length === 0,
    checked,
    mismatches: mismatches.map(({ path, given, numeric }) => ({ path, given, numeric }))
  }
}

const inFloat64 = (tree: Tree): Tree<Leaf> => force(map((x: Leaf): Value => cast(x, 'float64'), tree as Tree<Leaf>))

const elementsOf = (leaf: Leaf): Float64Array => {
  if (typeof leaf === 'number') return Float64Array.of(leaf)
  return (isNdArray(leaf) ? leaf.data : leaf) as Float64Array
}

const lossOf = (result: unknown): number => {
  if (typeof result === 'number') return result
  if (result instanceof Expr && result.isScalar) return read(result)
  throw new InvalidOption(`checkGradients: f must give a number or a lazy scalar, got ${show(result)}`)
}

/** Up to `most` of `length` places, spread so that they keep no step with the rows of an array. */
const spread = (length: number, most: number): readonly number[] => {
  if (length <= most) return Array.from({ length }, (_, i) => i)
  const places = Array.from({ length: most }, (_, i) => Math.floor((((i + 0.5) * 0.6180339887498949) % 1) * length))
  return [...new Set(places)].sort((a, b) => a - b)
}
