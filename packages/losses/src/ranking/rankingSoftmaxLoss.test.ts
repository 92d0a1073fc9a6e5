import { type Operand, shapeOf } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { softmaxCrossEntropy } from '../classification/softmaxCrossEntropy.js'
import { batch, countingOf, elementsOf, isNear, matrixOf, number, slopesOf } from '../internal/lossTesting.js'
import { rankingSoftmaxLoss } from './rankingSoftmaxLoss.js'

const none = { reduction: 'none' } as const

test('without reduction it is softmaxCrossEntropy; the mean and the sum are of these', () => {
  fc.assert(
    fc.property(batch, number, ({ x, y }, c) => {
      const [s, t] = [matrixOf(x), matrixOf(y)]
      const lists = elementsOf(rankingSoftmaxLoss(s, t, none))
      const total = lists.reduce((sum, l) => sum + l, 0)
      const moved = matrixOf(x.map((row) => row.map((n) => n + c)))
      return (
        isNear(elementsOf(softmaxCrossEntropy(s, t)), lists, 0) &&
        isNear([total], elementsOf(rankingSoftmaxLoss(s, t, { reduction: 'sum' }))) &&
        isNear([total / lists.length], elementsOf(rankingSoftmaxLoss(s, t))) &&
        isNear(lists, elementsOf(rankingSoftmaxLoss(moved, t, none))) &&
        lists.every((l) => l >= -1e-15)
      )
    })
  )
})

test('items that are not there may be left out, whatever they are, and have no slope', () => {
  fc.assert(
    fc.property(batch, ({ x, y, mask }) => {
      const hidden = matrixOf(x.map((row, i) => row.map((n, j) => (mask[i]?.[j] === 1 ? n : NaN))))
      const where = matrixOf(mask)
      const found = elementsOf(rankingSoftmaxLoss(hidden, matrixOf(y), { ...none, where }))
      const expected = x.map((row, i) => {
        const [s, t] = [row, y[i] as readonly number[]].map((all) => Float64Array.from(countingOf(all, mask[i])))
        return elementsOf(softmaxCrossEntropy(s as Float64Array, t as Float64Array))[0] as number
      })
      const slopes = slopesOf((s: Operand) => rankingSoftmaxLoss(s, matrixOf(y), { where }), hidden)
      return isNear(expected, found) && slopes.every((g, i) => (where.data[i] === 1 ? Number.isFinite(g) : g === 0))
    })
  )
})

test('lists of which nothing is there do not count for the mean, and are 0', () => {
  const [s, y] = [
    matrixOf([
      [1, 2],
      [NaN, NaN]
    ]),
    matrixOf([
      [1, 0],
      [1, 1]
    ])
  ]
  const where = matrixOf([
    [1, 1],
    [0, 0]
  ])
  const [first, second] = elementsOf(rankingSoftmaxLoss(s, y, { ...none, where }))
  expect(second).toBe(0)
  expect(elementsOf(rankingSoftmaxLoss(s, y, { where }))).toStrictEqual([first])
  expect(
    elementsOf(
      rankingSoftmaxLoss(s, y, {
        where: matrixOf([
          [0, 0],
          [0, 0]
        ])
      })
    )
  ).toStrictEqual([0])
})

test('weights multiply the relevances', () => {
  fc.assert(
    fc.property(batch, ({ x, y, mask }) => {
      const weights = mask.map((row) => row.map((m, j) => m * (j + 1)))
      const weighted = matrixOf(y.map((row, i) => row.map((t, j) => t * (weights[i]?.[j] as number))))
      const found = elementsOf(rankingSoftmaxLoss(matrixOf(x), matrixOf(y), { weights: matrixOf(weights) }))
      return isNear(elementsOf(rankingSoftmaxLoss(matrixOf(x), weighted)), found, 0)
    })
  )
})

test('of one list it is a number, and so are the mean and the sum', () => {
  const [s, y] = [Float32Array.of(0, 1), Float64Array.of(0, 1)]
  for (const reduction of ['mean', 'sum', 'none'] as const) {
    const found = rankingSoftmaxLoss(s, y, { reduction, where: Float32Array.of(1, 1) })
    expect(shapeOf(found)).toStrictEqual([])
    expect(elementsOf(found)[0]).toBeCloseTo(Math.log1p(Math.exp(-1)), 6)
  }
})

test('refuses what does not fit', () => {
  const x = new Float64Array(2)
  expect(() => rankingSoftmaxLoss(x, new Float64Array(3))).toThrow(
    'rankingSoftmaxLoss: labels has shape [3], logits has [2]'
  )
  expect(() => rankingSoftmaxLoss(x, x, { weights: new Float64Array(3) })).toThrow(
    'weights has shape [3], logits has [2]'
  )
  expect(() => rankingSoftmaxLoss(x, x, { reduction: 'max' as never })).toThrow(
    'rankingSoftmaxLoss: reduction must be one of "mean", "sum", "none", got "max"'
  )
})
