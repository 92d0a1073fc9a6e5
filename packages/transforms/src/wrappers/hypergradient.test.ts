import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, aDyadic, expectDtypesKept, expectSame, refuses } from '../internal/testing/courses.js'
import { dot, expectPath, length, path, plus, START, slope, type Vector } from '../internal/testing/sharpness.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import { type HypergradientOptions, hypergradient } from './hypergradient.js'

/** As the paper has it, around SGD with momentum. */
const defined = (rule: HypergradientOptions['rule'], rate: number, beta: number, momentum: number, steps: number) => {
  let w = START
  let alpha = rate
  let velocity: Vector = START.map(() => 0)
  return Array.from({ length: steps }, (): Vector => {
    const g = slope(w)
    const along = dot(g, velocity)
    const lengths = length(g) * length(velocity)
    alpha = rule === 'additive' ? alpha + beta * along : alpha * (1 + (lengths === 0 ? 0 : (beta * along) / lengths))
    alpha = Math.max(alpha, 0)
    velocity = plus(g, velocity, momentum)
    w = plus(w, velocity, -alpha)
    return w
  })
}

describe('hypergradient', () => {
  test.each([
    ['additive', 0.02, 0.003],
    ['multiplicative', 0.02, 0.5]
  ] as const)('is the definition where it is %s', (rule, learningRate, hyperLearningRate) => {
    const tx = hypergradient(chain(trace(0.5), scale(-1)), { learningRate, hyperLearningRate, rule })
    expectPath(path(tx, 20), defined(rule, learningRate, hyperLearningRate, 0.5, 20), 9)
  })

  test.each(['additive', 'multiplicative'] as const)(
    'with β = 0 it is the inner transformation times α, %s',
    (rule) => {
      fc.assert(
        fc.property(aCourse(aDyadic), (course) =>
          expectSame(
            hypergradient(trace(0.5), { learningRate: 0.25, hyperLearningRate: 0, rule }),
            chain(trace(0.5), scale(0.25)),
            course
          )
        )
      )
    }
  )

  test('is never below 0, and gets away from there', () => {
    const tx = hypergradient(scale(-1), { learningRate: 1, hyperLearningRate: 1 })
    const params = { w: 0 }
    let state = tx.init(params)
    let emitted = { w: 0 }
    const rates = [2, -3, 1, 2].map((w) => {
      ;[emitted, state] = tx.update({ w }, state, params)
      return [state.learningRate, emitted.w]
    })
    expect(rates).toStrictEqual([
      [1, -2],
      [0, 0],
      [0, -0],
      [2, -4]
    ])
  })

  test('a scaled loss changes nothing where it multiplies and the inner transformation is blind to scale', () => {
    const signs = () => chain(scaleByAdam({ b1: 0, b2: 0, eps: 0 }), scale(-1))
    const options = { learningRate: 0.1, hyperLearningRate: 0.25, rule: 'multiplicative' } as const
    const rateAfter = (gradients: readonly number[]) => {
      const tx = hypergradient(signs(), options)
      let state = tx.init({ w: 0 })
      for (const w of gradients) [, state] = tx.update({ w }, state, { w: 0 })
      return state.learningRate
    }
    fc.assert(
      fc.property(fc.array(aDyadic), (gradients) => {
        expect(rateAfter(gradients.map((g) => g * 1024))).toBe(rateAfter(gradients))
      })
    )
  })

  test('changes its rate by at most the share β where it multiplies', () => {
    const tx = hypergradient(scale(-1), { learningRate: 1, hyperLearningRate: 0.25, rule: 'multiplicative' })
    let state = tx.init({ w: [0, 0] })
    for (const w of [
      [3, 4],
      [6, 8],
      [0, 0],
      [-3, -4]
    ])
      [, state] = tx.update({ w }, state, { w: [0, 0] })
    expect(state.learningRate).toBeCloseTo(1.25, 15)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(hypergradient(scale(-1), { learningRate: 0.1, hyperLearningRate: 1e-3 }))
  })

  wrapperLaws('hypergradient', (inner) => hypergradient(inner, { learningRate: 0.5, hyperLearningRate: 1e-3 }))

  const make = (options: object) => () => hypergradient(scale(-1), options as HypergradientOptions)
  refuses([
    ['hypergradient: learningRate must be a finite number ≥ 0, got undefined', make({ hyperLearningRate: 1 })],
    ['hypergradient: hyperLearningRate must be a finite number ≥ 0, got undefined', make({ learningRate: 1 })],
    [
      'hypergradient: learningRate must be a finite number ≥ 0, got -1',
      make({ learningRate: -1, hyperLearningRate: 0 })
    ],
    [
      'hypergradient: hyperLearningRate must be a finite number ≥ 0, got NaN',
      make({ learningRate: 1, hyperLearningRate: Number.NaN })
    ],
    [
      'hypergradient: rule must be one of "additive", "multiplicative", got "both"',
      make({ learningRate: 1, hyperLearningRate: 0, rule: 'both' })
    ]
  ])
})
