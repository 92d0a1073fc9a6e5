import { chain, identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectGolden, refuses } from '../internal/testing/courses.js'
import { momentum, run, timesValue } from '../internal/testing/parts.js'
import { aDyadic, aTrajectory, textOf } from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import { conditionallyTransform } from './conditionallyTransform.js'

const somePattern = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 })

describe('conditionallyTransform', () => {
  test('passes updates through where the condition does not hold; inner sees only the others', () => {
    fc.assert(
      fc.property(aTrajectory(aDyadic), somePattern, (trajectory, pattern) => {
        const holds = (step: number) => pattern[step % pattern.length] === true
        const { updates, states } = run(conditionallyTransform(trace(0.5), holds), trajectory)
        const seen = trajectory.grads.filter((_, t) => holds(t))
        const alone = run(trace(0.5), { params: trajectory.params, grads: seen })
        let at = 0
        const wanted = trajectory.grads.map((g, t) => (holds(t) ? alone.updates[at++] : g))
        expect(textOf(updates)).toBe(textOf(wanted))
        expect(textOf(states.at(-1)?.innerState)).toBe(textOf(alone.states.at(-1)))
        expect(states.at(-1)?.step).toBe(trajectory.grads.length)
      })
    )
  })

  test('always true is inner, always false the identity', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const text = (tx: Parameters<typeof run>[0]) => textOf(run(tx, trajectory).updates)
        expect(text(conditionallyTransform(momentum(), () => true))).toBe(text(momentum()))
        expect(text(conditionallyTransform(momentum(), () => false))).toBe(text(identity()))
      })
    )
  })

  test('agrees with Optax', () => {
    expectGolden(
      conditionallyTransform(trace(0.5), (step) => step % 2 === 1),
      [
        [0.5, -2, 3],
        [1.5, 0.25, -1],
        [-0.75, -2, 0.125],
        [0.75, 1.125, 3.5]
      ]
    )
  })

  test('shows the condition what the update is given, and hands it on', () => {
    const tx = chain(conditionallyTransform(timesValue(), (step, { value }) => step > 0 && value < 5))
    const params = { w: 0 }
    let state = tx.init(params)
    const emissions = [2, 3, 8].map((value) => {
      const [u, next] = tx.update({ w: 1 }, state, params, { value })
      state = next
      return u.w
    })
    expect(emissions).toStrictEqual([1, 3, 1])
  })

  refuses([
    // @ts-expect-error -- the condition is a function
    ['conditionallyTransform: condition must be a function, got true', () => conditionallyTransform(scale(1), true)],
    [
      'conditionallyTransform: condition(0) must be true or false, got 1',
      () => {
        // @ts-expect-error -- a condition gives a boolean
        const tx = conditionallyTransform(scale(1), () => 1)
        tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 })
      }
    ]
  ])
})

wrapperLaws('conditionallyTransform', (inner) => conditionallyTransform(inner, (step) => step % 2 === 0))
wrapperLaws('conditionallyTransform', (inner) => conditionallyTransform(inner, (step) => step > 1))
