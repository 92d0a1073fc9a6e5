import type { Operand, Value } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bendOf, eighth, elementsOf, isNear, number, slopesOf } from '../internal/lossTesting.js'
import { hingeLoss } from './hingeLoss.js'
import { perceptronLoss } from './perceptronLoss.js'
import { sigmoidBinaryCrossEntropy } from './sigmoidBinaryCrossEntropy.js'
import { sigmoidFocalLoss } from './sigmoidFocalLoss.js'
import { softmaxCrossEntropy } from './softmaxCrossEntropy.js'
import { sparsemaxLoss } from './sparsemaxLoss.js'

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const share = fc.integer({ min: 0, max: 8 }).map((n) => n / 8)
const sign = fc.constantFrom(-1, 1)
const binary = fc.constantFrom(0, 1)

const all: Readonly<Record<string, (x: Operand, y: Operand) => Value>> = {
  sigmoidBinaryCrossEntropy,
  sigmoidFocalLoss: (x, y) => sigmoidFocalLoss(x, y),
  sparsemaxLoss,
  hingeLoss,
  perceptronLoss
}

test.each(Object.entries(all))('%s is ≥ 0, elementwise, and refuses different shapes with both', (owner, loss) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(number, binary)), (pairs) => {
      const [x, y] = [Float64Array.from(pairs, ([a]) => a), Float64Array.from(pairs, ([, b]) => b)]
      const found = elementsOf(loss(x, y))
      return (
        found.every((l) => l >= 0) &&
        isNear(
          pairs.map(([a, b]) => loss(a, b) as number),
          found,
          0
        )
      )
    })
  )
  expect(() => loss(new Float64Array(2), new Float64Array(3))).toThrow(
    new RegExp(`^${owner}: .* has shape \\[3\\], .* has \\[2\\]$`)
  )
})

describe('sigmoidBinaryCrossEntropy', () => {
  test('is the cross entropy of softmax for two classes, one logit being 0', () => {
    fc.assert(
      fc.property(number, share, (x, y) => {
        const two = softmaxCrossEntropy(Float64Array.of(x, 0), Float64Array.of(y, 1 - y))
        return isNear(elementsOf(two), elementsOf(sigmoidBinaryCrossEntropy(x, y)))
      })
    )
  })

  test('of −x and 1 − y is the same', () => {
    fc.assert(
      fc.property(number, share, (x, y) =>
        isNear([sigmoidBinaryCrossEntropy(x, y) as number], [sigmoidBinaryCrossEntropy(-x, 1 - y) as number], 1e-15)
      )
    )
  })

  test('has the gradient σ(x) − y, and bends by σ(x)(1 − σ(x)), at 0 too', () => {
    fc.assert(
      fc.property(number, share, (x, y) => {
        const loss = (logit: Operand) => sigmoidBinaryCrossEntropy(logit, y)
        const p = sigmoid(x)
        return isNear([p - y], slopesOf(loss, x)) && isNear([p * (1 - p)], bendOf(loss, x, 1))
      }),
      { examples: [[0, 1]] }
    )
  })

  test('is small and not 0 for large logits that are right, and large and finite for those that are not', () => {
    const [right, wrong] = elementsOf(sigmoidBinaryCrossEntropy(Float64Array.of(100, 1e6), Float64Array.of(1, 0)))
    expect((right as number) / Math.exp(-100)).toBeCloseTo(1, 12)
    expect(wrong).toBe(1e6)
    expect(slopesOf((x) => sigmoidBinaryCrossEntropy(x, 1), 1e6)).toStrictEqual([0])
  })

  test('takes labels in the dtype of the logits', () => {
    const mixed = sigmoidBinaryCrossEntropy(new Float32Array(1), Float64Array.of(0.1))
    expect(elementsOf(mixed)).toStrictEqual([Math.fround(Math.LN2)])
  })
})

