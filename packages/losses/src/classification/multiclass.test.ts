import { checkGradients, type Operand, sum, type Value } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ClassLabels } from '../internal/indices.js'
import { type Batch, batch, bendOf, elementsOf, isNear, matrixOf, number, slopesOf } from '../internal/lossTesting.js'
import { multiclassHingeLoss } from './multiclassHingeLoss.js'
import { multiclassPerceptronLoss } from './multiclassPerceptronLoss.js'
import { multiclassSparsemaxLoss } from './multiclassSparsemaxLoss.js'

const all: Readonly<Record<string, (s: Operand, y: ClassLabels) => Value>> = {
  multiclassHingeLoss,
  multiclassPerceptronLoss,
  multiclassSparsemaxLoss
}

/** The nearest probabilities, by halving the interval in which the threshold is. */
const nearest = (row: readonly number[]): readonly number[] => {
  let [low, high] = [Math.min(...row) - 1, Math.max(...row)]
  const above = (threshold: number): readonly number[] => row.map((s) => Math.max(0, s - threshold))
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2
    if (above(middle).reduce((total, p) => total + p, 0) > 1) low = middle
    else high = middle
  }
  return above(low)
}

const isRight = ({ labels }: Batch, i: number, j: number): number => (labels[i] === j ? 1 : 0)

describe.each(Object.entries(all))('%s', (owner, loss) => {
  test('is ≥ 0, blind to what is added to all scores, and turns with the batch', () => {
    fc.assert(
      fc.property(batch, number, ({ x, labels }, c) => {
        const found = elementsOf(loss(matrixOf(x), labels))
        const moved = elementsOf(loss(matrixOf(x.map((row) => row.map((s) => s + c))), labels))
        const turned = elementsOf(loss(matrixOf([...x].reverse()), [...labels].reverse()))
        return found.every((l) => l >= -1e-13) && isNear(found, moved, 1e-11) && isNear([...found].reverse(), turned, 0)
      })
    )
  })

  test('is 0 where the right class is ahead by 1, and more behind', () => {
    const scores = matrixOf([
      [3, 2, -5],
      [1, 3, 2],
      [0, 0, 7]
    ])
    expect(elementsOf(loss(scores, [0, 1, 2])).map(Math.abs)).toStrictEqual([0, 0, 0])
    expect(elementsOf(loss(scores, [2, 2, 1])).every((l) => l > 0)).toBe(true)
  })

  test('what is impossible and not the label does not matter', () => {
    const scores = Float64Array.of(1, -Infinity, 0.5)
    expect(elementsOf(loss(scores, 0))).toStrictEqual(elementsOf(loss(Float64Array.of(1, 0.5), 0)))
    expect(slopesOf((s) => loss(s, 2), scores).every(Number.isFinite)).toBe(true)
  })

  test('refuses labels that do not fit, and a number', () => {
    expect(() => loss(matrixOf([[1, 2]]), [2])).toThrow(`${owner}: labels[0] must be a whole number from 0 to 1, got 2`)
    expect(() => loss(matrixOf([[1, 2]]), [0, 1])).toThrow(`${owner}: labels must have shape [1]`)
    expect(() => loss(1, 0)).toThrow(`${owner}: scores must be an array, got a number`)
  })
})

test('multiclassHingeLoss and multiclassPerceptronLoss are by their definitions', () => {
  fc.assert(
    fc.property(batch, (of) => {
      const by = (margin: number) =>
        of.x.map((row, i) => {
          const right = row[of.labels[i] as number] as number
          return Math.max(...row.map((s, j) => s + (isRight(of, i, j) === 1 ? 0 : margin))) - right
        })
      return (
        isNear(by(1), elementsOf(multiclassHingeLoss(matrixOf(of.x), of.labels))) &&
        isNear(by(0), elementsOf(multiclassPerceptronLoss(matrixOf(of.x), of.labels)))
      )
    })
  )
})

test('scores that tie share the slope', () => {
  const tied = new Float64Array(4)
  expect(slopesOf((s) => multiclassPerceptronLoss(s, 0), tied)).toStrictEqual([-0.75, 0.25, 0.25, 0.25])
})

describe('multiclassSparsemaxLoss', () => {
  test('has as gradient the nearest probabilities less 1 at the right class', () => {
    fc.assert(
      fc.property(batch, (of) => {
        const small = of.x.map((row) => row.map((s) => s / 8))
        const expected = small.flatMap((row, i) => nearest(row).map((p, j) => p - isRight(of, i, j)))
        return isNear(
          expected,
          slopesOf((s) => multiclassSparsemaxLoss(s, of.labels), matrixOf(small)),
          1e-11
        )
      })
    )
  })

  test('agrees with differences, and bends as its gradient changes', () => {
    const at = matrixOf([
      [0.3, -0.1, 0.9, -2],
      [0.1, 0.2, 0.4, 0.15]
    ])
    const loss = (s: Operand): Value => multiclassSparsemaxLoss(s, [1, 2])
    expect(checkGradients((s: Operand) => sum(loss(s)), at).agrees).toBe(true)
    // Among k scores that share, a push is spread: less its mean.
    const found = bendOf(
      loss,
      at,
      matrixOf([
        [1, 0, 0, 5],
        [1, 0, 0, 0]
      ])
    )
    expect(isNear([0.5, 0, -0.5, 0, 0.75, -0.25, -0.25, -0.25], found)).toBe(true)
  })

  test('of scores that have much in common has the bits of those that have not', () => {
    const of = (c: number) => multiclassSparsemaxLoss(Float32Array.of(c + 0.5, c + 0.25, c - 0.125), 1)
    expect(elementsOf(of(2 ** 20))).toStrictEqual(elementsOf(of(0)))
  })

  test('takes scores with any axes in front, in float32 too', () => {
    const one = elementsOf(multiclassSparsemaxLoss(Float32Array.of(0.5, 0.25), 0))
    expect(one).toStrictEqual([
      Math.fround(elementsOf(multiclassSparsemaxLoss(Float64Array.of(0.5, 0.25), 0))[0] as number)
    ])
  })
})
