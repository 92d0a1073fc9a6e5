import { step } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { dot, expectPath, path, plus, START, scaled, slope, type Vector } from '../internal/testing/sharpness.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scale } from '../scaling/scale.js'
import { type TracOptions, trac } from './trac.js'

/** 2 / √π ∫ exp(s²) ds from 0 to x, by Simpson's rule. */
const erfi = (x: number): number => {
  const n = 4000
  const at = (i: number) => Math.exp(((x * i) / n) ** 2)
  const inside = Array.from({ length: n - 1 }, (_, i) => (i % 2 === 0 ? 4 : 2) * at(i + 1))
  return (2 / Math.sqrt(Math.PI)) * (x / n / 3) * inside.reduce((a, b) => a + b, at(0) + at(n))
}

/** As the authors' code has it: the offset is what the params say. */
const defined = (rate: number, betas: readonly number[], sInit: number, eps: number, steps: number) => {
  let w = START
  let sum = 0
  let tuners = betas.map((beta) => ({ beta, sigma: eps, variance: 0 }))
  const scales: number[] = []
  const points = Array.from({ length: steps }, (): Vector => {
    const g = slope(w)
    const offset = scaled(plus(w, START, -1), 1 / (sum + eps))
    const h = dot(g, offset)
    tuners = tuners.map(({ beta, sigma, variance }) => ({
      beta,
      sigma: beta * sigma - h,
      variance: beta * beta * variance + h * h
    }))
    sum = tuners
      .map(({ sigma, variance }) => erfi(sigma / (Math.sqrt(2) * Math.sqrt(variance) + eps)))
      .reduce((total, x) => total + (sInit / erfi(Math.SQRT1_2)) * x, 0)
    scales.push(sum)
    w = plus(START, plus(offset, g, -rate), Math.max(sum, 0))
    return w
  })
  return { points, scales }
}

describe('trac', () => {
  test('does what the code of the authors does', () => {
    const betas = [0.5, 0.9, 0.99]
    const { points, scales } = defined(0.02, betas, 0.25, 1e-4, 40)
    const found = path(trac(scale(-0.02), { betas, sInit: 0.25, eps: 1e-4 }), 40)
    // Simpson's rule has errors of 1e-12, and the scale grows and shrinks.
    expectPath(found, points, 8)
    // It has grown, and has fallen on the way.
    expect(Math.max(...scales)).toBeGreaterThan(2)
    expect(Math.min(...scales.slice(10))).toBeLessThan(Math.max(...scales) - 1)
  })

  test('falls back to where it began when the direction no longer pays', () => {
    const tx = trac(scale(-1), { betas: [0.9], sInit: 0.5 })
    let params = { w: 4 }
    let state = tx.init(params)
    for (const w of [1, 1, 1, -9, -9]) [params, state] = step(tx, { w }, state, params)
    expect(params).toStrictEqual({ w: 4 })
    expect(state.scale).toBe(0)
  })

  test('by default finds its way from a scale of 1e-8, also in float32 at params of the size of 1', () => {
    const tx = trac(scale(-0.01))
    let params = { w: Float32Array.of(1, -2, 0.5) }
    let state = tx.init(params)
    const loss = () => params.w.reduce((sum, x) => sum + (x - 3) ** 2, 0)
    const before = loss()
    for (let t = 0; t < 400; t++) [params, state] = step(tx, { w: params.w.map((x) => 2 * (x - 3)) }, state, params)
    expect(loss()).toBeLessThan(before / 10)
    expect(tx.init(params).sigma).toStrictEqual(new Float64Array(6).fill(1e-8))
  })

  test('starts from the params of the first update, not from those of init', () => {
    const tx = trac(scale(-1))
    const [, state] = tx.update({ w: 1 }, tx.init({ w: 0 }), { w: 7 })
    expect(state.x0).toStrictEqual({ w: 7 })
  })

  test('moves along the line from the first params through where the inner transformation has got to', () => {
    const tx = trac(scale(-0.5), { sInit: 0.25 })
    const params = { w: Float64Array.of(1, 2) }
    let state = tx.init(params)
    let at = params
    for (let t = 0; t < 3; t++) [at, state] = step(tx, { w: Float64Array.of(1, -1) }, state, at)
    expect((at.w[0] as number) - 1).toBeCloseTo(2 - (at.w[1] as number), 14)
    expect(at.w[0]).toBeLessThan(1)
  })

  wrapperLaws('trac', (inner) => trac(inner, { sInit: 0.5 }))

  const make = (options: object) => () => trac(scale(-1), options as TracOptions)
  refuses([
    ['trac: betas must be a list of numbers in [0, 1), at least one, got []', make({ betas: [] })],
    ['trac: betas must be a list of numbers in [0, 1), at least one, got [0.5, 1]', make({ betas: [0.5, 1] })],
    ['trac: betas must be a list of numbers in [0, 1), at least one, got 0.5', make({ betas: 0.5 })],
    ['trac: sInit must be a finite number > 0, got 0', make({ sInit: 0 })],
    ['trac: eps must be a finite number > 0, got 0', make({ eps: 0 })]
  ])
})
