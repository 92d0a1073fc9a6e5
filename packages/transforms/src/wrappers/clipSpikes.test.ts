import { applyUpdates, chain, identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, aDecay, emitted, expectOracle, expectSame, last, refuses } from '../internal/testing/courses.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import { type ClipSpikesOptions, clipSpikes } from './clipSpikes.js'

/** What is given on of a history, the last of it, and the mean of squares after it. */
const boundedOf = (history: readonly number[], threshold: number, b2: number, grace: number) =>
  history.reduce(
    ({ v }, g, i) => {
      const limit = Math.sqrt(threshold * v)
      const given = i < grace || v === 0 ? g : Math.max(-limit, Math.min(limit, g))
      return { given, v: b2 * v + (1 - b2) * given * given }
    },
    { given: 0, v: 0 }
  )

const aThreshold = fc.constantFrom(0.5, 1, 4, 5000)

describe('clipSpikes', () => {
  test('bounds by what squares were so far, once enough were seen', () => {
    fc.assert(
      fc.property(aCourse(), aThreshold, aDecay, fc.nat(4), (course, threshold, b2, graceSteps) =>
        expectOracle(
          clipSpikes(scale(-3), { threshold, b2, graceSteps }),
          course,
          (history) => -3 * boundedOf(history, threshold, b2, graceSteps).given,
          {
            scale: (absolute, _, history) =>
              3 * last(absolute) + Math.abs(boundedOf(history, threshold, b2, graceSteps).given)
          }
        )
      )
    )
  })

  test('with the mean of squares of inner it is what it is with its own', () => {
    fc.assert(
      fc.property(
        aCourse(),
        aThreshold,
        aDecay,
        fc.constantFrom(undefined, 3),
        (course, threshold, b2, resetPeriod) => {
          const options = { threshold, b2, graceSteps: 1, resetPeriod, warmupSteps: 2 }
          expectSame(
            clipSpikes(scaleByAdam({ b2 }), { ...options, secondMoment: ({ nu }) => nu }),
            clipSpikes(scaleByAdam({ b2 }), options),
            course
          )
        }
      )
    )
  })

  test('is inner for gradients that stay the same', () => {
    fc.assert(
      fc.property(aCourse(), (course) => {
        const same = { ...course, gradients: course.gradients.map(() => course.gradients[0] as readonly number[]) }
        expectSame(clipSpikes(trace(0.9), { graceSteps: 8 }), trace(0.9), same)
        // After one of them v is a thousandth of the square.
        expectSame(clipSpikes(trace(0.9), { graceSteps: 1 }), trace(0.9), same)
      })
    )
  })

  test('is odd where inner is', () => {
    fc.assert(
      fc.property(aCourse(), aThreshold, (course, threshold) => {
        const tx = clipSpikes(trace(0.9), { threshold, graceSteps: 1, resetPeriod: 3 })
        expectSame(chain(scale(-1), tx), chain(tx, scale(-1)), course)
      })
    )
  })

  test('starts afresh after every period, with short updates for a while', () => {
    const tx = clipSpikes(trace(0.5), { resetPeriod: 3, warmupSteps: 2 })
    const course = { params: [0], gradients: Array.from({ length: 9 }, () => [1]) }
    // 1 − 0.99 (1 + cos 0) / 2 = 0.01, and a half of 0.99 less than 1 a step later.
    const wanted = [1, 1.5, 1.75, 0.01, 1.5 * 0.505, 1.75, 0.01, 1.5 * 0.505, 1.75]
    emitted(tx, course).forEach(([u], t) => {
      expect(Math.abs((u as number) - (wanted[t] as number))).toBeLessThan(1e-15)
    })
    const [, state] = tx.update({ w: 1 }, { ...tx.init({ w: 0 }), count: 3 }, { w: 0 })
    expect({ count: state.count, resets: state.resets }).toStrictEqual({ count: 1, resets: 1 })
  })

  test('lets the first gradient of an element pass, however late it comes', () => {
    const tx = clipSpikes(identity(), { graceSteps: 0 })
    let state = tx.init({ row: [0, 0] })
    for (let t = 0; t < 30; t++) state = tx.update({ row: [1, 0] }, state, { row: [0, 0] })[1]
    expect(tx.update({ row: [1e6, 1e6] }, state, { row: [0, 0] })[0].row[1]).toBe(1e6)
    expect(tx.update({ row: [1e6, 1e6] }, state, { row: [0, 0] })[0].row[0]).toBeLessThan(1e2)
  })

  test('a spike that undoes a run without it does not with it', () => {
    // A bowl, and one gradient in fifty a thousand times too large.
    const descend = (tx: ReturnType<typeof chain>) => {
      let w = 1
      let state = tx.init(w)
      for (let t = 1; t <= 200; t++) {
        const [u, next] = tx.update(w * (t % 50 === 0 ? -1e4 : 1) + 0.1 * Math.cos(t), state, w)
        w = applyUpdates(w, u)
        state = next
      }
      return Math.abs(w)
    }
    const adam = scaleByAdam({ b2: 0.9 })
    const spared = descend(
      chain(clipSpikes(adam, { threshold: 20, b2: 0.9, secondMoment: ({ nu }) => nu }), scale(-0.03))
    )
    expect(spared).toBeLessThan(descend(chain(adam, scale(-0.03))))
  })

  wrapperLaws('clipSpikes', (inner) =>
    clipSpikes(inner, { threshold: 2, graceSteps: 1, resetPeriod: 2, warmupSteps: 3 })
  )

  const make = (options: object) => () => clipSpikes(identity(), options as ClipSpikesOptions)
  refuses([
    ['clipSpikes: threshold must be a finite number > 0, got 0', make({ threshold: 0 })],
    ['clipSpikes: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    ['clipSpikes: graceSteps must be a whole number ≥ 0, got -1', make({ graceSteps: -1 })],
    ['clipSpikes: warmupSteps must be a whole number ≥ 0, got 0.5', make({ warmupSteps: 0.5 })],
    ['clipSpikes: resetPeriod must be a whole number ≥ 1, got 0', make({ resetPeriod: 0 })],
    ['clipSpikes: secondMoment must be a function, got "nu"', make({ secondMoment: 'nu' })],
    ['clipSpikes: nuDtype must be one of "float32", "float64", "bfloat16", "float16", got 32', make({ nuDtype: 32 })]
  ])
})
