import { add, div, exp, log, matmul, mul, ndarray, type Operand, reshape, square, sub } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { problems } from '../internal/testing/problems.js'
import { distance } from '../internal/testing.js'
import { leastSquares } from './leastSquares.js'

/** How often SciPy 1.17.1 asks for the residuals from the same starts, by its defaults: lm, trf and dogbox. */
const SCIPY: Readonly<Record<string, readonly [lm: number, trf: number, dogbox: number]>> = {
  rosenbrock: [21, 25, 19],
  freudenstein_roth: [14, 24, 22],
  powell_badly_scaled: [19, 43, 43],
  brown_badly_scaled: [16, 23, 26],
  beale: [9, 7, 8],
  himmelblau: [9, 8, 7],
  jennrich_sampson: [21, 20, 23],
  helical_valley: [11, 13, 9],
  bard: [6, 6, 6],
  gaussian: [4, 3, 3],
  meyer: [126, 186, 54],
  box_3d: [7, 6, 6],
  powell_singular: [40, 13, 13],
  wood: [70, 76, 73],
  kowalik_osborne: [18, 20, 23],
  brown_dennis: [266, 26, 147],
  osborne1: [18, 19, 10],
  biggs_exp6: [28, 66, 600],
  watson_6: [8, 8, 8],
  rosenbrock_10: [21, 25, 19],
  powell_singular_12: [46, 13, 13],
  penalty1_10: [84, 39, 35],
  variably_dimensioned_10: [11, 11, 11],
  trigonometric_10: [28, 27, 10],
  brown_almost_linear_10: [15, 6, 6],
  discrete_boundary_10: [5, 3, 3],
  broyden_tridiagonal_10: [6, 5, 5],
  linear_full_rank_5_10: [2, 3, 3],
  chebyquad_8: [40, 34, 37]
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number

describe('on the problems of Moré, Garbow and Hillstrom', () => {
  const runs = problems.map((problem) => {
    const { value, success, evaluations } = leastSquares(problem.residuals, problem.start)
    const sum = 2 * value
    const first = 2 * leastSquares(problem.residuals, problem.start, { maxSteps: 0 }).value
    const gap = (sum - problem.minimum) / (first - problem.minimum)
    return { problem, sum, gap, success, calls: evaluations.residuals }
  })

  // SciPy's methods go there, too; but for trigonometric_10, where dogbox finds the other one by a long step.
  const local = ['freudenstein_roth', 'trigonometric_10']

  test.each(runs)('$problem.name is solved', ({ problem, sum, gap, success }) => {
    if (local.includes(problem.name)) expect(Math.abs(sum / (problem.localMinima[0] as number) - 1)).toBeLessThan(1e-5)
    else expect(gap).toBeLessThan(1e-6)
    expect(success).toBe(true)
  })

  test('it asks as often as SciPy, or less', () => {
    const ratios = (method: number): readonly number[] =>
      runs.map(({ problem, calls }) => calls / (SCIPY[problem.name]?.[method] as number))
    for (const method of [0, 1, 2]) expect(median(ratios(method))).toBeLessThan(1.2)
    expect(median(ratios(0))).toBeLessThan(1)
  })
})

const rosenbrock = ({ a, b }: { readonly a: Operand; readonly b: Operand }) => [mul(10, sub(b, square(a))), sub(1, a)]
const far = { a: -1.2, b: 1 }
const methods = ['levenbergMarquardt', 'gaussNewton'] as const

describe.each(methods)('%s', (method) => {
  test('solves what is linear by one step', () => {
    const line = ({ w, c }: { w: Operand; c: Operand }) =>
      sub(add(mul(w, new Float64Array([0, 1, 2])), c), new Float64Array([1, 3, 4]))
    const { x, steps, reason, evaluations } = leastSquares(line, { w: 0, c: 0 }, { method, initialRadius: 1e6 })
    expect(distance([x.w, x.c], [1.5, 7 / 6])).toBeLessThan(1e-14)
    expect(steps).toBe(1)
    expect(reason).toBe('gradient')
    expect(evaluations).toStrictEqual({ residuals: 2, jacobians: 2 })
  })

  test('goes the same way whatever the residuals are multiplied by', () => {
    const wanted = leastSquares(rosenbrock, far, { method })
    for (const factor of [2 ** 40, 2 ** -40]) {
      const scaled = ({ a, b }: typeof far | { a: Operand; b: Operand }) =>
        rosenbrock({ a, b }).map((r) => mul(factor, r))
      const found = leastSquares(scaled, far, { method })
      expect(found.x).toStrictEqual(wanted.x)
      expect(found.evaluations).toStrictEqual(wanted.evaluations)
      expect(found.reason).toBe(wanted.reason)
    }
  })

  test('goes the same way in other units of params', () => {
    const wanted = leastSquares(rosenbrock, far, { method })
    const inUnits = ({ a, b }: { a: Operand; b: Operand }) => rosenbrock({ a: mul(a, 2 ** 10), b: mul(b, 2 ** -9) })
    const found = leastSquares(inUnits, { a: far.a * 2 ** -10, b: far.b * 2 ** 9 }, { method })
    expect(found.evaluations).toStrictEqual(wanted.evaluations)
    expect(distance([found.x.a * 2 ** 10, found.x.b * 2 ** -9], [wanted.x.a, wanted.x.b])).toBeLessThan(1e-12)
  })

  test('takes trees of arrays of any dtype', () => {
    const inputs = ndarray(new Float32Array([1, 0, 0, 1, 1, 1, 2, -1]), [4, 2])
    const targets = ndarray(new Float32Array([2, 4, 6, 0]), [4, 1])
    const model = ({ w, b }: { w: Operand; b: Operand }) => ({ rest: sub(add(matmul(inputs, w), b), targets) })
    const { x, success } = leastSquares(model, { w: ndarray(new Float32Array(2), [2, 1]), b: 1 }, { method })
    expect(x.w.dtype).toBe('float32')
    expect(distance(x.w.data, [2, 4])).toBeLessThan(1e-6)
    expect(Math.abs(x.b)).toBeLessThan(1e-6)
    expect(success).toBe(true)
  })

  test('by products it goes where it goes by matrices', () => {
    const wanted = leastSquares(rosenbrock, far, { method })
    const found = leastSquares(rosenbrock, far, { method, maxDense: 0 })
    expect(distance([found.x.a, found.x.b], [wanted.x.a, wanted.x.b])).toBeLessThan(1e-6)
    expect(found.success).toBe(true)
  })

  test.each([0, 300])('units do not matter, be they far apart: maxDense %d', (maxDense) => {
    const units = new Float64Array([1, 1e-3, 1e-6, 1e-10])
    const line = (x: Operand) => sub(mul(x, units), 3)
    const { x, success } = leastSquares(line, new Float64Array(4), { method, maxDense })
    expect(success).toBe(true)
    expect(
      distance(
        x.map((xi, i) => xi * (units[i] as number)),
        [3, 3, 3, 3]
      )
    ).toBeLessThan(1e-6)

    const hours = Float64Array.from({ length: 30 }, (_, i) => 1000 * i)
    const measured = hours.map((t) => 5e4 * Math.exp(-3e-4 * t) + 7)
    const decay = ({ a, rate, rest }: { a: Operand; rate: Operand; rest: Operand }) =>
      sub(add(mul(a, exp(mul(mul(-1, rate), hours))), rest), measured)
    const fit = leastSquares(decay, { a: 1e4, rate: 1e-4, rest: 0 }, { method, maxDense })
    expect(fit.success).toBe(true)
    expect(distance([fit.x.a / 5e4, fit.x.rate / 3e-4, fit.x.rest / 7], [1, 1, 1])).toBeLessThan(1e-6)
  })

  test('gives back the start with nothing to spend', () => {
    const { x, value, steps, reason, success, evaluations } = leastSquares(rosenbrock, far, { method, maxSteps: 0 })
    expect(x).toStrictEqual(far)
    expect(value).toBeCloseTo(12.1, 12)
    expect([steps, reason, success]).toStrictEqual([0, 'budget', false])
    expect(evaluations).toStrictEqual({ residuals: 1, jacobians: 1 })
  })

  test('goes no further than it may', () => {
    const { evaluations, reason, value } = leastSquares(rosenbrock, far, { method, maxSteps: 5 })
    expect(evaluations.residuals).toBe(6)
    expect(reason).toBe('budget')
    expect(value).toBeLessThan(12.1)
  })

  test('stops at once where it cannot get better', () => {
    const flat = ({ a }: { a: Operand }) => add(mul(0, a), 3)
    const { x, reason, evaluations } = leastSquares(flat, { a: 1 }, { method })
    expect([x.a, reason, evaluations.residuals]).toStrictEqual([1, 'gradient', 1])
    const minimum = leastSquares(rosenbrock, { a: 1, b: 1 }, { method })
    expect([minimum.value, minimum.reason, minimum.evaluations.residuals]).toStrictEqual([0, 'gradient', 1])
  })

  test('says so where the residuals or their derivatives are not finite', () => {
    const nowhere = ({ a }: { a: Operand }) => div(mul(0, a), 0)
    const found = leastSquares(nowhere, { a: 1 }, { method })
    expect([found.x.a, found.value, found.gradient.a]).toStrictEqual([1, Number.NaN, Number.NaN])
    expect([found.reason, found.success, found.evaluations.residuals]).toStrictEqual(['notFinite', false, 1])
    const steep = leastSquares(({ a }: { a: Operand }) => exp(div(1, a)), { a: -0 }, { method })
    expect([steep.reason, steep.success]).toStrictEqual(['notFinite', false])
  })

  // log x is NaN below 0: the minimum of (log x + 20)² is near, but a whole step goes far beyond.
  test('shortens steps that lead to NaN', () => {
    const { x, success } = leastSquares(({ a }: { a: Operand }) => add(log(a), 20), { a: 1 }, { method })
    expect(x.a / Math.exp(-20)).toBeCloseTo(1, 6)
    expect(success).toBe(true)
  })

  test('does not call it a success to stand before a wall', () => {
    // (x − 3)² is NaN beyond 1.5.
    const wall = ({ a }: { a: Operand }) => sub(add(mul(0, log(sub(1.5, a))), a), 3)
    const { x, reason, success } = leastSquares(wall, { a: 1 }, { method })
    expect(x.a).toBeLessThan(1.5)
    expect(success).toBe(false)
    expect(reason).toBe(method === 'gaussNewton' ? 'lineSearch' : 'radius')
  })

  test('takes a function of arrays with its Jacobian', () => {
    const residuals = ({ p }: { readonly p: Float64Array }) => {
      const [a = 0, b = 0] = p
      // What it is given is its own.
      p.fill(Number.NaN)
      return Float64Array.of(10 * (b - a * a), 1 - a)
    }
    const jacobian = ({ p }: { readonly p: Float64Array }) =>
      ndarray(Float64Array.of(-20 * (p[0] as number), 10, -1, 0), [2, 2])
    const { x, evaluations } = leastSquares(residuals, { p: Float64Array.of(-1.2, 1) }, { method, jacobian })
    expect(distance(x.p, [1, 1])).toBeLessThan(1e-9)
    expect(evaluations).toStrictEqual(leastSquares(rosenbrock, far, { method }).evaluations)
  })
})

test('Gauss and Newton go the same way in any other coordinates', () => {
  const wanted = leastSquares(rosenbrock, far, { method: 'gaussNewton' })
  // a = 2 u + v, b = u + v
  const turned = ({ u, v }: { u: Operand; v: Operand }) => rosenbrock({ a: add(mul(2, u), v), b: add(u, v) })
  const { x, evaluations } = leastSquares(turned, { u: far.a - far.b, v: 2 * far.b - far.a }, { method: 'gaussNewton' })
  expect(evaluations.residuals).toBe(wanted.evaluations.residuals)
  expect(distance([2 * x.u + x.v, x.u + x.v], [wanted.x.a, wanted.x.b])).toBeLessThan(1e-9)
})

test('of many solutions of what is linear it takes the nearest to the start', () => {
  const sum = ({ a, b }: { a: Operand; b: Operand }) => sub(add(a, b), 4)
  for (const method of methods) {
    const { x } = leastSquares(sum, { a: 1, b: 0 }, { method })
    expect(distance([x.a, x.b], [2.5, 1.5])).toBeLessThan(1e-12)
  }
})

describe('robust losses', () => {
  const points = new Float64Array([1, 1.1, 0.9, 10])
  const rest = ({ x }: { x: Operand }) => sub(x, points)

  // The minima as SciPy finds them; that of Huber is 4/3, as one is linear there.
  test.each([
    ['linear', 3.25],
    ['softL1', 1.354],
    ['huber', 1.3333],
    ['cauchy', 1.0375]
  ] as const)('%s', (loss, wanted) => {
    const { x, success } = leastSquares(rest, { x: 0 }, { loss })
    expect(Math.abs(x.x - wanted)).toBeLessThan(1e-4)
    expect(success).toBe(true)
  })

  test.each(['softL1', 'huber', 'cauchy'] as const)(
    '%s is that of squares where residuals are small beside the scale',
    (loss) => {
      const { x, value } = leastSquares(rest, { x: 0 }, { loss, lossScale: 1e8 })
      const wanted = leastSquares(rest, { x: 0 })
      expect(Math.abs(x.x - 3.25)).toBeLessThan(1e-7)
      expect(value / wanted.value).toBeCloseTo(1, 12)
    }
  )

  test.each(['softL1', 'huber', 'cauchy'] as const)(
    '%s finds a curve beside an outlier from afar, and ends where its gradient is 0',
    (loss) => {
      const hours = new Float64Array([0, 1, 2, 3, 4])
      const curve = ({ start, rate }: { start: Operand; rate: Operand }) =>
        sub(mul(start, exp(mul(mul(-1, rate), hours))), new Float64Array([5.1, 3, 1.9, 1.1, 9]))
      for (const from of [
        { start: 1, rate: 0.1 },
        { start: 5, rate: 0.5 }
      ]) {
        const { gradient, success } = leastSquares(curve, from, { loss, lossScale: 0.1 })
        expect(success).toBe(true)
        expect(Math.abs(gradient.start) + Math.abs(gradient.rate)).toBeLessThan(1e-4)
      }
    }
  )

  test.each(['softL1', 'huber', 'cauchy'] as const)('the gradient of %s is what differences say', (loss) => {
    const at = (x: number) => leastSquares(rest, { x }, { loss, lossScale: 0.7, maxSteps: 0 })
    const slope = (at(2 + 1e-5).value - at(2 - 1e-5).value) / 2e-5
    expect(at(2).gradient.x / slope).toBeCloseTo(1, 7)
  })
})

describe('refuses', () => {
  const with_ = (options: object) => () => leastSquares(rosenbrock, far, options)
  test.each([
    ['leastSquares: method must be one of "levenbergMarquardt", "gaussNewton", got "lm"', with_({ method: 'lm' })],
    ['leastSquares: loss must be one of "linear", "softL1", "huber", "cauchy", got "l1"', with_({ loss: 'l1' })],
    ['leastSquares: lossScale must be a finite number > 0, got 0', with_({ lossScale: 0 })],
    ['leastSquares: initialRadius must be a finite number > 0, got 0', with_({ initialRadius: 0 })],
    ['leastSquares: tolerance must be a finite number ≥ 0, got -1', with_({ tolerance: -1 })],
    ['leastSquares: maxSteps must be a whole number ≥ 0, got 0.5', with_({ maxSteps: 0.5 })],
    ['leastSquares: maxDense must be a whole number ≥ 0, got -1', with_({ maxDense: -1 })],
    ['leastSquares: jacobian must be a function, got 3', with_({ jacobian: 3 })],
    ['leastSquares: there is no option maxIter', with_({ maxIter: 3 })],
    ['leastSquares: residuals must be a function, got 3', () => leastSquares(3 as never, far)],
    ['leastSquares: residuals must give a tree of numbers, got []', () => leastSquares(() => [], far)],
    [
      'leastSquares: jacobian must give shape [2, 2], got shape [2]',
      with_({ jacobian: () => new Float64Array([1, 2]) })
    ]
  ])('%s', (message, run) => {
    expect(run).toThrow(message)
  })

  test('residuals whose number changes', () => {
    let calls = 0
    const growing = ({ a }: { a: number }) => new Float64Array(++calls).fill(a)
    const jacobian = () => reshape(new Float64Array(1).fill(1), [1, 1])
    expect(() => leastSquares(growing, { a: 1 }, { jacobian })).toThrow(
      'leastSquares: residuals must give as many numbers at all params, got 2 after 1'
    )
  })
})
