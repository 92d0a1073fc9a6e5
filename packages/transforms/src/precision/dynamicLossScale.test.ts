import { InvalidState, ndarray, step, type Tree, transient } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { momentum, run } from '../internal/testing/parts.js'
import {
  aTrajectory,
  elementsOf,
  leavesOf,
  mapElements,
  mapLeaves,
  textOf,
  type Values
} from '../internal/testing/trees.js'
import { scale } from '../scaling/scale.js'
import { dynamicLossScale } from './dynamicLossScale.js'
import { kahanParams } from './kahanParams.js'
import { mixedPrecision } from './mixedPrecision.js'

const isFinite = (values: Values): boolean => leavesOf(values).flatMap(elementsOf).every(Number.isFinite)
const times = (values: Values, factor: number): Values =>
  mapLeaves(values, (leaf) => mapElements(leaf, (x) => x * factor))

/** What becomes of the scale, by its definition. */
const scalesOf = (
  finite: readonly boolean[],
  first: number,
  interval: number,
  least: number,
  most: number
): number[] => {
  const scales = [first]
  let good = 0
  for (const isGood of finite) {
    const now = scales.at(-1) as number
    good = isGood ? good + 1 : 0
    const grows = good === interval
    if (grows) good = 0
    scales.push(isGood ? (grows ? Math.min(most, now * 2) : now) : Math.max(least, now / 2))
  }
  return scales
}

describe('dynamicLossScale', () => {
  test('is the inner transformation of what was not scaled, without the steps that were not finite', () => {
    const options = { initialScale: 8, growthInterval: 2, minScale: 2, maxScale: 16 }
    fc.assert(
      fc.property(
        aTrajectory(),
        fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
        ({ params, grads }, spoiled) => {
          const finite = grads.map((g, t) => !spoiled[t] || leavesOf(g).flatMap(elementsOf).length === 0)
          const scales = scalesOf(finite, 8, 2, 2, 16)
          const scaled = grads.map((g, t) => times(g, finite[t] ? (scales[t] as number) : NaN))
          const { updates, states } = run(dynamicLossScale(momentum(), options), { params, grads: scaled })
          const alone = run(momentum(), { params, grads: grads.filter((_, t) => finite[t]) })
          expect(states.map(({ scale: at }) => at)).toStrictEqual(scales)
          expect(textOf(updates.filter((_, t) => finite[t]))).toBe(textOf(alone.updates))
          expect(states.at(-1)?.skipped).toBe(finite.filter((isGood) => !isGood).length)
          for (const [t, update] of updates.entries()) {
            if (finite[t]) continue
            expect(isFinite(update)).toBe(true)
            expect(textOf(states[t + 1]?.innerState)).toBe(textOf(states[t]?.innerState))
          }
        }
      )
    )
  })

  test('what would vanish in float16 does not', () => {
    const tx = dynamicLossScale(scale(-1), { initialScale: 2 ** 16 })
    const params = { w: ndarray([1], [1], 'float16') }
    const small = 2 ** -26
    const updates = tx.update({ w: ndarray([small * 2 ** 16], [1], 'float16') }, tx.init(params), params)[0] as Tree
    // As an update it is a number of float16 again, whose least is 2⁻²⁴.
    expect(textOf(updates)).toBe(textOf({ w: ndarray([-small], [1], 'float16') }))
    const [, next] = tx.update({ w: ndarray([Infinity], [1], 'float16') }, tx.init(params), params)
    expect([next.scale, next.goodSteps, next.skipped]).toStrictEqual([2 ** 15, 0, 1])
  })

  test('takes gradients of any dtype where the inner transformation does, in transient as well', () => {
    const params = { w: ndarray([1, -2], [2], 'float16') }
    const grads = { w: new Float32Array([2 ** 18, 2 ** -8]) }
    for (const inner of [kahanParams, mixedPrecision]) {
      const tx = dynamicLossScale(inner(scale(-1)), { initialScale: 2 ** 16 })
      const [after, state] = step(tx, grads as never, tx.init(params), params)
      expect(textOf(after as Tree)).toBe(textOf({ w: ndarray([-3, -2], [2], 'float16') }))
      const run = transient(tx, params)
      run.step(grads as never)
      expect(textOf(run.snapshot() as unknown as Tree)).toBe(textOf({ params: after, state } as unknown as Tree))
      run.dispose()
    }
    const plain = dynamicLossScale(scale(-1))
    expect(() => plain.update(grads as never, plain.init(params), params)).toThrow('update: grads.w has dtype float32')
  })

  test('refuses a state that would spoil the params, or never grow', () => {
    const tx = dynamicLossScale(scale(-1))
    const params = { w: new Float32Array(1) }
    const fresh = tx.init(params)
    for (const bad of [NaN, 0, -8, Infinity]) {
      const refused = `dynamicLossScale: state.scale must be a finite number > 0, got ${bad}`
      expect(() => tx.update(params, { ...fresh, scale: bad }, params)).toThrow(new InvalidState(refused))
    }
    for (const name of ['goodSteps', 'skipped']) {
      const refused = `update: state.${name} must be a whole number ≥ 0, got NaN`
      expect(() => tx.update(params, { ...fresh, [name]: NaN }, params)).toThrow(new InvalidState(refused))
    }
  })

  refuses([
    [
      'dynamicLossScale: initialScale must be a finite number > 0, got 0',
      () => dynamicLossScale(scale(1), { initialScale: 0 })
    ],
    [
      'dynamicLossScale: growthFactor must be a finite number > 1, got 1',
      () => dynamicLossScale(scale(1), { growthFactor: 1 })
    ],
    [
      'dynamicLossScale: backoffFactor must be in [0, 1), got 1',
      () => dynamicLossScale(scale(1), { backoffFactor: 1 })
    ],
    [
      'dynamicLossScale: backoffFactor must be a finite number > 0, got 0',
      () => dynamicLossScale(scale(1), { backoffFactor: 0 })
    ],
    [
      'dynamicLossScale: growthInterval must be a whole number ≥ 1, got 0',
      () => dynamicLossScale(scale(1), { growthInterval: 0 })
    ],
    [
      'dynamicLossScale: initialScale must be from minScale to maxScale, 1 to 16777216, got 0.5',
      () => dynamicLossScale(scale(1), { initialScale: 0.5 })
    ]
  ])
})
