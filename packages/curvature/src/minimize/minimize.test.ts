import {
  add,
  log,
  mul,
  type NdArray,
  ndarray,
  type Operand,
  square,
  sub,
  sum,
  sumSquares,
  type Value
} from '@gradchain/core'
import { adam, sgd } from '@gradchain/optimizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bfgs } from '../methods/bfgs.js'
import { conjugateGradient } from '../methods/conjugateGradient.js'
import { newton } from '../methods/newton.js'
import { sr1 } from '../methods/sr1.js'
import type { MinimizeMethod } from './method.js'
import { type MinimizeOptions, minimize } from './minimize.js'

const methods = {
  bfgs: bfgs(),
  sr1: sr1(),
  newton: newton(),
  'newton by line searches': newton({ damping: 'lineSearch' }),
  'conjugateGradient, Polak–Ribière': conjugateGradient(),
  'conjugateGradient, Fletcher–Reeves': conjugateGradient({ beta: 'fletcherReeves' }),
  'conjugateGradient, Hager–Zhang': conjugateGradient({ beta: 'hagerZhang' })
} satisfies Record<string, MinimizeMethod>

const all = Object.entries(methods)
const withoutHessian = all.filter(([name]) => !name.startsWith('newton'))

type Pair = readonly [value: number, gradient: Float64Array]

/** Σ (x − 3)² */
const bowl = (x: Float64Array): Pair => [
  x.reduce((total, xi) => total + (xi - 3) * (xi - 3), 0),
  x.map((xi) => 2 * (xi - 3))
]

/** What is asked of f, counted. */
const watched = (f: (x: Float64Array) => Pair) => {
  const asked: Float64Array[] = []
  const values: number[] = []
  return {
    asked,
    values,
    f: (x: Float64Array): Pair => {
      asked.push(x.slice())
      const [value, gradient] = f(x)
      values.push(value)
      return [value, gradient]
    }
  }
}

const curvature = (c: number): Pick<MinimizeOptions<Float64Array>, 'hvp'> => ({
  hvp: (_, v) => (v as Float64Array).map((vi) => c * vi)
})

const from = (...x: readonly number[]): Float64Array => Float64Array.from(x)

