import { chain, identity, ndarray, reference, withEngine } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, emitted, expectDtypesKept, expectFloat32InChain, expectSame } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { zeroNans } from './zeroNans.js'

const withNans = aCourse(fc.double())

describe('zeroNans', () => {
  test('is 0 where g is NaN, else g, bit for bit', () => {
    fc.assert(
      fc.property(withNans, (course) => {
        const wanted = course.gradients.map((row) => row.map((g) => (Number.isNaN(g) ? 0 : g)))
        expect(emitted(zeroNans(), course)).toStrictEqual(wanted)
      })
    )
  })

  test('leaves infinities, and is the identity without a NaN', () => {
    const row = [Infinity, -Infinity, -0, 1]
    expect(emitted(zeroNans(), { params: row, gradients: [row] })).toStrictEqual([row])
    fc.assert(fc.property(aCourse(), (course) => expectSame(zeroNans(), identity(), course)))
  })

  test('says of each leaf whether its last update had a NaN', () => {
    const tx = zeroNans()
    const params = {
      w: ndarray(new Float32Array(6), [2, 3]),
      b: 0,
      none: new Float64Array(0),
      half: ndarray([1], [1], 'float16')
    }
    const bad = { ...params, w: ndarray([1, Number.NaN, Number.NaN, 1, Number.NaN, 1], [2, 3]), b: Number.NaN }
    const none = { w: 0, b: 0, none: 0, half: 0 }
    expect(tx.init(params)).toStrictEqual({ foundNan: none })
    const [, found] = tx.update(bad, tx.init(params), params)
    expect(found).toStrictEqual({ foundNan: { ...none, w: 1, b: 1 } })
    expect(withEngine(reference, () => tx.update(bad, tx.init(params), params)[1])).toStrictEqual(found)
    expect(tx.update(params, found, params)[1]).toStrictEqual({ foundNan: none })
  })

  test('sees in a chain what comes before it', () => {
    const tx = chain(scale(0), zeroNans())
    const [updates, state] = tx.update([Infinity, 1], tx.init([0, 0]), [0, 0])
    expect(updates).toStrictEqual([0, 0])
    expect(state[1]).toStrictEqual({ foundNan: [1, 0] })
  })

  test('twice is once, and it is odd', () => {
    fc.assert(
      fc.property(withNans, (course) => {
        expectSame(chain(zeroNans(), zeroNans()), zeroNans(), course)
        expectSame(chain(scale(-1), zeroNans()), chain(zeroNans(), scale(-1)), course)
      })
    )
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(zeroNans())
    expectFloat32InChain(zeroNans())
  })
})
