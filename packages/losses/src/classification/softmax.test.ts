import { add, force, maxOf, ndarray, type Operand, shapeOf, transpose } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AxisOptions } from '../internal/axes.js'
import {
  type Batch,
  batch,
  bendOf,
  countingOf,
  elementsOf,
  isNear,
  matrixOf,
  number,
  type Rows,
  slopesOf
} from '../internal/lossTesting.js'
import { logSoftmax } from './logSoftmax.js'
import { logSumExp } from './logSumExp.js'
import { makeFenchelYoungLoss } from './makeFenchelYoungLoss.js'
import { multiclassPerceptronLoss } from './multiclassPerceptronLoss.js'
import { polyLossCrossEntropy } from './polyLossCrossEntropy.js'
import { safeSoftmaxCrossEntropy } from './safeSoftmaxCrossEntropy.js'
import { smoothLabels } from './smoothLabels.js'
import { softmaxCrossEntropy } from './softmaxCrossEntropy.js'
import { softmaxCrossEntropyWithIntegerLabels } from './softmaxCrossEntropyWithIntegerLabels.js'

const softmax = (row: readonly number[]): readonly number[] => {
  const most = Math.max(...row)
  const shares = row.map((x) => Math.exp(x - most))
  const total = shares.reduce((sum, x) => sum + x, 0)
  return shares.map((x) => x / total)
}

const oneHot = ({ x, labels }: Batch): Rows => x.map((row, i) => row.map((_, j) => (j === labels[i] ? 1 : 0)))

const entropies = {
  softmaxCrossEntropy,
  safeSoftmaxCrossEntropy: (x: Operand, y: Operand) => safeSoftmaxCrossEntropy(x, y),
  polyLossCrossEntropy
}

describe.each(Object.entries(entropies))('%s', (owner, loss) => {
  test('is ≥ 0, blind to what is added to all logits, and one loss for each example, whatever others there are', () => {
    fc.assert(
      fc.property(batch, number, ({ x, y }, c) => {
        const found = elementsOf(loss(matrixOf(x), matrixOf(y)))
        const moved = x.map((row) => row.map((n) => n + c))
        const turned = elementsOf(loss(matrixOf([...x].reverse()), matrixOf([...y].reverse())))
        return (
          found.length === x.length &&
          found.every((l) => l >= -1e-15) &&
          isNear(found, elementsOf(loss(matrixOf(moved), matrixOf(y)))) &&
          isNear([...found].reverse(), turned, 0)
        )
      })
    )
  })

  test('does not overflow', () => {
    const logits = Float64Array.of(1000, -1000, 0)
    const right = (x: Operand) => loss(x, Float64Array.of(1, 0, 0))
    expect(elementsOf(right(logits))).toStrictEqual([0])
    expect(elementsOf(loss(logits, Float64Array.of(0, 1, 0)))[0]).toBeGreaterThanOrEqual(2000)
    expect(slopesOf(right, logits).every(Number.isFinite)).toBe(true)
  })

  test('refuses arrays of different shapes, and numbers', () => {
    expect(() => loss(new Float64Array(2), new Float64Array(3))).toThrow(
      `${owner}: labels has shape [3], logits has [2]`
    )
    expect(() => loss(1, new Float64Array(3))).toThrow(`${owner}: logits must be an array, got a number`)
  })
})

describe('softmaxCrossEntropy', () => {
  test('is by its definition, and its gradient is softmax less the labels', () => {
    fc.assert(
      fc.property(batch, ({ x, y }) => {
        const expected = x.map((row, i) =>
          softmax(row).reduce(
            (sum, p, j) => sum - ((y[i]?.[j] as number) === 0 ? 0 : (y[i]?.[j] as number) * Math.log(p)),
            0
          )
        )
        const slopes = x.flatMap((row, i) => softmax(row).map((p, j) => p - (y[i]?.[j] as number)))
        return (
          isNear(expected, elementsOf(softmaxCrossEntropy(matrixOf(x), matrixOf(y)))) &&
          isNear(
            slopes,
            slopesOf((logits) => softmaxCrossEntropy(logits, matrixOf(y)), matrixOf(x))
          )
        )
      })
    )
  })

  test('of a logit of −∞ at a label of 0 is NaN', () => {
    expect(elementsOf(softmaxCrossEntropy(Float64Array.of(0, -Infinity), Float64Array.of(1, 0)))).toStrictEqual([NaN])
  })

  test.each([{ axis: 0 }, { axis: [1, 0] }, { axis: null }])(
    'along %o is that along the last axis of what is turned',
    ({ axis }) => {
      fc.assert(
        fc.property(batch, ({ x, y }) => {
          const [logits, labels] = [matrixOf(x), matrixOf(y)]
          const found = elementsOf(softmaxCrossEntropy(logits, labels, { axis }))
          const turned =
            axis === 0
              ? softmaxCrossEntropy(transpose(logits), transpose(labels))
              : softmaxCrossEntropy(logits.data, labels.data)
          return isNear(elementsOf(turned), found)
        })
      )
    }
  )
})

