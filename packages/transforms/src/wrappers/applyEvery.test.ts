import { chain, identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectBlockGolden } from '../internal/testing/blocks.js'
import {
  aCourse,
  aDyadic,
  emitted,
  expectDtypesKept,
  expectFloat32InChain,
  expectOracle,
  expectSame,
  refuses
} from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { applyEvery } from './applyEvery.js'
import { multiSteps } from './multiSteps.js'

const aPeriod = fc.integer({ min: 1, max: 5 })
const add = (a: number, b: number): number => a + b

describe('applyEvery', () => {
  test('emits the sum of the last k gradients at every k-th step, and else zeros', () => {
    fc.assert(
      fc.property(aCourse(), aPeriod, (course, k) =>
        expectOracle(
          applyEvery(k),
          course,
          (history) => (history.length % k === 0 ? history.slice(-k).reduce(add) : 0),
          { scale: (absolute) => absolute.reduce(add) }
        )
      )
    )
  })

  test('loses nothing: what it emits and what it keeps is the sum of all gradients', () => {
    fc.assert(
      fc.property(fc.array(aDyadic, { minLength: 1, maxLength: 12 }), aPeriod, (gradients, k) => {
        const tx = applyEvery(k)
        let state = tx.init({ w: 0 })
        let total = 0
        for (const g of gradients) {
          const [{ w }, next] = tx.update({ w: g }, state, { w: 0 })
          total += w
          state = next
        }
        expect(total + (state.gradAcc as { w: number }).w).toBe(gradients.reduce(add))
        expect(state.count).toBe(gradients.length % k)
      })
    )
  })

  test('is the identity for k = 1, the default, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(fc.double()), (course) => {
        expect(emitted(applyEvery(1), course)).toStrictEqual(emitted(identity(), course))
        expect(emitted(applyEvery(), course)).toStrictEqual(emitted(identity(), course))
      })
    )
  })

  test('keeps the sign of zero for k = 1', () => {
    expect(applyEvery().update({ w: -0 }, { count: 0, gradAcc: { w: 0 } }, { w: 1 })[0]).toStrictEqual({ w: -0 })
  })

  test('is multiSteps of the identity with sums', () => {
    fc.assert(
      fc.property(aCourse(), aPeriod, (course, k) =>
        expectSame(applyEvery(k), multiSteps(identity(), k, { useGradMean: false }), course)
      )
    )
  })

  test('is linear: a factor may stand before or after', () => {
    fc.assert(
      fc.property(aCourse(), aPeriod, (course, k) =>
        expectSame(chain(scale(-2), applyEvery(k)), chain(applyEvery(k), scale(-2)), course)
      )
    )
  })

  test('forgets a NaN with the sum it was in', () => {
    const course = { params: [0], gradients: [[1], [Number.NaN], [3], [4]] }
    expect(emitted(applyEvery(2), course)).toStrictEqual([[0], [Number.NaN], [0], [7]])
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(applyEvery(2))
    expectFloat32InChain(applyEvery(2))
  })

  test('is what Optax gives', () => {
    expectBlockGolden(applyEvery(2), [
      [0, -0, 0, 0, 0, -0, 0, -0, 0, 0],
      [2, -1.75, 2, 3.25, 0.25, 1.625, 0.25, -1, 0.5, -0.75],
      [-0, -0, 0, -0, 0, 0, -0, 0, 0, 0],
      [-0.75, -1, 4.125, -1.25, 3.125, 1.5, -0.5, -0.5, 1.125, -0.25],
      [0, -0, 0, 0, -0, 0, -0, 0, 0, 0]
    ])
    expectBlockGolden(applyEvery(3), [
      [0, -0, 0, 0, 0, -0, 0, -0, 0, 0],
      [0, -0, 0, 0, 0, 0, 0, -0, 0, 0],
      [1.25, -3.75, 2.125, 2.25, 3.25, 2.125, -1.75, -0.25, 1.5, -0.5],
      [0, 0, 0, -0, 0, 0, 0, -0, 0, 0],
      [0, 0, 0, -0, -0, 0, 0, -0, 0, 0]
    ])
  })

  refuses([
    ['applyEvery: k must be a whole number ≥ 1, got 0', () => applyEvery(0)],
    ['applyEvery: k must be a whole number ≥ 1, got 1.5', () => applyEvery(1.5)],
    // @ts-expect-error -- k is a number
    ['applyEvery: k must be a whole number ≥ 1, got null', () => applyEvery(null)]
  ])
})
