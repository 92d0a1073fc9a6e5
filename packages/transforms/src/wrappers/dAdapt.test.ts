import { type AnyGradientTransformation, chain, step } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, expectSame, refuses } from '../internal/testing/courses.js'
import {
  dot,
  expectPath,
  length,
  path,
  plus,
  START,
  scaled,
  slope,
  type Vector
} from '../internal/testing/sharpness.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { scaleByRss } from '../moments/scaleByRss.js'
import { ema } from '../momentum/ema.js'
import { scaleByLion } from '../momentum/scaleByLion.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import { type DAdaptOptions, dAdapt } from './dAdapt.js'

const l1 = (a: Vector): number => a.reduce((sum, x) => sum + Math.abs(x), 0)

/** d-Adaptation of gradient descent with momentum, as the authors have it: x is pulled towards z. */
const sgd = (d0: number, momentum: number, steps: number): readonly Vector[] => {
  const first = length(slope(START))
  let [x, s, d, numerator]: [Vector, Vector, number, number] = [START, [0, 0, 0], d0, 0]
  return Array.from({ length: steps }, () => {
    const g = slope(x)
    const size = d / first
    numerator += size * dot(g, s)
    s = plus(s, g, size)
    d = Math.max(d, (2 * numerator) / length(s))
    const z = plus(START, s, -1)
    x = plus(scaled(x, momentum), z, 1 - momentum)
    return x
  })
}

/** Of Lion: signs are summed up, and the sums decay. */
const lion = (d0: number, b1: number, b2: number, steps: number): readonly Vector[] => {
  const root = Math.sqrt(b2)
  let [x, s, m, d, numerator]: [Vector, Vector, Vector, number, number] = [START, [0, 0, 0], [0, 0, 0], d0, 0]
  return Array.from({ length: steps }, () => {
    const g = slope(x)
    const signs = plus(scaled(m, b1), g, 1 - b1).map(Math.sign)
    m = plus(scaled(m, b2), g, 1 - b2)
    numerator = root * numerator + (1 - root) * d * dot(signs, s)
    x = plus(x, signs, -d)
    s = plus(scaled(s, root), signs, (1 - root) * d)
    d = Math.max(d, numerator / ((1 - root) * l1(s)))
    return x
  })
}

/** Along gradients, around what makes a step of a gradient. */
const along = (d0: number, decay: number, steps: number, inner: () => (g: Vector) => Vector): readonly Vector[] => {
  const make = inner()
  let [x, s, d, r]: [Vector, Vector, number, number] = [START, [0, 0, 0], d0, 0]
  return Array.from({ length: steps }, () => {
    const g = slope(x)
    r = decay * r + d * dot(g, plus(START, x, -1))
    s = plus(scaled(s, decay), g, d)
    x = plus(x, make(g), d)
    d = Math.max(d, r / l1(s))
    return x
  })
}

const adagrad = () => {
  let squares: Vector = [0, 0, 0]
  return (g: Vector): Vector => {
    squares = plus(
      squares,
      g.map((x) => x * x)
    )
    return g.map((x, i) => -x / Math.sqrt(squares[i] as number))
  }
}

const adam = () => {
  let [m, v, t]: [Vector, Vector, number] = [[0, 0, 0], [0, 0, 0], 0]
  return (g: Vector): Vector => {
    t++
    m = plus(scaled(m, 0.9), g, 0.1)
    v = plus(
      scaled(v, 0.99),
      g.map((x) => x * x),
      0.01
    )
    return m.map((x, i) => -x / (1 - 0.9 ** t) / (Math.sqrt((v[i] as number) / (1 - 0.99 ** t)) + 1e-8))
  }
}

/** The estimates on the way down a convex loss. */
const estimates = (tx: ReturnType<typeof dAdapt>, start: Vector, gradient: (x: Vector) => Vector, steps: number) => {
  let params = Float64Array.from(start)
  let state = tx.init(params)
  return Array.from({ length: steps }, () => {
    ;[params, state] = step(tx, Float64Array.from(gradient([...params])), state, params)
    return state.estimLr as number
  })
}

