import { chain, identity, ndarray, reference, withEngine } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  emitted,
  expectDtypesKept,
  expectFloat32InChain,
  expectSame,
  near,
  refuses
} from '../internal/testing/courses.js'
import { masked } from '../selection/masked.js'
import { type LayerwiseLrDecayOptions, layerwiseLrDecay } from './layerwiseLrDecay.js'
import { scale } from './scale.js'
import { scaleByLabel } from './scaleByLabel.js'

const depthOf = (path: string): number => Number(/\d+/.exec(path)?.[0] ?? 3)
const aDecay = fc.oneof(fc.double({ min: 0.1, max: 1, noNaN: true }), fc.constantFrom(0, 0.5, 1))

const params = { layers: [{ w: ndarray(new Float64Array(4), [2, 2]), b: 0 }, null, new Float64Array(3)], head: 0 }
const grads = {
  layers: [{ w: ndarray(new Float64Array([1, -2, 3, 4]), [2, 2]), b: 5 }, null, new Float64Array([6, 7, 0])],
  head: 9
}

describe('layerwiseLrDecay', () => {
  test('is γ to the power of the distance from the top, times g', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, decay) => {
        // A list of numbers: each is a layer.
        const tx = layerwiseLrDecay({ decay, depthOf })
        const zeros = course.params.map(() => 0)
        course.gradients.forEach((row) => {
          const found = tx.update([...row], tx.init(zeros), zeros)[0] as readonly number[]
          found.forEach((u, i) => {
            const wanted = (row[i] as number) * decay ** (row.length - 1 - i)
            expect(near(u, wanted, wanted, 1e-14)).toBe(true)
          })
        })
      })
    )
  })

  test('scales each leaf as its depth says, the same in both engines', () => {
    const tx = layerwiseLrDecay({ decay: 0.5, depthOf })
    const expected = {
      layers: [
        { w: ndarray(new Float64Array([0.125, -0.25, 0.375, 0.5]), [2, 2]), b: 0.625 },
        null,
        new Float64Array([3, 3.5, 0])
      ],
      head: 9
    }
    expect(tx.update(grads, tx.init(params), params)[0]).toStrictEqual(expected)
    expect(withEngine(reference, () => tx.update(grads, {}, params)[0])).toStrictEqual(expected)
  })

  test('does not change when a constant is added to all depths, which may be negative and fractional', () => {
    const shifted = layerwiseLrDecay({ decay: 0.25, depthOf: (path) => depthOf(path) - 7.5 })
    const tx = layerwiseLrDecay({ decay: 0.25, depthOf })
    expect(shifted.update(grads, {}, params)).toStrictEqual(tx.update(grads, {}, params))
  })

  test('is the identity for γ = 1, and leaves the top layer for γ = 0', () => {
    fc.assert(
      fc.property(aCourse(), (course) => expectSame(layerwiseLrDecay({ decay: 1, depthOf }), identity(), course))
    )
    expect(layerwiseLrDecay({ decay: 0, depthOf }).update(grads, {}, params)[0].head).toBe(9)
    expect(layerwiseLrDecay({ decay: 0, depthOf }).update(grads, {}, params)[0].layers[0]).toStrictEqual({
      w: ndarray(new Float64Array([0, -0, 0, 0]), [2, 2]),
      b: 0
    })
  })

  test('is linear: a factor may stand before or after', () => {
    fc.assert(
      fc.property(aCourse(), fc.constantFrom(-1, 2, 0.25), (course, factor) => {
        const tx = layerwiseLrDecay({ decay: 0.3, depthOf: () => 0 })
        expect(emitted(chain(scale(factor), tx), course)).toStrictEqual(emitted(chain(tx, scale(factor)), course))
      })
    )
  })

  test('is scaleByLabel with the powers of γ', () => {
    const labelled = scaleByLabel({ low: 0.3 ** 3, mid: 0.3, top: 1 }, { layers: ['low', null, 'mid'], head: 'top' })
    const tx = layerwiseLrDecay({ decay: 0.3, depthOf })
    expect(tx.update(grads, {}, params)[0]).toStrictEqual(labelled.update(grads, { count: 0 }, params)[0])
  })

  test('counts from the top of what it sees: in a mask, of what is not masked out', () => {
    const tx = masked(layerwiseLrDecay({ decay: 0.5, depthOf }), { layers: true, head: false })
    const [updates] = tx.update(grads, tx.init(params), params)
    expect(updates.layers[2]).toStrictEqual(grads.layers[2])
    expect(updates.head).toBe(9)
  })

  test('leaves an empty tree alone', () => {
    const tx = layerwiseLrDecay({ decay: 0.5, depthOf: () => Number.NaN })
    expect(tx.update([], tx.init([]), [])[0]).toStrictEqual([])
  })

  test('keeps the dtypes of the updates', () => {
    const tx = layerwiseLrDecay({ decay: 0.3, depthOf: (path) => path.length })
    expectDtypesKept(tx)
    expectFloat32InChain(tx)
  })

  const make = (options: object) => () =>
    layerwiseLrDecay({ decay: 0.5, depthOf, ...options } as LayerwiseLrDecayOptions)
  const noDepth = layerwiseLrDecay({ decay: 0.5, depthOf: (path) => (path === '.head' ? Number.NaN : 1) })
  refuses([
    ['layerwiseLrDecay: decay must be in [0, 1], got 1.5', make({ decay: 1.5 })],
    ['layerwiseLrDecay: decay must be in [0, 1], got undefined', make({ decay: undefined })],
    ['layerwiseLrDecay: depthOf must be a function, got undefined', make({ depthOf: undefined })],
    ['layerwiseLrDecay: there is no option depth; there are decay, depthOf', make({ depth: 1 })],
    ["layerwiseLrDecay: depthOf('.head') must be a finite number, got NaN", () => noDepth.init(params)],
    ["layerwiseLrDecay: depthOf('.head') must be a finite number, got NaN", () => noDepth.update(grads, {}, params)]
  ])
})
