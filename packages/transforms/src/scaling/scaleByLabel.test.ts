import { chain, InvalidTree, identity, type Leaf, type Tree, tree } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aRate,
  expectDtypesKept,
  expectFloat32InChain,
  expectOracle,
  expectSame,
  last,
  refuses
} from '../internal/testing/courses.js'
import { partition } from '../selection/partition.js'
import { scale } from './scale.js'
import { scaleByLabel } from './scaleByLabel.js'
import { scaleBySchedule } from './scaleBySchedule.js'

const params = { backbone: [new Float32Array([1, 2]), 3], head: { kernel: new Float64Array([4]), bias: null }, tail: 5 }
const grads = { backbone: [new Float32Array([8, -4]), 2], head: { kernel: new Float64Array([6]), bias: null }, tail: 1 }
const labels = { backbone: ['slow', 'fast'], head: { kernel: 'slow', bias: null }, tail: 'keep' } as const
const factors = { slow: 0.25, fast: -2, keep: 1 }

const emittedBy = (tx: ReturnType<typeof scaleByLabel>) => tx.update(grads, tx.init(params), params)[0]

describe('scaleByLabel', () => {
  test('is the factor of the label times g', () => {
    fc.assert(
      fc.property(aCourse(), aRate, aRate, (course, one, other) =>
        expectOracle(scaleByLabel({ one, other }, 'one'), course, (h) => one * last(h))
      )
    )
    expect(emittedBy(scaleByLabel(factors, labels))).toStrictEqual({
      backbone: [new Float32Array([2, -1]), -4],
      head: { kernel: new Float64Array([1.5]), bias: null },
      tail: 1
    })
  })

  test('asks schedules for the value at the step, from 0', () => {
    const falling = linearSchedule({ initValue: 8, endValue: 0, transitionSteps: 8 })
    fc.assert(
      fc.property(aCourse(), (course) => {
        expectOracle(scaleByLabel({ a: falling }, 'a'), course, (h) => (9 - h.length) * last(h))
        expectSame(scaleByLabel({ a: falling }, 'a'), scaleBySchedule(falling), course)
      })
    )
  })

  test('takes a number for its constant schedule, bit for bit, with the same state', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) =>
        expectSame(scaleByLabel({ a: rate }, 'a'), scaleByLabel({ a: constantSchedule(rate) }, 'a'), course)
      )
    )
    expect(scaleByLabel({ a: 1 }, 'a').update({ w: 1 }, { count: 4 }, { w: 1 })[1]).toStrictEqual({ count: 5 })
  })

  test('is partition into scales, for labels of any form', () => {
    const isArray = (values: Tree<Leaf>) => tree.map((p) => (typeof p === 'object' ? 'slow' : 'fast'), values)
    for (const form of [labels, isArray, 'fast', { backbone: 'slow', head: 'fast', tail: 'keep' }] as const) {
      const parts = partition({ slow: scale(0.25), fast: scale(-2), keep: scale(1) }, form)
      expect(emittedBy(scaleByLabel(factors, form))).toStrictEqual(parts.update(grads, parts.init(params), params)[0])
    }
  })

  test('is the identity for factors of 1, bit for bit', () => {
    fc.assert(fc.property(aCourse(), (course) => expectSame(scaleByLabel({ a: 1, b: 0 }, 'a'), identity(), course)))
  })

  test('is linear: a factor may stand before or after', () => {
    fc.assert(
      fc.property(aCourse(), fc.constantFrom(-1, 2, 0.25), (course, factor) => {
        const tx = scaleByLabel({ a: 0.3 }, 'a')
        expectSame(chain(scale(factor), tx), chain(tx, scale(factor)), course)
      })
    )
  })

  test('refuses at init labels that do not fit the params', () => {
    const tx = scaleByLabel(factors, { backbone: 'slow', head: 'fast', tail: 'keep', more: 'keep' })
    expect(() => tx.init(params)).toThrow(InvalidTree)
    expect(() => tx.init(params)).toThrow('scaleByLabel: ')
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByLabel({ a: 0.3 }, 'a'))
    expectFloat32InChain(scaleByLabel({ a: 0.3 }, 'a'))
  })

  const factor = (value: unknown) => () => scaleByLabel({ slow: value as number }, 'slow')
  refuses([
    ['scaleByLabel: factors.slow must be a finite number or a schedule, got NaN', factor(Number.NaN)],
    ['scaleByLabel: factors.slow must be a finite number or a schedule, got "1"', factor('1')],
    ['scaleByLabel: labels must be one of "slow", "fast", "keep", got "quick"', () => scaleByLabel(factors, 'quick')],
    [
      'scaleByLabel: labels.head must be one of "slow", "fast", "keep", got "quick"',
      () => scaleByLabel(factors, { backbone: 'slow', head: 'quick', tail: 'keep' })
    ],
    [
      'scaleByLabel: labels.head.kernel must be one of "slow", "fast", "keep", got "toString"',
      () =>
        scaleByLabel(factors, () => ({
          backbone: 'slow',
          head: { kernel: 'toString', bias: null },
          tail: 'keep'
        })).init(params)
    ],
    [
      'scaleByLabel: factors must be an object with a value for each label, got 0.5',
      // @ts-expect-error -- there is a factor for each label
      () => scaleByLabel(0.5, 'slow')
    ],
    [
      'scaleByLabel: the value of the schedule at step 0 must be a finite number, got undefined',
      () => scaleByLabel({ a: (() => undefined) as unknown as () => number }, 'a').init({ w: 1 })
    ]
  ])
})
