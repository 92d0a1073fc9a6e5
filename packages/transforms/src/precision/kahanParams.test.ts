import {
  chain,
  type DType,
  type Expr,
  force,
  type NdArray,
  ndarray,
  type Operand,
  stateless,
  step,
  transient
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { scale } from '../scaling/scale.js'
import { kahanParams } from './kahanParams.js'

type Half = 'bfloat16' | 'float16'
const array = (values: readonly number[], dtype: DType) => ({ w: ndarray(values, [values.length], dtype) })
const numbersOf = (some: unknown): readonly number[] => [
  ...(force(tree.cast(some as { w: NdArray }, 'float64')) as { w: { data: Float64Array } }).w.data
]

const number = fc
  .tuple(fc.integer({ min: -255, max: 255 }), fc.integer({ min: -12, max: 2 }))
  .map(([x, e]) => x * 2 ** e)
const some = fc.array(number, { minLength: 3, maxLength: 3 })
const half = fc.constantFrom<Half>('bfloat16', 'float16')

describe('kahanParams', () => {
  test('the param and what it has lost are the sum, up to half a place of what is lost', () => {
    fc.assert(
      fc.property(some, fc.array(some, { minLength: 1, maxLength: 5 }), half, (start, steps, dtype) => {
        const tx = kahanParams(scale(1))
        let params = array(start, dtype)
        let state = tx.init(params)
        for (const g of steps) {
          const before = numbersOf(params)
          const lost = numbersOf(state.lost)
          ;[params, state] = step(tx, array(g, 'float32') as never, state, params)
          const [after, rest] = [numbersOf(params), numbersOf(state.lost)]
          before.forEach((p, i) => {
            const t = Math.fround(Math.fround(p + (lost[i] as number)) + Math.fround(g[i] as number))
            // Rounded to nearest, and what is lost again; float16 has no places below 2⁻²⁴.
            const rounded = numbersOf(array([t], dtype))[0] as number
            expect((after[i] as number) + 0).toBe(rounded + 0)
            expect(Math.abs(rounded + (rest[i] as number) - t)).toBeLessThanOrEqual(
              2 ** -8 * Math.abs(t - rounded) + 2 ** -25
            )
          })
        }
      }),
      { numRuns: 200 }
    )
  })

  test('small steps add up, where a bfloat16 param alone stands still', () => {
    const start = array([1, -3, 100], 'bfloat16')
    const grads = array([2 ** -12, 2 ** -12, 2 ** -12], 'bfloat16')
    const after = (tx: ReturnType<typeof kahanParams>): readonly number[] => {
      let params = start
      let state = tx.init(params)
      for (let t = 0; t < 256; t++) [params, state] = step(tx, grads, state, params)
      return numbersOf(params)
    }
    expect(after(scale(1) as never)).toStrictEqual([1, -3, 100])
    expect(after(kahanParams(scale(1)))).toStrictEqual([1 + 2 ** -4, -3 + 2 ** -4, 100])
  })

  test('other params are the inner transformation’s own, and transient has the bits of step', () => {
    const [own, inner] = [kahanParams(scaleByAdam()), scaleByAdam()]
    const params = { ...array([1, 2], 'float32'), b: 3 }
    const grads = { ...array([0.5, -1], 'float32'), b: 1 }
    expect(own.update(grads, own.init(params), params)[0]).toStrictEqual(
      inner.update(grads, inner.init(params), params)[0]
    )
    expect(own.init(params).lost).toStrictEqual({ w: 0, b: 0 })
    const halves = array([1, -2, 0.5], 'bfloat16')
    const run = transient(own, halves)
    let [stepped, state] = [halves, own.init(halves)]
    for (let t = 0; t < 3; t++) {
      const g = array([0.1, t, -1], 'float32') as never
      run.step(g)
      ;[stepped, state] = step(own, g, state, stepped)
    }
    expect(run.snapshot()).toStrictEqual({ params: stepped, state })
    run.dispose()
  })

  test('what is infinite stays, and nothing is lost with it', () => {
    const tx = kahanParams(scale(1))
    const params = array([Infinity, 1], 'bfloat16')
    const [after, state] = step(tx, array([-1, 2 ** -12], 'bfloat16'), tx.init(params), params)
    expect(numbersOf(after)).toStrictEqual([Infinity, 1])
    expect(numbersOf(state.lost)).toStrictEqual([0, 2 ** -12])
  })

  test('what was lost is added to the param first, and then the step', () => {
    const tx = kahanParams(scale(1))
    // 1 + 33 · 2⁻²⁴ is halfway between two float32, and becomes 1 + 2⁻¹⁹; 33 · 2⁻²⁴ − 1 would stay what it is.
    const state = { lost: array([33 * 2 ** -24], 'bfloat16'), innerState: {} }
    const [after, { lost }] = step(tx, array([-1], 'bfloat16'), state, array([1], 'bfloat16'))
    expect([numbersOf(after), numbersOf(lost)]).toStrictEqual([[2 ** -19], [0]])
  })

  test.each([
    ['alone', (tx: ReturnType<typeof kahanParams>) => tx],
    ['last in a chain', (tx: ReturnType<typeof kahanParams>) => chain(scale(1), tx)]
  ])('%s it hands gradients on in float32', (_, wrap) => {
    const seen: unknown[] = []
    const inner = stateless((updates) => {
      seen.push(...tree.leaves<Operand>(updates).map((u) => (u as Expr).dtype))
      return updates
    })
    const [params, tx] = [array([1], 'bfloat16'), wrap(kahanParams(inner) as never)]
    step(tx, params, tx.init(params) as never, params)
    expect(seen).toStrictEqual(['float32'])
  })

  test('refuses what is no transformation', () => {
    expect(() => kahanParams(3 as never)).toThrow(
      'kahanParams: a transformation must be a pair { init, update } of functions, got 3'
    )
  })
})