describe('sigmoidFocalLoss', () => {
  test('is the cross entropy times (1 − pₜ)^γ and the weight of the label', () => {
    const options = fc.record({
      alpha: fc.option(share, { nil: undefined }),
      gamma: fc.integer({ min: 0, max: 12 }).map((n) => n / 4)
    })
    fc.assert(
      fc.property(number, share, options, (x, y, { alpha, gamma }) => {
        const p = sigmoid(x)
        const missed = (1 - y) * p + y * sigmoid(-x)
        const weight = alpha === undefined ? 1 : alpha * y + (1 - alpha) * (1 - y)
        const expected = (sigmoidBinaryCrossEntropy(x, y) as number) * missed ** gamma * weight
        return isNear([expected], [sigmoidFocalLoss(x, y, { alpha, gamma }) as number])
      })
    )
  })

  test('of γ = 0 is sigmoidBinaryCrossEntropy, and its default is 2', () => {
    fc.assert(
      fc.property(number, share, (x, y) => {
        const of = (gamma?: number) => sigmoidFocalLoss(x, y, { gamma })
        return Object.is(of(0), sigmoidBinaryCrossEntropy(x, y)) && Object.is(of(), of(2))
      })
    )
  })

  test('has finite values and slopes at large logits', () => {
    const x = Float64Array.of(1000, -1000, 1000, -1000)
    const y = Float64Array.of(1, 1, 0, 0)
    for (const alpha of [undefined, 0.25]) {
      expect(elementsOf(sigmoidFocalLoss(x, y, { alpha })).every(Number.isFinite)).toBe(true)
      expect(slopesOf((logits) => sigmoidFocalLoss(logits, y, { alpha }), x).every(Number.isFinite)).toBe(true)
    }
  })

  test.each([
    [{ alpha: 1.5 }, 'sigmoidFocalLoss: alpha must be in [0, 1], got 1.5'],
    [{ gamma: -1 }, 'sigmoidFocalLoss: gamma must be a finite number ≥ 0, got -1']
  ])('refuses %o', (options, message) => {
    expect(() => sigmoidFocalLoss(0, 1, options)).toThrow(message)
  })
})

test('hingeLoss and perceptronLoss are by their definitions, and half the slope where they begin', () => {
  fc.assert(
    fc.property(eighth, sign, (f, y) => {
      const slope = (margin: number): number => (margin > 0 ? -y : margin === 0 ? -y / 2 : 0)
      return (
        (hingeLoss(f, y) as number) === Math.max(0, 1 - y * f) &&
        (perceptronLoss(f, y) as number) === Math.max(0, -y * f) &&
        isNear(
          [slope(1 - y * f)],
          slopesOf((p) => hingeLoss(p, y), f),
          0
        ) &&
        isNear(
          [slope(-y * f)],
          slopesOf((p) => perceptronLoss(p, y), f),
          0
        )
      )
    }),
    {
      examples: [
        [1, 1],
        [-1, -1],
        [0, 1]
      ]
    }
  )
})

test('sparsemaxLoss is by its definition, smooth, and turned round for the other label', () => {
  const logit = fc.double({ min: -2, max: 2, noNaN: true })
  fc.assert(
    fc.property(logit, binary, (x, y) => {
      const z = y === 1 ? -x : x
      const expected = z <= -1 ? 0 : z >= 1 ? z : (z + 1) ** 2 / 4
      const slope = z <= -1 ? 0 : z >= 1 ? 1 : (z + 1) / 2
      return (
        (sparsemaxLoss(x, y) as number) === expected &&
        sparsemaxLoss(-x, 1 - y) === sparsemaxLoss(x, y) &&
        isNear(
          [y === 1 ? -slope : slope],
          slopesOf((l) => sparsemaxLoss(l, y), x),
          0
        )
      )
    }),
    {
      examples: [
        [1, 0],
        [-1, 0],
        [0, 1]
      ]
    }
  )
})
