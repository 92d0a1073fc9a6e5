// Products of matrices that are more than a device binds at a time: `products`, on devices that are said to bind little.
import * as ops from '@gradchain/core'
import { type NdArray, ndarray, type Operand, reference, type Value } from '@gradchain/core'
import type { Expr } from '@gradchain/core/engine'
import { expect, test } from 'vitest'
import type { Slot } from '../internal/runner.js'
import { testRunner } from '../internal/runnerTesting.js'

const node = (x: Value): Expr => x as Expr

const row = (length: number, f: (i: number) => number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length }, (_, i) => f(i))

/** What the reference makes of it. */
const expected = (x: Value): NdArray['data'] => {
  reference.evaluate([node(x)])
  return node(x).data as NdArray['data']
}

/** Elements of which no sum is exact. */
const matrixOf = (shape: readonly number[], by: number): Float32Array =>
  row(
    shape.reduce((size, length) => size * length, 1),
    (i) => (((i * by) % 1009) % 13) - 6 + (i % 7) / 3
  )

test.for<readonly [string, number, readonly number[], readonly number[], object]>([
  ['rows', 40_000, [300, 70], [70, 66], {}],
  ['rows of the second', 40_000, [66, 70], [300, 70], { transposeB: true }],
  ['terms of the sums, panel by panel', 300_000, [80, 1100], [1100, 90], {}],
  ['terms of both, panel by panel', 300_000, [1100, 80], [1100, 90], { transposeA: true }],
  ['terms in the middle of a panel', 40_000, [700, 80], [700, 90], { transposeA: true }],
  ['few terms, of which not all fit', 4096, [60, 30], [60, 25], { transposeA: true }],
  ['a row that is too long', 4000, [3, 1400], [1400, 2], {}],
  ['columns of the result', 4000, [3, 2], [2, 1400], {}],
  ['matrices of a batch', 9000, [7, 30, 20], [7, 20, 25], {}],
  ['matrices of a batch, and one for all', 9000, [7, 30, 20], [20, 25], {}],
  ['blocks of the matrices of a batch', 8000, [2, 40, 50], [2, 40, 45], { transposeA: true }],
  ['a matrix by itself', 24_000, [120, 30], [], { transposeB: true, symmetric: true }],
  ['a matrix by itself, on the other side', 24_000, [30, 120], [], { transposeA: true, symmetric: true }],
  ['a square by itself', 20_000, [72, 72], [], {}],
  ['a square by itself, as if it were symmetric', 20_000, [72, 72], [], { symmetric: true }]
])(
  'products of matrices larger than may be bound go block by block: %s',
  async ([, most, one, two, options], context) => {
    const { slotOf, leafOf, run } = await testRunner(context, { maxStorageBufferBindingSize: most })
    const [a, b] = [matrixOf(one, 31), matrixOf(two, 17)]
    const graph = (x: Operand, y: Operand): Value => ops.matmul(x, two.length === 0 ? x : y, options)
    const value = expected(graph(ndarray(a, one), ndarray(b, two)))
    const slot = slotOf(new Float32Array(value.length))
    const product = node(graph(leafOf(slotOf(a), one), leafOf(slotOf(b), two)))
    expect(await run([{ node: product, to: slot }], [slot])).toStrictEqual([value])
  }
)

test('products of blocks go to where their operands are, and are computed with', async (context) => {
  const { slotOf, leafOf, run } = await testRunner(context, { maxStorageBufferBindingSize: 24_000 })
  const a = matrixOf([90, 90], 31)
  const graph = (x: Operand): readonly Value[] => {
    const square = ops.matmul(ops.reshape(x, [90, 90]), ops.reshape(x, [90, 90]))
    return [ops.mul(square, 0.5), ops.matmul(ops.mul(square, 2), ops.add(square, 1), { transposeB: true }), square]
  }
  const slots = [slotOf(a), slotOf(a), slotOf(a)]
  const nodes = graph(leafOf(slots[2] as Slot))
  const got = await run(
    nodes.map((value, i) => ({ node: node(value), to: slots[i] as Slot })),
    slots
  )
  expect(got).toStrictEqual(graph(a).map(expected))
})