describe.each(all)('%s', (_, method) => {
  test('finds the minimum of a bowl, and says how', () => {
    const { f, asked } = watched(bowl)
    const found = minimize(f, from(-1, 7), { method, ...curvature(2) })
    expect(found.reason).toBe('gradient')
    expect(found.success).toBe(true)
    for (const xi of found.x) expect(xi).toBeCloseTo(3, 7)
    expect(found.value).toBeLessThan(1e-14)
    expect(found.evaluations.values).toBe(asked.length)
    expect(found.evaluations.gradients).toBe(asked.length)
    expect(found.gradient).toStrictEqual(bowl(found.x)[1])
  })

  test('a start at the minimum, or where f is flat, is the end after one evaluation', () => {
    for (const f of [bowl, (x: Float64Array): Pair => [5, x.map(() => 0)]]) {
      const { steps, reason, evaluations, x } = minimize(f, from(3, 3), { method, ...curvature(0) })
      expect({ steps, reason, values: evaluations.values }).toStrictEqual({ steps: 0, reason: 'gradient', values: 1 })
      expect(x).toStrictEqual(from(3, 3))
    }
  })

  test('where f is NaN, it says so, and keeps the start', () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      const found = minimize((x: Float64Array): Pair => [value, x.map(() => 1)], from(1, 1), { method })
      expect(found.reason).toBe('notFinite')
      expect(found.success).toBe(false)
      expect(found.evaluations.values).toBe(1)
      expect(found.x).toStrictEqual(from(1, 1))
      expect(found.value).toBe(value)
    }
    const found = minimize((x: Float64Array): Pair => [1, x.map(() => Number.NaN)], from(1), { method })
    expect([found.reason, found.value]).toStrictEqual(['notFinite', 1])
  })

  test.each([Number.NaN, Infinity])(
    'where f is %s beyond a border, it ends on the near side, and not as a success',
    (bad) => {
      const f = (x: Float64Array): Pair => [x.some((xi) => xi > 1.5) ? bad : bowl(x)[0], bowl(x)[1]]
      const { reason, success, value, x, evaluations } = minimize(f, from(1, 1), { method, ...curvature(2) })
      expect(reason).toBe('notFinite')
      expect(success).toBe(false)
      expect(value).toBeCloseTo(4.5, 6)
      for (const xi of x) expect(xi).toBeLessThanOrEqual(1.5)
      expect(evaluations.values).toBeLessThan(400)
    }
  )

  test('a first trial beyond the border of a logarithm does not keep it from the minimum', () => {
    const barrier = (x: Operand): Value => sum(sub(mul(5, x), log(x)))
    const { x, success } = minimize(barrier, from(2), { method })
    expect(success).toBe(true)
    expect(x[0]).toBeCloseTo(0.2, 6)
  })

  test('a function without a lower bound ends, and not as a success', () => {
    const f = (x: Float64Array): Pair => [(x[0] ?? 0) + 2 * (x[1] ?? 0), from(1, 2)]
    const { reason, success, value, evaluations } = minimize(f, from(1, 1), { method, ...curvature(0) })
    expect(['notFinite', 'budget']).toContain(reason)
    expect(success).toBe(false)
    expect(Number.isFinite(value)).toBe(true)
    expect(value).toBeLessThan(-1e100)
    expect(evaluations.values).toBeLessThan(1200)
  })

  test('a gradient of the wrong sign moves nothing, and is no success', () => {
    const { f, asked } = watched((x) => [bowl(x)[0], bowl(x)[1].map((g) => -g)])
    const { reason, success, x } = minimize(f, from(1, 1), { method, ...curvature(2) })
    expect(['lineSearch', 'radius']).toContain(reason)
    expect(success).toBe(false)
    expect(x).toStrictEqual(from(1, 1))
    expect(asked.length).toBeLessThan(60)
  })

  test('a gradient where f is the same everywhere is told from a minimum', () => {
    const { reason, success, evaluations } = minimize((x: Float64Array): Pair => [5, x.map(() => 1)], from(1, 1), {
      method,
      ...curvature(0)
    })
    expect(reason).toBe('flat')
    expect(success).toBe(false)
    expect(evaluations.values).toBeLessThan(60)
  })

  test('|x| + |y| is gone down, and is no reason to hang', () => {
    const f = (x: Float64Array): Pair => [x.reduce((total, xi) => total + Math.abs(xi), 0), x.map(Math.sign)]
    const { value, success, evaluations } = minimize(f, from(1, 0.3), { method, maxSteps: 200, ...curvature(0) })
    expect(value).toBeLessThan(0.7)
    expect(success && value > 1e-9).toBe(false)
    expect(evaluations.values).toBeLessThan(200 * 50)
  })

  test('no point that is taken is higher than the one before, and the result is the lowest of all', () => {
    const { f, values } = watched(([x = 0, y = 0]) => [
      Math.sin(3 * x) + x * x * 0.1 + (y - x) * (y - x),
      from(3 * Math.cos(3 * x) + 0.2 * x - 2 * (y - x), 2 * (y - x))
    ])
    const taken: number[] = []
    const logged: MinimizeMethod = {
      ...method,
      next: (problem, point, state) => {
        const step = method.next(problem, point, state as never)
        taken.push(step.point.value - point.value)
        return step
      }
    } as MinimizeMethod
    const hvp: MinimizeOptions<Float64Array>['hvp'] = (at, v) => {
      const [x = 0] = at as Float64Array
      const [a = 0, b = 0] = v as Float64Array
      return from((-9 * Math.sin(3 * x) + 2.2) * a - 2 * b, 2 * b - 2 * a)
    }
    const { value } = minimize(f, from(4, -2), { method: logged, hvp })
    expect(Math.max(...taken)).toBeLessThanOrEqual(0)
    expect(value).toBe(Math.min(...values))
  })

  test('c f takes the path of f, from the smallest numbers to the largest', () => {
    const path = (c: number): readonly Float64Array[] => {
      const { f, asked } = watched((x) => [c * bowl(x)[0], bowl(x)[1].map((g) => c * g)])
      minimize(f, from(1, -2, 8), { method, ...curvature(2 * c) })
      return asked
    }
    // Powers of two: nothing is rounded.
    const scales = fc.constantFrom(2 ** -900, 2 ** -30, 2 ** -27, 0.5, 2 ** 27, 2 ** 40, 2 ** 900)
    fc.assert(
      fc.property(scales, (c) => {
        expect(path(c)).toStrictEqual(path(1))
      })
    )
  })

  test('there are no more steps and evaluations than there may be, and none that loop', () => {
    const steep = (x: Operand): Value => sumSquares(sub(square(x), 2))
    for (const maxSteps of [0, 1, 3]) {
      const found = minimize(steep, from(5), { method, maxSteps, tolerance: 0 })
      expect(found.steps).toBeLessThanOrEqual(maxSteps)
      expect(found.reason).toBe('budget')
      expect(found.success).toBe(false)
    }
    expect(minimize(steep, from(5), { method, maxSteps: 0 }).x).toStrictEqual(from(5))
    for (const maxEvaluations of [1, 2, 5]) {
      const found = minimize(steep, from(5), { method, maxEvaluations, tolerance: 0 })
      expect(found.evaluations.values).toBeLessThanOrEqual(maxEvaluations)
      expect(found.reason).toBe('budget')
    }
  })

  test('a step, or a decrease, that is small enough is the end', () => {
    const loose = minimize(quartic, from(5), { method, tolerance: 0, stepTolerance: 0.1 })
    expect(loose.reason).toBe('step')
    expect(loose.success).toBe(true)
    const coarse = minimize(quartic, from(5), { method, tolerance: 0, decreaseTolerance: 0.1 })
    expect(coarse.reason).toBe('decrease')
    expect(coarse.success).toBe(true)
  })

  test('params of float32 are searched down to their precision', () => {
    const f = ({ w, b }: { w: Operand; b: Operand }): Value =>
      add(sumSquares(sub(mul(w, new Float32Array([1, 2])), 1)), square(sub(b, 4)))
    const { x, success } = minimize(f, { w: new Float32Array(2), b: 0 }, { method })
    expect(success).toBe(true)
    expect(x.w).toBeInstanceOf(Float32Array)
    expect(x.w[0]).toBeCloseTo(1, 3)
    expect(x.w[1]).toBeCloseTo(0.5, 3)
    expect(x.b).toBeCloseTo(4, 3)
  })

  test('a tree and the vector of its numbers are one problem', () => {
    const scales = ndarray(from(1, 2, 3, 4), [2, 2])
    const f = ({ a, c }: { a: Operand; c: readonly Operand[] }): Value =>
      add(sumSquares(sub(mul(scales, a), 1)), sumSquares(sub(c[0] ?? 0, 2)))
    const asTree = minimize(f, { c: [0], a: ndarray(from(0, 0, 0, 0), [2, 2]) }, { method })
    const flat = (x: Operand): Value => sumSquares(sub(mul(from(1, 1, 2, 3, 4), x), from(2, 1, 1, 1, 1)))
    const asVector = minimize(flat, new Float64Array(5), { method })
    expect((asTree.x.a as NdArray<'float64'>).shape).toStrictEqual([2, 2])
    const numbers = [...asTree.x.c, ...(asTree.x.a as NdArray<'float64'>).data]
    numbers.forEach((xi, i) => {
      expect(xi).toBeCloseTo(asVector.x[i] ?? Number.NaN, 6)
    })
    expect(asTree.steps).toBe(asVector.steps)
  })
})

