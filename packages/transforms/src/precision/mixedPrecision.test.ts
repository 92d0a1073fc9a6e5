import {
  type AnyGradientTransformation,
  applyUpdates,
  chain,
  type DType,
  force,
  ndarray,
  step,
  transient
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { averagedParams } from '../averages/averagedParams.js'
import { emaParams } from '../averages/emaParams.js'
import { clip } from '../clipping/clip.js'
import { refuses } from '../internal/testing/courses.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import { applyIfFinite } from '../wrappers/applyIfFinite.js'
import { type MixedPrecisionOptions, mixedPrecision } from './mixedPrecision.js'

type Half = 'bfloat16' | 'float16'
const array = (values: readonly number[], dtype: DType) => ({ w: ndarray(values, [values.length], dtype) })
type Arrays = ReturnType<typeof array>
const numbersOf = (tree_: unknown): readonly number[] => [
  ...(force(tree.cast(tree_ as Arrays, 'float64')) as { w: { data: Float64Array } }).w.data
]
const rounded = (values: unknown, dtype: Half) => force(tree.cast(values as Arrays, dtype)) as unknown as Arrays

// Of all sizes, near one another and far apart: what crosses 0, and what shrinks to a thousandth and less.
const size = fc.tuple(fc.integer({ min: -255, max: 255 }), fc.integer({ min: -20, max: 6 })).map(([x, e]) => x * 2 ** e)
const some = fc.array(size, { minLength: 4, maxLength: 4 })
const anyHalf = fc.constantFrom<Half>('bfloat16', 'float16')
const options = fc.constantFrom<MixedPrecisionOptions>({}, { stochastic: 3 })

describe('mixedPrecision', () => {
  test('params after an update are their masters, rounded, whatever the step', () => {
    fc.assert(
      fc.property(some, fc.array(some, { minLength: 1, maxLength: 4 }), anyHalf, (start, steps, dtype) => {
        const tx = mixedPrecision(scale(1))
        let params = array(start, dtype)
        let state = tx.init(params)
        for (const g of steps) {
          const [updates, next] = tx.update(array(g, 'float32') as never, state, params)
          params = applyUpdates(params, updates)
          state = next
          // −0 and +0 are the same number: a sum of opposite numbers is +0.
          expect(numbersOf(params).map((x) => x + 0)).toStrictEqual(
            numbersOf(rounded(state.master, dtype)).map((x) => x + 0)
          )
        }
      }),
      { numRuns: 300 }
    )
  })

  test('a step that leaves nothing but the last place, where no sum reaches the master', () => {
    // 2(1 − 2⁻²⁴) rounds to 2; what is left of it is −2⁻²³, and −2 − 2⁻²³ is no float32 number.
    const params = array([2], 'bfloat16')
    const tx = mixedPrecision(scale(1))
    const fresh = tx.init(params)
    const state = { ...fresh, master: array([2 - 2 ** -23], 'float32') }
    const [updates, next] = tx.update(array([-2], 'float32') as never, state, params)
    expect(numbersOf(next.master)).toStrictEqual(numbersOf(applyUpdates(params, updates)))
    expect(Math.abs((numbersOf(next.master)[0] as number) + 2 ** -23)).toBeLessThanOrEqual(2 ** -23)
  })

  test('the masters are those of the inner transformation on float32 params, to the bit', () => {
    fc.assert(
      fc.property(some, fc.array(some, { minLength: 1, maxLength: 6 }), anyHalf, options, (start, steps, dtype, o) => {
        const inner = chain(scaleByAdam(), trace(0.9), scale(-0.01))
        const tx = mixedPrecision(inner, o)
        let params = array(start, dtype)
        let single = force(tree.cast(params, 'float32')) as Arrays
        let [state, alone] = [tx.init(params), inner.init(single)]
        for (const g of steps) {
          const grads = array(g, dtype)
          ;[params, state] = step(tx, grads, state, params)
          ;[single, alone] = step(inner, force(tree.cast(grads, 'float32')) as Arrays, alone, single)
        }
        expect(state.master).toStrictEqual(single)
        expect(state.innerState).toStrictEqual(alone)
      }),
      { numRuns: 60 }
    )
  })

  test('moves where 16-bit params alone stand still', () => {
    const run = (tx: AnyGradientTransformation) => {
      let params = array([1], 'bfloat16')
      let state = tx.init(params)
      for (let t = 0; t < 1000; t++) {
        ;[params, state] = step(tx, array([2 ** -10], 'bfloat16'), state, params) as [Arrays, never]
      }
      return numbersOf(params)[0]
    }
    expect(run(scale(1))).toBe(1)
    expect(run(mixedPrecision(scale(1)))).toBe(1.9765625)
  })

  test('step, update with applyUpdates, and transient have the same bits, in a chain and under wrappers', () => {
    fc.assert(
      fc.property(some, some, anyHalf, options, (start, g, dtype, o) => {
        const inner = chain(scaleByAdam(), scale(-0.1))
        for (const tx of [
          mixedPrecision(inner, o),
          chain(clip(1), mixedPrecision(inner, o)),
          emaParams(mixedPrecision(inner, o), { decay: 0 }),
          applyIfFinite(mixedPrecision(inner, o), 3)
        ]) {
          const params = { ...array(start, dtype), v: new Float32Array([1, 2]), b: 3 }
          const grads = { ...array(g, dtype), v: new Float32Array([0.5, -1]), b: -1 }
          const plain = tx as AnyGradientTransformation
          const fresh = plain.init(params)
          const [updates, state] = plain.update(grads, fresh, params)
          const after = { params: applyUpdates(params, updates as never), state }
          const [next, nextState] = step(plain, grads, fresh, params)
          expect({ params: next, state: nextState }).toStrictEqual(after)
          const run = transient(plain, params)
          run.step(grads)
          expect(run.snapshot()).toStrictEqual(after)
          run.dispose()
        }
      }),
      { numRuns: 15 }
    )
  })

  test('of hundreds of params, which are done in groups elsewhere, each becomes its master', () => {
    const many = (x: number) => Array.from({ length: 300 }, (_, i) => array([x + i / 64, x - i / 32], 'bfloat16'))
    for (const tx of [
      mixedPrecision(scale(0.9998)),
      chain(clip(100), mixedPrecision(scale(0.9998))),
      emaParams(mixedPrecision(scale(0.9998)), { decay: 0.5 })
    ]) {
      const plain = tx as AnyGradientTransformation
      let params = many(1)
      let state = plain.init(params)
      const run = transient(plain, params)
      for (let t = 0; t < 4; t++) {
        const grads = many(-1).map((leaf, i) => (i % 2 === t % 2 ? leaf : array([0.5, -3], 'bfloat16')))
        const [updates, after] = plain.update(grads, state, params)
        const next = applyUpdates(params, updates as never)
        expect(step(plain, grads, state, params)).toStrictEqual([next, after])
        run.step(grads)
        ;[params, state] = [next, after]
        const found = tree.getAllWithPath(state as object, 'master')[0]?.[1] as readonly Arrays[]
        expect(params.map((leaf) => numbersOf(leaf).map((x) => x + 0))).toStrictEqual(
          found.map((leaf) => numbersOf(rounded(leaf, 'bfloat16')).map((x) => x + 0))
        )
      }
      expect(run.snapshot()).toStrictEqual({ params, state })
      run.dispose()
    }
  })

  test('an inner pair of functions on raw arrays is handed the masters', () => {
    const seen: unknown[] = []
    const bare = {
      init: () => ({}),
      update: (updates: unknown, state: object, params: unknown) => {
        seen.push(params)
        return [updates, state] as const
      }
    }
    const tx = mixedPrecision(bare as never as ReturnType<typeof scale>)
    let [params, state] = [array([1], 'bfloat16'), tx.init(array([1], 'bfloat16'))]
    for (let t = 0; t < 2; t++) [params, state] = step(tx, array([2 ** -10], 'bfloat16'), state, params)
    expect(seen).toStrictEqual([array([1], 'float32'), array([1 + 2 ** -10], 'float32')])
    expect(numbersOf(state.master)).toStrictEqual([1 + 2 ** -9])
  })

  test('a wrapper that averages the params sees where they go', () => {
    const params = array([1], 'bfloat16')
    const tx = emaParams(mixedPrecision(scale(0.9998)), { decay: 0 })
    const [updates, state] = tx.update(array([-1], 'bfloat16'), tx.init(params), params)
    expect(numbersOf(state.innerState.master)[0]).toBeCloseTo(0.0002, 7)
    expect(averagedParams(state, params)).toStrictEqual(applyUpdates(params, updates))
  })

  test('other params are the inner transformation alone, and have no master', () => {
    const inner = chain(scaleByAdam(), scale(-0.1))
    const params = { v: new Float32Array([1, 2]), d: new Float64Array([3]), b: 4, n: null }
    const grads = { v: new Float32Array([0.5, -1]), d: new Float64Array([0.1]), b: -1, n: null }
    const tx = mixedPrecision(inner)
    const [updates, state] = tx.update(grads, tx.init(params), params)
    const [alone, own] = inner.update(grads, inner.init(params), params)
    expect({ updates, own: state.innerState }).toStrictEqual({ updates: alone, own })
    expect(state.master).toStrictEqual({ v: 0, d: 0, b: 0, n: null })
  })

  test('params that something else has changed come back to their masters', () => {
    const tx = mixedPrecision(scale(1))
    const params = array([1, -2], 'bfloat16')
    const [, state] = tx.update(array([1, 1], 'bfloat16'), tx.init(params), params)
    const moved = array([3000, 0.001], 'bfloat16')
    const [next] = step(tx, array([0, 0], 'bfloat16'), state, moved)
    expect(numbersOf(next)).toStrictEqual([2, -1])
  })

  test('NaN shows, and an infinity stays', () => {
    const params = array([1, 1, Infinity], 'float16')
    const tx = mixedPrecision(scale(1))
    let [next, state] = step(tx, array([Number.NaN, 65504, 0], 'float16'), tx.init(params), params)
    expect(numbersOf(next)).toStrictEqual([Number.NaN, 65504, Infinity])
    ;[next, state] = step(tx, array([0, 65504, -1], 'float16'), state, next)
    expect(numbersOf(next)).toStrictEqual([Number.NaN, Infinity, Infinity])
    expect(numbersOf(state.master)).toStrictEqual([Number.NaN, 131009, Infinity])
  })

  test('rounded stochastically, params are a neighbour of their master, and on average the master', () => {
    const count = 4096
    const params = array(Array(count).fill(1), 'bfloat16')
    const tx = mixedPrecision(scale(1), { stochastic: 7 })
    const quarter = 2 ** -7 / 4
    const [next, state] = step(tx, array(Array(count).fill(quarter), 'bfloat16'), tx.init(params), params)
    const numbers = numbersOf(next)
    expect([...new Set(numbers)].sort()).toStrictEqual([1, 1 + 2 ** -7])
    expect([...new Set(numbersOf(state.master))]).toStrictEqual([1 + quarter])
    const up = numbers.filter((x) => x > 1).length / count
    // Five standard deviations of a share of 1/4.
    expect(Math.abs(up - 0.25)).toBeLessThan((5 * Math.sqrt(3)) / 4 / Math.sqrt(count))
    // Other bits at the next step, the same with the same key.
    const [again] = step(tx, array(Array(count).fill(0), 'bfloat16'), state, next)
    expect(numbersOf(again)).not.toStrictEqual(numbers)
    expect(step(tx, array(Array(count).fill(quarter), 'bfloat16'), tx.init(params), params)[0]).toStrictEqual(next)
  })

  refuses([
    [
      'mixedPrecision: stochastic must be a key made by random.key or a whole number, got 0.5',
      () => mixedPrecision(scale(1), { stochastic: 0.5 })
    ],
    [
      'mixedPrecision: there is no option key; there are stochastic',
      () => mixedPrecision(scale(1), { key: 1 } as MixedPrecisionOptions)
    ],
    [
      'mixedPrecision: a transformation must be a pair { init, update } of functions, got 1',
      () => mixedPrecision(1 as never)
    ]
  ])
})
