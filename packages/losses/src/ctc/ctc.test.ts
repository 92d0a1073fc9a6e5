import {
  add,
  checkGradients,
  dot,
  type Expr,
  grad,
  type NdArray,
  ndarray,
  type Operand,
  shapeOf,
  sum,
  type Value
} from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { softmaxCrossEntropyWithIntegerLabels } from '../classification/softmaxCrossEntropyWithIntegerLabels.js'
import { elementsOf, isNear, slopesOf } from '../internal/lossTesting.js'
import { ctcLoss } from './ctcLoss.js'
import { ctcLossWithForwardProbs } from './ctcLossWithForwardProbs.js'

/** One sequence: logits step by step, which steps are padding, and its labels. */
interface Sequence {
  readonly logits: readonly (readonly number[])[]
  readonly padding: readonly number[]
  readonly labels: readonly number[]
}

const CLASSES = 3

const sequence: fc.Arbitrary<Sequence> = fc.integer({ min: 1, max: 4 }).chain((steps) =>
  fc.record({
    logits: fc.array(
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: CLASSES, maxLength: CLASSES }),
      {
        minLength: steps,
        maxLength: steps
      }
    ),
    padding: fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: steps, maxLength: steps }),
    labels: fc.array(fc.integer({ min: 1, max: CLASSES - 1 }), { maxLength: 3 })
  })
)

const STEPS = 4
const WIDTH = 3

const fill = (row: readonly number[], length: number, value: number): readonly number[] => [
  ...row,
  ...new Array<number>(length - row.length).fill(value)
]

/** A batch of sequences, with padding up to the same lengths. */
const batchOf = (all: readonly Sequence[]): readonly [NdArray, NdArray, NdArray, NdArray] => {
  const array = (rows: readonly (readonly number[])[], shape: readonly number[]) =>
    ndarray(Float64Array.from(rows.flat()), [all.length, ...shape])
  return [
    array(
      all.map(({ logits }) => fill(logits.flat(), STEPS * CLASSES, 0.5)),
      [STEPS, CLASSES]
    ),
    array(
      all.map(({ padding }) => fill(padding, STEPS, 1)),
      [STEPS]
    ),
    array(
      all.map(({ labels }) => fill(labels, WIDTH, 0)),
      [WIDTH]
    ),
    array(
      all.map(({ labels }) =>
        fill(
          labels.map(() => 0),
          WIDTH,
          1
        )
      ),
      [WIDTH]
    )
  ]
}

/** The loss by all paths; infinite where there is none. */
const byPaths = ({ logits, padding, labels }: Sequence): number => {
  const steps = logits.filter((_, t) => padding[t] === 0)
  let paths: readonly { readonly path: readonly number[]; readonly p: number }[] = [{ path: [], p: 1 }]
  for (const row of steps) {
    const total = row.reduce((s, x) => s + Math.exp(x), 0)
    paths = paths.flatMap(({ path, p }) => row.map((x, k) => ({ path: [...path, k], p: (p * Math.exp(x)) / total })))
  }
  const read = (path: readonly number[]): string => path.filter((k, i) => k !== path[i - 1] && k !== 0).join()
  return -Math.log(paths.reduce((sum, { path, p }) => (read(path) === labels.join() ? sum + p : sum), 0))
}

/** Σ cos(i) xᵢ. */
const weighted = (x: Expr): Value =>
  dot(
    x,
    ndarray(
      Float64Array.from({ length: x.size }, (_, i) => Math.cos(i)),
      shapeOf(x)
    )
  )

const sequences = fc.array(sequence, { minLength: 1, maxLength: 3 })

test('ctcLoss is that of all paths that stand for the labels', () => {
  fc.assert(
    fc.property(sequences, (all) => {
      const expected = all.map(byPaths)
      const found = elementsOf(ctcLoss(...batchOf(all)))
      return found.every((l, i) => (expected[i] === Infinity ? l > 9e4 : Math.abs(l - (expected[i] as number)) < 1e-9))
    })
  )
})

test('ctcLoss turns with the batch', () => {
  fc.assert(
    fc.property(sequences, (all) =>
      isNear(
        [...elementsOf(ctcLoss(...batchOf(all)))].reverse(),
        elementsOf(ctcLoss(...batchOf([...all].reverse()))),
        0
      )
    )
  )
})

test('what is padding changes nothing, be it NaN, and has no slope', () => {
  const [logits, steps, labels, padding] = batchOf([
    {
      logits: [
        [1, 2, 3],
        [0, 1, 0]
      ],
      padding: [0, 0],
      labels: [1]
    }
  ])
  const own = elementsOf(ctcLoss(logits, steps, labels, padding))
  const other = ndarray(
    Float64Array.from(logits.data, (x, i) => (i < 6 ? x : Number.NaN)),
    logits.shape
  )
  expect(elementsOf(ctcLoss(other, steps, ndarray([1, 2, -7], [1, 3]), padding))).toStrictEqual(own)
  const slopes = slopesOf((x) => ctcLoss(x, steps, labels, padding), other)
  expect(slopes.slice(6).every((g) => g === 0)).toBe(true)
})

