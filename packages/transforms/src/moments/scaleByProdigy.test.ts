import { chain, step } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aBlockCourse, type BlockOracle, expectBlockOracle } from '../internal/testing/blocks.js'
import { expectDtypesKept, expectFloat32InChain, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByProdigyOptions, scaleByProdigy } from './scaleByProdigy.js'

const someOptions = fc.record({
  b1: fc.constantFrom(0, 0.9),
  b2: fc.constantFrom(0.5, 0.999),
  b3: fc.constantFrom(undefined, 0.8),
  eps: fc.constantFrom(1e-8, 0.1),
  estimLr0: fc.constantFrom(1e-6, 0.1, 2),
  estimLrCoef: fc.constantFrom(0.5, 1),
  weightDecay: fc.constantFrom(0, 0.1),
  safeguardWarmup: fc.boolean()
})
const rising = linearSchedule({ initValue: 0, endValue: 1, transitionSteps: 2 })

interface Chosen {
  readonly b1: number
  readonly b2: number
  readonly b3: number | undefined
  readonly eps: number
  readonly estimLr0: number
  readonly estimLrCoef: number
  readonly weightDecay: number
  readonly safeguardWarmup: boolean
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0)

const oracle =
  (o: Chosen): BlockOracle =>
  (steps) => {
    const start = steps[0]?.params.flat() ?? []
    let [m, v, s] = [start.map(() => 0), start.map(() => 0), start.map(() => 0)]
    let [d, r] = [o.estimLr0, 0]
    let out: readonly number[] = []
    const b3 = o.b3 ?? Math.sqrt(o.b2)
    for (const [t, { params, grads }] of steps.entries()) {
      const [p, g] = [params.flat(), grads.flat()]
      const eta = (d * rising(t) * Math.sqrt(1 - o.b2 ** (t + 1))) / (1 - o.b1 ** (t + 1))
      const before = d
      m = m.map((x, i) => o.b1 * x + (1 - o.b1) * before * (g[i] as number))
      v = v.map((x, i) => o.b2 * x + (1 - o.b2) * (before * (g[i] as number)) ** 2)
      const weight = ((o.safeguardWarmup ? before : eta) * before) / o.estimLr0
      s = s.map((x, i) => b3 * x + weight * (g[i] as number))
      const way = p.map((x, i) => (start[i] as number) - x)
      r = b3 * r + (before / o.estimLr0) * eta * dot(g, way)
      const total = s.reduce((sum, x) => sum + Math.abs(x), 0)
      if (total > 0) d = Math.max(d, (o.estimLrCoef * r) / total)
      const after = d
      out = m.map((x, i) => eta * (x / (Math.sqrt(v[i] as number) + after * o.eps) + o.weightDecay * (p[i] as number)))
    }
    let at = 0
    return (steps[0]?.grads ?? []).map((block) => block.map(() => out[at++] as number))
  }

describe('scaleByProdigy', () => {
  test('is Adam times an estimate of the distance, as its definition says', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) =>
        expectBlockOracle(scaleByProdigy(rising, options), course, oracle(options), {
          // What cancels in r leaves an error of the size of its terms.
          sizes: (steps, shapes) =>
            oracle(options)(steps, shapes).map((block) =>
              block.map((u) => Math.max(Math.abs(u), 1e-2 * options.estimLr0))
            ),
          in32: false
        })
      ),
      { numRuns: 40 }
    )
  })

  test('does not change when its options are spelled out', () => {
    const spelled = { b1: 0.9, b2: 0.999, b3: Math.sqrt(0.999), eps: 1e-8, estimLr0: 1e-6, estimLrCoef: 1 }
    const course = { w: [3, -8] }
    const emitted = (tx: ReturnType<typeof scaleByProdigy>) => {
      const [, state] = tx.update({ w: [3, -2] }, tx.init(course), course)
      return tx.update({ w: [1, 5] }, state, { w: [2, -7] })
    }
    expect(emitted(scaleByProdigy(1, { ...spelled, weightDecay: 0, safeguardWarmup: false }))).toStrictEqual(
      emitted(scaleByProdigy())
    )
  })

  test('keeps its estimate while all gradients have been zero', () => {
    const tx = scaleByProdigy(1, { estimLr0: 0.5 })
    const params = { w: new Float32Array([1, 2]) }
    const [updates, state] = tx.update({ w: new Float32Array(2) }, tx.init(params), params)
    expect(updates).toStrictEqual({ w: new Float32Array(2) })
    expect(state.estimLr).toBe(0.5)
  })

  test('grows its estimate on the way to a minimum far away, and comes there', () => {
    const tx = chain(scaleByProdigy(), scale(-1))
    let params = { x: new Float64Array([30, -20]) }
    let state = tx.init(params)
    let before = 0
    for (let t = 0; t < 600; t++) {
      ;[params, state] = step(tx, { x: params.x.map((x) => 2 * x) }, state, params)
      const d = state[0].estimLr as number
      expect(d).toBeGreaterThanOrEqual(before)
      before = d
    }
    expect(before).toBeGreaterThan(1)
    for (const x of params.x) expect(Math.abs(x)).toBeLessThan(5)
  })

  test('decays where its mask is true, and moves everything', () => {
    const options = { b1: 0.8, b2: 0.95, eps: 1e-3, estimLr0: 0.1, weightDecay: 0.1 }
    const [params, grads] = [
      { w: [4, -2], b: [3] },
      { w: [3, -8], b: [1] }
    ]
    const first = (weightDecayMask: boolean | { readonly w: boolean; readonly b: boolean }) => {
      const tx = scaleByProdigy(0.5, { ...options, weightDecayMask })
      return tx.update(grads, tx.init(params), params)[0]
    }
    expect(first({ w: true, b: false })).toStrictEqual({ w: first(true).w, b: first(false).b })
    expect(first({ w: true, b: false })).not.toStrictEqual(first(true))
    const none = scaleByProdigy(0.5, { ...options, weightDecayMask: () => false })
    expectSame(none, scaleByProdigy(0.5, { ...options, weightDecay: 0 }), SIX)
    expectSame(scaleByProdigy(0.5, { ...options, weightDecayMask: true }), scaleByProdigy(0.5, options), SIX)
    expect(() => scaleByProdigy(1, { weightDecayMask: { a: true } }).init({ w: [1] })).toThrow(
      'scaleByProdigy: params has no "a", weightDecayMask has it'
    )
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByProdigy())
    expectFloat32InChain(scaleByProdigy())
  })

  const make = (options: object) => () => scaleByProdigy(1, options as ScaleByProdigyOptions)
  refuses([
    ['scaleByProdigy: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => scaleByProdigy(-1)],
    ['scaleByProdigy: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByProdigy: b3 must be in [0, 1), got 1', make({ b3: 1 })],
    ['scaleByProdigy: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['scaleByProdigy: weightDecay must be a finite number ≥ 0, got -1', make({ weightDecay: -1 })],
    ['scaleByProdigy: weightDecayMask.w must be true or false, got 1', make({ weightDecayMask: { w: 1 } })],
    ['scaleByProdigy: estimLr0 must be a finite number > 0, got 0', make({ estimLr0: 0 })],
    ['scaleByProdigy: estimLrCoef must be a finite number > 0, got 0', make({ estimLrCoef: 0 })],
    ['scaleByProdigy: safeguardWarmup must be true or false, got 1', make({ safeguardWarmup: 1 })]
  ])
})
