import { chain, globalNorm, identity, NotFinite, read, transient } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aNumber,
  type Course,
  emitted,
  emittedFloat32,
  expectGolden,
  expectSame,
  near,
  refuses
} from '../internal/testing/courses.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { clipByGlobalNorm } from './clipByGlobalNorm.js'

const aNorm = fc.double({ min: 1e-3, max: 1e3, noNaN: true })
const normOf = (row: readonly number[]): number => Math.sqrt(row.reduce((sum, x) => sum + x * x, 0))
// A row of numbers as one vector: every element meets the norm of all.
const once = (row: readonly number[]): Course => ({ params: row, gradients: [row] })

describe('clipByGlobalNorm', () => {
  test('is g · min(1, c / ‖g‖)', () => {
    fc.assert(
      fc.property(aCourse(aNumber), aNorm, ({ params: row }, bound) => {
        const factor = normOf(row) < bound ? 1 : bound / normOf(row)
        const [found = []] = emitted(clipByGlobalNorm(bound), once(row))
        return found.every((u, i) => near(u, (row[i] as number) * factor, bound))
      })
    )
  })

  test('changes nothing where the norm is smaller, or just the bound, bit for bit', () => {
    fc.assert(fc.property(aCourse(), (course) => expectSame(clipByGlobalNorm(1e4), identity(), course)))
    expect(emitted(clipByGlobalNorm(5), once([3, -4, -0]))).toStrictEqual([[3, -4, -0]])
    expect(emitted(clipByGlobalNorm(1), once([0, 0]))).toStrictEqual([[0, 0]])
  })

  test('leaves a norm of at most the bound', () => {
    fc.assert(
      fc.property(aCourse(aNumber), aNorm, ({ params: row }, bound) => {
        const [found = []] = emitted(clipByGlobalNorm(bound), once(row))
        return normOf(found) <= bound * (1 + 1e-14)
      })
    )
  })

  test('twice is the tighter clip, up to rounding, so it is idempotent', () => {
    fc.assert(
      fc.property(aCourse(), aNorm, aNorm, (course, a, b) =>
        expectSame(chain(clipByGlobalNorm(a), clipByGlobalNorm(b)), clipByGlobalNorm(Math.min(a, b)), course, 1e-14)
      )
    )
  })

  test('measures all leaves together', () => {
    const params = { layers: [new Float64Array([6]), null, { b: 0 }], w: new Float64Array([0]) }
    const grads = { layers: [new Float64Array([6]), null, { b: 8 }], w: new Float64Array([0]) }
    const [updates] = clipByGlobalNorm(5).update(grads, {}, params)
    expect(updates).toStrictEqual({ layers: [new Float64Array([3]), null, { b: 4 }], w: new Float64Array([0]) })
    expect(globalNorm(updates)).toBe(5)
  })

  test('leaves an empty tree alone', () => {
    expect(clipByGlobalNorm(1).update({ layers: [] }, {}, { layers: [] })[0]).toStrictEqual({ layers: [] })
    expect(emitted(clipByGlobalNorm(1), once([]))).toStrictEqual([[]])
  })

  test('does not overflow on float32 squares', () => {
    const [[u = 0] = []] = emittedFloat32(clipByGlobalNorm(1), once([1e30, 0]))
    // The factor 1e-30 and the product are rounded to float32.
    expect(near(u, 1, 1, 2e-7)).toBe(true)
  })

  test('makes everything NaN for one NaN; for one infinity finite elements 0 and infinite ones NaN; as Optax does', () => {
    expect(emitted(clipByGlobalNorm(1), once([Number.NaN, 2, 0]))).toStrictEqual([[Number.NaN, Number.NaN, Number.NaN]])
    expect(emitted(clipByGlobalNorm(1), once([Infinity, 2, 0]))).toStrictEqual([[Number.NaN, 0, 0]])
  })

  test('is what Optax gives', () => {
    expectGolden(clipByGlobalNorm(1), [
      [0.13736056394868904, -0.5494422557947561, 0.8241633836921343],
      [0.8241633836921343, 0.13736056394868904, -0.5494422557947561],
      [-0.35052374270219155, -0.9347299805391776, 0.0584206237836986],
      [0, 0.24253562503633297, 0.9701425001453319]
    ])
  })

  test('with eps it is what PyTorch does, of any order', () => {
    const grads = Float64Array.of(3, 4)
    const clipped = (ord: number | 'inf', most = 5) =>
      clipByGlobalNorm(most, { eps: 1e-6, ord }).update(grads, {}, grads)[0]
    // torch 2.13, clip_grad_norm_([3, 4], 5), of norm_type 2, 3 and inf.
    expect([...clipped(2)]).toStrictEqual([2.99999940000012, 3.99999920000016])
    expect([...clipped(3)]).toStrictEqual([3, 4])
    expect([...clipped('inf')]).toStrictEqual([3, 4])
    const tiny = Float64Array.of(3e-3, 4e-3)
    const [first, second] = clipByGlobalNorm(1e-3, { eps: 1e-6 }).update(tiny, {}, tiny)[0]
    expect(first).toBeCloseTo(0.00059988, 8)
    expect(second).toBeCloseTo(0.00079984, 8)
  })

  test('leaves a norm of at most the bound, of any order', () => {
    fc.assert(
      fc.property(
        aCourse(),
        fc.oneof(fc.double({ min: 0.5, max: 6, noNaN: true }), fc.constant('inf' as const)),
        (course, ord) =>
          emitted(clipByGlobalNorm(0.5, { ord }), course).every(
            // Powers and roots of a few numbers.
            (row) => read(tree.norm([...row], { ord })) <= 0.5 * (1 + 1e-13)
          )
      )
    )
  })

  test('is clip for a single number, by every order', () => {
    for (const ord of [1, 2, 3.5, 'inf'] as const) {
      for (const g of [-4, 0, 0.5, 4]) {
        expect(clipByGlobalNorm(2, { ord }).update(g, {}, 0)[0]).toBeCloseTo(Math.min(Math.max(g, -2), 2), 14)
      }
    }
  })

  test('throws for a norm that is not finite when it is asked to, and writes nothing', () => {
    const params = { w: new Float32Array([1, 2]), b: 1 }
    const tx = chain(scaleByAdam(), clipByGlobalNorm(1, { errorIfNonfinite: true }))
    const run = transient(tx, params)
    run.step({ w: new Float32Array([1, 1]), b: 1 })
    const before = run.snapshot()
    for (const [bad, shown] of [
      [NaN, 'NaN'],
      [Infinity, 'NaN']
    ] as const) {
      const grads = { w: new Float32Array([1, bad]), b: 1 }
      const error = new NotFinite(`clipByGlobalNorm: the norm of the updates must be finite, got ${shown}`)
      expect(() => tx.update(grads, before.state, before.params)).toThrow(error)
      expect(() => run.step(grads)).toThrow(error)
      expect(run.snapshot()).toStrictEqual(before)
    }
    const huge = new Float64Array([1.5e308, 1.5e308])
    expect(() => clipByGlobalNorm(1, { errorIfNonfinite: true }).update(huge, {}, huge)).toThrow('got Infinity')
    run.step({ w: new Float32Array([1, 1]), b: 1 })
    run.dispose()
  })

  refuses([
    ['clipByGlobalNorm: ord must be a finite number > 0 or "inf", got 0', () => clipByGlobalNorm(1, { ord: 0 })],
    ['clipByGlobalNorm: eps must be a finite number ≥ 0, got -1', () => clipByGlobalNorm(1, { eps: -1 })],
    [
      'clipByGlobalNorm: errorIfNonfinite must be true or false, got 1',
      () => clipByGlobalNorm(1, { errorIfNonfinite: 1 as never })
    ],
    [
      'clipByGlobalNorm: there is no option normType; there are ord, eps, errorIfNonfinite',
      () => clipByGlobalNorm(1, { normType: 1 } as never)
    ],
    ['clipByGlobalNorm: maxNorm must be a finite number > 0, got 0', () => clipByGlobalNorm(0)],
    ['clipByGlobalNorm: maxNorm must be a finite number > 0, got -1', () => clipByGlobalNorm(-1)],
    ['clipByGlobalNorm: maxNorm must be a finite number > 0, got NaN', () => clipByGlobalNorm(Number.NaN)],
    // @ts-expect-error -- the bound is required
    ['clipByGlobalNorm: maxNorm must be a finite number > 0, got undefined', () => clipByGlobalNorm()]
  ])
})
