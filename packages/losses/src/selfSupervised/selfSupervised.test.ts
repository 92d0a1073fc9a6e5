import { checkGradients, type Operand, sum } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batch, bendOf, elementsOf, isNear, matrixOf, type Rows, slopesOf } from '../internal/lossTesting.js'
import { ntxent } from './ntxent.js'
import { tripletMarginLoss } from './tripletMarginLoss.js'

const awayFromZero = (x: Rows): Rows => x.map((row) => row.map((n) => n + (n < 0 ? -1 : 1)))

describe('ntxent', () => {
  const cosine = (a: readonly number[], b: readonly number[]): number => {
    const inner = (x: readonly number[], y: readonly number[]) =>
      x.reduce((total, n, i) => total + n * (y[i] as number), 0)
    return inner(a, b) / Math.sqrt(inner(a, a) * inner(b, b))
  }

  const byPairs = (x: Rows, labels: readonly number[], temperature: number): number => {
    const losses = x.flatMap((a, i) =>
      x.flatMap((b, j) => {
        if (i === j || labels[i] !== labels[j]) return []
        const own = Math.exp(cosine(a, b) / temperature)
        const others = x.reduce(
          (total, c, k) => (labels[k] === labels[i] ? total : total + Math.exp(cosine(a, c) / temperature)),
          0
        )
        return [-Math.log(own / (own + others))]
      })
    )
    return losses.length === 0 ? 0 : losses.reduce((total, l) => total + l, 0) / losses.length
  }

  const temperature = fc.integer({ min: 1, max: 16 }).map((n) => n / 16)

  test('is the mean over all pairs of one label, whatever labels are called and embeddings are long', () => {
    fc.assert(
      fc.property(batch, temperature, ({ x, labels }, t) => {
        const rows = awayFromZero(x)
        const found = elementsOf(ntxent(matrixOf(rows), labels, { temperature: t }))
        const longer = matrixOf(rows.map((row, i) => row.map((n) => n * 2 ** i)))
        const renamed = labels.map((l) => -10 * l)
        return (
          isNear([byPairs(rows, labels, t)], found, 1e-10) &&
          isNear(found, elementsOf(ntxent(longer, renamed, { temperature: t })), 1e-10) &&
          isNear(
            found,
            elementsOf(ntxent(matrixOf([...rows].reverse()), [...labels].reverse(), { temperature: t })),
            1e-12
          )
        )
      })
    )
  })

  test('without a pair is 0, with a slope of 0', () => {
    const x = matrixOf([
      [1, 2],
      [3, 4]
    ])
    expect(elementsOf(ntxent(x, [0, 1]))).toStrictEqual([0])
    expect(slopesOf((e) => ntxent(e, [0, 1]), x).map(Math.abs)).toStrictEqual([0, 0, 0, 0])
  })

  test('an embedding of zeros has finite slopes, and small temperatures do not overflow', () => {
    const x = matrixOf([
      [0, 0],
      [3, 4],
      [1, -1]
    ])
    expect(slopesOf((e) => ntxent(e, [0, 0, 1], { temperature: 1e-4 }), x).every(Number.isFinite)).toBe(true)
    expect(elementsOf(ntxent(x, [0, 0, 1], { temperature: 1e-4 })).every(Number.isFinite)).toBe(true)
  })

  test('has the gradient that differences have', () => {
    const x = matrixOf([
      [1, 0.5, 2],
      [0.25, -1, 1],
      [2, 1, 1],
      [-1, 0, 3]
    ])
    const loss = (e: Operand) => ntxent(e, [0, 1, 0, 1], { temperature: 0.5 })
    expect(checkGradients((e: Operand) => sum(loss(e)), x).agrees).toBe(true)
  })

  test('refuses what does not fit', () => {
    const x = matrixOf([
      [1, 2],
      [3, 4]
    ])
    expect(() => ntxent(new Float64Array(2), [0, 1])).toThrow(
      'ntxent: embeddings must be an array of 2 axes, got shape [2]'
    )
    expect(() => ntxent(x, [0])).toThrow('ntxent: labels must have shape [2] for embeddings of shape [2, 2], got [1]')
    expect(() => ntxent(x, [0, 1], { temperature: 0 })).toThrow(
      'ntxent: temperature must be a finite number > 0, got 0'
    )
  })
})