test('with as many steps as labels, no two the same in a row, it is the sum of cross entropies', () => {
  const logits = ndarray(
    Float64Array.from({ length: 12 }, (_, i) => Math.sin(3 * i)),
    [1, 3, 4]
  )
  const labels = [2, 1, 3]
  const found = ctcLoss(logits, ndarray([0, 0, 0], [1, 3]), ndarray(labels, [1, 3]), ndarray([0, 0, 0], [1, 3]))
  const expected = softmaxCrossEntropyWithIntegerLabels(logits, ndarray(labels, [1, 3]))
  expect(isNear([elementsOf(sum(expected))[0] as number], elementsOf(found))).toBe(true)
})

test('the gradients of the loss, and of all that it was computed from, agree with differences', () => {
  fc.assert(
    fc.property(sequences, fc.boolean(), (all, isWhole) => {
      const possible = all.filter((one) => byPaths(one) < Infinity)
      fc.pre(possible.length > 0)
      const [logits, ...rest] = batchOf(possible)
      const loss = (x: Operand) => {
        // So high that what is impossible is still seen beside what is not.
        const options = { logEpsilon: -5 }
        const [losses, phi, emit] = ctcLossWithForwardProbs(x, ...rest, options)
        return isWhole ? add(sum(losses), add(weighted(phi), weighted(emit))) : sum(losses)
      }
      return checkGradients(loss, logits as NdArray<'float64'>, { rtol: 1e-5, maxElements: 6 }).agrees
    }),
    { numRuns: 30 }
  )
})

test('the forward probabilities end in the loss', () => {
  fc.assert(
    fc.property(sequences, (all) => {
      const [losses, phi] = ctcLossWithForwardProbs(...batchOf(all))
      const last = elementsOf(phi).slice(-all.length * (WIDTH + 1))
      const ends = all.map(({ labels }, b) => -(last[b * (WIDTH + 1) + labels.length] as number))
      return isNear(elementsOf(losses), ends, 0) && isNear(elementsOf(losses), elementsOf(ctcLoss(...batchOf(all))), 0)
    })
  )
})

test('in float32 it is that of float64, rounded', () => {
  const [logits, ...rest] = batchOf([
    {
      logits: [
        [1, 2, 3],
        [0, 1, 0],
        [1, 0, 0]
      ],
      padding: [0, 0, 0],
      labels: [1, 2]
    }
  ])
  const narrow = ndarray(Float32Array.from(logits.data), logits.shape)
  const [wide] = elementsOf(ctcLoss(logits, ...rest))
  expect(elementsOf(ctcLoss(narrow, ...rest))[0]).toBeCloseTo(wide as number, 5)
  expect((grad((x: Operand) => sum(ctcLoss(x, ...rest)))(narrow) as NdArray).dtype).toBe('float32')
})

describe('refuses', () => {
  const [logits, steps, labels, padding] = batchOf([{ logits: [[1, 2, 3]], padding: [0], labels: [1] }])
  const array = (numbers: readonly number[]) => ndarray(numbers, [1, numbers.length])

  test.each([
    [
      () => ctcLoss(new Float64Array(3), steps, labels, padding),
      'ctcLoss: logits must be an array of 3 axes, got shape [3]'
    ],
    [() => ctcLoss(logits, array([0]), labels, padding), 'ctcLoss: logitPaddings must have shape [1, 4], got [1, 1]'],
    [
      () => ctcLoss(logits, array([0, 0, 0.5, 0]), labels, padding),
      'ctcLoss: logitPaddings[0][2] must be 0 or 1, got 0.5'
    ],
    [
      () => ctcLoss(logits, steps, [1], padding),
      'ctcLoss: labels must have shape [1, …] for logits of shape [1, 4, 3]'
    ],
    [
      () => ctcLoss(logits, steps, array([3, 0, 0]), padding),
      'ctcLoss: labels[0][0] must be a whole number from 0 to 2, got 3'
    ],
    [() => ctcLoss(logits, steps, labels, array([0, 1])), 'ctcLoss: labelPaddings must have shape [1, 3], got [1, 2]'],
    [() => ctcLoss(logits, steps, labels, array([0, 1, 0])), 'ctcLoss: labelPaddings[0][2] must be 1 after a 1, got 0'],
    [
      () => ctcLoss(logits, steps, labels, padding, { blankId: 3 }),
      'ctcLoss: blankId must be a whole number from 0 to 2, got 3'
    ],
    [
      () => ctcLoss(logits, steps, labels, padding, { logEpsilon: 0 }),
      'ctcLoss: logEpsilon must be a finite number < 0, got 0'
    ],
    [
      () => ctcLossWithForwardProbs(logits, steps, labels, padding, { logEpsilon: NaN }),
      'ctcLossWithForwardProbs: logEpsilon must be a finite number < 0, got NaN'
    ]
  ])('%o', (call, message) => {
    expect(call).toThrow(message)
  })
})