/** Σ (x − 1)⁴ */
const quartic = (x: Operand): Value => sumSquares(square(sub(x, 1)))

test.each(withoutHessian)('%s takes a saddle for a minimum: by gradients alone they look the same', (_, method) => {
  const saddle = (x: Float64Array): Pair => [
    (x[0] ?? 0) * (x[0] ?? 0) - (x[1] ?? 0) * (x[1] ?? 0),
    from(2 * (x[0] ?? 0), -2 * (x[1] ?? 0))
  ]
  expect(minimize(saddle, from(0, 0), { method }).reason).toBe('gradient')
})

test('the method is bfgs where none is named', () => {
  const f = (x: Operand): Value => sumSquares(sub(mul(from(1, 3), square(x)), 2))
  expect(minimize(f, from(1, 2))).toStrictEqual(minimize(f, from(1, 2), { method: bfgs() }))
})

test('an optimizer is a method, and the lowest point it met is what is given', () => {
  const f = (x: Operand): Value => sumSquares(sub(x, 3))
  const { x, reason, evaluations, steps } = minimize(f, from(0, 1), { method: adam(0.1), maxSteps: 300 })
  for (const xi of x) expect(xi).toBeCloseTo(3, 2)
  expect(reason).toBe('budget')
  expect(evaluations.values).toBe(steps + 1)
  // With this rate the values of sgd grow from step to step.
  const uphill = minimize(f, from(0, 1), { method: sgd(1.5), maxSteps: 5 })
  expect(uphill.x).toStrictEqual(from(0, 1))
  expect(uphill.steps).toBe(5)
})

