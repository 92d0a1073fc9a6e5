import { applyUpdates, chain, type GradientTransformation, InvalidOption, step } from '@gradchain/core'
import { scale } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addL1Decay } from './addL1Decay.js'
import { proximalElasticNet } from './proximalElasticNet.js'
import { proximalL1 } from './proximalL1.js'

// Doubles alone are nearly all tiny.
const thousandths = (least: number, most: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1000 * least, max: 1000 * most }).map((i) => i / 1000) },
    fc.double({ min: least, max: most, noNaN: true })
  )
const anElement = thousandths(-8, 8)
const aStrength = thousandths(0, 4)
const aRatio = thousandths(0, 1)

/** Where a param ends. */
const moved = <S>(tx: GradientTransformation<S>, g: number, p: number): number =>
  applyUpdates(p, tx.update(g, tx.init(p), p)[0])

describe.each([
  ['proximalL1', (strength: number, rate: number) => proximalL1(strength, { learningRate: rate }), () => 1],
  [
    'proximalElasticNet',
    (strength: number, rate: number, l1Ratio: number) => proximalElasticNet(strength, { learningRate: rate, l1Ratio }),
    (ratio: number) => ratio
  ]
] as const)('%s', (_, make, ratioOf) => {
  test('leads to the minimum of half a square and the penalty', () => {
    fc.assert(
      fc.property(
        anElement,
        anElement,
        aStrength,
        aStrength,
        aRatio,
        anElement,
        (g, p, strength, rate, ratio, other) => {
          const share = strength * rate
          const l1Ratio = ratioOf(ratio)
          const objective = (y: number): number =>
            (y - p - g) ** 2 / 2 + share * (l1Ratio * Math.abs(y) + ((1 - l1Ratio) / 2) * y * y)
          const y = moved(make(strength, rate, ratio), g, p)
          for (const z of [other, y + 1e-3, y - 1e-3, 0, p + g]) {
            expect(objective(y)).toBeLessThanOrEqual(objective(z) + 1e-13 * (1 + objective(z)))
          }
        }
      )
    )
  })

  test('what is within the threshold becomes 0 exactly, in every dtype', () => {
    const params = { w: Float32Array.of(0.1, -0.2, 3), b: 0.3 }
    const updates = { w: Float32Array.of(0.3, 0.7, 0), b: -0.7 }
    const tx = make(1, 0.5, 1)
    expect(applyUpdates(params, tx.update(updates, tx.init(params), params)[0])).toStrictEqual({
      w: Float32Array.of(0, 0, 2.5),
      b: 0
    })
  })

  test('of strength or rate 0 it is the identity, bit for bit', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (g, p) => {
        for (const tx of [make(0, 1, 0.5), make(3, 0, 0.5)]) {
          expect(tx.update({ w: g }, tx.init({ w: p }), { w: p })[0]).toStrictEqual({ w: g })
        }
      })
    )
  })

  test('shows a NaN', () => {
    expect(moved(make(1, 1, 0.5), Number.NaN, 1)).toBeNaN()
  })
})

test('proximalL1 is proximalElasticNet of the ratio 1', () => {
  fc.assert(
    fc.property(anElement, anElement, aStrength, (g, p, strength) => {
      expect(moved(proximalL1(strength), g, p)).toBe(moved(proximalElasticNet(strength, { l1Ratio: 1 }), g, p))
    })
  )
})

test('strengths and rates are schedules of the step', () => {
  const tx = proximalL1((t) => t, { learningRate: (t) => 0.5 ** t })
  let state = tx.init({ w: 5 })
  const found = [0, 1, 2, 3].map(() => {
    const [updates, next] = tx.update({ w: 0 }, state, { w: 5 })
    state = next
    return updates.w
  })
  expect(found).toStrictEqual([0, -0.5, -0.5, -0.375])
  const faulty = proximalL1(1, { learningRate: (t) => 1 - t })
  expect(() => faulty.update({ w: 0 }, { count: 2 }, { w: 5 })).toThrow(
    'proximalL1: learningRate at step 2 must be a finite number ≥ 0, got -1'
  )
})

test('gradient steps with it find the sparse minimum of a least-squares problem, which gradients of the penalty do not', () => {
  // ½ ‖x − a‖² + λ Σ|x| is least where a is nearer to 0 by λ.
  const a = [3, -0.25, 0.5, -2]
  const rate = 0.5
  const run = <S>(tx: GradientTransformation<S>): readonly number[] => {
    let params = { x: Float64Array.of(1, 1, 1, 1) }
    let state = tx.init(params)
    for (let t = 0; t < 60; t++) {
      ;[params, state] = step(tx, { x: params.x.map((x, i) => x - (a[i] as number)) }, state, params)
    }
    return [...params.x]
  }
  const proximal = run(chain(scale(-rate), proximalL1(1, { learningRate: rate })))
  ;[2, 0, 0, -1].forEach((x, i) => expect(Math.abs(x - (proximal[i] as number))).toBeLessThan(1e-12))
  expect(proximal.filter((x) => x === 0)).toHaveLength(2)
  const byGradient = run(chain(addL1Decay(1), scale(-rate)))
  expect(byGradient.filter((x) => x === 0)).toHaveLength(0)
})

test('addL1Decay adds the sign of the param, at every step with the strength of the step', () => {
  fc.assert(
    fc.property(anElement, anElement, aStrength, (g, p, strength) => {
      const tx = addL1Decay(strength)
      const [updates, state] = tx.update({ w: g }, tx.init({ w: p }), { w: p })
      expect(updates.w).toBe(strength === 0 ? g : g + strength * Math.sign(p))
      expect(state).toStrictEqual({ count: 1 })
    })
  )
  const scheduled = addL1Decay((t) => 1 / (1 + t))
  expect(scheduled.update([1, 1], { count: 3 }, [2, -2])[0]).toStrictEqual([1.25, 0.75])
})

test.each([
  ['addL1Decay: strength must be a finite number ≥ 0 or a schedule, got -1', () => addL1Decay(-1)],
  ['proximalL1: strength must be a finite number ≥ 0 or a schedule, got NaN', () => proximalL1(Number.NaN)],
  [
    'proximalL1: learningRate must be a finite number ≥ 0 or a schedule, got -1',
    () => proximalL1(1, { learningRate: -1 })
  ],
  ['proximalElasticNet: l1Ratio must be in [0, 1], got 2', () => proximalElasticNet(1, { l1Ratio: 2 })],
  ['proximalL1: there is no option l1Ratio; there are learningRate', () => proximalL1(1, { l1Ratio: 1 } as never)]
] as const)('%s', (message, run) => {
  expect(run).toThrow(new InvalidOption(message))
})
