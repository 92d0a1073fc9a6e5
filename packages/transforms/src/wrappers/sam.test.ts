import { chain, InvalidTree, step, transient } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { momentum, run, timesValue } from '../internal/testing/parts.js'
import { aTrajectory, textOf } from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { trace } from '../momentum/trace.js'
import { normalize } from '../norms/normalize.js'
import { scale } from '../scaling/scale.js'
import { type SamOptions, sam } from './sam.js'

/** ∇f of f = Σ w⁴ / 4. */
const gradFn = ({ w }: { readonly w: Float64Array }) => ({ w: w.map((x) => x ** 3) })
const start = () => ({ w: Float64Array.of(1, -2, 0.5) })

describe('sam', () => {
  test('steps with the gradient uphill, written out once', () => {
    const tx = sam(scale(-0.1), chain(normalize(), scale(-0.05)))
    let params = start()
    let state = tx.init(params)
    const w = [...params.w]
    for (let t = 0; t < 5; t++) {
      const g = w.map((x) => x ** 3)
      const length = Math.hypot(...g)
      const uphill = w.map((x, i) => x + (0.05 * (g[i] as number)) / length)
      ;[params, state] = step(tx, gradFn(params), state, params)
      uphill.forEach((x, i) => {
        expect(params.w[i]).toBeCloseTo(x, 12)
      })
      ;[params, state] = step(tx, gradFn(params), state, params)
      uphill.forEach((x, i) => {
        w[i] = (w[i] as number) - 0.1 * x ** 3
      })
      w.forEach((x, i) => {
        expect(params.w[i]).toBeCloseTo(x, 12)
      })
    }
  })

  test('leads to the same params in both ways, whatever the period, by update, by step and in place', () => {
    for (const syncPeriod of [1, 2, 3, 4]) {
      for (const resetState of [true, false]) {
        const parts = () => [chain(trace(0.5), scale(-0.1)), chain(normalize(), trace(0.9), scale(-0.05))] as const
        const twoCalls = sam(...parts(), { syncPeriod, resetState })
        const whole = sam(...parts(), { syncPeriod, resetState, opaqueMode: true })
        let [params, wholly] = [start(), start()]
        let [state, wholeState] = [twoCalls.init(params), whole.init(wholly)]
        const inPlace = transient(whole, wholly)
        for (let t = 0; t < 3; t++) {
          for (let i = 0; i < syncPeriod; i++) [params, state] = step(twoCalls, gradFn(params), state, params)
          inPlace.step(gradFn(wholly), { gradFn })
          ;[wholly, wholeState] = step(whole, gradFn(wholly), wholeState, wholly, { gradFn })
          // The way back is a difference: p + (q − p) rounds twice.
          wholly.w.forEach((x, i) => {
            expect(params.w[i]).toBeCloseTo(x, 12)
          })
        }
        expect(inPlace.snapshot().params).toStrictEqual(wholly)
        inPlace.dispose()
      }
    }
  })

  test('with one gradient for each step it is the optimizer, to the bit', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const tx = sam(momentum(), normalize(), { syncPeriod: 1 })
        expect(textOf(run(tx, trajectory).updates)).toBe(textOf(run(momentum(), trajectory).updates))
      })
    )
  })

  test('tells the function where it is and how often it was asked, in arrays of their own', () => {
    const seen: { readonly w: Float32Array; readonly i: number }[] = []
    const tx = sam(scale(-1), scale(-0.5), { syncPeriod: 3, opaqueMode: true })
    const params = { w: Float32Array.of(1, 2) }
    const given = {
      gradFn: ({ w }: { readonly w: Float32Array }, i: number) => {
        seen.push({ w: w.slice(), i })
        w.fill(7)
        return { w: Float32Array.of(2, 2) }
      }
    }
    const [updates] = tx.update({ w: Float32Array.of(4, 4) }, tx.init(params), params, given)
    expect(seen).toStrictEqual([
      { w: Float32Array.of(3, 4), i: 0 },
      { w: Float32Array.of(4, 5), i: 1 }
    ])
    expect(updates).toStrictEqual({ w: Float32Array.of(-2, -2) })
    expect(params).toStrictEqual({ w: Float32Array.of(1, 2) })
  })

  test('hands extra arguments on to both', () => {
    const tx = sam(timesValue(), timesValue())
    const params = { w: 1 }
    const [first, state] = tx.update({ w: 3 }, tx.init(params), params, { value: 2 })
    expect(first).toStrictEqual({ w: -6 })
    expect(tx.update({ w: 3 }, state, { w: -5 }, { value: 4 })[0]).toStrictEqual({ w: 18 })
    // @ts-expect-error -- the value is missing
    expect(() => tx.update({ w: 3 }, state, params)).toThrow()
  })

  test.each<[string, unknown]>([
    ['sam: gradFn(params) is undefined, params has an object', undefined],
    ['sam: gradFn(params) has no "w", params has it', { v: 1 }],
    ['sam: gradFn(params).w has shape [3], params has [2]', { w: new Float32Array(3) }],
    ['sam: params.w is a Float32Array, gradFn(params) has null', { w: null }],
    ['sam: gradFn(params).w must be a number or an array, got "2"', { w: '2' }],
    ['sam: gradFn(params).w must be a number or an array, got a Promise', { w: Promise.resolve(2) }]
  ])('refuses what a function gives: %s', (message, given) => {
    const tx = sam(scale(-1), scale(-1), { opaqueMode: true })
    const params = { w: new Float32Array(2) }
    const gradFn = () => given as typeof params
    const misuse = () => tx.update(params, tx.init(params), params, { gradFn })
    expect(misuse).toThrow(InvalidTree)
    expect(misuse).toThrow(message)
  })

  wrapperLaws('sam', (inner) => sam(inner, scale(-0.5)))

  const make = (options: object) => () => sam(scale(-1), scale(-1), options as SamOptions)
  refuses([
    ['sam: syncPeriod must be a whole number ≥ 1, got 0', make({ syncPeriod: 0 })],
    ['sam: resetState must be true or false, got 1', make({ resetState: 1 })],
    ['sam: opaqueMode must be true or false, got 1', make({ opaqueMode: 1 })],
    [
      'sam: gradFn must be a function, got undefined',
      () => {
        const tx = sam(scale(-1), scale(-1), { opaqueMode: true })
        // @ts-expect-error -- the function is missing
        tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 })
      }
    ]
  ])
})
