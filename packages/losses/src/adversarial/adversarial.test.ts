import {
  dot,
  grad,
  InvalidOption,
  mul,
  type Operand,
  random,
  read,
  sin,
  sub,
  sum,
  sumSquares,
  type Tree,
  tree
} from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { projectionBox } from '../projections/projectionBox.js'
import { fgsm } from './fgsm.js'
import { pgd } from './pgd.js'

// Doubles alone are nearly all tiny.
const anElement = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -4000, max: 4000 }).map((i) => i / 1000) },
  fc.double({ min: -4, max: 4, noNaN: true })
)
// Squares of tinier numbers have no digits.
const aPoint = fc
  .array(anElement, { minLength: 3, maxLength: 3 })
  .map((x) => Float64Array.from(x, (a) => (Math.abs(a) < 1e-9 ? 0 : a)))
const aNorm = fc.constantFrom('linf' as const, 'l2' as const)
const anEpsilon = fc.double({ min: 1e-3, max: 2, noNaN: true })

/** Smooth, and neither convex nor concave. */
const loss = (x: Operand, w: Float64Array) => sum(sin(mul(x, w)))
const linear = (x: Operand, w: Float64Array) => dot(x, w)

const length = { linf: (x: Float64Array) => Math.max(...x.map(Math.abs)), l2: (x: Float64Array) => Math.hypot(...x) }
const apart = (norm: 'linf' | 'l2', x: Float64Array, y: Float64Array): number =>
  length[norm](x.map((a, i) => a - (y[i] as number)))

describe.each([
  ['fgsm', fgsm],
  ['pgd', pgd]
] as const)('%s', (_, attack) => {
  test('goes no farther than it may', () => {
    fc.assert(
      fc.property(aPoint, aPoint, aNorm, anEpsilon, (x, w, norm, epsilon) => {
        expect(apart(norm, attack(loss, { epsilon, norm })(x, w), x)).toBeLessThanOrEqual(epsilon * (1 + 1e-12) + 1e-14)
      }),
      { numRuns: 30 }
    )
  })

  test('lets a linear loss grow by all that a step can', () => {
    fc.assert(
      fc.property(aPoint, aPoint, aNorm, anEpsilon, (x, w, norm, epsilon) => {
        const found = attack(linear, { epsilon, norm })(x, w)
        const dual = norm === 'linf' ? w.reduce((total, a) => total + Math.abs(a), 0) : Math.hypot(...w)
        // A gradient that is nearly 0 is one all the same, but not a length of 0.
        fc.pre(dual > 1e-6 || dual === 0)
        expect(Math.abs(read(linear(found, w)) - read(linear(x, w)) - epsilon * dual)).toBeLessThan(
          1e-12 * (1 + epsilon * dual + 48)
        )
      }),
      { numRuns: 30 }
    )
  })

  test('stays among the inputs that there are', () => {
    const projection = (x: Tree) => projectionBox(x, 0, 1)
    fc.assert(
      fc.property(aPoint, aNorm, anEpsilon, (w, norm, epsilon) => {
        const found = attack(loss, { epsilon, norm, projection })(Float64Array.of(0, 0.5, 1), w)
        expect([...found].every((a) => a >= 0 && a <= 1)).toBe(true)
      }),
      { numRuns: 30 }
    )
  })

  test('takes trees and gives their form and dtype; where there is no slope nothing changes', () => {
    const given = { image: Float32Array.of(1, 2), scale: 3 }
    const flat = (x: { readonly image: Operand; readonly scale: Operand }) => mul(0, sumSquares(sub(x.image, 1)))
    for (const norm of ['linf', 'l2'] as const) expect(attack(flat, { norm })(given)).toStrictEqual(given)
    const steep = (x: { readonly image: Operand; readonly scale: Operand }) => sum(mul(x.scale, x.image))
    const found = attack(steep, { epsilon: 0.5 })(given)
    expect(found).toStrictEqual({ image: Float32Array.of(1.5, 2.5), scale: 3.5 })
  })

  test('can stand within a loss that is differentiated', () => {
    const robust = (w: Operand): ReturnType<typeof sum> => {
      const x = attack((at: Operand) => dot(at, w), { epsilon: 0.5 })(Float64Array.of(1, 1))
      return dot(x, w)
    }
    // The input moves with signs, which have no slope.
    expect(grad(robust)(Float64Array.of(2, -3))).toStrictEqual(Float64Array.of(1.5, 0.5))
  })

  test.each([
    ['epsilon must be a finite number > 0, got 0', { epsilon: 0 }],
    ['norm must be one of "linf", "l2", got "l1"', { norm: 'l1' as never }],
    ['projection must be a function', { projection: 3 as never }]
  ] as const)('refuses: %s', (message, options) => {
    expect(() => attack(loss, options)).toThrow(InvalidOption)
    expect(() => attack(loss, options)).toThrow(message)
    expect(() => attack('loss' as never)).toThrow('loss must be a function, got "loss"')
  })
})

