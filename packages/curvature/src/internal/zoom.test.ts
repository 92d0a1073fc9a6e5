import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LinePoint } from './objective.js'
import { type Found, type ZoomRules, zoom } from './zoom.js'

const RULES: ZoomRules = {
  ...{ steps: 20, maxRate: Infinity, tol: 0, increaseFactor: 2 },
  ...{ slopeRtol: 1e-4, curvRtol: 0.9, approxDecRtol: 1e-6, precision: 1e-5 }
}

/** A function of one number and its derivative. */
type Curve = (rate: number) => readonly [value: number, slope: number]

/** A search on a curve, and every rate that it tried. */
const search = (
  curve: Curve,
  rules: Partial<ZoomRules> = {},
  guess = 1
): { readonly found: Found; readonly tried: readonly number[] } => {
  const tried: number[] = []
  const at = (rate: number): LinePoint => {
    tried.push(rate)
    const [value, slope] = curve(rate)
    const hasFailed = !Number.isFinite(value) || !Number.isFinite(slope)
    return {
      rate,
      value: hasFailed ? Infinity : value,
      slope: hasFailed ? NaN : slope,
      hasFailed,
      grad: null,
      params: null
    }
  }
  const [value, slope] = curve(0)
  return { found: zoom({ ...RULES, ...rules }, { value, slope }, guess, at), tried }
}

/** Smooth curves that fall at 0 and are bounded below: a bowl with waves on it, whose waves may be steeper than the bowl. */
const curves: fc.Arbitrary<Curve> = fc
  .record({
    least: fc.double({ min: 0.01, max: 1000, noNaN: true }),
    height: fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
    waves: fc.double({ min: 0, max: 0.9, noNaN: true }),
    often: fc.double({ min: 0.1, max: 30, noNaN: true })
  })
  .map(({ least, height, waves, often }) => (rate) => {
    const x = rate / least - 1
    const size = (waves * 2) / often
    // At 0 the waves add nothing to the slope of the bowl.
    const wave = size * Math.sin(often * (x + 1)) - waves * 2 * x
    return [height * (x * x + wave), (height / least) * (2 * x + waves * 2 * (Math.cos(often * (x + 1)) - 1))]
  })

