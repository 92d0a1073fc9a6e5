import { force, type Operand } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  batch,
  bendOf,
  countingOf,
  eighth,
  elementsOf,
  isNear,
  matrixOf,
  number,
  slopesOf
} from '../internal/lossTesting.js'
import { cosineDistance } from './cosineDistance.js'
import { cosineSimilarity } from './cosineSimilarity.js'
import { huberLoss } from './huberLoss.js'
import { l2Loss } from './l2Loss.js'
import { logCosh } from './logCosh.js'
import { squaredError } from './squaredError.js'

const elementwise = { squaredError, l2Loss, huberLoss, logCosh }

describe.each(Object.entries(elementwise))('%s', (owner, loss) => {
  test('is ≥ 0, even in the error, 0 without one, and that of errors alone without targets', () => {
    fc.assert(
      fc.property(eighth, eighth, (p, t) => {
        const found = loss(p, t) as number
        return (
          found >= -1e-15 && found === loss(t, p) && loss(p - t) === found && Math.abs(loss(p, p) as number) < 1e-15
        )
      })
    )
  })

  test('takes numbers, vectors and arrays, and gives what it is given', () => {
    expect(elementsOf(loss(Float32Array.of(3, 1), Float32Array.of(1, 1)))[0]).toBe(
      elementsOf(loss(2, Float32Array.of(0)))[0]
    )
    const rows = matrixOf([[3], [1]])
    expect(force(loss(rows, 1))).toMatchObject({ dtype: 'float64', shape: [2, 1] })
  })

  test('refuses arrays of different shapes with both', () => {
    expect(() => loss(new Float32Array(2), new Float32Array(3))).toThrow(
      `${owner}: targets has shape [3], predictions has [2]`
    )
  })
})

test('l2Loss is half of squaredError', () => {
  fc.assert(fc.property(number, number, (p, t) => Object.is(l2Loss(p, t), (squaredError(p, t) as number) / 2)))
})

test('huberLoss is by its definition, and its gradient is the error clipped, on the border too', () => {
  const delta = fc.integer({ min: 1, max: 40 }).map((n) => n / 8)
  fc.assert(
    fc.property(eighth, delta, (e, d) => {
      const size = Math.abs(e)
      const expected = size <= d ? 0.5 * e * e : d * (size - 0.5 * d)
      const found = huberLoss(e, 0, { delta: d })
      const [slope] = slopesOf((p) => huberLoss(p, 0, { delta: d }), e)
      return Object.is(found, expected) && slope === Math.max(-d, Math.min(d, e))
    })
  )
})

test('huberLoss has a delta of 1 by default', () => {
  expect(huberLoss(3)).toBe(2.5)
})

test('huberLoss bends by 1 within and not at all beyond', () => {
  const at = Float64Array.of(0, 0.5, -2)
  expect(bendOf((p) => huberLoss(p), at, Float64Array.of(1, 1, 1))).toStrictEqual([1, 1, 0])
})

test.each([0, -1, NaN, Infinity])('huberLoss refuses delta %s', (delta) => {
  expect(() => huberLoss(1, 0, { delta })).toThrow('huberLoss: delta must be a finite number > 0, got')
})

test('logCosh is the logarithm of cosh, its gradient tanh, and it bends by 1 / cosh²', () => {
  fc.assert(
    fc.property(number, (e) => {
      const loss = (p: Operand) => logCosh(p)
      return (
        isNear([Math.log(Math.cosh(e))], elementsOf(logCosh(e))) &&
        isNear([Math.tanh(e)], slopesOf(loss, e)) &&
        isNear([1 / Math.cosh(e) ** 2], bendOf(loss, e, 1))
      )
    }),
    { examples: [[0]] }
  )
})

test('logCosh does not overflow', () => {
  expect(logCosh(-1e300)).toBe(1e300)
})