const masked: Readonly<Record<string, (x: Operand, y: Operand, options: AxisOptions) => ReturnType<typeof logSumExp>>> =
  {
    softmaxCrossEntropy,
    polyLossCrossEntropy,
    logSumExp: (x, _, options) => logSumExp(x, options)
  }

describe.each(Object.entries(masked))('%s of elements that do not count', (_, loss) => {
  test('is that of the others, with no slope by them, whatever they are', () => {
    fc.assert(
      fc.property(batch, ({ x, y, mask }) => {
        const hidden = matrixOf(x.map((row, i) => row.map((n, j) => (mask[i]?.[j] === 1 ? n : NaN))))
        const where = matrixOf(mask)
        const found = elementsOf(loss(hidden, matrixOf(y), { where }))
        const expected = x.map((row, i) => {
          const [logits, labels] = [row, y[i] as readonly number[]].map((all) => countingOf(all, mask[i]))
          return elementsOf(loss(Float64Array.from(logits ?? []), Float64Array.from(labels ?? []), {}))[0] as number
        })
        const slopes = slopesOf((logits) => loss(logits, matrixOf(y), { where }), hidden)
        return isNear(expected, found) && slopes.every((g, i) => (where.data[i] === 1 ? Number.isFinite(g) : g === 0))
      })
    )
  })

  test('a mask may lack the axis', () => {
    const [x, y] = [
      matrixOf([
        [1, 2, 3],
        [4, 5, 7]
      ]),
      matrixOf([
        [1, 0, 0],
        [0, 1, 0]
      ])
    ]
    const [first, second] = elementsOf(loss(x, y, { where: Float64Array.of(1, 0) }))
    expect(first).toBe(elementsOf(loss(x, y, {}))[0])
    expect(second).toBe(loss === masked['logSumExp'] ? -Infinity : 0)
  })
})

test('softmaxCrossEntropy of nothing that counts is 0, and so is its gradient', () => {
  const [x, where] = [
    matrixOf([
      [NaN, 1],
      [1, 2]
    ]),
    matrixOf([
      [0, 0],
      [0, 1]
    ])
  ]
  const loss = (logits: Operand) =>
    softmaxCrossEntropy(
      logits,
      matrixOf([
        [1, 0],
        [0, 1]
      ]),
      { where }
    )
  expect(elementsOf(loss(x))).toStrictEqual([0, 0])
  expect(slopesOf(loss, x).map((g) => g + 0)).toStrictEqual([0, 0, 0, 0])
})

describe('safeSoftmaxCrossEntropy', () => {
  test('of finite logits is softmaxCrossEntropy, and so are both gradients', () => {
    fc.assert(
      fc.property(batch, ({ x, y }) => {
        const [logits, labels] = [matrixOf(x), matrixOf(y)]
        const same = (f: (loss: typeof softmaxCrossEntropy) => readonly number[]): boolean =>
          isNear(f(softmaxCrossEntropy), f(safeSoftmaxCrossEntropy), 0)
        return (
          same((loss) => elementsOf(loss(logits, labels))) &&
          same((loss) => slopesOf((l) => loss(l, labels), logits)) &&
          same((loss) => slopesOf((l) => loss(logits, l), labels))
        )
      })
    )
  })

  test('of a logit of −∞ at a label of 0 is that of the others, with a finite gradient', () => {
    const logits = Float64Array.of(1, -Infinity, 3)
    const labels = Float64Array.of(0.25, 0, 0.75)
    const found = safeSoftmaxCrossEntropy(logits, labels)
    const others = [Float64Array.of(1, 3), Float64Array.of(0.25, 0.75)] as const
    expect(elementsOf(found)).toStrictEqual(elementsOf(softmaxCrossEntropy(...others)))
    const [a, b] = slopesOf((x) => softmaxCrossEntropy(x, others[1]), others[0])
    expect(slopesOf((x) => safeSoftmaxCrossEntropy(x, labels), logits).map((g) => g + 0)).toStrictEqual([a, 0, b])
    expect(slopesOf((y) => safeSoftmaxCrossEntropy(logits, y), labels).every(Number.isFinite)).toBe(true)
    expect(bendOf((x) => safeSoftmaxCrossEntropy(x, labels), logits, labels).every(Number.isFinite)).toBe(true)
  })

  test('of a logit of −∞ at another label is infinite', () => {
    const impossible = safeSoftmaxCrossEntropy(Float64Array.of(0, -Infinity), Float64Array.of(0, 1))
    expect(elementsOf(impossible)).toStrictEqual([Infinity])
  })
})

