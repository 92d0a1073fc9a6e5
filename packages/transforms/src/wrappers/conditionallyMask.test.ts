import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectGolden, refuses } from '../internal/testing/courses.js'
import { momentum, run, timesValue } from '../internal/testing/parts.js'
import { aDyadic, aTrajectory, mapElements, mapLeaves, textOf } from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import { setToZero } from '../selection/setToZero.js'
import { conditionallyMask } from './conditionallyMask.js'

const somePattern = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 })

describe('conditionallyMask', () => {
  test('gives zero where the condition does not hold; the gradients of these steps might as well not have been', () => {
    fc.assert(
      fc.property(aTrajectory(aDyadic), somePattern, (trajectory, pattern) => {
        const holds = (step: number) => pattern[step % pattern.length] === true
        const { updates, states } = run(conditionallyMask(momentum(), holds), trajectory)
        const seen = trajectory.grads.filter((_, t) => holds(t))
        const alone = run(momentum(), { params: trajectory.params, grads: seen })
        const zeros = mapLeaves(trajectory.params, (p) => mapElements(p, () => 0))
        let at = 0
        expect(textOf(updates)).toBe(textOf(trajectory.grads.map((_, t) => (holds(t) ? alone.updates[at++] : zeros))))
        expect(textOf(states.at(-1)?.innerState)).toBe(textOf(alone.states.at(-1)))
        expect(states.at(-1)?.step).toBe(trajectory.grads.length)
      })
    )
  })

  test('always true is inner, always false sets to zero', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const text = (tx: Parameters<typeof run>[0]) => textOf(run(tx, trajectory).updates)
        expect(text(conditionallyMask(momentum(), () => true))).toBe(text(momentum()))
        expect(text(conditionallyMask(momentum(), () => false))).toBe(text(setToZero()))
      })
    )
  })

  test('what does not act is zero even where it is no number', () => {
    const tx = conditionallyMask(scale(1), (step) => step > 0)
    const params = { w: [1, new Float32Array(2)] }
    const grads = { w: [NaN, new Float32Array([Infinity, NaN])] }
    expect(textOf(tx.update(grads, tx.init(params), params)[0])).toBe('{ w: [0, Float32Array(0 0)] }')
  })

  test('agrees with Optax', () => {
    expectGolden(
      conditionallyMask(trace(0.5), (step) => step % 2 === 1),
      [
        [0, 0, 0],
        [1.5, 0.25, -1],
        [0, 0, 0],
        [0.75, 1.125, 3.5]
      ]
    )
  })

  test('shows the condition what the update is given, and hands it on', () => {
    const tx = chain(conditionallyMask(timesValue(), (_, { value }) => value < 5))
    const params = { w: 0 }
    expect(tx.update({ w: 2 }, tx.init(params), params, { value: 3 })[0]).toStrictEqual({ w: 6 })
    expect(tx.update({ w: 2 }, tx.init(params), params, { value: 8 })[0]).toStrictEqual({ w: 0 })
  })

  refuses([
    // @ts-expect-error -- the condition is a function
    ['conditionallyMask: condition must be a function, got undefined', () => conditionallyMask(scale(1))],
    [
      'conditionallyMask: condition(7) must be true or false, got undefined',
      () => {
        // @ts-expect-error -- a condition gives a boolean
        const tx = conditionallyMask(scale(1), () => undefined)
        tx.update({ w: 1 }, { step: 7, innerState: {} }, { w: 1 })
      }
    ]
  ])
})

wrapperLaws('conditionallyMask', (inner) => conditionallyMask(inner, (step) => step % 2 === 0))
wrapperLaws('conditionallyMask', (inner) => conditionallyMask(inner, (step) => step !== 1))
