import { InvalidTree, type Leaf, mul, type NdArray, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anElement, leafOf, normOf } from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { elementsOf } from '../internal/testing/trees.js'
import { perExampleGlobalNormClip } from './perExampleGlobalNormClip.js'

const aBound = fc.oneof(fc.double({ min: 0, max: 1e3, noNaN: true }), fc.constantFrom(0, 1, Infinity))

/** Rows of numbers, one for each example, for leaves of the given shapes. */
const someExamples = fc
  .record({
    count: fc.nat(4),
    shapes: fc.array(fc.constantFrom<readonly number[]>([], [1], [3], [2, 2], [0]), { maxLength: 3 })
  })
  .chain(({ count, shapes }) => {
    const rows = shapes.map((shape) => {
      const n = shape.reduce((size, length) => size * length, 1)
      const row = fc.array(anElement, { minLength: n, maxLength: n })
      return fc.array(fc.oneof(row, fc.constant(new Array<number>(n).fill(0))), { minLength: count, maxLength: count })
    })
    return fc.tuple(...rows).map((leaves) => ({ count, shapes, leaves }))
  })

const elements = (leaf: Leaf): readonly number[] => elementsOf(leaf)

describe('perExampleGlobalNormClip', () => {
  test('adds up the examples, each times min(1, C / its norm over all leaves), and counts those that are shortened', () => {
    fc.assert(
      fc.property(someExamples, aBound, ({ count, shapes, leaves }, bound) => {
        const grads = leaves.map((rows, i) => leafOf([count, ...(shapes[i] ?? [])], rows.flat()))
        const norms = Array.from({ length: leaves.length === 0 ? 0 : count }, (_, k) =>
          normOf(leaves.flatMap((rows) => rows[k] ?? []))
        )
        const factors = norms.map((n) => (n <= bound ? 1 : bound / n))
        const [sums, clipped] = perExampleGlobalNormClip(grads, bound)
        expect(clipped).toBe(factors.filter((factor) => factor < 1).length)
        ;(sums as readonly Leaf[]).forEach((sum, i) => {
          const rows = leaves[i] ?? []
          const found = elements(sum)
          expect(found).toHaveLength((shapes[i] ?? []).reduce((size, length) => size * length, 1))
          found.forEach((x, e) => {
            const wanted = rows.reduce((total, row, k) => total + (factors[k] as number) * (row[e] as number), 0)
            const size = rows.reduce((total, row) => total + Math.abs(row[e] as number), 0)
            expect(Math.abs(x - wanted)).toBeLessThanOrEqual(1e-14 * size)
          })
        })
      })
    )
  })

  test('is what the documentation of Optax shows', () => {
    const grads = [ndarray([0, 0, 0, 0, 3, 4, 4, 0, 3, 3, 4, 0], [4, 3])]
    expect(perExampleGlobalNormClip(grads, Infinity)).toStrictEqual([[new Float32Array([7, 7, 7])], 0])
    expect(perExampleGlobalNormClip(grads, 0)).toStrictEqual([[new Float32Array(3)], 3])
    expect(perExampleGlobalNormClip(grads, 1.25)).toStrictEqual([[new Float32Array([1.75, 1.75, 1.75])], 3])
  })

  test('is what Optax gives', () => {
    const grads = {
      w: ndarray(new Float64Array([0.5, -2, 3, 1.25, 1.5, 0.25, -1, 2, -0.75, -2, 0.125, -1]), [3, 2, 2]),
      b: new Float64Array([0.25, -1, 0.5])
    }
    expectGolden(perExampleGlobalNormClip(grads, 2.75), [
      [1.0372434976684883, -3.1875929501956284, 1.3102513212456106, 1.7989220528372898],
      -0.27556494249968666,
      2
    ])
    expectGolden(perExampleGlobalNormClip(grads, 0.1), [
      [0.03392385025778062, -0.1260300578814916, 0.04827785177607991, 0.06035655389325799],
      -0.007491146622303244,
      3
    ])
  })

  test('takes the first axis away: a bare vector becomes a number, a matrix a bare vector', () => {
    const grads = {
      number: new Float32Array([1, 2]),
      boxed: ndarray([1, 2], [2]),
      vector: ndarray([1, 2, 3, 4], [2, 2]),
      matrix: ndarray(new Float64Array([1, 2, 3, 4]), [2, 1, 2]),
      half: ndarray([1, 2, 3, 4], [2, 2], 'bfloat16'),
      none: null
    }
    expect(perExampleGlobalNormClip(grads, Infinity)[0]).toStrictEqual({
      number: 3,
      boxed: ndarray([3], []),
      vector: new Float32Array([4, 6]),
      matrix: ndarray(new Float64Array([4, 6]), [1, 2]),
      half: ndarray([4, 6], [2], 'bfloat16'),
      none: null
    })
  })

  test('counts an example of zeros as whole, and does not hide a NaN', () => {
    expect(perExampleGlobalNormClip([ndarray([0, 0, 3, 4], [2, 2])], 0)).toStrictEqual([[new Float32Array(2)], 1])
    const [[sum], clipped] = perExampleGlobalNormClip([new Float64Array([1, Number.NaN])], 0.5) as [[number], number]
    expect(sum).toBeNaN()
    expect(clipped).toBe(1)
  })

  test('takes what is not evaluated yet, and leaves what it is given alone', () => {
    const given = ndarray([3, 4, 6, 8], [2, 2])
    const before = structuredClone(given)
    expect(perExampleGlobalNormClip([mul(1, given)], 5)).toStrictEqual([[new Float32Array([6, 8])], 1])
    expect(perExampleGlobalNormClip([given], 5)).toStrictEqual([[new Float32Array([6, 8])], 1])
    expect(given).toStrictEqual(before)
  })

  test('has nothing to say of an empty tree', () => {
    expect(perExampleGlobalNormClip({ layers: [] }, 1)).toStrictEqual([{ layers: [] }, 0])
  })

  test.each([
    ['grads.w has no axes; the first axis of every leaf is that of the examples', { w: 1 }],
    ['grads[0] has no axes; the first axis of every leaf is that of the examples', [ndarray([1], [])]],
    ['grads.b has 3 examples, grads.w has 2', { w: new Float32Array(2), b: ndarray(new Float32Array(6), [3, 2]) }]
  ])('refuses: %s', (message, grads) => {
    const misuse = () => perExampleGlobalNormClip<object>(grads, 1)
    expect(misuse).toThrow(InvalidTree)
    expect(misuse).toThrow(`perExampleGlobalNormClip: ${message}`)
  })

  const clip = (bound: unknown) => () => perExampleGlobalNormClip([new Float32Array(1)], bound as number)
  refuses([
    ['perExampleGlobalNormClip: l2NormClip must be a number ≥ 0, got -1', clip(-1)],
    ['perExampleGlobalNormClip: l2NormClip must be a number ≥ 0, got NaN', clip(Number.NaN)],
    ['perExampleGlobalNormClip: l2NormClip must be a number ≥ 0, got undefined', clip(undefined)]
  ])
})

const expectGolden = (
  [sums, clipped]: readonly [unknown, number],
  wanted: readonly [readonly number[], number, number]
): void => {
  const { w, b } = sums as { readonly w: NdArray; readonly b: number }
  expect(clipped).toBe(wanted[2])
  ;[...w.data, b].forEach((x, i) => expect(x).toBeCloseTo([...wanted[0], wanted[1]][i] as number, 13))
}
