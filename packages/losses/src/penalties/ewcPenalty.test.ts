import { add, grad, InvalidTree, mul, ndarray, type Operand, read, type Tree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ewcPenalty } from './ewcPenalty.js'
import { l2Penalty } from './l2Penalty.js'

const anElement = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -1000, max: 1000 }).map((i) => i / 8) },
  fc.double({ min: -100, max: 100, noNaN: true })
)
const aPoint = fc.array(anElement, { minLength: 3, maxLength: 3 })
const asTree = ([a = 0, b = 0, c = 0]: readonly number[]): Tree => ({
  w: Float64Array.of(a, b),
  layers: [{ b: c }],
  none: null
})

describe('ewcPenalty', () => {
  test('is its definition, on trees and on their flattened vectors', () => {
    fc.assert(
      fc.property(aPoint, aPoint, aPoint, (p, start, weights) => {
        const importance = weights.map(Math.abs)
        const wanted = p.reduce((sum, x, i) => sum + (importance[i] as number) * (x - (start[i] as number)) ** 2, 0) / 2
        const size = 1e-13 * (1 + wanted)
        const ofTree = ewcPenalty(asTree(p), asTree(start), { importance: asTree(importance) })
        expect(Math.abs(read(ofTree) - wanted)).toBeLessThanOrEqual(size)
        const flat = [p, start, importance].map((x) => Float64Array.from(x)) as [
          Float64Array,
          Float64Array,
          Float64Array
        ]
        expect(Math.abs(read(ewcPenalty(flat[0], flat[1], { importance: flat[2] })) - wanted)).toBeLessThanOrEqual(size)
      })
    )
    expect(read(add(ewcPenalty({}, {}), 0))).toBe(0)
  })

  test('its gradient is F (p − p*), and 0 at p*', () => {
    const anchor = Float64Array.of(1, 2)
    const importance = Float64Array.of(4, 0)
    const slope = grad((p: Operand) => ewcPenalty(p, anchor, { importance }))
    expect(slope(Float64Array.of(3, 7))).toStrictEqual(Float64Array.of(8, 0))
    expect([...slope(anchor)].map(Math.abs)).toStrictEqual([0, 0])
  })

  test('with the importance 1 and zeros to begin with it is the L2 penalty, bit for bit', () => {
    fc.assert(
      fc.property(aPoint, (p) => {
        expect(read(add(ewcPenalty(asTree(p), asTree([])), 0))).toBe(read(add(l2Penalty(asTree(p)), 0)))
      })
    )
  })

  test('is linear in the importance, and takes a number for a part of the tree', () => {
    const params = { a: new Float64Array([3, 4]), b: ndarray(new Float32Array([2]), [1, 1]) }
    const anchor = { a: 1, b: 0 }
    expect(read(ewcPenalty(params, anchor))).toBe(8.5)
    expect(read(ewcPenalty(params, anchor, { importance: { a: 2, b: 0 } }))).toBe(13)
    expect(read(mul(2, ewcPenalty(params, anchor, { importance: 3 })))).toBe(51)
  })

  test('refuses what does not fit, with its path', () => {
    const params = { w: new Float64Array(2) }
    expect(() => ewcPenalty(params, { w: new Float64Array(3) })).toThrow(
      new InvalidTree('ewcPenalty: anchor.w has shape [3], params has [2]')
    )
    expect(() => ewcPenalty(params, params, { importance: { v: 1 } })).toThrow(InvalidTree)
    expect(() => ewcPenalty(params, undefined as never)).toThrow(
      'ewcPenalty: anchor must be a number or a tree like params, got undefined'
    )
  })
})