describe('softmaxCrossEntropyWithIntegerLabels', () => {
  test('is softmaxCrossEntropy of labels of 1 and 0, and so is its gradient', () => {
    fc.assert(
      fc.property(batch, (of) => {
        const [x, y] = [matrixOf(of.x), matrixOf(oneHot(of))]
        return (
          isNear(
            elementsOf(softmaxCrossEntropy(x, y)),
            elementsOf(softmaxCrossEntropyWithIntegerLabels(x, of.labels))
          ) &&
          isNear(
            slopesOf((l) => softmaxCrossEntropy(l, y), x),
            slopesOf((l) => softmaxCrossEntropyWithIntegerLabels(l, of.labels), x)
          )
        )
      })
    )
  })

  test('along several axes counts classes in row-major order of these', () => {
    const x = ndarray(
      Float64Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      [2, 3, 2]
    )
    const found = elementsOf(softmaxCrossEntropyWithIntegerLabels(x, [3, 0, 2], { axis: [2, 0] }))
    const expected = [3, 0, 2].map((label, b) => {
      const row = [0, 1].flatMap((k) => [0, 1].map((i) => Math.sin(i * 6 + b * 2 + k)))
      return -Math.log(softmax(row)[label] as number)
    })
    expect(isNear(expected, found)).toBe(true)
  })

  test.each([
    ['a list', [2, 0]],
    ['an Int32Array', Int32Array.of(2, 0)],
    ['a Float32Array', Float32Array.of(2, 0)],
    ['an array of 16 bits', ndarray([2, 0], [2], 'bfloat16')],
    ['an expression', add(Float64Array.of(1, -1), 1)]
  ])('takes labels as %s', (_, labels) => {
    const x = matrixOf([
      [1, 2, 4],
      [0, 5, 1]
    ])
    const expected = [-Math.log(softmax([1, 2, 4])[2] as number), -Math.log(softmax([0, 5, 1])[0] as number)]
    expect(isNear(expected, elementsOf(softmaxCrossEntropyWithIntegerLabels(x, labels)))).toBe(true)
  })

  test('takes one example with a number', () => {
    const found = softmaxCrossEntropyWithIntegerLabels(Float64Array.of(1, 2, 4), 2)
    expect(isNear([-Math.log(softmax([1, 2, 4])[2] as number)], elementsOf(found))).toBe(true)
  })

  test('of nothing that counts is 0, and so is its gradient', () => {
    const [x, where] = [
      matrixOf([
        [NaN, 1],
        [1, 2]
      ]),
      matrixOf([
        [0, 0],
        [1, 1]
      ])
    ]
    const loss = (logits: Operand) => softmaxCrossEntropyWithIntegerLabels(logits, [0, 1], { where })
    expect(elementsOf(loss(x))[0]).toBe(0)
    expect(
      slopesOf(loss, x)
        .slice(0, 2)
        .map((g) => g + 0)
    ).toStrictEqual([0, 0])
  })

  test('keeps what is exact of large logits', () => {
    const x = Float64Array.of(1e6, 1e6 - 1, 0)
    expect(isNear([Math.log1p(Math.exp(-1))], elementsOf(softmaxCrossEntropyWithIntegerLabels(x, 0)), 1e-15)).toBe(true)
  })

  test.each([
    [[0, 3], 'softmaxCrossEntropyWithIntegerLabels: labels[1] must be a whole number from 0 to 2, got 3'],
    [[-1, 0], 'labels[0] must be a whole number from 0 to 2, got -1'],
    [[0.5, 0], 'labels[0] must be a whole number from 0 to 2, got 0.5'],
    [[NaN, 0], 'labels[0] must be a whole number from 0 to 2, got NaN'],
    [[0], 'labels must have shape [2] for scores of shape [2, 3], got [1]'],
    [0, 'labels must have shape [2] for scores of shape [2, 3], got []']
  ])('refuses labels %o', (labels, message) => {
    const x = matrixOf([
      [1, 2, 4],
      [0, 5, 1]
    ])
    expect(() => softmaxCrossEntropyWithIntegerLabels(x, labels)).toThrow(message)
  })

  test('names the place of a label in several axes', () => {
    const x = ndarray(new Float64Array(12), [2, 3, 2])
    const labels = ndarray([0, 0, 0, 0, 0, 9], [2, 3])
    expect(() => softmaxCrossEntropyWithIntegerLabels(x, labels)).toThrow('labels[1][2] must be')
  })
})

