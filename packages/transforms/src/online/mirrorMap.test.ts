import { applyUpdates, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, emitted, refuses } from '../internal/testing/courses.js'
import { type MirrorMapOptions, mirrorMap } from './mirrorMap.js'

type Vector = readonly number[]

/** Where params go. */
const moved = (options: MirrorMapOptions, params: Vector, update: Vector): Vector =>
  (emitted(mirrorMap(options), { params, gradients: [update] })[0] as Vector).map((u, i) => (params[i] as number) + u)

/** Params of at most 1 are added and taken away. */
const close = (found: Vector, wanted: Vector, share = 1e-12): void => {
  const size = Math.max(1, ...wanted.map(Math.abs))
  wanted.forEach((x, i) => expect(Math.abs((found[i] as number) - x)).toBeLessThanOrEqual(share * size))
}

const lengths = { minLength: 1, maxLength: 9 }
const shares = fc.array(fc.double({ min: 0.1, max: 1, noNaN: true }), lengths)
const anUpdate = fc.double({ min: -3, max: 3, noNaN: true })
const aStep = shares.chain((params) =>
  fc.record({
    params: fc.constant(params),
    update: fc.array(anUpdate, { minLength: params.length, maxLength: params.length }),
    other: fc.array(anUpdate, { minLength: params.length, maxLength: params.length })
  })
)
const sumOf = (xs: Vector): number => xs.reduce((a, b) => a + b, 0)

describe('mirrorMap', () => {
  test('multiplies shares by exponentials, and makes a whole of them', () => {
    fc.assert(
      fc.property(aStep, ({ params, update }) => {
        const parts = params.map((w, i) => w * Math.exp(update[i] as number))
        close(
          moved({}, params, update),
          parts.map((x) => x / sumOf(parts))
        )
        close(moved({ map: 'entropy' }, params, update), parts)
      })
    )
  })

  test('is the step in the dual of the p-norm', () => {
    const f = (w: Vector, p: number): Vector => {
      const norm = sumOf(w.map((x) => Math.abs(x) ** p)) ** (1 / p)
      return w.map((x) => (norm === 0 ? 0 : (Math.sign(x) * Math.abs(x) ** (p - 1)) / norm ** (p - 2)))
    }
    fc.assert(
      fc.property(aStep, fc.constantFrom(1.25, 1.5, 1.9), ({ params, update }, p) => {
        const dual = f(params, p).map((x, i) => x + (update[i] as number))
        close(moved({ map: 'pNorm', p }, params, update), f(dual, p / (p - 1)), 1e-9)
      })
    )
  })

  test('with p = 2 is the identity', () => {
    fc.assert(
      fc.property(aStep, ({ params, update }) =>
        close(
          moved({ map: 'pNorm', p: 2 }, params, update),
          params.map((w, i) => w + (update[i] as number))
        )
      )
    )
  })

  test('makes one step of two', () => {
    fc.assert(
      fc.property(aStep, ({ params, update, other }) => {
        const both = update.map((u, i) => u + (other[i] as number))
        for (const map of ['simplex', 'entropy'] as const) {
          close(moved({ map }, moved({ map }, params, update), other), moved({ map }, params, both), 1e-9)
        }
        const dual = { map: 'pNorm', p: 1.5 } as const
        close(moved(dual, moved(dual, params, update), other), moved(dual, params, both), 1e-6)
      })
    )
  })

  test('does not see what is added to all updates of the simplex, however large', () => {
    expect(moved({}, [0.5, 0.5], [1e4 + 1, 1e4])).toStrictEqual(moved({}, [0.5, 0.5], [1, 0]))
    expect(moved({}, [0.5, 0.5], [-1e4 + 1, -1e4])).toStrictEqual(moved({}, [0.5, 0.5], [1, 0]))
  })

  test('leaves at 0 what is 0, also where its update is the largest', () => {
    expect(moved({}, [0, 0.5, 0.5], [1e4, 0, 0])).toStrictEqual([0, 0.5, 0.5])
    expect(moved({}, [-1, 1], [0, 0])).toStrictEqual([0, 1])
    expect(moved({ map: 'entropy' }, [0, 2], [1e4, 0])).toStrictEqual([0, 2])
    expect(moved({ map: 'pNorm' }, [0, 0], [0, 0])).toStrictEqual([0, 0])
  })

  test('leaves alone a leaf that has no share', () => {
    expect(moved({}, [-1, 0], [3, 4])).toStrictEqual([-1, 0])
  })

  test('is done for each leaf, of whatever form and dtype', () => {
    const params = { m: ndarray([0.5, 0.5], [1, 2], 'bfloat16'), n: 1, w: new Float32Array([0.25, 0.75]) }
    const grads = { m: ndarray([0, 0], [1, 2], 'bfloat16'), n: 7, w: new Float32Array([0, 0]) }
    const [updates] = mirrorMap().update(grads, {}, params)
    expect(applyUpdates(params, updates)).toStrictEqual(params)
    fc.assert(fc.property(aCourse(), (course) => emitted(mirrorMap(), course).every((row) => !row.some(Number.isNaN))))
  })

  const make = (options: object) => () => mirrorMap(options as MirrorMapOptions)
  refuses([
    ['mirrorMap: map must be one of "simplex", "entropy", "pNorm", got "euclidean"', make({ map: 'euclidean' })],
    ['mirrorMap: p must be in (1, 2], got 1', make({ p: 1 })],
    ['mirrorMap: there is no option q; there are map, p', make({ q: 3 })]
  ])
})
