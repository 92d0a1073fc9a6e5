import { describe, expect, test } from 'vitest'
import { compareFlat, flatten, scaleOf, TOLERANCE, ulpsBetween } from './compare.js'
import { build, type DType, type Flat, loadRuns, loadTrees, type MakeArray } from './load.js'

const trees = [...loadTrees().values()]
const ndarray: MakeArray = (data, shape) => ({ dtype: dtypeOf(data), shape, data })
const dtypeOf = (data: Float32Array | Float64Array): DType => (data instanceof Float32Array ? 'float32' : 'float64')
const difference = (expected: readonly number[], actual: readonly number[], dtype: DType = 'float64') =>
  compareFlat([expected], [actual], [scaleOf(expected)], dtype, () => 'leaf')

describe('load', () => {
  test.each(trees)('flatten undoes build: $name', (tree) => {
    for (const dtype of ['float64', 'float32'] as const) {
      expect(flatten(tree, build(tree, tree.params, dtype, ndarray), dtype)).toEqual(tree.params)
    }
  })

  test('params and gradients are float32 numbers, so both dtypes share them', () => {
    const numbers = trees.flatMap((tree) => [tree.params, ...[...tree.gradients.values()].flat()].flat(2))
    expect(numbers.filter((x) => !Object.is(x, Math.fround(x)))).toEqual([])
  })

  test('a leaf that is missing, additional, of another dtype or of another shape is refused', () => {
    const tree = trees.find(({ name }) => name === 'vector')
    if (tree === undefined) throw new Error('there is no tree vector')
    expect(() => flatten(tree, new Float32Array(5), 'float64')).toThrow(
      "the leaf '' is float32[5], expected float64[5]"
    )
    expect(() => flatten(tree, new Float64Array(4), 'float64')).toThrow(
      "the leaf '' is float64[4], expected float64[5]"
    )
    expect(() => flatten(tree, { a: new Float64Array(5) }, 'float64')).toThrow(
      "has a leaf 'a' that the params have not"
    )
    expect(() => flatten(tree, [], 'float64')).toThrow("has no leaf ''")
    expect(() => flatten(tree, { lazy: true, data: 1 }, 'float64')).toThrow("the leaf '' is no leaf")
  })
})

describe('compare', () => {
  test.each([
    ['equal numbers', [1, -2], [1, -2], 0],
    ['two zeros', [0], [-0], 0],
    ['two NaNs', [Number.NaN, 1], [Number.NaN, 1], 0],
    ['equal infinities', [Infinity, 1], [Infinity, 1], 0],
    ['other infinities', [Infinity, 1], [-Infinity, 1], Infinity],
    ['a NaN that Optax has not', [1, 1], [1, Number.NaN], Infinity],
    ['a NaN that only Optax has', [1, Number.NaN], [1, 1], Infinity],
    ['a missing number', [1, 2], [1], Infinity],
    ['relative to the largest of the leaf', [4, 1], [4, 2], 0.25],
    ['an expected zero, absolutely', [0, 0], [0, 1e-3], 1e-3]
  ])('%s', (_, expected, actual, relative) => {
    expect(difference(expected, actual).relative).toBe(relative)
  })

  test('ulps count the numbers of the dtype, across zero too', () => {
    expect(ulpsBetween(1, 1 + 2 ** -52, 'float64')).toBe(1)
    expect(ulpsBetween(1, 1 - 2 ** -24, 'float32')).toBe(1)
    expect(ulpsBetween(Number.MIN_VALUE, -Number.MIN_VALUE, 'float64')).toBe(2)
    expect(ulpsBetween(Number.NaN, 1, 'float32')).toBe(Infinity)
  })

  test('the difference says where it is', () => {
    expect(difference([1, 2, 4], [1, 3, 4]).where).toBe('leaf[1] is 3, Optax has 2')
  })
})

describe.each(['float64', 'float32'] as const)('the data, %s', (dtype) => {
  // Adam on plain lists of numbers: what the data says must follow from the textbook, without any of our packages.
  const textbook = loadRuns(dtype).cases.filter(({ name }) => name === 'scale_by_adam')

  test.each(textbook)('scale_by_adam on $tree.name is the textbook', (run) => {
    const round = dtype === 'float32' ? Math.fround : (x: number) => x
    const zeros = run.tree.params.map((leaf) => leaf.map(() => 0))
    let [mu, nu]: [Flat, Flat] = [zeros, zeros]
    for (const [step, expected] of run.updates.entries()) {
      const gradients = run.gradients[step] ?? []
      mu = zip(mu, gradients, (m, g) => 0.9 * m + 0.1 * g)
      nu = zip(nu, gradients, (v, g) => 0.999 * v + 0.001 * g * g)
      const ours = zip(mu, nu, (m, v) =>
        round(m / (1 - 0.9 ** (step + 1)) / (Math.sqrt(v / (1 - 0.999 ** (step + 1))) + 1e-8))
      )
      const scales = expected.map((leaf) => scaleOf(leaf))
      const { relative, where } = compareFlat(expected, ours, scales, dtype, (leaf) => `step ${step}: leaf ${leaf}`)
      expect(relative, where).toBeLessThanOrEqual(TOLERANCE[dtype])
    }
  })
})

const zip = (a: Flat, b: Flat, f: (x: number, y: number) => number): Flat =>
  a.map((leaf, i) => leaf.map((x, j) => f(x, b[i]?.[j] ?? Number.NaN)))
