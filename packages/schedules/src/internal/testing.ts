import { InvalidOption } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Schedule } from '../types.js'

/** Steps: whole and fractional, within and far beyond any schedule of the tests, the ends of the range included. */
export const aStep = fc.oneof(
  fc.nat(200),
  fc.double({ min: 0, max: 200, noNaN: true }),
  fc.constantFrom(0, Number.MIN_VALUE, 1e15, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE)
)
/** Values of any sign and size that a hyperparameter may have. */
export const aValue = fc.double({ min: -1e3, max: 1e3, noNaN: true })
/** Multiples of 1/8 so small that sums and short products of them are exact. */
export const aDyadic = fc.integer({ min: -64, max: 64 }).map((n) => n / 8)
/** Lengths of a transition. */
export const aLength = fc.integer({ min: 1, max: 64 })
/** Lengths of a wait or a warmup. */
export const aWait = fc.nat(32)

/** Below this a double has fewer digits the smaller it is, also after the factors of our tests: an absolute error. */
const tiny = 1e-300

/** `ulps` units in the last place of `scale`: what so many roundings may cost. */
export const rounding = (scale: number, ulps: number): number => ulps * Number.EPSILON * Math.abs(scale) + tiny

/** Whether two numbers differ by at most `ulps` units in the last place of `scale`. */
export const near = (actual: number, expected: number, scale: number, ulps = 8): boolean =>
  Object.is(actual, expected) || Math.abs(actual - expected) <= rounding(scale, ulps)

/** Whether `x` is between `a` and `b`, give or take the rounding of two operations. */
export const between = (x: number, a: number, b: number): boolean => {
  const slack = rounding(Math.max(Math.abs(a), Math.abs(b)), 4)
  return x >= Math.min(a, b) - slack && x <= Math.max(a, b) + slack
}

/**
 * Compares with values of Optax 0.2.8 in float64 (JAX 0.10, CPU).
 *
 * The formulas are the same, but cos and pow of XLA and of V8 may differ in the last place, and differences such as
 * 1 + cos x keep that error at the size of the largest value: hence ulps of that.
 */
export const expectGolden = (schedule: Schedule, golden: readonly (readonly [step: number, value: number])[]): void => {
  const scale = Math.max(...golden.map(([, value]) => Math.abs(value)))
  for (const [step, value] of golden) {
    expect({ step, value: schedule(step), near: near(schedule(step), value, scale) }).toMatchObject({ near: true })
  }
}

/** The steps that every schedule of ours refuses. */
export const badSteps: readonly (readonly [step: unknown, shown: string])[] = [
  [-1, '-1'],
  [-0.5, '-0.5'],
  [Number.NaN, 'NaN'],
  [Infinity, 'Infinity'],
  [-Infinity, '-Infinity'],
  ['1', '"1"'],
  [undefined, 'undefined']
]

/** One test for each refusal: what is called, and the whole message. */
export const refuses = (rows: readonly (readonly [message: string, misuse: () => unknown])[]): void => {
  test.each(rows)('refuses: %s', (message, misuse) => {
    let thrown: unknown
    try {
      misuse()
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(InvalidOption)
    expect((thrown as InvalidOption).message).toBe(message)
  })
}

/** One test for each step that `schedule` refuses in the name of `owner`. */
export const refusesBadSteps = (owner: string, schedule: Schedule): void =>
  refuses(
    badSteps.map(([step, shown]) => [
      `${owner}: step must be a finite number ≥ 0, got ${shown}`,
      () => schedule(step as number)
    ])
  )