describe('zoom', () => {
  test('where it finds a rate, the conditions of Wolfe hold there', () => {
    let successes = 0
    fc.assert(
      fc.property(curves, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (curve, guess) => {
        const [value, slope] = curve(0)
        fc.pre(slope < 0)
        const { found } = search(curve, { approxDecRtol: null, steps: 40 }, guess)
        if (Math.max(found.decreaseError, found.curvatureError) > 0) return
        successes += 1
        const point = found.chosen?.point ?? { rate: NaN, value: NaN, slope: NaN }
        expect(point.value).toBeLessThanOrEqual(value + 1e-4 * point.rate * slope)
        expect(Math.abs(point.slope)).toBeLessThanOrEqual(0.9 * Math.abs(slope))
      })
    )
    expect(successes).toBeGreaterThan(0)
  })

  test('it never goes uphill, however few rates it may try', () => {
    fc.assert(
      fc.property(
        curves,
        fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
        fc.integer({ min: 1, max: 6 }),
        (curve, guess, steps) => {
          const { found, tried } = search(curve, { approxDecRtol: null, steps }, guess)
          expect(tried.length).toBe(found.steps)
          expect(found.steps).toBeLessThanOrEqual(steps)
          if (found.chosen !== null) expect(found.chosen.point.value).toBeLessThan(curve(0)[0])
          else expect(found.decreaseError).toBeGreaterThan(0)
        }
      )
    )
  })

  test('powers of two times the curve lead to the same rates', () => {
    fc.assert(
      fc.property(curves, fc.integer({ min: -40, max: 40 }), (curve, power) => {
        const c = 2 ** power
        const scaled: Curve = (rate) => {
          const [value, slope] = curve(rate)
          return [c * value, c * slope]
        }
        expect(search(scaled).tried).toStrictEqual(search(curve).tried)
      })
    )
  })

  test('a rate that is right at once is taken', () => {
    const { found, tried } = search((x) => [(x - 1) * (x - 1), 2 * (x - 1)])
    expect(tried).toStrictEqual([1])
    expect(found).toMatchObject({ steps: 1, rate: 1, decreaseError: 0, curvatureError: 0 })
  })

  test('goes on by the factor while the curve falls, up to the largest rate', () => {
    const falling: Curve = (x) => [-x, -1]
    const { found, tried } = search(falling, { increaseFactor: 4, maxRate: 10 })
    expect(tried).toStrictEqual([1, 4, 10])
    expect(found).toMatchObject({ rate: 10, decreaseError: 0, curvatureError: 1 - 0.9 })
    expect(search(falling, { steps: 3 }).found).toMatchObject({ rate: 4, decreaseError: 0 })
    expect(search(falling, { maxRate: 0.5 }).tried).toStrictEqual([0.5])
  })

  test('a parabola is at its least after one rate too far', () => {
    const { tried } = search((x) => [(x - 1) * (x - 1), 2 * (x - 1)], {}, 16)
    expect(tried).toStrictEqual([16, 8, 1])
  })

  test('what is not finite is too far, NaN like infinity', () => {
    const wall =
      (beyond: number): Curve =>
      (x) =>
        x > 0.3 ? [beyond, beyond] : [-x, -1]
    for (const beyond of [NaN, Infinity, -Infinity]) {
      const { found, tried } = search(wall(beyond))
      expect(tried.slice(0, 3)).toStrictEqual([1, 0.5, 0.25])
      expect(found.rate).toBeGreaterThan(0.29)
      expect(found).toMatchObject({ decreaseError: 0 })
    }
  })

  test('where nothing is finite it takes nothing, after all its rates', () => {
    const { found } = search((x) => (x > 0 ? [NaN, NaN] : [1, -1]))
    expect(found).toStrictEqual({
      ...{ chosen: null, steps: 20, rate: 2 ** -19 },
      ...{ decreaseError: Infinity, curvatureError: Infinity }
    })
  })

  test('a search that fails takes the best that it has seen, or nothing', () => {
    // It falls by less than a ten-thousandth of what its slope says.
    const shallow: Curve = (x) => [-1e-5 * x, x === 0 ? -1 : -1e-5]
    const failed = search(shallow, { approxDecRtol: null, steps: 3 }).found
    expect(failed.chosen?.point.rate).toBe(1)
    expect(failed.decreaseError).toBeCloseTo(9e-5, 12)
    const rising: Curve = (x) => [x, x === 0 ? -1 : 1]
    const { found } = search(rising, { approxDecRtol: null, steps: 3 })
    expect(found).toMatchObject({ chosen: null, steps: 3 })
    expect(found.rate).toBeLessThan(0.5)
    expect(found.decreaseError).toBeCloseTo(found.rate * (1 + 1e-4), 12)
  })

  test('where differences of the loss are rounding errors its slopes decide', () => {
    const flat: Curve = (x) => [1 + (x > 0 ? 1e-12 : 0), 1e-9 * (x - 1)]
    expect(search(flat).found).toMatchObject({ steps: 1, decreaseError: 0 })
    expect(search(flat, { approxDecRtol: null }).found.decreaseError).toBeGreaterThan(0)
  })

  test('without a condition on the slope, it takes the first decrease', () => {
    const curve: Curve = (x) => [(x - 9) * (x - 9), 2 * (x - 9)]
    expect(search(curve, { curvRtol: Infinity }).tried).toStrictEqual([1])
    expect(search(curve, { curvRtol: 0.1 }).tried.length).toBeGreaterThan(1)
  })

  test('an interval that is short enough is not looked into, once there is something in it', () => {
    const kink: Curve = (x) => [Math.abs(x - 0.7), x < 0.7 ? -1 : 1]
    const coarse = search(kink, { precision: 0.1, steps: 60 })
    expect(coarse.found.steps).toBeLessThan(search(kink, { precision: 1e-6, steps: 60 }).found.steps)
    expect(Math.abs(coarse.found.rate - 0.7)).toBeLessThan(0.1)
  })
})
