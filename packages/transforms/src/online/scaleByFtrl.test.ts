import { step } from '@gradchain/core'
import { constantSchedule, linearSchedule, type Schedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  type BlockOracle,
  type BlockStep,
  expectBlockOracle,
  expectSameBlocks
} from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { type ScaleByFtrlOptions, scaleByFtrl } from './scaleByFtrl.js'

const someOptions = fc.record({
  learningRatePower: fc.constantFrom(0, -0.25, -0.5, -1),
  initialAccumulatorValue: fc.constantFrom(0.1, 2),
  beta: fc.constantFrom(0, 1),
  l1: fc.constantFrom(0, 3),
  l2: fc.constantFrom(0, 0.5),
  l2Shrinkage: fc.constantFrom(0, 0.25)
})
type Chosen = Required<Omit<ScaleByFtrlOptions, 'pastRate'>>

const falling = linearSchedule({ initValue: 0.5, endValue: 0.1, transitionSteps: 3 })

/** What is minimized: Σ of these over the steps, and what does not depend on them. */
const termsOf = (
  history: readonly { readonly g: number; readonly p: number }[],
  options: Chosen,
  rate: Schedule,
  own: boolean
) => {
  const q = -options.learningRatePower
  let n = options.initialAccumulatorValue
  return history.map(({ g, p }, t) => {
    const before = n ** q
    n += g * g
    const now = rate(t)
    const past = own && t > 0 ? rate(t - 1) : now
    return { tangent: g + options.l2Shrinkage * p, sigma: n ** q / now - before / past, p, root: n ** q, rate: now }
  })
}

const targetOf = (terms: ReturnType<typeof termsOf>, { beta, l1, l2 }: Chosen): number => {
  const { root, rate } = terms[terms.length - 1] as (typeof terms)[number]
  const z = terms.reduce((sum, { tangent, sigma, p }) => sum + tangent - sigma * p, 0)
  return (-Math.sign(z) * Math.max(Math.abs(z) - l1, 0)) / ((beta + root) / rate + l2)
}

/** For each element what `of` makes of what was seen of it. */
const each =
  (of: (history: readonly { readonly g: number; readonly p: number }[]) => number): BlockOracle =>
  (steps: readonly BlockStep[], shapes) =>
    shapes.map((_, leaf) =>
      (steps[0]?.params[leaf] ?? []).map((_, i) =>
        of(steps.map(({ grads, params }) => ({ g: grads[leaf]?.[i] as number, p: params[leaf]?.[i] as number })))
      )
    )

const pOf = (history: readonly { readonly p: number }[]): number => history[history.length - 1]?.p as number