describe('dAdapt', () => {
  test('of gradient descent is that of the paper, with momentum and without', () => {
    const options = { along: 'updates', norm: 'l2', estimLrCoef: 2, estimLr0: 0.01 } as const
    const descent = () => dAdapt(scale(-1 / length(slope(START))), 1, options)
    expectPath(path(descent(), 30), sgd(0.01, 0, 30))
    expectPath(path(chain(descent(), ema(0.9, { debias: false })), 30), sgd(0.01, 0.9, 30))
  })

  test('of Lion is that of the authors, whose mean is weighted by d', () => {
    const tx = dAdapt(chain(scaleByLion({ b1: 0.8, b2: 0.9 }), scale(-1)), 1, {
      along: 'updates',
      decay: Math.sqrt(0.9),
      estimLr0: 0.01
    })
    expectPath(path(tx, 30), lion(0.01, 0.8, 0.9, 30))
  })

  test('of AdaGrad and of Adam is its definition', () => {
    const rss = chain(scaleByRss({ initialAccumulatorValue: 0, eps: 0 }), scale(-1))
    expectPath(path(dAdapt(rss, 1, { estimLr0: 0.01 }), 30), along(0.01, 1, 30, adagrad))
    const moments = chain(scaleByAdam({ b1: 0.9, b2: 0.99 }), scale(-1))
    expectPath(path(dAdapt(moments, 1, { estimLr0: 0.01, decay: 0.995 }), 30), along(0.01, 0.995, 30, adam))
  })

  test('its estimate never falls, and is at most the distance to the solution, whatever it is around', () => {
    const some = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 2, maxLength: 2 })
    const inner = fc.constantFrom<() => AnyGradientTransformation>(
      () => scale(-1),
      () => chain(trace(0.9), scale(-0.1)),
      () => chain(scaleByAdam(), scale(-1)),
      () => chain(scaleByLion(), scale(-1)),
      () => chain(scaleByRss(), scale(-1)),
      // Uphill, too.
      () => scale(0.5)
    )
    fc.assert(
      fc.property(some, some, inner, fc.constantFrom('l1' as const, 'l2' as const), (start, goal, make, norm) => {
        // f = Σ |x − goal| + Σ (x − goal)² / 2
        const gradient = (x: Vector) => x.map((a, i) => Math.sign(a - (goal[i] as number)) + (a - (goal[i] as number)))
        const way = plus(start, goal, -1)
        const distance = norm === 'l2' ? length(way) : Math.max(...way.map(Math.abs))
        const found = estimates(dAdapt(make(), 1, { norm, estimLr0: 1e-3 }), start, gradient, 40)
        let before = 1e-3
        for (const d of found) {
          expect(d).toBeGreaterThanOrEqual(before)
          before = d
        }
        expect(before).toBeLessThanOrEqual(Math.max(1e-3, distance * (1 + 1e-9)))
      })
    )
  })

  test('by default begins at 1e-6, and finds what is 30 away', () => {
    const tx = dAdapt(scale(-1))
    const found = estimates(tx, [30, -20], (x) => x.map(Math.sign), 200)
    expect(found[0]).toBe(1e-6)
    expect(found.at(-1)).toBeGreaterThan(1)
    expect(found.at(-1)).toBeLessThanOrEqual(30)
  })

  test('grows no more than it may in one step', () => {
    const found = estimates(dAdapt(scale(-1), 1, { growthRate: 1.02 }), [30, -20], (x) => x.map(Math.sign), 100)
    found.reduce((before, d) => {
      expect(d).toBeLessThanOrEqual(before * 1.02)
      return d
    }, 1e-6)
    expect(found.at(-1)).toBeGreaterThan(5e-6)
  })

  test('the first update is d₀ α(0) times that of the inner transformation, bit for bit', () => {
    const rate = linearSchedule({ initValue: 0.5, endValue: 1, transitionSteps: 4 })
    fc.assert(
      fc.property(aCourse(), ({ params, gradients }) => {
        const once = { params, gradients: gradients.slice(0, 1) }
        expectSame(dAdapt(scaleByAdam(), rate, { estimLr0: 0.25 }), chain(scaleByAdam(), scale(0.125)), once)
      })
    )
  })

  test('takes a number for its constant schedule', () => {
    fc.assert(
      fc.property(aCourse(), (course) =>
        expectSame(dAdapt(scale(-1), 0.5), dAdapt(scale(-1), constantSchedule(0.5)), course)
      )
    )
  })

  test('keeps its estimate while all gradients have been zero', () => {
    for (const along of ['gradients', 'updates'] as const) {
      const tx = dAdapt(scale(-1), 1, { along, estimLr0: 0.5 })
      const params = { w: new Float32Array([1, 2]) }
      const [, state] = tx.update({ w: new Float32Array(2) }, tx.init(params), params)
      expect(state.estimLr).toBe(0.5)
    }
  })

  test('starts from the params of the first update, not from those of init', () => {
    const tx = dAdapt(scale(-1))
    const [, state] = tx.update({ w: 1 }, tx.init({ w: 0 }), { w: 7 })
    expect(state.x0).toStrictEqual({ w: 7 })
    expect(dAdapt(scale(-1), 1, { along: 'updates' }).init({ w: 0 }).x0).toBe(null)
  })

  wrapperLaws('dAdapt', (inner) => dAdapt(inner, 1, { estimLr0: 0.5 }))

  const make = (options: object) => () => dAdapt(scale(-1), 1, options as DAdaptOptions)
  refuses([
    ['dAdapt: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => dAdapt(scale(-1), -1)],
    ['dAdapt: estimLr0 must be a finite number > 0, got 0', make({ estimLr0: 0 })],
    ['dAdapt: estimLrCoef must be a finite number > 0, got 0', make({ estimLrCoef: 0 })],
    ['dAdapt: growthRate must be a number > 1, got 1', make({ growthRate: 1 })],
    ['dAdapt: along must be one of "gradients", "updates", got "steps"', make({ along: 'steps' })],
    ['dAdapt: norm must be one of "l1", "l2", got "max"', make({ norm: 'max' })],
    ['dAdapt: decay must be in (0, 1], got 0', make({ decay: 0 })]
  ])
})
