import { applyUpdates, chain, identity } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { momentum, plain, run, timesValue } from '../internal/testing/parts.js'
import { aTrajectory, textOf } from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scale } from '../scaling/scale.js'
import { scaleBySchedule } from '../scaling/scaleBySchedule.js'
import { type SwitchTransformOptions, switchTransform } from './switchTransform.js'

const another = () => chain(momentum(), scale(-0.5))

describe('switchTransform', () => {
  test('one transformation is that transformation', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        expect(textOf(run(switchTransform([momentum()], { boundaries: [] }), trajectory).updates)).toBe(
          textOf(run(momentum(), trajectory).updates)
        )
      })
    )
  })

  test('each does what it does alone with the gradients and params of its own steps', () => {
    fc.assert(
      fc.property(aTrajectory(undefined, 8), fc.integer({ min: 1, max: 6 }), (trajectory, at) => {
        const found = run(switchTransform([momentum(), another()], { boundaries: [at] }), trajectory)
        const first = run(momentum(), { ...trajectory, grads: trajectory.grads.slice(0, at) })
        const here = first.params.at(-1) ?? trajectory.params
        const second = run(another(), { params: here, grads: trajectory.grads.slice(at) })
        expect(textOf(found.updates)).toBe(textOf([...first.updates, ...second.updates]))
      })
    )
  })

  test('one that is warm for some steps has seen their gradients', () => {
    fc.assert(
      fc.property(
        aTrajectory(undefined, 8),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 8 }),
        (trajectory, at, warm) => {
          const found = run(switchTransform([scale(-1), momentum()], { boundaries: [at], warm }), trajectory)
          const { init, update } = plain(momentum())
          let state = init(trajectory.params)
          let params = trajectory.params
          trajectory.grads.forEach((g, t) => {
            const [u, next] = update(g, state, params)
            if (t >= at - warm) state = next
            const wanted = t < at ? plain(scale(-1)).update(g, {}, params)[0] : u
            expect(textOf(found.updates[t])).toBe(textOf(wanted))
            params = applyUpdates(params, wanted)
          })
        }
      )
    )
  })

  test('equal transformations that are warm from the first are one', () => {
    fc.assert(
      fc.property(aTrajectory(undefined, 8), (trajectory) => {
        const three = switchTransform([another(), another(), another()], { boundaries: [2, 3], warm: Infinity })
        expect(textOf(run(three, trajectory).updates)).toBe(textOf(run(another(), trajectory).updates))
      })
    )
  })

  test('a schedule counts from where its transformation was first given gradients', () => {
    const fading = () => scaleBySchedule(linearSchedule({ initValue: 4, endValue: 0, transitionSteps: 4 }))
    const emitted = (warm: number) => {
      const tx = switchTransform([identity(), fading()], { boundaries: [2], warm })
      return run(tx, { params: 0, grads: [1, 1, 1, 1] }).updates
    }
    expect(emitted(0)).toStrictEqual([1, 1, 4, 3])
    expect(emitted(1)).toStrictEqual([1, 1, 3, 2])
    expect(emitted(Infinity)).toStrictEqual([1, 1, 2, 1])
  })

  test('hands extra arguments on, also to one that only warms up', () => {
    const tx = switchTransform([scale(-1), timesValue()], { boundaries: [1], warm: 1 })
    const [, state] = tx.update({ w: 3 }, tx.init({ w: 1 }), { w: 1 }, { value: 2 })
    expect(tx.update({ w: 3 }, state, { w: 1 }, { value: 4 })[0]).toStrictEqual({ w: 12 })
    // @ts-expect-error -- the value is missing
    expect(() => tx.update({ w: 3 }, state, { w: 1 })).toThrow()
  })

  wrapperLaws('switchTransform', (inner) => switchTransform([scale(-0.5), inner], { boundaries: [2], warm: 1 }))

  const make = (options: object) => () =>
    switchTransform([scale(1), scale(2), scale(3)], options as SwitchTransformOptions)
  refuses([
    [
      'switchTransform: transforms must be a list of at least one, got []',
      () => switchTransform([], { boundaries: [] })
    ],
    ['switchTransform: boundaries must be 2 rising whole numbers ≥ 1, got [3]', make({ boundaries: [3] })],
    ['switchTransform: boundaries must be 2 rising whole numbers ≥ 1, got [3, 3]', make({ boundaries: [3, 3] })],
    ['switchTransform: boundaries must be 2 rising whole numbers ≥ 1, got [0, 3]', make({ boundaries: [0, 3] })],
    ['switchTransform: boundaries must be 2 rising whole numbers ≥ 1, got 3', make({ boundaries: 3 })],
    ['switchTransform: warm must be a whole number ≥ 0 or Infinity, got -1', make({ boundaries: [1, 2], warm: -1 })],
    ['switchTransform: warm must be a whole number ≥ 0 or Infinity, got 0.5', make({ boundaries: [1, 2], warm: 0.5 })]
  ])
})