test('an optimizer that does not move has failed; one that leaves all numbers says so', () => {
  const f = (x: Operand): Value => sumSquares(sub(x, 3))
  expect(minimize(f, from(0), { method: sgd(0) }).reason).toBe('lineSearch')
  const away = minimize((x: Operand): Value => mul(-1, sumSquares(x)), from(1), { method: sgd(1e200), maxSteps: 3 })
  expect(away.reason).toBe('notFinite')
  expect(away.x).toStrictEqual(from(1))
})

test('what a function writes into its arguments, or fills anew, changes nothing', () => {
  const kept = new Float64Array(2)
  const rude = (x: Float64Array): Pair => {
    const [value, gradient] = bowl(x)
    kept.set(gradient)
    x.fill(Number.NaN)
    return [value, kept]
  }
  const start = from(0, 1)
  expect(minimize(rude, start)).toStrictEqual(minimize(bowl, from(0, 1)))
  expect(start).toStrictEqual(from(0, 1))
})

test('an empty tree has one point', () => {
  const { x, reason } = minimize((_: readonly []) => [1, []] as const, [] as const)
  expect(x).toStrictEqual([])
  expect(reason).toBe('gradient')
})

const f = (x: Operand): Value => sumSquares(x)

test.each([
  [{ tolerance: -1 }, 'minimize: tolerance must be a finite number ≥ 0, got -1'],
  [{ stepTolerance: Number.NaN }, 'minimize: stepTolerance must be a finite number ≥ 0, got NaN'],
  [{ decreaseTolerance: Infinity }, 'minimize: decreaseTolerance must be a finite number ≥ 0, got Infinity'],
  [{ maxSteps: 1.5 }, 'minimize: maxSteps must be a whole number ≥ 0, got 1.5'],
  [{ maxEvaluations: 0 }, 'minimize: maxEvaluations must be a whole number ≥ 1 or Infinity, got 0'],
  [{ hvp: 1 }, 'minimize: hvp must be a function, got 1'],
  [{ method: 'bfgs' }, 'minimize: method must be a method, such as bfgs(), or an optimizer, got "bfgs"'],
  [{ method: { start: 1 } }, 'minimize: method must be a method, such as bfgs(), or an optimizer, got an object'],
  [{ rate: 1 }, 'minimize: there is no option rate; there are method, tolerance']
])('refuses %o', (options, message) => {
  expect(() => minimize(f, from(1), options as never)).toThrow(message)
})

test('refuses what is no function, a number without a gradient, and gradients that do not fit', () => {
  expect(() => minimize(1 as never, from(1))).toThrow('minimize: f must be a function, got 1')
  expect(() => minimize((() => 5) as never, from(1))).toThrow(
    'minimize: f must give a lazy scalar, such as sum(x), or a pair [value, gradient], got the number 5'
  )
  expect(() => minimize((() => [1, new Float64Array(3)]) as never, from(1))).toThrow('has shape [3], params has [1]')
  expect(() => minimize(bowl, from(1), { method: newton() })).toThrow('minimize: hvp must be given')
  expect(() => minimize(bowl, from(1, 2), { method: newton(), hvp: () => new Float64Array(1) })).toThrow(
    'minimize: hvp(params, v) must have shape [2], got [1]'
  )
})
