import { grad, type Operand, random, read, valueAndGrad } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { type Problem, problems } from './problems.js'

/** The same functions, written once more on numbers. */
const written: Readonly<Record<string, readonly [Problem, (x: readonly number[]) => number]>> = {
  rosenbrock: [
    problems.rosenbrock(4),
    (x) =>
      [0, 1, 2].reduce((sum, i) => sum + 100 * ((x[i + 1] ?? 0) - (x[i] ?? 0) ** 2) ** 2 + (1 - (x[i] ?? 0)) ** 2, 0)
  ],
  rastrigin: [problems.rastrigin(3), (x) => x.reduce((sum, u) => sum + u * u - 10 * Math.cos(2 * Math.PI * u) + 10, 0)],
  ackley: [
    problems.ackley(3),
    (x) =>
      -20 * Math.exp(-0.2 * Math.sqrt(x.reduce((sum, u) => sum + u * u, 0) / 3)) -
      Math.exp(x.reduce((sum, u) => sum + Math.cos(2 * Math.PI * u), 0) / 3) +
      20 +
      Math.E
  ],
  beale: [
    problems.beale(),
    ([x = 0, y = 0]) => (1.5 - x + x * y) ** 2 + (2.25 - x + x * y ** 2) ** 2 + (2.625 - x + x * y ** 3) ** 2
  ],
  himmelblau: [problems.himmelblau(), ([x = 0, y = 0]) => (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2],
  styblinskiTang: [problems.styblinskiTang(3), (x) => x.reduce((sum, u) => sum + (u ** 4 - 16 * u * u + 5 * u) / 2, 0)],
  quadratic: [
    problems.quadratic({ dimension: 3, condition: 16 }),
    ([x = 0, y = 0, z = 0]) => (x * x + 4 * y * y + 16 * z * z) / 2
  ]
}

const all = [
  ...Object.values(written).map(([problem]) => problem),
  problems.quadratic({ rotation: 3 }),
  problems.rosenbrock()
]

describe.each(Object.entries(written))('%s', (_, [{ f, dimension }, same]) => {
  test('agrees with its definition', () => {
    for (let seed = 0; seed < 10; seed++) {
      const x = random.normal(random.key(seed), [dimension], { dtype: 'float64' }).data
      expect(read(f(x)) / same([...x])).toBeCloseTo(1, 10)
    }
  })

  test('its gradient is that of finite differences', () => {
    const x = random.normal(random.key(1), [dimension], { dtype: 'float64' }).data
    const gradient = grad(f)(x)
    x.forEach((_x, i) => {
      const shifted = (by: number) => read(f(x.map((u, j) => (i === j ? u + by : u))))
      const slope = (shifted(1e-5) - shifted(-1e-5)) / 2e-5
      expect((gradient[i] ?? 0) - slope).toBeCloseTo(0, 3)
    })
  })
})

describe.each(all.map((problem) => [problem.name, problem] as const))(
  '%s',
  (_, { f, minimizers, minimum, start, bounds, dimension }) => {
    test('has its minimum where it says, with a gradient of 0', () => {
      for (const x of minimizers) {
        expect(read(f(x))).toBeCloseTo(minimum, 10)
        if (Math.abs(read(f(x.map((u) => u + 1e-6))) - minimum) < 1e-8) {
          for (const slope of grad(f)(x)) expect(slope).toBeCloseTo(0, 6)
        }
      }
    })

    test('begins within its box, above the minimum, and has its minimizers there', () => {
      expect(start).toHaveLength(dimension)
      expect(read(f(start))).toBeGreaterThan(minimum)
      for (const x of [start, ...minimizers]) expect(x.every((u) => u >= bounds.lower && u <= bounds.upper)).toBe(true)
    })

    test('is computed in the dtype of its argument', () => {
      const [value, gradient] = valueAndGrad(f)(Float32Array.from(start))
      expect(gradient instanceof Float32Array).toBe(true)
      expect(value / read(f(Float64Array.from(Float32Array.from(start))))).toBeCloseTo(1, 5)
    })
  }
)

test('a rotation keeps lengths, and is another with another seed', () => {
  const { f, start } = problems.quadratic({ dimension: 4, condition: 1, rotation: 0 })
  expect(read(f(start))).toBeCloseTo(2, 12)
  const [one, other] = [0, 1].map((rotation) => read(problems.quadratic({ rotation }).f(new Float64Array(10).fill(1))))
  expect(one).not.toBe(other)
})

test('noise has the mean 0 and its deviation, in the value and in the gradient, and f is without', () => {
  const exact = problems.quadratic({ dimension: 2 })
  const { f, at, start } = problems.noisy(exact, { deviation: 0.5, key: 0 })
  const slopes: number[] = []
  for (let t = 0; t < 400; t++) slopes.push((grad((x: Operand) => at(x, t))(start)[0] ?? 0) - (grad(f)(start)[0] ?? 0))
  const mean = slopes.reduce((a, b) => a + b, 0) / 400
  const deviation = Math.sqrt(slopes.reduce((a, b) => a + (b - mean) ** 2, 0) / 400)
  expect(mean).toBeCloseTo(0, 1)
  expect(deviation).toBeCloseTo(0.5, 1)
  expect(read(at(start, 3))).toBe(read(at(start, 3)))
  expect(read(at(start, 3))).not.toBe(read(at(start, 4)))
  expect(read(f(start))).toBe(read(exact.f(start)))
})

test.each([
  [() => problems.rosenbrock(1), 'rosenbrock: dimension must be a whole number ≥ 2, got 1'],
  [() => problems.rastrigin(0), 'rastrigin: dimension must be a whole number ≥ 1, got 0'],
  [() => problems.ackley(1.5), 'ackley: dimension must be'],
  [() => problems.styblinskiTang(-1), 'styblinskiTang: dimension must be'],
  [() => problems.quadratic({ condition: 0.5 }), 'quadratic: condition must be a finite number ≥ 1, got 0.5'],
  [
    () => problems.quadratic({ rotation: 'a' as never }),
    'quadratic: rotation must be a key made by random.key or a whole number or null'
  ],
  [
    () => problems.noisy(problems.beale(), { deviation: -1, key: 0 }),
    'noisy: deviation must be a finite number ≥ 0, got -1'
  ],
  [() => problems.noisy({} as never, { deviation: 1, key: 0 }), 'noisy: the problem must be one of problems, got none']
])('refuses %s', (make, message) => {
  expect(make).toThrow(message)
})
