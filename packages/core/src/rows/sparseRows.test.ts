import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import { applyUpdates } from '../transformation/applyUpdates.js'
import { chain } from '../transformation/chain.js'
import { step } from '../transformation/step.js'
import { clipped, scaled, traced } from '../transformation/testing.js'
import { transient } from '../transient/transient.js'
import { denseRows } from './denseRows.js'
import { sparseRows } from './sparseRows.js'
import type { SparseRows } from './types.js'

const params = () => ({
  embedding: ndarray(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]), [4, 2]),
  bias: new Float64Array([1, 2, 3]),
  half: ndarray([1, 2, 3], [3], 'bfloat16'),
  scale: 2
})

/** The gradients of three steps, whose rows come and go. */
const rounds = () => [
  {
    embedding: sparseRows([3, 0, 3], new Float32Array([1, 2, 3, 4, 5, 6]), [4, 2]),
    bias: new Float64Array([1, 1, 1]),
    half: sparseRows(new Int32Array([1, 1]), ndarray([1, 2 ** -8], [2], 'bfloat16'), [3]),
    scale: 3
  },
  {
    embedding: ndarray(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]), [4, 2]),
    bias: sparseRows(new Uint32Array([2]), new Float64Array([-0]), [3]),
    half: null,
    scale: 1
  },
  {
    embedding: sparseRows([], new Float32Array(0), [4, 2]),
    bias: sparseRows([0, 1, 2], new Float64Array([1, 2, 3]), [3]),
    half: ndarray([1, 1, 1], [3], 'bfloat16'),
    scale: null
  }
]

const isRows = (x: unknown): x is SparseRows => typeof x === 'object' && x !== null && 'kind' in x

/** The same gradients with arrays in place of rows. */
const dense = (grads: ReturnType<typeof rounds>[number]) => ({
  ...grads,
  embedding: isRows(grads.embedding)
    ? ndarray(denseRows(grads.embedding).data as Float32Array, [4, 2])
    : grads.embedding,
  bias: isRows(grads.bias) ? (denseRows(grads.bias).data as Float64Array) : grads.bias,
  half: isRows(grads.half) ? denseRows(grads.half) : grads.half
})

describe('sparse rows as a gradient', () => {
  test('an update, a step and a transient are to the bit those of the dense gradient', () => {
    const tx = chain(clipped(2), traced(0.5), scaled(-0.25))
    const run = transient(tx, params())
    let [own, state] = [params(), tx.init(params())]
    for (const grads of rounds()) {
      const [updates, next] = tx.update(grads, state, own)
      expect([updates, next]).toStrictEqual(tx.update(dense(grads), state, own))
      const stepped = step(tx, structuredClone(grads), state, own)
      expect(stepped).toStrictEqual([applyUpdates(own, updates), next])
      ;[own, state] = stepped
      run.step(grads)
      expect(run.snapshot()).toStrictEqual({ params: own, state })
    }
    run.dispose()
  })

  test('rows that are named more than once are added up in the order given', () => {
    const values = new Float32Array([1, 2 ** 25, 1, -(2 ** 25)])
    expect(denseRows(sparseRows([2, 2, 2, 2], values, [3])).data).toStrictEqual(new Float32Array([0, 0, 0]))
    const other = new Float32Array([2 ** 25, -(2 ** 25), 1, 1])
    expect(denseRows(sparseRows([2, 2, 2, 2], other, [3])).data).toStrictEqual(new Float32Array([0, 0, 2]))
  })

  test('a row of −0 is one, and 16-bit sums are rounded once', () => {
    expect(denseRows(sparseRows([1], new Float64Array([-0]), [2])).data).toStrictEqual(new Float64Array([0, -0]))
    const values = ndarray([1, 2 ** -8, 2 ** -8], [3], 'bfloat16')
    expect(denseRows(sparseRows([0, 0, 0], values, [1])).data).toStrictEqual(
      ndarray([1 + 2 ** -7], [1], 'bfloat16').data
    )
  })

  test.each([
    [[4], new Float32Array(2), [4, 2], 'sparseRows: indices[0] must be a whole number from 0 to 3, got 4'],
    [[1, -1], new Float32Array(4), [4, 2], 'sparseRows: indices[1] must be a whole number from 0 to 3, got -1'],
    [[0.5], new Float32Array(2), [4, 2], 'sparseRows: indices[0] must be a whole number from 0 to 3, got 0.5'],
    [[0], new Float32Array(0), [0], 'sparseRows: indices[0] must be missing, as there are no rows, got 0'],
    [[1], new Float32Array(3), [4, 2], 'sparseRows: values must be 2 numbers, for the shape [1, 2], got 3'],
    [[1], ndarray([1, 2], [2]), [4, 2], 'sparseRows: values must be of the shape [1, 2], got [2]'],
    [[], new Float32Array(0), [], 'sparseRows: shape must be a list of at least one whole number ≥ 0, got []']
  ] as const)('%j is refused', (indices, values, shape, message) => {
    expect(() => sparseRows(indices, values, shape)).toThrow(new InvalidOption(message))
  })

  test.each<[name: string, grads: unknown, message: string]>([
    [
      'an index out of range',
      { w: { kind: 'sparseRows', indices: [2], values: new Float32Array(1), shape: [2] }, b: 0 },
      'update: grads.w.indices[0] must be a whole number from 0 to 1, got 2'
    ],
    [
      'another shape',
      { w: sparseRows([2], new Float32Array(1), [3]), b: 0 },
      'update: grads.w has shape [3], params has [2]'
    ],
    [
      'another dtype',
      { w: sparseRows([1], new Float64Array(1), [2]), b: 0 },
      'update: grads.w has dtype float64, params has dtype float32; castGradients takes gradients of any dtype'
    ],
    [
      'rows of a number',
      { w: new Float32Array(2), b: sparseRows([0], new Float32Array(1), [1]) },
      'update: grads.b is sparse rows, params is a number, which has none'
    ]
  ])('as a gradient %s is refused with its path', (_, grads, message) => {
    const tx = scaled(2)
    const own = { w: new Float32Array(2), b: 1 }
    expect(() => tx.update(grads as typeof own, tx.init(own), own)).toThrow(new InvalidTree(message))
  })

  test('as params, and in a function of trees, they are refused', () => {
    const own = { w: sparseRows([0], new Float32Array(1), [2]) }
    const message = 'is sparse rows, which only the gradient of an array may be; denseRows makes an array of them'
    expect(() => scaled(2).init(own as never)).toThrow(new InvalidTree(`init: params.w ${message}`))
    expect(() => applyUpdates(own as never, own as never)).toThrow(message)
  })

  test('a copy stands for them', () => {
    const own = { w: new Float32Array(2) }
    const copy = structuredClone({ w: sparseRows([1], Float32Array.of(3), [2]) })
    expect(step(scaled(2), copy, {}, own)[0]).toStrictEqual({ w: Float32Array.of(0, 6) })
  })
})
