import {
  add,
  dot,
  Expr,
  grad,
  hvp,
  InvalidOption,
  InvalidTree,
  mul,
  ndarray,
  type Operand,
  sum,
  sumSquares,
  type Tree,
  type Value
} from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { projectionBox } from './projectionBox.js'
import { projectionHalfspace } from './projectionHalfspace.js'
import { projectionHypercube } from './projectionHypercube.js'
import { projectionHyperplane } from './projectionHyperplane.js'
import { projectionL1Ball } from './projectionL1Ball.js'
import { projectionL1Sphere } from './projectionL1Sphere.js'
import { projectionL2Ball } from './projectionL2Ball.js'
import { projectionL2Sphere } from './projectionL2Sphere.js'
import { projectionLinfBall } from './projectionLinfBall.js'
import { projectionNonNegative } from './projectionNonNegative.js'
import { projectionSimplex } from './projectionSimplex.js'
import { projectionVector } from './projectionVector.js'

type Numbers = readonly number[]

const zip = <T>(x: Numbers, y: Numbers, f: (a: number, b: number) => T): T[] => x.map((a, i) => f(a, y[i] as number))
const total = (x: Numbers): number => x.reduce((sumSoFar, a) => sumSoFar + a, 0)
const inner = (x: Numbers, y: Numbers): number => total(zip(x, y, (a, b) => a * b))
const magnitude = (x: Numbers): number => total(x.map(Math.abs))
const distance = (x: Numbers, y: Numbers): number => Math.hypot(...zip(x, y, (a, b) => a - b))

interface Row {
  readonly name: string
  readonly project: (x: Tree) => Tree
  /** By how much a point is outside of the set. */
  readonly outside: (y: Numbers) => number
  readonly isConvex: boolean
  /** Whether it moves every element on its own, or none unless all. */
  readonly isExactInside: boolean
}

const below = (x: Numbers, least: number): number => Math.max(0, ...x.map((a) => least - a))
const above = (x: Numbers, most: number): number => Math.max(0, ...x.map((a) => a - most))

const convex = { isConvex: true, isExactInside: true }
const rows: readonly Row[] = [
  { name: 'NonNegative', project: projectionNonNegative, outside: (y) => below(y, 0), ...convex },
  {
    name: 'Box',
    project: (x) => projectionBox(x, -0.5, 2),
    outside: (y) => Math.max(below(y, -0.5), above(y, 2)),
    ...convex
  },
  {
    name: 'Hypercube',
    project: (x) => projectionHypercube(x, 1.5),
    outside: (y) => Math.max(below(y, 0), above(y, 1.5)),
    ...convex
  },
  { name: 'LinfBall', project: (x) => projectionLinfBall(x, 2), outside: (y) => above(y.map(Math.abs), 2), ...convex },
  {
    name: 'Simplex',
    project: (x) => projectionSimplex(x, 3),
    outside: (y) => Math.max(below(y, 0), Math.abs(total(y) - 3)),
    isConvex: true,
    isExactInside: false
  },
  { name: 'L1Ball', project: (x) => projectionL1Ball(x, 3), outside: (y) => Math.max(0, magnitude(y) - 3), ...convex },
  {
    name: 'L1Sphere',
    project: (x) => projectionL1Sphere(x, 3),
    outside: (y) => Math.abs(magnitude(y) - 3),
    isConvex: false,
    isExactInside: false
  },
  {
    name: 'L2Ball',
    project: (x) => projectionL2Ball(x, 2),
    outside: (y) => Math.max(0, Math.hypot(...y) - 2),
    ...convex
  },
  {
    name: 'L2Sphere',
    project: (x) => projectionL2Sphere(x, 2),
    outside: (y) => Math.abs(Math.hypot(...y) - 2),
    isConvex: false,
    isExactInside: false
  },
  {
    name: 'Vector',
    project: (x) => projectionVector(x, 0.75),
    outside: (y) =>
      distance(
        y,
        y.map(() => total(y) / y.length)
      ),
    isConvex: true,
    isExactInside: false
  },
  {
    name: 'Hyperplane',
    project: (x) => projectionHyperplane(x, 0.75, 1.5),
    outside: (y) => Math.abs(0.75 * total(y) - 1.5),
    isConvex: true,
    isExactInside: false
  },
  {
    name: 'Halfspace',
    project: (x) => projectionHalfspace(x, 0.75, 1.5),
    outside: (y) => Math.max(0, 0.75 * total(y) - 1.5),
    ...convex
  }
]

