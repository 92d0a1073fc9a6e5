import { describe, expect, test } from 'vitest'
import { erfi } from './erfi.js'

describe('erfi', () => {
  // SciPy 1.x, scipy.special.erfi; what exp(x²) loses is x² times a rounding.
  test.each([
    [1e-300, 1.1283791670955126e-300],
    [1e-8, 1.1283791670955126e-8],
    [0.1, 0.11321517416959982],
    [0.5, 0.6149520946965109],
    [Math.SQRT1_2, 0.9534382692512611],
    [1, 1.6504257587975428],
    [2, 18.564802414575553],
    [3.25, 7091.422701590346],
    [5, 8298273880.6768055],
    [6.4, 5.488087260890471e16],
    [6.6, 7.15954910374043e17],
    [8, 4.432449746002334e26],
    [12, 1.6299357995243493e61],
    [20, 1.474797539628785e172],
    [26, 8.31463716473099e291]
  ])('of %d is what SciPy says, and it is odd', (x, wanted) => {
    expect(Math.abs(erfi(x) / wanted - 1)).toBeLessThan(4e-16 * (4 + x * x))
    expect(erfi(-x)).toBe(-erfi(x))
  })

  test('both series agree where one takes over', () => {
    const [below, above] = [erfi(6.499999999999), erfi(6.5)]
    // The slope is 2 x times the value.
    expect(Math.abs(above / below - 1 - 13e-12)).toBeLessThan(5e-13)
  })

  test('zeros keep their sign, NaN and what is too large pass through', () => {
    expect(erfi(0)).toBe(0)
    expect(erfi(-0)).toBe(-0)
    expect(erfi(Number.NaN)).toBe(Number.NaN)
    expect(erfi(27)).toBe(Number.POSITIVE_INFINITY)
    expect(erfi(-30)).toBe(Number.NEGATIVE_INFINITY)
  })
})
