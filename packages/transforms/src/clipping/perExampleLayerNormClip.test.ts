import { InvalidTree, type NdArray, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anElement, leafOf } from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { perExampleGlobalNormClip } from './perExampleGlobalNormClip.js'
import { type PerExampleLayerNormClipOptions, perExampleLayerNormClip } from './perExampleLayerNormClip.js'

const aBound = fc.oneof(fc.double({ min: 0, max: 1e3, noNaN: true }), fc.constantFrom(0, 1, Infinity))
const rows = (n: number) => fc.array(anElement, { minLength: 3 * n, maxLength: 3 * n })

describe('perExampleLayerNormClip', () => {
  test('is perExampleGlobalNormClip of each leaf alone, with a bound of C √(1 / K), or of C √(D / N)', () => {
    fc.assert(
      fc.property(rows(4), rows(2), rows(1), aBound, fc.boolean(), (a, b, c, bound, uniform) => {
        const grads = { a: leafOf([3, 2, 2], a), nested: [leafOf([3, 2], b), leafOf([3], c)] }
        const [sums, counts] = perExampleLayerNormClip(grads, bound, { uniform })
        const boundOf = (size: number) => bound * Math.sqrt(uniform ? 1 / 3 : size / 7)
        const [sumA, countA] = perExampleGlobalNormClip(grads.a, boundOf(4))
        const [sumB, countB] = perExampleGlobalNormClip(grads.nested[0] as NdArray, boundOf(2))
        const [sumC, countC] = perExampleGlobalNormClip(grads.nested[1] as NdArray, boundOf(1))
        expect(sums).toStrictEqual({ a: sumA, nested: [sumB, sumC] })
        expect(counts).toStrictEqual({ a: countA, nested: [countB, countC] })
      })
    )
  })

  test('is perExampleGlobalNormClip on a single leaf', () => {
    fc.assert(
      fc.property(rows(2), aBound, fc.boolean(), (elements, bound, uniform) => {
        const leaf = leafOf([3, 2], elements)
        const [sum, count] = perExampleGlobalNormClip(leaf, bound)
        expect(perExampleLayerNormClip([leaf], bound, { uniform })).toStrictEqual([[sum], [count]])
      })
    )
  })

  test('is what Optax gives', () => {
    const w = ndarray(new Float64Array([0.5, -2, 3, 1.25, 1.5, 0.25, -1, 2, -0.75, -2, 0.125, -1]), [3, 2, 2])
    const grads = { w, b: new Float64Array([0.25, -1, 0.5]) }
    expectGolden(perExampleLayerNormClip(grads, 0.5), [
      [0.1297754780708786, -0.4504325377728674, 0.16355706692678057, 0.22662074551487774],
      0.25,
      [3, 2]
    ])
    expectGolden(perExampleLayerNormClip(grads, 2.75), [
      [0.7137651293898322, -2.477378957750771, 0.8995638680972928, 1.2464141003318274],
      -0.25,
      [3, 0]
    ])
    expectGolden(perExampleLayerNormClip(grads, 2.75, { uniform: false }), [
      [0.9339281720570627, -3.0507873528895297, 1.1326884958004229, 1.6180413362478148],
      -0.25,
      [2, 0]
    ])
  })

  test('has nothing to say of an empty tree', () => {
    expect(perExampleLayerNormClip([null], 1)).toStrictEqual([[null], [null]])
  })

  test('refuses leaves without examples, with the path', () => {
    const misuse = () => perExampleLayerNormClip({ w: new Float32Array(2), b: 3 }, 1)
    expect(misuse).toThrow(InvalidTree)
    expect(misuse).toThrow(
      'perExampleLayerNormClip: grads.b has no axes; the first axis of every leaf is that of the examples'
    )
  })

  const make = (options: object) => () =>
    perExampleLayerNormClip([new Float32Array(1)], 1, options as PerExampleLayerNormClipOptions)
  refuses([
    [
      'perExampleLayerNormClip: globalL2NormClip must be a number ≥ 0, got -1',
      () => perExampleLayerNormClip([new Float32Array(1)], -1)
    ],
    ['perExampleLayerNormClip: uniform must be true or false, got 1', make({ uniform: 1 })],
    ['perExampleLayerNormClip: there is no option axis; there are uniform', make({ axis: 0 })]
  ])
})

const expectGolden = (
  [sums, counts]: readonly [unknown, unknown],
  wanted: readonly [readonly number[], number, readonly number[]]
): void => {
  const { w, b } = sums as { readonly w: NdArray; readonly b: number }
  const found = counts as { readonly w: number; readonly b: number }
  expect([found.w, found.b]).toStrictEqual(wanted[2])
  ;[...w.data, b].forEach((x, i) => expect(x).toBeCloseTo([...wanted[0], wanted[1]][i] as number, 13))
}
