// What all losses obey, each by its first argument, a matrix.
import {
  cast,
  force,
  grad,
  type Leaf,
  maxOf,
  ndarray,
  type Operand,
  reference,
  reshape,
  sum,
  type Value,
  withEngine
} from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as losses from './index.js'
import { elementsOf } from './internal/lossTesting.js'

const ROWS = 3
const COLUMNS = 4

const filled = (of: (i: number) => number): Leaf =>
  ndarray(
    Float32Array.from({ length: 12 }, (_, i) => of(i)),
    [ROWS, COLUMNS]
  )

const targets = filled((i) => (i % 5) / 4)
const labels = [2, 0, 3]
const ones = filled((i) => (i % COLUMNS === labels[Math.floor(i / COLUMNS)] ? 1 : 0))
const signs = filled((i) => (i % 3 === 0 ? 1 : -1))
const where = filled((i) => (i % 3 === 1 ? 0 : 1))
const zeros = (shape: readonly number[]) => ndarray(new Float32Array(shape.reduce((size, n) => size * n, 1)), shape)
const aligned = [zeros([1, ROWS]), ndarray([1, 2], [1, 2]), zeros([1, 2])] as const
const sequence = (x: Operand): Operand => reshape(x, [1, ROWS, COLUMNS])
const image = (x: Operand): Operand => reshape(x, [1, ROWS, COLUMNS])

/** Each with arguments of float32. */
const table: Readonly<Record<string, (x: Operand) => Value>> = {
  binaryDiceLoss: (x) => losses.binaryDiceLoss(x, ones),
  convexKlDivergence: (x) => losses.convexKlDivergence(x, targets),
  cosineDistance: (x) => losses.cosineDistance(x, targets, { where, epsilon: 0.5 }),
  cosineSimilarity: (x) => losses.cosineSimilarity(x, targets, { epsilon: 0.5 }),
  ctcLoss: (x) => losses.ctcLoss(sequence(x), ...aligned),
  ctcLossWithForwardProbs: (x) => sum(losses.ctcLossWithForwardProbs(sequence(x), ...aligned, { logEpsilon: -9 })[2]),
  diceLoss: (x) => losses.diceLoss(image(x), image(ones), { ignoreBackground: true }),
  generalizedKlDivergence: (x) => losses.generalizedKlDivergence(x, targets, { where }),
  hingeLoss: (x) => losses.hingeLoss(x, signs),
  huberLoss: (x) => losses.huberLoss(x, targets),
  klDivergence: (x) => losses.klDivergence(x, targets, { axis: 0 }),
  klDivergenceWithLogTargets: (x) => losses.klDivergenceWithLogTargets(x, targets),
  l2Loss: (x) => losses.l2Loss(x, targets),
  logCosh: (x) => losses.logCosh(x, targets),
  logSoftmax: (x) => losses.logSoftmax(x, { axis: 0 }),
  logSumExp: (x) => losses.logSumExp(x, { where }),
  makeFenchelYoungLoss: (x) => losses.makeFenchelYoungLoss((s) => maxOf(s, [1]))(x, targets),
  multiclassGeneralizedDiceLoss: (x) => losses.multiclassGeneralizedDiceLoss(image(x), image(ones)),
  multiclassHingeLoss: (x) => losses.multiclassHingeLoss(x, labels),
  multiclassPerceptronLoss: (x) => losses.multiclassPerceptronLoss(x, labels),
  multiclassSparsemaxLoss: (x) => losses.multiclassSparsemaxLoss(x, labels),
  ntxent: (x) => losses.ntxent(x, [0, 1, 0]),
  perceptronLoss: (x) => losses.perceptronLoss(x, signs),
  polyLossCrossEntropy: (x) => losses.polyLossCrossEntropy(x, targets, { where }),
  rankingSoftmaxLoss: (x) => losses.rankingSoftmaxLoss(x, targets, { where, weights: targets }),
  safeSoftmaxCrossEntropy: (x) => losses.safeSoftmaxCrossEntropy(x, targets),
  sigmoidBinaryCrossEntropy: (x) => losses.sigmoidBinaryCrossEntropy(x, ones),
  sigmoidFocalLoss: (x) => losses.sigmoidFocalLoss(x, ones, { alpha: 0.25 }),
  smoothLabels: (x) => losses.smoothLabels(x, 0.25, { where }),
  softmaxCrossEntropy: (x) => losses.softmaxCrossEntropy(x, targets, { where }),
  softmaxCrossEntropyWithIntegerLabels: (x) => losses.softmaxCrossEntropyWithIntegerLabels(x, labels),
  sparsemaxLoss: (x) => losses.sparsemaxLoss(x, ones),
  squaredError: (x) => losses.squaredError(x, targets),
  tripletMarginLoss: (x) => losses.tripletMarginLoss(x, targets, ones)
}

/** Numbers that 16 bits hold. */
const elements = fc.array(
  fc.integer({ min: -32, max: 32 }).map((n) => n / 8),
  { minLength: ROWS * COLUMNS, maxLength: ROWS * COLUMNS }
)

const slopesOf = (loss: (x: Operand) => Value, x: Leaf): Leaf => grad((p: Operand) => sum(loss(p)))(x as never) as Leaf

describe.each(Object.entries(table))('%s', (_, loss) => {
  const array = (of: readonly number[]) => ndarray(Float32Array.from(of), [ROWS, COLUMNS])

  test('has the same bits on each engine, of arrays and of expressions, its gradient too, and leaves its arguments alone', () => {
    fc.assert(
      fc.property(elements, (of) => {
        const x = array(of)
        const both = () => [force(loss(x)), slopesOf(loss, x)] as const
        const found = both()
        expect(withEngine(reference, both)).toStrictEqual(found)
        expect(force(loss(cast(x, 'float32')))).toStrictEqual(found[0])
        expect(x).toStrictEqual(array(of))
      }),
      { numRuns: 20 }
    )
  })

  test.each(['bfloat16', 'float16'] as const)('of %s is that of float32, and its gradient is of the dtype', (dtype) => {
    fc.assert(
      fc.property(elements, (of) => {
        const [wide, narrow] = [array(of), ndarray(of, [ROWS, COLUMNS], dtype)]
        expect(elementsOf(loss(narrow))).toStrictEqual(elementsOf(loss(wide)))
        expect(slopesOf(loss, narrow)).toStrictEqual(force(cast(slopesOf(loss, wide), dtype)))
      }),
      { numRuns: 20 }
    )
  })

  test('has finite values and slopes', () => {
    fc.assert(
      fc.property(elements, (of) => {
        const x = array(of)
        return [...elementsOf(loss(x)), ...elementsOf(slopesOf(loss, x))].every(Number.isFinite)
      }),
      { numRuns: 20, examples: [[new Array<number>(12).fill(0)]] }
    )
  })
})
