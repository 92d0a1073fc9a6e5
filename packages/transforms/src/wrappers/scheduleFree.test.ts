import { chain, step, transient } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { momentum, run } from '../internal/testing/parts.js'
import { aDyadic, aTrajectory, textOf } from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scale } from '../scaling/scale.js'
import { scaleByLearningRate } from '../scaling/scaleByLearningRate.js'
import { type ScheduleFreeOptions, scheduleFree } from './scheduleFree.js'
import { scheduleFreeEvalParams } from './scheduleFreeEvalParams.js'

const aShare = fc.constantFrom(0.25, 0.5, 0.9, 1)

/** The params and the average as they are defined, with x and z at hand, for f = h w² / 2. */
const defined = (
  start: number,
  h: number,
  steps: number,
  b1: number,
  rate: (t: number) => number,
  power: number,
  c = 1 / (1 - b1)
) => {
  let [x, y, z, sum, most] = [start, start, start, 0, 0]
  for (let t = 0; t < steps; t++) {
    // The weights are those of one step ahead.
    most = Math.max(most, rate(t + 1))
    sum += most ** power
    const share = sum === 0 ? 0 : Math.min(((b1 === 1 ? 1 : c * (1 - b1)) * most ** power) / sum, 1)
    z -= rate(t) * h * y
    x = (1 - share) * x + share * z
    y = b1 * x + (1 - b1) * z
  }
  return { x, y, z }
}

describe('scheduleFree', () => {
  test('goes where its definition with three points goes, which keeps only two', () => {
    const aRate = fc.constantFrom(
      () => 0.25,
      (t: number) => t / 8,
      (t: number) => (t < 3 ? 0 : 0.5)
    )
    fc.assert(
      fc.property(
        aShare,
        aRate,
        fc.constantFrom(0, 1, 2),
        fc.integer({ min: 1, max: 12 }),
        (b1, rate, power, steps) => {
          const tx = scheduleFree(scaleByLearningRate(rate), rate, { b1, weightLrPower: power })
          let params = { w: 8 }
          let state = tx.init(params)
          for (let t = 0; t < steps; t++) [params, state] = step(tx, { w: params.w }, state, params)
          const { x, y, z } = defined(8, 1, steps, b1, rate, power)
          expect(params.w).toBeCloseTo(y, 12)
          expect(state.z).toStrictEqual({ w: expect.closeTo(z, 12) })
          // What is divided by b1 has the error of what was multiplied.
          expect(scheduleFreeEvalParams(state, params).w).toBeCloseTo(x, 11)
        }
      )
    )
  })

  test.each([0.5, 3, 20, 200])('with C = %d goes where its definition goes', (c) => {
    for (const [b1, power] of [
      [0.5, 0],
      [0.9, 2]
    ] as const) {
      const rate = (t: number) => (t < 2 ? 0 : t / 40)
      const tx = scheduleFree(scaleByLearningRate(rate), rate, { b1, weightLrPower: power, c })
      let params = { w: 8 }
      let state = tx.init(params)
      for (let t = 1; t < 25; t++) {
        ;[params, state] = step(tx, { w: params.w }, state, params)
        const { x, y } = defined(8, 1, t, b1, rate, power, c)
        expect(params.w).toBeCloseTo(y, 12)
        expect(scheduleFreeEvalParams(state, params).w).toBeCloseTo(x, 11)
      }
    }
  })

  test('with C = 1 / (1 − β) is as if it were left out, bit for bit', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const [refined, plain] = [
          scheduleFree(momentum(), 0.5, { b1: 0.75, c: 4 }),
          scheduleFree(momentum(), 0.5, { b1: 0.75 })
        ]
        expect(textOf(run(refined, trajectory))).toBe(textOf(run(plain, trajectory)))
      })
    )
  })

  test('with a learning rate of 0 the params and their average stay where they are', () => {
    const tx = scheduleFree(scaleByLearningRate(0), 0)
    const params = { w: new Float32Array([1, 2]) }
    const [updates, state] = tx.update({ w: new Float32Array([3, 4]) }, tx.init(params), params)
    expect([...updates.w].every((u) => Math.abs(u) < 1e-6)).toBe(true)
    expect([...scheduleFreeEvalParams(state, params).w].map((p) => p.toFixed(5))).toEqual(['1.00000', '2.00000'])
  })

  test('with b1 = 1 the params are the average of where the inner transformation was', () => {
    fc.assert(
      fc.property(aTrajectory(aDyadic), (trajectory) => {
        const { params, states } = run(scheduleFree(momentum(), 1, { b1: 1 }), trajectory)
        params.forEach((p, t) => {
          const average = scheduleFreeEvalParams(states[t + 1] as never, p as never)
          expect(textOf(average)).toBe(textOf(p))
        })
      })
    )
  })

  test('keeps z of 16-bit params in float32, or in the dtype asked for', () => {
    const params = { w: new Float32Array(2) }
    expect(scheduleFree(scale(-1), 1, { stateDtype: 'float64' }).init(params).z).toStrictEqual({
      w: new Float64Array(2)
    })
  })

  test('runs in place', () => {
    const tx = scheduleFree(chain(momentum(), scale(-0.1)), 0.1)
    const grads = { w: Float32Array.of(1, -2, 3) }
    let params = { w: Float32Array.of(3, 2, 1) }
    const inPlace = transient(tx, params)
    let state = tx.init(params)
    for (let t = 0; t < 4; t++) {
      ;[params, state] = step(tx, grads, state, params)
      inPlace.step(grads)
    }
    expect(inPlace.snapshot().params).toStrictEqual(params)
    inPlace.dispose()
  })

  wrapperLaws('scheduleFree', (inner) => scheduleFree(inner, 0.5))

  const make = (options: object) => () => scheduleFree(scale(-1), 0.1, options as ScheduleFreeOptions)
  refuses([
    ['scheduleFree: b1 must be in (0, 1], got 0', make({ b1: 0 })],
    ['scheduleFree: weightLrPower must be a finite number ≥ 0, got -1', make({ weightLrPower: -1 })],
    ['scheduleFree: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => scheduleFree(scale(-1), -1)],
    ['scheduleFree: c must be a finite number > 0, got 0', make({ c: 0 })],
    ['scheduleFree: b1 must be less than 1 where c is given, got 1', make({ c: 2, b1: 1 })],
    [
      'scheduleFree: stateDtype must be one of "float32", "float64", "bfloat16", "float16", got "half"',
      make({ stateDtype: 'half' })
    ]
  ])
})
