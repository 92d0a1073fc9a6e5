import { describe, expect, test } from 'vitest'
import { searchLaws } from '../internal/testing/laws.js'
import { search } from '../loop/search.js'
import { nelderMead } from './nelderMead.js'

describe('nelderMead obeys', () => {
  searchLaws({
    make: (bounds) => nelderMead({ initialStep: 0.5, bounds }),
    makeAny: (bounds) => nelderMead({ bounds }),
    isRankBased: true,
    isTranslated: true,
    isRandom: false
  })
})

type Point = readonly number[]

const squares = (...residuals: readonly number[]): number => residuals.reduce((total, r) => total + r * r, 0)

const rosenbrock = ([x, y]: Point) => squares(10 * ((y as number) - (x as number) * (x as number)), 1 - (x as number))

// Evaluations of SciPy 1.17.1, each from the usual start, defaults.
test.each<readonly [string, Point, (x: Point) => number, number]>([
  ['rosenbrock', [-1.2, 1], rosenbrock, 159],
  [
    'freudenstein_roth',
    [0.5, -2],
    ([x = 0, y = 0]) => squares(-13 + x + ((5 - y) * y - 2) * y, -29 + x + ((y + 1) * y - 14) * y),
    120
  ],
  [
    'beale',
    [1, 1],
    ([x = 0, y = 0]) => squares(1.5 - x * (1 - y), 2.25 - x * (1 - y * y), 2.625 - x * (1 - y * y * y)),
    107
  ],
  ['himmelblau', [0, 0], ([x = 0, y = 0]) => squares(x * x + y - 11, x + y * y - 7), 157],
  ['brown_badly_scaled', [1, 1], ([x = 0, y = 0]) => squares(x - 1e6, y - 2e-6, x * y - 2), 275],
  [
    'powell_singular',
    [3, -1, 0, 1],
    ([a = 0, b = 0, c = 0, d = 0]) =>
      squares(a + 10 * b, Math.sqrt(5) * (c - d), (b - 2 * c) * (b - 2 * c), Math.sqrt(10) * (a - d) * (a - d)),
    305
  ]
])('takes as many evaluations as SciPy on %s', (_, start, f, evaluations) => {
  const found = search(f, start, nelderMead(), { key: 0 })
  expect(found.evaluations).toBe(evaluations)
  expect(found.reason).toBe('step')
})

test('a flat loss ends it as soon as it ends SciPy, and is no success', () => {
  const found = search(() => 1, [1, 2], nelderMead(), { key: 0 })
  expect(found.evaluations).toBe(43)
  expect(found.reason).toBe('flat')
  expect(found.candidate).toStrictEqual([1, 2])
})

test('NaN past a line: it ends at the line, with as many evaluations as SciPy', () => {
  const f = ([x = 0, y = 0]: Point) => (x > 1.5 || y > 1.5 ? NaN : (x - 3) * (x - 3) + (y - 3) * (y - 3))
  const found = search(f, [1, 1], nelderMead(), { key: 0 })
  expect(found.evaluations).toBe(111)
  expect(found.loss).toBeCloseTo(4.5, 3)
})

test('adaptive coefficients find the minimum in ten dimensions, where the usual ones do not', () => {
  const f = (x: Point) => [0, 2, 4, 6, 8].reduce((total, i) => total + rosenbrock(x.slice(i, i + 2)), 0)
  const start = [-1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1]
  const loss = (adaptive: boolean): number =>
    search(f, start, nelderMead({ adaptive }), { key: 0, maxEvaluations: 20000 }).loss
  expect(loss(true)).toBeLessThan(1e-7)
  expect(loss(false)).toBeGreaterThan(0.1)
})

test.each([
  [{ xatol: -1 }, 'nelderMead: xatol must be a finite number ≥ 0, got -1'],
  [{ fatol: NaN }, 'nelderMead: fatol must be a finite number ≥ 0, got NaN'],
  [{ adaptive: 1 as never }, 'nelderMead: adaptive must be true or false, got 1'],
  [{ initialStep: 0 }, 'nelderMead: initialStep must be a finite number > 0, got 0'],
  [{ bounds: { low: 1 } as never }, 'nelderMead: bounds must be an object of lower and upper or null, got an object']
])('refuses %o', (options, message) => {
  expect(() => nelderMead(options)).toThrow(message)
})
