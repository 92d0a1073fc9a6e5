import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import { force } from '../transformation/force.js'
import type { Tree } from '../transformation/types.js'
import * as tree from './index.js'
import { updateInfinityMoment } from './leafMoments.js'
import { flat, formOf, someTrees } from './testing.js'

const aDecay = fc.constantFrom(0, 0.25, 0.5, 0.75)

describe('is the same on the flattened vector', () => {
  test.each([tree.updateMoment, tree.updateMomentPerElemNorm])('%o: (1 − β) gᵏ + β m', (update) => {
    fc.assert(
      fc.property(someTrees(2), aDecay, fc.integer({ min: 1, max: 3 }), ([g, m], decay, order) => {
        const moments = flat(m as Tree)
        const expected = flat(g as Tree).map((x, i) => (1 - decay) * x ** order + decay * (moments[i] as number))
        const updated = update(g as Tree, m as Tree, decay, order)
        expect(flat(updated)).toEqual(expected)
        expect(formOf(updated)).toStrictEqual(formOf(g as Tree))
      })
    )
  })

  test('updateInfinityMoment: max(|g| + eps, β m)', () => {
    fc.assert(
      fc.property(someTrees(2), aDecay, fc.constantFrom(0, 0.5), ([g, m], decay, eps) => {
        const moments = flat(m as Tree)
        const expected = flat(g as Tree).map((x, i) => Math.max(Math.abs(x) + eps, decay * (moments[i] as number)))
        expect(flat(tree.updateInfinityMoment(g as Tree, m as Tree, decay, eps))).toEqual(expected)
      })
    )
  })

  test('biasCorrection: m / (1 − βᵗ)', () => {
    fc.assert(
      fc.property(someTrees(1), fc.constantFrom(0, 0.5), ([m], decay) => {
        expect(flat(tree.biasCorrection(m as Tree, decay, 1))).toEqual(flat(m as Tree).map((x) => x / (1 - decay)))
      })
    )
  })
})

test('the maximum of equal gradients is their size, it decays on zeros, and is never below eps', () => {
  expect(updateInfinityMoment(-3, 3, 0.9, 0)).toBe(3)
  expect(updateInfinityMoment(0, 4, 0.5, 0)).toBe(2)
  expect(updateInfinityMoment(0, 0, 0.5, 0.1)).toBe(0.1)
})

test('null is null on both sides', () => {
  expect(tree.updateMoment({ w: null }, { w: null }, 0.5, 1)).toStrictEqual({ w: null })
  expect(tree.updateInfinityMoment(null, null, 0.5, 0)).toBeNull()
})

test('bias correction is finite in bfloat16, for counts and decays at which 1 − βᵗ is near 0', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0.9, 0.99, 0.999, 0.9999, 0.999999),
      fc.integer({ min: 1, max: 1000 }),
      (decay, count) => {
        const moments = [ndarray([1e-10, 1, 1e10], [3], 'bfloat16')]
        expect(flat(tree.biasCorrection(moments, decay, count)).every(Number.isFinite)).toBe(true)
      }
    )
  )
})

test('counts of moments stay what they are: lazily of trees, at once of numbers', () => {
  expect(tree.updateMoment({ b: 4 }, { b: 2 }, 0.5, 2)).toStrictEqual({ b: 9 })
  expect(force(tree.biasCorrection({ w: Float32Array.of(1) }, 0.5, 2))).toStrictEqual({ w: Float32Array.of(4 / 3) })
})

describe('misuse is refused', () => {
  test.each([
    ['updateMoment: decay must be in [0, 1), got 1', () => tree.updateMoment(1, 1, 1, 1)],
    ['updateMomentPerElemNorm: decay must be in [0, 1), got -1', () => tree.updateMomentPerElemNorm(1, 1, -1, 1)],
    ['updateMoment: order must be a finite number, got NaN', () => tree.updateMoment(1, 1, 0.5, Number.NaN)],
    ['updateInfinityMoment: decay must be in [0, 1), got 1', () => tree.updateInfinityMoment(1, 1, 1, 0)],
    ['updateInfinityMoment: eps must be a finite number ≥ 0, got -1', () => tree.updateInfinityMoment(1, 1, 0, -1)],
    ['biasCorrection: decay must be in [0, 1), got 2', () => tree.biasCorrection(1, 2, 1)],
    ['biasCorrection: count must be a whole number ≥ 1, got 0', () => tree.biasCorrection(1, 0.5, 0)]
  ])('%s', (message, run) => {
    expect(run).toThrow(new InvalidOption(message))
  })

  test('with the path, where the trees do not fit', () => {
    const w = { w: new Float32Array(2) }
    expect(() => tree.updateMoment(w, { w: new Float32Array(3) }, 0.5, 1)).toThrow(
      new InvalidTree('updateMoment: moments.w has shape [3], updates has [2]')
    )
    expect(() => tree.updateInfinityMoment(w, {}, 0.5, 0)).toThrow(
      new InvalidTree('updateInfinityMoment: moments has no "w", updates has it')
    )
  })
})
