import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escaped } from '../escaped.js'
import { exponentOf, labelsOf, linearDomain, logDomain, placeOf, powerOfTen, ticksOf } from './scale.js'
import { thinned } from './thinned.js'
import { cut, words } from './words.js'

const drawn = fc.double({ min: -1e300, max: 1e300, noNaN: true })
const above = fc.double({ min: 1e-290, max: 1e300, noNaN: true })

describe('axes', () => {
  test('exponentOf gives the power of ten at or below', () => {
    for (let exponent = -300; exponent <= 300; exponent++) expect(exponentOf(powerOfTen(exponent))).toBe(exponent)
    fc.assert(
      fc.property(above, (value) => powerOfTen(exponentOf(value)) <= value && powerOfTen(exponentOf(value) + 1) > value)
    )
  })

  test('a linear axis holds all of its numbers, and has some length', () => {
    fc.assert(
      fc.property(fc.array(drawn), (values) => {
        const [from, to] = linearDomain(values)
        expect(from).toBeLessThan(to)
        for (const value of values) expect(value >= from && value <= to).toBe(true)
      }),
      { examples: [[[0.1 + 0.2, 0.3]], [[5e-324, 1e-323]], [[1e300, -1e300]], [[0]], [[-3, -3]]] }
    )
  })

  test('a logarithmic axis holds all that is above 0, and what is not lies at its lower end, a decade below', () => {
    fc.assert(
      fc.property(fc.array(above, { minLength: 1 }), (values) => {
        const [from, to] = logDomain(values)
        for (const value of values) expect(value >= from && value <= to).toBe(true)
        const [lower] = logDomain([...values, 0])
        expect(lower).toBeLessThanOrEqual(Math.max(1e-300, Math.min(...values) / 9.99))
        expect(placeOf(0, 'log', [lower, to])).toBe(0)
        expect(placeOf(-1, 'log', [lower, to])).toBe(0)
        for (const domain of [[from, to] as const, [lower, to] as const]) {
          const places = [...values, to].map((value) => placeOf(value, 'log', domain))
          expect(places.every((place) => place >= 0 && place <= 1 + 1e-12)).toBe(true)
          expect(places.at(-1)).toBe(1)
        }
      }),
      { examples: [[[1e300, 1e-290]]] }
    )
    expect(placeOf(1, 'log', [1e-300, 1e300])).toBeCloseTo(0.5, 12)
    expect(logDomain([])).toStrictEqual([0.1, 1])
    expect(logDomain([0, -1])).toStrictEqual([0.1, 1])
    expect(logDomain([0.3, 0.7])).toStrictEqual([0.2, 1])
    expect(logDomain([100])).toStrictEqual([10, 1000])
  })

  test('numbers beside an axis are round, on it, in order, and not many more than are wanted', () => {
    const both = fc.tuple(fc.constantFrom('linear', 'log'), fc.array(above, { minLength: 1 }), fc.nat({ max: 12 }))
    fc.assert(
      fc.property(both, ([type, values, n]) => {
        const wanted = n + 2
        const domain = type === 'log' ? logDomain(values) : linearDomain(values)
        const ticks = ticksOf(type as 'linear' | 'log', domain, wanted)
        expect(ticks.length).toBeGreaterThan(0)
        expect(ticks.length).toBeLessThanOrEqual(2 * wanted + 2)
        expect(
          ticks.every((tick, i) => tick >= domain[0] && tick <= domain[1] && !(tick <= (ticks[i - 1] ?? -1)))
        ).toBe(true)
        if (type === 'log') expect(ticks.every((tick) => /^[125]e/.test(tick.toExponential()))).toBe(true)
        expect(new Set(labelsOf(type as 'linear' | 'log', ticks)).size).toBe(ticks.length)
      })
    )
  })

  test('where steps are counted, there are whole numbers alone', () => {
    expect(ticksOf('linear', [0, 1], 8)).toStrictEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
    expect(ticksOf('linear', [0, 1], 8, true)).toStrictEqual([0, 1])
  })

  test.each<[readonly number[], readonly string[]]>([
    [
      [0, 0.05, 0.1],
      ['0', '0.05', '0.10']
    ],
    [
      [-20, 0, 20],
      ['-20', '0', '20']
    ],
    [
      [12345678, 12345679],
      ['12345678', '12345679']
    ],
    [
      [1e-7, 2e-7],
      ['1e-7', '2e-7']
    ],
    [
      [1e12, 1.0005e12],
      ['1.0000e12', '1.0005e12']
    ]
  ])('numbers %j are written %j', (values, written) => {
    expect(labelsOf('linear', values)).toStrictEqual(written)
  })

  test('numbers of a logarithmic axis are short', () => {
    expect(labelsOf('log', [1e-6, 1e-3, 0.02, 1, 1000, 1e6])).toStrictEqual([
      '1e-6',
      '0.001',
      '0.02',
      '1',
      '1000',
      '1e6'
    ])
  })
})

describe('thinned', () => {
  const numbers = fc.array(fc.oneof(fc.double(), fc.double({ min: -2, max: 2 })), { maxLength: 400 })
  const small = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 100, maxLength: 400 })

  test('keeps the ends, the least and the greatest, in order, and no more than is wanted', () => {
    fc.assert(
      fc.property(fc.oneof(numbers, small), fc.integer({ min: 8, max: 50 }), (values, most) => {
        const kept = thinned(values.length, most, (i) => values[i] as number)
        expect(kept.length).toBeLessThanOrEqual(Math.max(most, 8))
        expect(kept.every((i, k) => k === 0 || i > (kept[k - 1] as number))).toBe(true)
        const finite = values.filter(Number.isFinite)
        const shown = kept.map((i) => values[i] as number)
        if (finite.length > 0) {
          expect(shown).toContain(Math.min(...finite))
          expect(shown).toContain(Math.max(...finite))
          expect([kept[0], kept.at(-1)]).toStrictEqual([0, values.length - 1])
        }
        expect(shown.every(Number.isFinite)).toBe(values.every(Number.isFinite))
      })
    )
  })
})

test('what is cut ends with a whole character', () => {
  expect(cut('abcd', 3)).toBe('ab…')
  expect(cut('ab😀cd', 4)).toBe('ab…')
  expect(cut('ab😀cd', 5)).toBe('ab😀…')
})

test('words of users lose no letter, and nothing that a terminal obeys or XML refuses is left', () => {
  expect(words('a\u001b[31m\u0000ü\u202e\ud800😀')).toBe('a\\u001b[31m\\u0000ü\\u202e\\ud800😀')
  expect(escaped(`<a href="b">'&`)).toBe(`&lt;a href="b"&gt;'&amp;`)
})