describe('scaleByFtrl', () => {
  test.each(['own', 'current'] as const)(
    'minimizes the sum of tangents held near where they were seen, %s',
    (pastRate) => {
      fc.assert(
        fc.property(aBlockCourse(), someOptions, (course, options) => {
          const terms = (history: Parameters<typeof termsOf>[0]) =>
            termsOf(history, options, falling, pastRate === 'own')
          expectBlockOracle(
            scaleByFtrl(falling, { ...options, pastRate }),
            course,
            each((history) => targetOf(terms(history), options) - pOf(history)),
            {
              // What cancels in z, over the divisor.
              sizes: each((history) => {
                const all = terms(history)
                const { root, rate } = all[all.length - 1] as (typeof all)[number]
                const size = all.reduce<number>(
                  (sum, { tangent, root: at, rate: then, p }) =>
                    sum + Math.abs(tangent) + Math.abs((2 * at * p) / then),
                  options.l1
                )
                return Math.abs(pOf(history)) + (4 * size) / (root / rate)
              }),
              in32: false
            }
          )
        })
      )
    }
  )

  test('takes a number for its constant schedule, and either rate for past steps, bit for bit', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) => {
        expectSameBlocks(scaleByFtrl(0.3, options), scaleByFtrl(constantSchedule(0.3), options), course)
        expectSameBlocks(scaleByFtrl(0.3, options), scaleByFtrl(0.3, { ...options, pastRate: 'current' }), course)
      })
    )
  })

  // McMahan (2017), theorem 2: the regret of steps at the minimizers, for any u.
  test('has no more regret than the theorem says', () => {
    const linears = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 })
    const aPoint = fc.double({ min: -3, max: 3, noNaN: true })
    fc.assert(
      fc.property(linears, aPoint, fc.constantFrom(0, 0.5), fc.constantFrom(0.1, 1), (gs, u, l1, alpha) => {
        const tx = scaleByFtrl(alpha, { l1 })
        let params = { w: 0 }
        let state = tx.init(params)
        let [regret, allowed, n] = [0, (u * u) / (2 * alpha) + l1 * Math.abs(u), 0]
        for (const g of gs) {
          const before = Math.sqrt(n)
          n += g * g
          regret += g * (params.w - u)
          allowed += ((Math.sqrt(n) - before) / alpha / 2) * (u - params.w) ** 2
          allowed += (g * g) / 2 / ((1 + Math.sqrt(n)) / alpha)
          ;[params, state] = step(tx, { w: g }, state, params)
        }
        expect(regret).toBeLessThanOrEqual(allowed + 1e-12)
      })
    )
  })

  test('is AdaGrad where nothing is penalized and no sum is there at the start', () => {
    const tx = scaleByFtrl(0.5, { beta: 0 })
    let params = { w: new Float64Array([3, -2]) }
    let state = tx.init(params)
    const sums = [0, 0]
    for (const row of [
      [3, -0.5],
      [-4, 0.25],
      [0, 2]
    ]) {
      const wanted = row.map((g, i) => {
        sums[i] = (sums[i] as number) + g * g
        return (params.w[i] as number) - (0.5 * g) / Math.sqrt(sums[i] as number)
      })
      ;[params, state] = step(tx, { w: Float64Array.from(row) }, state, params)
      wanted.forEach((w, i) => expect(params.w[i]).toBeCloseTo(w, 14))
    }
  })

  test('makes params exactly 0 where the linear part is not above l1, of any dtype', () => {
    const tx = scaleByFtrl(0.5, { l1: 2, initialAccumulatorValue: 1 })
    let params = { w: new Float32Array([0.1, 0.1]), b: 0.3 }
    let state = tx.init(params)
    ;[params, state] = step(tx, { w: new Float32Array([1, -3]), b: 1.5 }, state, params)
    expect(params.w[0]).toBe(0)
    expect(params.b).toBe(0)
    expect(params.w[1]).toBeGreaterThan(0.1)
  })

  test('is what Keras computes', () => {
    const keras = { initialAccumulatorValue: 0.1, beta: 0, pastRate: 'current' } as const
    const tx = scaleByFtrl(0.001, keras)
    const [u] = tx.update({ w: 0.5 }, tx.init({ w: 1 }), { w: 1 })
    expect(u.w).toBeCloseTo(-0.53537, 5)
  })

  test('neither moves nor learns at a rate of 0, and begins with the first other', () => {
    const tx = scaleByFtrl((t) => (t === 0 ? 0 : 0.5))
    const params = { w: new Float32Array([1, 2]) }
    const [still, state] = tx.update({ w: new Float32Array([5, 6]) }, tx.init(params), params)
    expect(still).toStrictEqual({ w: new Float32Array(2) })
    expect(state).toStrictEqual({ ...tx.init(params), count: 1 })
    const same = scaleByFtrl(0.5)
    const grads = { w: new Float32Array([1, -1]) }
    expect(tx.update(grads, state, params)[0]).toStrictEqual(same.update(grads, same.init(params), params)[0])
  })

  test('keeps a param that had only gradients of zero, also when beta = 0', () => {
    const tx = scaleByFtrl(0.5, { beta: 0 })
    expect(tx.update({ w: [0, 3] }, tx.init({ w: [7, 7] }), { w: [7, 7] })[0]).toStrictEqual({ w: [0, -0.5] })
  })

  const make = (options: object) => () => scaleByFtrl(0.1, options as ScaleByFtrlOptions)
  refuses([
    ['scaleByFtrl: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => scaleByFtrl(-1)],
    ['scaleByFtrl: learningRatePower must be a finite number ≤ 0, got 0.5', make({ learningRatePower: 0.5 })],
    ['scaleByFtrl: l1 must be a finite number ≥ 0, got -1', make({ l1: -1 })],
    ['scaleByFtrl: beta must be a finite number ≥ 0, got NaN', make({ beta: Number.NaN })],
    ['scaleByFtrl: pastRate must be one of "own", "current", got "first"', make({ pastRate: 'first' })],
    [
      'scaleByFtrl: there is no option lambda1; there are learningRatePower, initialAccumulatorValue, beta, l1, l2, l2Shrinkage, pastRate',
      make({ lambda1: 1 })
    ]
  ])
})