describe('cosineSimilarity', () => {
  const values = (x: readonly (readonly number[])[]) => x.map((row) => row.map((n) => n + (n < 0 ? -1 : 1)))

  test('is in [−1, 1], symmetric, and blind to lengths', () => {
    fc.assert(
      fc.property(batch, fc.integer({ min: -8, max: 8 }), ({ x, y }, power) => {
        const [p, t] = [matrixOf(values(x)), matrixOf(values(y))]
        const found = elementsOf(cosineSimilarity(p, t))
        const scaled = matrixOf(values(x).map((row) => row.map((n) => n * 2 ** power)))
        return (
          found.every((s) => Math.abs(s) <= 1 + 1e-15) &&
          isNear(found, elementsOf(cosineSimilarity(t, p)), 0) &&
          isNear(found, elementsOf(cosineSimilarity(scaled, t)), 1e-15) &&
          isNear(
            found.map((s) => 1 - s),
            elementsOf(cosineDistance(p, t)),
            0
          )
        )
      })
    )
  })

  test('is blind to lengths whose squares are no numbers of the dtype, and so is its slope', () => {
    const found = (x: Float32Array | Float64Array) =>
      elementsOf(
        cosineSimilarity(
          x,
          x.map((_, i) => i)
        )
      )[0] as number
    for (const size of [1e-30, 1e-20, 1e20, 1e30]) {
      expect(found(Float32Array.of(3 * size, 4 * size))).toBeCloseTo(0.8, 6)
      expect(found(Float64Array.of(3 * size ** 9, 4 * size ** 9))).toBeCloseTo(0.8, 14)
      const at = Float64Array.of(3 * size ** 8, 4 * size ** 8)
      const slopes = slopesOf((x) => cosineSimilarity(x, Float64Array.of(0, 1)), at)
      expect(slopes.map((g) => g * size ** 8)[0]).toBeCloseTo(-0.096, 12)
      expect(slopes.map((g) => g * size ** 8)[1]).toBeCloseTo(0.072, 12)
    }
  })

  test('of elements that do not count is that of the others, whatever they are', () => {
    fc.assert(
      fc.property(batch, ({ x, y, mask }) => {
        const hidden = values(x).map((row, i) => row.map((n, j) => (mask[i]?.[j] === 1 ? n : NaN)))
        const found = elementsOf(cosineSimilarity(matrixOf(hidden), matrixOf(values(y)), { where: matrixOf(mask) }))
        const expected = values(x).map((row, i) => {
          const [p, t] = [countingOf(row, mask[i]), countingOf(values(y)[i] as readonly number[], mask[i])]
          return elementsOf(cosineSimilarity(Float64Array.from(p), Float64Array.from(t)))[0] as number
        })
        return isNear(expected, found)
      })
    )
  })

  test('of a vector of zeros is NaN, and with an epsilon 0 with a finite slope', () => {
    const [zero, one] = [new Float64Array(2), Float64Array.of(3, 4)]
    expect(elementsOf(cosineSimilarity(zero, one))).toStrictEqual([NaN])
    expect(elementsOf(cosineSimilarity(zero, one, { epsilon: 1e-4 }))).toStrictEqual([0])
    const [first] = slopesOf((p) => cosineSimilarity(p, one, { epsilon: 1e-4 }), zero)
    expect(first).toBeCloseTo(60, 10)
  })

  test.each([
    [{ epsilon: -1 }, 'cosineSimilarity: epsilon must be a finite number ≥ 0, got -1'],
    [
      { axis: 1 },
      'cosineSimilarity: axis must be a whole number from -1 to 0 for shape [2], a list of different ones, or null, got 1'
    ],
    [{ axis: [0, -1] }, 'got [0, -1]'],
    [{ where: new Float64Array(3) }, 'cosineSimilarity: where must have shape [2] or [], got [3]'],
    [{ where: 1 }, 'cosineSimilarity: where must be an array, got a number'],
    [{ scale: 1 } as object, 'cosineSimilarity: there is no option scale']
  ])('refuses %o', (options, message) => {
    expect(() => cosineSimilarity(new Float64Array(2), new Float64Array(2), options)).toThrow(message)
  })

  test('refuses a number and another shape', () => {
    expect(() => cosineDistance(1, new Float64Array(2))).toThrow(
      'cosineDistance: predictions must be an array, got a number'
    )
    expect(() => cosineDistance(new Float64Array(3), new Float64Array(2))).toThrow(
      'cosineDistance: targets has shape [2], predictions has [3]'
    )
  })
})