// Doubles alone are nearly all tiny.
const anElement = fc
  .oneof(
    { weight: 3, arbitrary: fc.integer({ min: -8000, max: 8000 }).map((i) => i / 1000) },
    fc.double({ min: -8, max: 8, noNaN: true })
  )
  // A length has fewer digits where it is subnormal.
  .map((a) => (Math.abs(a) < 2 ** -1000 ? 0 : a))
const aPoint = fc.array(fc.oneof(anElement, fc.constantFrom(0, -0, 1, -1)), { minLength: 5, maxLength: 5 })

/** A rounding of numbers of this size, a few times over. */
const unit = (...points: readonly Numbers[]): number => 1e-14 * (1 + Math.max(...points.flat().map(Math.abs)))

describe.each(rows)('projection$name', ({ project, outside, isConvex, isExactInside }) => {
  const projected = (x: Numbers): Numbers => project([...x]) as Numbers

  test('leads into the set', () => {
    fc.assert(fc.property(aPoint, (x) => outside(projected(x)) <= 8 * unit(x)))
  })

  test('leaves what is there: twice is once', () => {
    fc.assert(
      fc.property(aPoint, (x) => {
        const once = projected(x)
        const twice = projected(once)
        expect(distance(once, twice)).toBeLessThanOrEqual(16 * unit(x))
        if (isExactInside && outside(x) === 0) zip(x, once, (a, b) => expect(Math.abs(b - a)).toBe(0))
      })
    )
  })

  test('is the nearest point: no other of the set is nearer', () => {
    fc.assert(
      fc.property(aPoint, aPoint, fc.double({ min: 0, max: 1, noNaN: true }), (x, other, share) => {
        const y = projected(x)
        // A point of the set somewhere, and one near to what was found.
        for (const z of [projected(other), projected(zip(y, other, (a, b) => a + 1e-3 * share * b))]) {
          expect(distance(x, y)).toBeLessThanOrEqual(distance(x, z) + 8 * unit(x, other))
          // Of a convex set, the way to the nearest point and that from it to any other do not make an acute angle.
          const angle = inner(
            zip(x, y, (a, b) => a - b),
            zip(z, y, (a, b) => a - b)
          )
          if (isConvex) expect(angle).toBeLessThanOrEqual(256 * unit(x, other))
        }
      })
    )
  })

  test.runIf(isConvex)('takes no two points farther apart', () => {
    fc.assert(
      fc.property(aPoint, aPoint, (x, z) => {
        expect(distance(projected(x), projected(z))).toBeLessThanOrEqual(distance(x, z) + 16 * unit(x, z))
      })
    )
  })

  test('of a tree is that of its flattened vector, in any dtype', () => {
    fc.assert(
      fc.property(aPoint, (point) => {
        // What is 0 in float32 has no sign.
        const x = point.map((a) => (Math.abs(a) < 1e-3 ? 0 : a))
        const y = projected(x)
        const { w, rest } = project({ rest: [x[0] as number, null, x[1] as number], w: x.slice(2) }) as {
          readonly w: Numbers
          readonly rest: readonly [number, null, number]
        }
        expect([rest[0], rest[2], ...w]).toStrictEqual(y)
        expect(distance([...(project(Float64Array.from(x)) as Float64Array)], y)).toBeLessThanOrEqual(8 * unit(x))
        expect(distance([...(project(Float32Array.from(x)) as Float32Array)], y)).toBeLessThanOrEqual(1e-5)
      })
    )
  })

  test('keeps dtypes and forms, gives expressions of expressions, and NaN of NaN', () => {
    const x = { w: Float32Array.of(1, -2), m: ndarray([3], [1, 1], 'bfloat16'), b: 0.5, none: null }
    const found = project(x) as typeof x
    expect(found.w).toBeInstanceOf(Float32Array)
    expect([found.m.dtype, found.m.shape, typeof found.b, found.none]).toStrictEqual([
      'bfloat16',
      [1, 1],
      'number',
      null
    ])
    expect(project(mul(1, Float64Array.of(1, 2, 3, 4, 5)))).toBeInstanceOf(Expr)
    expect((project([1, 2, Number.NaN, 4, 5]) as Numbers).some(Number.isNaN)).toBe(true)
    expect(project({})).toStrictEqual({})
  })

  test('has the derivative of its differences', () => {
    const direction = Float64Array.of(0.31, -0.53, 0.77, 0.19, -0.41)
    const along = (x: Operand): Value => dot(project(x) as Operand, direction)
    fc.assert(
      fc.property(aPoint, (x) => {
        const at = Float64Array.from(x)
        const found = grad(along)(at)
        const h = 2 ** -20
        const shifted = (i: number, by: number): Numbers => projected(x.map((a, j) => (i === j ? a + by : a)))
        x.forEach((_, i) => {
          const [left, right] = [-h, h].map((by) => inner(shifted(i, by), [...direction])) as [number, number]
          const middle = inner(projected(x), [...direction])
          const [before, after] = [(middle - left) / h, (right - middle) / h]
          // Where the two sides have other slopes there is a kink between.
          const isSmooth = Math.abs(before - after) < 1e-4
          if (isSmooth) expect(Math.abs((found[i] as number) - (before + after) / 2)).toBeLessThan(1e-3)
        })
      }),
      { numRuns: 40 }
    )
  })

  test('refuses what is no tree of arrays', () => {
    expect(() => project({ w: 'x' } as never)).toThrow(InvalidTree)
  })
})

