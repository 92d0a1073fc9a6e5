import { InvalidTree, identity } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aRate,
  emitted,
  expectDtypesKept,
  expectFloat32InChain,
  expectOracle,
  expectSame,
  last,
  refuses
} from '../internal/testing/courses.js'
import { partition } from '../selection/partition.js'
import { addDecayedWeights } from './addDecayedWeights.js'
import { addDecayedWeightsByLabel } from './addDecayedWeightsByLabel.js'

const params = { dense: { kernel: new Float64Array([10, 20]), bias: 30 }, head: [40, null, 50] }
const grads = { dense: { kernel: new Float64Array([1, 2]), bias: 3 }, head: [4, null, 5] }
const labels = { dense: { kernel: 'some', bias: 'none' }, head: ['none', null, 'more'] } as const

describe('addDecayedWeightsByLabel', () => {
  test('adds the share of the label times the param', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, share) =>
        expectOracle(
          addDecayedWeightsByLabel({ a: share, b: 7 }, 'a'),
          course,
          (history, p) => last(history) + share * p
        )
      )
    )
    const tx = addDecayedWeightsByLabel({ some: 0.5, none: 0, more: 2 }, labels)
    expect(tx.update(grads, tx.init(params), params)).toStrictEqual([
      { dense: { kernel: new Float64Array([6, 12]), bias: 3 }, head: [4, null, 105] },
      { count: 1 }
    ])
  })

  test('is addDecayedWeights on the leaves of a label', () => {
    const rate = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 4 })
    fc.assert(
      fc.property(aCourse(), (course) =>
        expectSame(addDecayedWeightsByLabel({ a: rate }, 'a'), addDecayedWeights(rate), course)
      )
    )
    const parts = partition({ some: addDecayedWeights(rate), none: identity(), more: addDecayedWeights(3) }, labels)
    const tx = addDecayedWeightsByLabel({ some: rate, none: 0, more: 3 }, labels)
    expect(tx.update(grads, { count: 0 }, params)[0]).toStrictEqual(parts.update(grads, parts.init(params), params)[0])
    expect(tx.update(grads, { count: 2 }, params)[0].dense.kernel).toStrictEqual(new Float64Array([6, 12]))
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, share) =>
        expectSame(
          addDecayedWeightsByLabel({ a: share }, 'a'),
          addDecayedWeightsByLabel({ a: constantSchedule(share) }, 'a'),
          course
        )
      )
    )
  })

  test('is the identity for a share of 0, also where a param is not finite', () => {
    fc.assert(
      fc.property(aCourse(fc.double()), (course) => {
        expect(emitted(addDecayedWeightsByLabel({ a: 0 }, 'a'), course)).toStrictEqual(emitted(identity(), course))
      })
    )
  })

  test('refuses at init labels that do not fit the params', () => {
    const tx = addDecayedWeightsByLabel({ a: 1 }, { dense: 'a', tail: 'a' })
    expect(() => tx.init(params)).toThrow(InvalidTree)
    expect(() => tx.init(params)).toThrow('addDecayedWeightsByLabel: ')
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(addDecayedWeightsByLabel({ a: 0.3 }, 'a'))
    expectFloat32InChain(addDecayedWeightsByLabel({ a: 0.3 }, 'a'))
  })

  const owner = 'addDecayedWeightsByLabel'
  refuses([
    [
      `${owner}: weightDecays.a must be a finite number or a schedule, got Infinity`,
      () => addDecayedWeightsByLabel({ a: Infinity }, 'a')
    ],
    [`${owner}: labels.w must be one of "a", got "b"`, () => addDecayedWeightsByLabel({ a: 1 }, { w: 'b' })],
    [
      `${owner}: weightDecays must be an object with a value for each label, got null`,
      // @ts-expect-error -- there is a share for each label
      () => addDecayedWeightsByLabel(null, 'a')
    ]
  ])
})