test('fgsm is one step of the sign, or of the direction, of the gradient', () => {
  fc.assert(
    fc.property(aPoint, aPoint, anEpsilon, (x, w, epsilon) => {
      const g = grad(loss)(x, w)
      expect(fgsm(loss, { epsilon })(x, w)).toStrictEqual(x.map((a, i) => a + epsilon * Math.sign(g[i] as number)))
      const longest = Math.hypot(...g)
      fgsm(loss, { epsilon, norm: 'l2' })(x, w).forEach((a, i) => {
        const wanted = (x[i] as number) + (longest === 0 ? 0 : (epsilon * (g[i] as number)) / longest)
        expect(Math.abs(a - wanted)).toBeLessThan(1e-12)
      })
    })
  )
})

test('pgd of one long step is fgsm', () => {
  fc.assert(
    fc.property(aPoint, aPoint, aNorm, anEpsilon, (x, w, norm, epsilon) => {
      const once = pgd(loss, { epsilon, norm, steps: 1, stepSize: epsilon })(x, w)
      once.forEach((a, i) =>
        expect(Math.abs(a - (fgsm(loss, { epsilon, norm })(x, w)[i] as number))).toBeLessThan(1e-12)
      )
    })
  )
})

test('pgd finds at least nearly as much as fgsm where the loss bends', () => {
  // Uphill along a valley that turns.
  const bent = (x: Operand) =>
    sub(dot(x, Float64Array.of(1, 0.3)), mul(2, sumSquares(sub(dot(x, Float64Array.of(1, 1)), 0.2))))
  const at = Float64Array.of(0, 0)
  const far = read(bent(pgd(bent, { epsilon: 0.5, steps: 40, norm: 'l2' })(at)))
  expect(far).toBeGreaterThan(read(bent(fgsm(bent, { epsilon: 0.5, norm: 'l2' })(at))) + 0.1)
})

test('pgd with a key starts at random: another with another key, the same with the same', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), aNorm, (seed, norm) => {
      const flat = (x: Operand) => mul(0, sum(x))
      const x = { a: Float64Array.of(1, 2, 3), b: 4 }
      const start = (key: number) =>
        pgd((at: { readonly a: Operand; readonly b: Operand }) => flat(at.a), { norm, epsilon: 0.5, key })(x)
      expect(start(seed)).toStrictEqual(start(seed))
      expect(start(seed)).not.toStrictEqual(start(seed === 0 ? 1 : 0))
      expect(start(seed)).not.toStrictEqual(x)
      const byKey = { norm, epsilon: 0.5, key: random.key(seed) }
      expect(pgd((at: { readonly a: Operand; readonly b: Operand }) => flat(at.a), byKey)(x)).toStrictEqual(start(seed))
    }),
    { numRuns: 10 }
  )
})

test('random starts fill the ball: their lengths are spread as its volume is', () => {
  const flat = (x: Operand) => mul(0, sum(x))
  const n = 600
  const lengths = Array.from({ length: n }, (_, seed) => {
    const start = pgd(flat, { norm: 'l2', epsilon: 2, key: seed, steps: 1 })(new Float64Array(3))
    return read(tree.norm(start)) / 2
  })
  // Of a ball in three dimensions, the share within half the radius is an eighth.
  expect(Math.abs(lengths.filter((r) => r < 0.5).length / n - 1 / 8)).toBeLessThan(6 * Math.sqrt(7 / 64 / n))
  expect(Math.max(...lengths)).toBeLessThanOrEqual(1 + 1e-12)
})

test.each([
  ['pgd: steps must be a whole number ≥ 1, got 0', { steps: 0 }],
  ['pgd: stepSize must be a finite number > 0, got -1', { stepSize: -1 }],
  ['pgd: key must be a key made by random.key or a whole number, got 0.5', { key: 0.5 }]
] as const)('%s', (message, options) => {
  expect(() => pgd(loss, options)).toThrow(new InvalidOption(message))
})
