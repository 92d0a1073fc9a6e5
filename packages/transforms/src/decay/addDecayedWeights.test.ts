import { InvalidTree, identity, type Leaf, type Tree, tree } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aRate,
  emitted,
  expectGolden,
  expectOracle,
  expectSame,
  last,
  refuses
} from '../internal/testing/courses.js'
import { type AddDecayedWeightsOptions, addDecayedWeights } from './addDecayedWeights.js'

const aDecay = fc.tuple(aRate, fc.constantFrom(-1, 1)).map(([rate, sign]) => sign * rate)
const larger = (decay: number) => ({
  scale: (h: readonly number[], p: number) => last(h) + Math.abs(decay) * p
})

const params = { dense: { kernel: new Float64Array([10, 20]), bias: 30 }, head: [40, null, 50] }
const grads = { dense: { kernel: new Float64Array([1, 2]), bias: 3 }, head: [4, null, 5] }
const decayedBy = <P, M>(mask: AddDecayedWeightsOptions<P, M>['mask']) => {
  const tx = addDecayedWeights(0.5, { mask })
  return tx.update(grads, tx.init(params), params)[0]
}

describe('addDecayedWeights', () => {
  test('adds λ times the param', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, decay) =>
        expectOracle(addDecayedWeights(decay), course, (history, p) => last(history) + decay * p, larger(decay))
      )
    )
  })

  test('takes λ from the schedule, λ(0) at the first update', () => {
    const schedule = linearSchedule({ initValue: 0, endValue: 8, transitionSteps: 8 })
    fc.assert(
      fc.property(aCourse(), (course) =>
        expectOracle(
          addDecayedWeights(schedule),
          course,
          (history, p) => last(history) + (history.length - 1) * p,
          larger(8)
        )
      )
    )
  })

  test('takes a number for its constant schedule, bit for bit, with the same state', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, decay) =>
        expectSame(addDecayedWeights(decay), addDecayedWeights(constantSchedule(decay)), course)
      )
    )
    const masked = addDecayedWeights(0.1, { mask: { w: false } })
    const states = [addDecayedWeights(0), addDecayedWeights((t) => t), masked].map((tx) => {
      return tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 })[1]
    })
    expect(states).toStrictEqual([{ count: 1 }, { count: 1 }, { count: 1 }])
  })

  test('is the identity for λ = 0, the default, also where a param is not finite', () => {
    fc.assert(
      fc.property(aCourse(fc.double()), (course) => {
        expect(emitted(addDecayedWeights(), course)).toStrictEqual(emitted(identity(), course))
        expect(emitted(addDecayedWeights(0), course)).toStrictEqual(emitted(identity(), course))
      })
    )
  })

  test('lets updates pass where the mask is false', () => {
    const mask = { dense: { kernel: true, bias: false }, head: [false, null, true] }
    const expected = { dense: { kernel: new Float64Array([6, 12]), bias: 3 }, head: [4, null, 30] }
    expect(decayedBy(mask)).toStrictEqual(expected)
    expect(decayedBy(false)).toStrictEqual(grads)
    expect(decayedBy(true)).toStrictEqual(decayedBy(undefined))
  })

  test('takes a prefix for the mask it expands to', () => {
    expect(decayedBy({ dense: true, head: [false, null, true] })).toStrictEqual(
      decayedBy({ dense: { kernel: true, bias: true }, head: [false, null, true] })
    )
  })

  test('gives a mask that is a function the params, as arrays', () => {
    const isVector = (values: Tree<Leaf>) => tree.map((p) => p instanceof Float64Array && p.length === 2, values)
    expect(decayedBy(isVector)).toStrictEqual(decayedBy({ dense: { kernel: true, bias: false }, head: false }))
    expect(decayedBy((values: typeof params) => ({ dense: values.dense.bias === 30, head: false }))).toStrictEqual(
      decayedBy({ dense: true, head: false })
    )
  })

  test('refuses at init a mask that does not fit the params', () => {
    const tx = addDecayedWeights(0.1, { mask: { dense: true, tail: true } })
    expect(() => tx.init(params)).toThrow(InvalidTree)
    expect(() => tx.init(params)).toThrow('addDecayedWeights: ')
  })

  test('is what Optax gives', () => {
    expectGolden(addDecayedWeights(0.1), [
      [0.6, -2.2, 3.05],
      [1.6, 0.04999999999999999, -0.95],
      [-0.65, -2.2, 0.175],
      [0.1, 0.8, 4.05]
    ])
  })

  const make = (options: object) => () => addDecayedWeights(0.1, options as AddDecayedWeightsOptions)
  const bad = (decay: unknown) => () => addDecayedWeights(decay as number)
  refuses([
    ['addDecayedWeights: weightDecay must be a finite number or a schedule, got NaN', bad(Number.NaN)],
    ['addDecayedWeights: weightDecay must be a finite number or a schedule, got null', bad(null)],
    ['addDecayedWeights: mask.b must be true or false, got 1', make({ mask: { b: 1 } })],
    ['addDecayedWeights: there is no option decay; there are mask', make({ decay: 1 })],
    // @ts-expect-error -- the mask is an option
    ['addDecayedWeights: options must be an object, got true', () => addDecayedWeights(0.1, true)],
    [
      'addDecayedWeights: the value of the schedule at step 0 must be a finite number, got undefined',
      () => addDecayedWeights((() => undefined) as unknown as () => number).update({ w: 1 }, { count: 0 }, { w: 1 })
    ]
  ])
})