test('polyLossCrossEntropy is affine in epsilon, and without it softmaxCrossEntropy', () => {
  fc.assert(
    fc.property(batch, number, ({ x, y }, epsilon) => {
      const of = (e?: number) =>
        elementsOf(polyLossCrossEntropy(matrixOf(x), matrixOf(y), e === undefined ? {} : { epsilon: e }))
      const [zero, one] = [of(0), of(1)]
      const affine = zero.map((l, i) => l + epsilon * ((one[i] as number) - l))
      return (
        isNear(elementsOf(softmaxCrossEntropy(matrixOf(x), matrixOf(y))), zero, 0) &&
        isNear(affine, of(epsilon), 1e-11) &&
        isNear(of(2), of(), 0)
      )
    })
  )
})

test.each([NaN, Infinity])('polyLossCrossEntropy refuses epsilon %s', (epsilon) => {
  const x = new Float64Array(2)
  expect(() => polyLossCrossEntropy(x, x, { epsilon })).toThrow(
    'polyLossCrossEntropy: epsilon must be a finite number, got'
  )
})

describe('logSoftmax and logSumExp', () => {
  test('belong together: the one is what is left of the other, and its exponentials sum up to 1', () => {
    fc.assert(
      fc.property(batch, ({ x }) => {
        const [logs, totals] = [elementsOf(logSoftmax(matrixOf(x))), elementsOf(logSumExp(matrixOf(x)))]
        const width = x[0]?.length as number
        return (
          isNear(
            x.flatMap((row, i) => row.map((n) => n - (totals[i] as number))),
            logs
          ) &&
          x.every(
            (_, i) => Math.abs(logs.slice(i * width, (i + 1) * width).reduce((s, l) => s + Math.exp(l), 0) - 1) < 1e-12
          )
        )
      })
    )
  })

  test('the gradient of logSumExp is softmax, and its Hessian diag p − p pᵀ', () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 5 }), (row) => {
        const at = Float64Array.from(row)
        const along = at.map((_, i) => Math.cos(i))
        const p = softmax(row)
        const mean = p.reduce((sum, x, i) => sum + x * (along[i] as number), 0)
        return (
          isNear(
            p,
            slopesOf((x) => logSumExp(x), at)
          ) &&
          isNear(
            p.map((x, i) => x * ((along[i] as number) - mean)),
            bendOf((x) => logSumExp(x), at, along)
          )
        )
      })
    )
  })

  test('what does not count has −∞, and so has the sum of nothing', () => {
    const where = Float64Array.of(1, 0)
    expect(elementsOf(logSoftmax(Float64Array.of(1, NaN), { where }))).toStrictEqual([0, -Infinity])
    expect(elementsOf(logSumExp(Float64Array.of(Infinity, 1)))).toStrictEqual([Infinity])
    expect(elementsOf(logSumExp(Float64Array.of(Infinity, NaN)))).toStrictEqual([NaN])
    expect(elementsOf(logSumExp(Float64Array.of(1, NaN), { where: new Float64Array(2) }))).toStrictEqual([-Infinity])
    expect(elementsOf(logSumExp(new Float64Array(2).fill(-Infinity)))).toStrictEqual([-Infinity])
  })
})

