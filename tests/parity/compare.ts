import { type DType, type Flat, join, type TreeData } from './load.js'

/**
 * How far from Optax each dtype may be, relative to the largest number of the leaf at that step.
 *
 * In float64 only the order of operations differs. In float32 Optax computes bias corrections and schedules in float32,
 * we compute them in float64 and round once: 1 − 0.999 alone is off by 1.3e-5 in float32.
 */
export const TOLERANCE: Readonly<Record<DType, number>> = { float64: 1e-12, float32: 2e-5 }

/** The largest differences found. */
export interface Difference {
  /** Relative to the scale of the leaf; infinite where one side is not finite and the other side is something else. */
  readonly relative: number
  /** Element by element, in units in the last place of the dtype. */
  readonly ulps: number
  /** Where `relative` was found. */
  readonly where: string
}

/** No difference. */
export const SAME: Difference = { relative: 0, ulps: 0, where: '' }

/** The larger of two differences. */
export const worse = (a: Difference, b: Difference): Difference => ({
  relative: Math.max(a.relative, b.relative),
  ulps: Math.max(a.ulps, b.ulps),
  where: b.relative > a.relative ? b.where : a.where
})

/** The largest finite magnitude; 1 where there is none, so that an expected 0 must be met absolutely. */
export const scaleOf = (...leaves: readonly (readonly number[])[]): number => {
  const largest = Math.max(0, ...leaves.flat().filter(Number.isFinite).map(Math.abs))
  return largest === 0 ? 1 : largest
}

/** Compares the leaves of two trees; `scales` holds the scale of each leaf. */
export const compareFlat = (
  expected: Flat,
  actual: Flat,
  scales: readonly number[],
  dtype: DType,
  place: (leaf: number) => string
): Difference => {
  let worst = SAME
  for (const [leaf, numbers] of expected.entries()) {
    for (const [i, wanted] of numbers.entries()) {
      const got = actual[leaf]?.[i] ?? Number.NaN
      const relative = distance(wanted, got) / (scales[leaf] ?? 1)
      const where = `${place(leaf)}[${i}] is ${got}, Optax has ${wanted}`
      worst = worse(worst, { relative, ulps: ulpsBetween(wanted, got, dtype), where })
    }
  }
  return worst
}

/** |a − b|; 0 for equal infinities and two NaNs, infinite for other pairs with a number that is not finite. */
const distance = (a: number, b: number): number => {
  if (Object.is(a, b) || a === b) return 0
  const gap = Math.abs(a - b)
  return Number.isFinite(gap) ? gap : Number.POSITIVE_INFINITY
}

/** How many numbers of the dtype lie between a and b; the two zeros are one number. */
export const ulpsBetween = (a: number, b: number, dtype: DType): number => {
  if (Object.is(a, b) || a === b) return 0
  if (!Number.isFinite(a) || !Number.isFinite(b)) return Number.POSITIVE_INFINITY
  return Number(ordinal(a, dtype) - ordinal(b, dtype)) * (a > b ? 1 : -1)
}

/** The place of a number among all numbers of the dtype, 0 at 0. */
const ordinal = (x: number, dtype: DType): bigint => {
  const view = new DataView(new ArrayBuffer(8))
  if (dtype === 'float32') view.setFloat32(0, Math.abs(x))
  else view.setFloat64(0, Math.abs(x))
  const magnitude = dtype === 'float32' ? BigInt(view.getUint32(0)) : view.getBigUint64(0)
  return x < 0 ? -magnitude : magnitude
}

/**
 * The leaves of a result in the order of the data, matched by name.
 *
 * @throws when the result has other leaves than the tree, or a leaf of another kind, dtype or shape than it was given.
 */
export const flatten = (tree: TreeData, result: unknown, dtype: DType): Flat => {
  const leaves = new Map<string, unknown>()
  const visit = (node: unknown, path: string): void => {
    if (Array.isArray(node)) for (const [i, child] of node.entries()) visit(child, `${path}[${i}]`)
    else if (isBranch(node)) for (const [key, child] of Object.entries(node)) visit(child, join(path, key))
    else leaves.set(path, node)
  }
  visit(result, '')
  const unknown = [...leaves.keys()].find((path) => tree.leaves.every((leaf) => leaf.path !== path))
  if (unknown !== undefined) throw new Error(`the result has a leaf '${unknown}' that the params have not`)
  return tree.leaves.map(({ path, shape }) => {
    if (!leaves.has(path)) throw new Error(`the result has no leaf '${path}'`)
    return elementsOf(leaves.get(path), shape, dtype, path)
  })
}

/** Whether this is a plain object that is no array with a shape. */
const isBranch = (node: unknown): node is Readonly<Record<string, unknown>> =>
  typeof node === 'object' && node !== null && Object.getPrototypeOf(node) === Object.prototype && !('data' in node)

/** The elements of a leaf, which must be of the kind that `build` makes. */
const elementsOf = (leaf: unknown, shape: readonly number[], dtype: DType, path: string): readonly number[] => {
  const wanted = shape.length === 0 && dtype === 'float64' ? 'number' : `${dtype}${JSON.stringify(shape)}`
  const found = kindOf(leaf)
  if (found !== wanted) throw new Error(`the leaf '${path}' is ${found}, expected ${wanted}`)
  return typeof leaf === 'number' ? [leaf] : Array.from(dataOf(leaf) ?? [])
}

const dataOf = (leaf: unknown): Float32Array | Float64Array | undefined => {
  const data = typeof leaf === 'object' && leaf !== null && 'data' in leaf ? leaf.data : leaf
  return data instanceof Float32Array || data instanceof Float64Array ? data : undefined
}

const kindOf = (leaf: unknown): string => {
  if (typeof leaf === 'number') return 'number'
  const data = dataOf(leaf)
  if (data === undefined) return `no leaf (${String(leaf)})`
  const dtype = data instanceof Float32Array ? 'float32' : 'float64'
  const shape = data === leaf ? [data.length] : (leaf as { readonly shape: unknown }).shape
  return `${dtype}${JSON.stringify(shape)}`
}