describe('tripletMarginLoss', () => {
  const options = fc.record({
    normDegree: fc.constantFrom(1, 2, 3, 4, 1.5),
    margin: fc.integer({ min: -8, max: 80 }).map((n) => n / 8),
    eps: fc.constantFrom(0, 1e-6, 0.5)
  })

  test('is by its definition, and the same of what is translated', () => {
    fc.assert(
      fc.property(batch, options, ({ x, y, mask }, { normDegree, margin, eps }) => {
        const distance = (a: readonly number[], b: readonly number[] | undefined): number =>
          (a.reduce((total, n, i) => total + Math.abs(n - (b?.[i] as number)) ** normDegree, 0) + eps) **
          (1 / normDegree)
        const expected = x.map((a, i) => Math.max(0, distance(a, y[i]) - distance(a, mask[i]) + margin))
        const given = [x, y, mask].map(matrixOf)
        const moved = [x, y, mask].map((rows) => matrixOf(rows.map((row) => row.map((n) => n + 4))))
        const of = ([a, p, n]: readonly Operand[]) =>
          elementsOf(tripletMarginLoss(a as Operand, p as Operand, n as Operand, { normDegree, margin, eps }))
        return isNear(expected, of(given), 1e-11) && isNear(expected, of(moved), 1e-11)
      })
    )
  })

  test('has finite slopes where all are the same, and the right bend of an even degree', () => {
    const zero = new Float64Array(2)
    expect(slopesOf((a) => tripletMarginLoss(a, zero, zero), zero).every(Number.isFinite)).toBe(true)
    // √(|a|² + 1) bends by 1 at 0.
    const far = Float64Array.of(0, 0)
    const loss = (a: Operand) => tripletMarginLoss(a, far, Float64Array.of(0, 0), { eps: 1 })
    const byPositive = (p: Operand) => tripletMarginLoss(zero, p, far, { eps: 1 })
    expect(bendOf(byPositive, zero, Float64Array.of(1, 0)).map((h) => h + 0)).toStrictEqual([1, 0])
    expect(elementsOf(loss(zero))).toStrictEqual([1])
  })

  test('adds up along any axes', () => {
    const [a, p, n] = [
      matrixOf([
        [1, 2],
        [3, 5]
      ]),
      matrixOf([
        [0, 0],
        [0, 0]
      ]),
      matrixOf([
        [1, 2],
        [3, 4]
      ])
    ]
    const found = elementsOf(tripletMarginLoss(a, p, n, { axis: null, eps: 0 }))
    expect(isNear([Math.sqrt(39)], found)).toBe(true)
  })

  test.each([
    [{ normDegree: 0 }, 'tripletMarginLoss: normDegree must be a finite number > 0, got 0'],
    [{ margin: Infinity }, 'tripletMarginLoss: margin must be a finite number, got Infinity'],
    [{ eps: -1 }, 'tripletMarginLoss: eps must be a finite number ≥ 0, got -1'],
    [{ axis: 3 }, 'tripletMarginLoss: axis must be a whole number from -1 to 0']
  ])('refuses %o', (given, message) => {
    const x = new Float64Array(2)
    expect(() => tripletMarginLoss(x, x, x, given)).toThrow(message)
  })

  test('refuses different shapes', () => {
    const x = new Float64Array(2)
    expect(() => tripletMarginLoss(x, x, new Float64Array(3))).toThrow(
      'tripletMarginLoss: negatives has shape [3], anchors has [2]'
    )
  })
})