describe('makeFenchelYoungLoss', () => {
  const ofLogSumExp = makeFenchelYoungLoss((scores) => logSumExp(scores))
  const ofMax = makeFenchelYoungLoss((scores) => maxOf(scores, [shapeOf(scores).length - 1]))

  test('of logSumExp is the cross entropy of softmax, that of the largest multiclassPerceptronLoss', () => {
    fc.assert(
      fc.property(batch, (of) => {
        const [x, y] = [matrixOf(of.x), matrixOf(oneHot(of))]
        return (
          isNear(elementsOf(softmaxCrossEntropyWithIntegerLabels(x, of.labels)), elementsOf(ofLogSumExp(x, y))) &&
          isNear(elementsOf(multiclassPerceptronLoss(x, of.labels)), elementsOf(ofMax(x, y))) &&
          isNear(
            of.x.flatMap((row, i) => softmax(row).map((p, j) => p - (j === of.labels[i] ? 1 : 0))),
            slopesOf((s) => ofLogSumExp(s, y), x)
          )
        )
      })
    )
  })

  test('takes one example, and hands on further arguments', () => {
    const scaled = makeFenchelYoungLoss((scores, power: number) => (power === 2 ? logSumExp(scores) : maxOf(scores)))
    const [x, y] = [Float64Array.of(1, 3), Float64Array.of(0, 1)]
    expect(elementsOf(scaled(x, y, 1))).toStrictEqual([0])
    expect(elementsOf(scaled(x, y, 2))).toStrictEqual(elementsOf(ofLogSumExp(x, y)))
    expect(elementsOf(ofMax(x, y))).toStrictEqual([0])
  })

  test('refuses what does not fit', () => {
    expect(() => makeFenchelYoungLoss(1 as never)).toThrow('makeFenchelYoungLoss: maxFun must be a function, got 1')
    expect(() => ofMax(new Float64Array(2), new Float64Array(3))).toThrow(
      'makeFenchelYoungLoss: targets has shape [3], scores has [2]'
    )
    const whole = makeFenchelYoungLoss((scores) => maxOf(scores))
    expect(() =>
      whole(
        matrixOf([
          [1, 2],
          [3, 4]
        ]),
        matrixOf([
          [1, 0],
          [1, 0]
        ])
      )
    ).toThrow('makeFenchelYoungLoss: maxFun must give one number for each example, shape [2], got shape []')
  })
})

describe('smoothLabels', () => {
  test('keeps the sum, is the identity for 0 and the same for all classes for 1', () => {
    fc.assert(
      fc.property(batch, fc.double({ min: 0, max: 1, noNaN: true }), ({ y }, alpha) => {
        const width = y[0]?.length as number
        const found = elementsOf(smoothLabels(matrixOf(y), alpha))
        const sums = y.map((_, i) => found.slice(i * width, (i + 1) * width).reduce((s, x) => s + x, 0))
        return (
          isNear(
            y.map(() => 1),
            sums
          ) &&
          isNear(y.flat(), elementsOf(smoothLabels(matrixOf(y), 0)), 0) &&
          elementsOf(smoothLabels(matrixOf(y), 1)).every((x) => x === 1 / width)
        )
      })
    )
  })

  test('divides among the classes that count', () => {
    const found = smoothLabels(Float64Array.of(1, 0, 0, 0), 0.5, { where: Float64Array.of(1, 1, 0, 0) })
    expect(elementsOf(found).slice(0, 2)).toStrictEqual([0.75, 0.25])
    expect(
      elementsOf(smoothLabels(Float64Array.of(1, 0), 0.5, { where: new Float64Array(2) })).every(Number.isFinite)
    ).toBe(true)
  })

  test.each([-0.1, 1.1, NaN])('refuses alpha %s', (alpha) => {
    expect(() => smoothLabels(new Float64Array(2), alpha)).toThrow('smoothLabels: alpha must be in [0, 1], got')
  })
})

test('results lack the axis: a lazy number, a vector, or an array of the other axes', () => {
  const x = ndarray(new Float32Array(24), [2, 3, 4])
  expect(shapeOf(softmaxCrossEntropy(x, x))).toStrictEqual([2, 3])
  expect(force(softmaxCrossEntropy(x, x, { axis: [0, 2] }))).toBeInstanceOf(Float32Array)
  expect(typeof force(softmaxCrossEntropy(x, x, { axis: null }))).toBe('number')
})