const cornered = { w: Float64Array.of(-3, 0.5), b: 7 }

test('bounds are numbers, trees, or prefixes of one, and may be infinite', () => {
  const box = projectionBox(cornered, { w: Float64Array.of(0, -1), b: -1 }, { w: 0.25, b: Infinity })
  expect(box).toStrictEqual({ w: Float64Array.of(0, 0.25), b: 7 })
  expect(projectionBox({ layers: [1, -5], b: 3 }, { layers: -1, b: 4 }, 9)).toStrictEqual({ layers: [1, -1], b: 4 })
  expect(projectionBox(cornered, -Infinity, Infinity)).toStrictEqual(cornered)
  expect(projectionHypercube(cornered)).toStrictEqual({ w: Float64Array.of(0, 0.5), b: 1 })
  expect(projectionHypercube(cornered, { w: 0.25, b: 3 })).toStrictEqual({ w: Float64Array.of(0, 0.25), b: 3 })
})

test('a bound that is not given is refused', () => {
  expect(() => projectionBox({ a: 1 }, undefined as never, 1)).toThrow(
    new InvalidTree('projectionBox: lower must be a number or a tree like params, got undefined')
  )
})

test('a direction may be a tree of its own, or a prefix of one', () => {
  const a = { w: Float64Array.of(1, 2), b: 0 }
  expect(projectionVector(cornered, a)).toStrictEqual({ w: Float64Array.of(-0.4, -0.8), b: -0 })
  expect(projectionHyperplane(cornered, a, -2)).toStrictEqual(cornered)
  expect(projectionHyperplane(cornered, { w: 1, b: 0 }, -1.5)).toStrictEqual({ w: Float64Array.of(-2.5, 1), b: 7 })
  expect(projectionHalfspace(cornered, a, -7)).toStrictEqual({ w: Float64Array.of(-4, -1.5), b: 7 })
  expect(projectionHalfspace(cornered, a, 7)).toStrictEqual(cornered)
})

test('moving a point with its set moves what is found', () => {
  fc.assert(
    fc.property(aPoint, anElement, (x, by) => {
      const moved = x.map((a) => a + by)
      const box = projectionBox(moved, by - 1, by + 1) as Numbers
      expect(
        distance(
          box,
          (projectionBox(x, -1, 1) as Numbers).map((a) => a + by)
        )
      ).toBeLessThan(8 * unit(x, [by]))
      // A simplex is the same from wherever one looks at it at a right angle.
      expect(distance(projectionSimplex(moved), projectionSimplex(x))).toBeLessThan(64 * unit(x, [by]))
      expect(
        distance(
          projectionHyperplane(moved, 1, 5 * by),
          (projectionHyperplane(x, 1, 0) as Numbers).map((a) => a + by)
        )
      ).toBeLessThan(64 * unit(x, [by]))
    })
  )
})

test('a simplex far from 0 is met as exactly as one near it', () => {
  expect(projectionSimplex([1e15 + 0.5, 1e15, 1e15 - 8])).toStrictEqual([0.75, 0.25, 0])
  expect(projectionSimplex([1e16 + 2, 1e16])).toStrictEqual([1, 0])
  expect(projectionSimplex(Float32Array.of(1e9, 1e9, -3e38))).toStrictEqual(Float32Array.of(0.5, 0.5, 0))
  expect(projectionL1Ball(Float64Array.of(1e308, -1e308))).toStrictEqual(Float64Array.of(0.5, -0.5))
})

test('where several points are as near, a sphere gives one of them, and not NaN', () => {
  expect(projectionL1Sphere([0, 0, 0, 0], 2)).toStrictEqual([0.5, 0.5, 0.5, 0.5])
  expect(projectionL1Sphere([0, -0.5], 1)).toStrictEqual([0.25, -0.75])
  expect(projectionL2Sphere([0, -0, 0, 0], 2)).toStrictEqual([1, 1, 1, 1])
  expect(projectionL2Sphere(Float64Array.of(3e-320, -4e-320))).toStrictEqual(Float64Array.of(0.6, -0.8))
})

test('the radius may be an expression, and has a derivative', () => {
  const x = Float64Array.of(3, -1, 0.5)
  const direction = Float64Array.of(1, 2, 4)
  const slope = (f: (scale: Value) => Operand) => grad((s: Operand) => dot(f(mul(s, 1)), direction))(2)
  // Of two that are above the threshold each gets a half.
  expect(slope((s) => projectionSimplex(Float64Array.of(3, 2.5, 0.5), s))).toBe(1.5)
  expect(slope((s) => projectionL1Ball(x, s))).toBe(1)
  expect(slope((s) => projectionL2Ball(x, s))).toBeCloseTo(3 / Math.hypot(3, 1, 0.5), 12)
  expect(slope((s) => projectionLinfBall(x, s))).toBe(1)
  expect(slope((s) => projectionHyperplane(x, direction, s))).toBeCloseTo(1, 12)
})

test('it can be differentiated twice', () => {
  // A square of a projection onto a simplex is a quadratic on each of its faces.
  const squared = (x: Operand) => sumSquares(projectionSimplex(x))
  expect(hvp(squared)(Float64Array.of(1, 0.5, -9), Float64Array.of(1, 0, 0))).toStrictEqual(Float64Array.of(1, -1, 0))
  const short = (x: Operand) => sum(add(projectionL2Ball(x, 9), 1))
  expect(hvp(short)(Float64Array.of(1, 2), Float64Array.of(1, 0))).toStrictEqual(Float64Array.of(0, 0))
})

test.each([
  ['projectionBox: lower must be at most upper, 0, got 1', () => projectionBox(1, 1, 0)],
  ['projectionSimplex: scale must be a finite number > 0 or a lazy scalar, got 0', () => projectionSimplex(1, 0)],
  ['projectionL1Ball: scale must be a finite number > 0 or a lazy scalar, got -1', () => projectionL1Ball(1, -1)],
  [
    'projectionL1Sphere: scale must be a finite number > 0 or a lazy scalar, got NaN',
    () => projectionL1Sphere(1, Number.NaN)
  ],
  [
    'projectionL2Ball: scale must be a finite number > 0 or a lazy scalar, got Infinity',
    () => projectionL2Ball(1, Infinity)
  ],
  [
    'projectionL2Sphere: scale must be a finite number > 0 or a lazy scalar, got "1"',
    () => projectionL2Sphere(1, '1' as never)
  ],
  ['projectionLinfBall: scale must be a finite number ≥ 0 or a lazy scalar, got -1', () => projectionLinfBall(1, -1)],
  ['projectionHypercube: scale must be a finite number ≥ 0 or a lazy scalar, got -1', () => projectionHypercube(1, -1)],
  [
    'projectionHyperplane: b must be a finite number or a lazy scalar, got NaN',
    () => projectionHyperplane(1, 1, Number.NaN)
  ],
  [
    'projectionHalfspace: b must be a finite number or a lazy scalar, got Infinity',
    () => projectionHalfspace(1, 1, Infinity)
  ]
] as const)('%s', (message, run) => {
  expect(run).toThrow(new InvalidOption(message))
})

test.each([
  ['projectionBox: params has no "v", lower has it', () => projectionBox({ w: 1 }, { v: 0 } as never, 1)],
  [
    'projectionBox: upper.w has shape [3], params has [2]',
    () => projectionBox({ w: new Float32Array(2) }, 0, { w: new Float32Array(3) })
  ],
  [
    'projectionVector: a.w has shape [2, 1], x has [2]',
    () => projectionVector({ w: new Float32Array(2) }, { w: ndarray([1, 2], [2, 1]) } as never)
  ]
] as const)('%s', (message, run) => {
  expect(run).toThrow(new InvalidTree(message))
})
