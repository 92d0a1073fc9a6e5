import * as ops from '@gradchain/core'
import { type NdArray, type Operand, reference, type Value } from '@gradchain/core'
import { Expr, lift } from '@gradchain/core/engine'
import { describe, expect, test } from 'vitest'
import type { Slot } from './runner.js'
import { runnerOn } from './runnerOn.js'
import { device, failures, slotOf } from './runnerTesting.js'

const node = (x: Value): Expr => {
  if (!(x instanceof Expr)) throw new Error('a number')
  return x
}

const row = (length: number, f: (i: number) => number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length }, (_, i) => f(i))

/** What the reference makes of it. */
const expected = (x: Value): NdArray['data'] | number => {
  const root = node(x)
  reference.evaluate([root])
  return root.isScalar ? root.value : (root.data as NdArray['data'])
}

describe.skipIf(device === null)('a runner', () => {
  const runner = device === null ? null : runnerOn(device)
  const run = async (assignments: readonly { node: Value; to: Slot }[], read: readonly Slot[]) => {
    runner?.enqueue(assignments.map(({ node: x, to }) => ({ node: node(x), to })))
    const values = await runner?.read(read)
    expect(failures).toStrictEqual([])
    return values ?? []
  }
  const leafOf = (slot: Slot, shape: readonly number[] = [slot.length]): Expr => {
    if (runner === null) throw new Error('there is no runner')
    return runner.leaf(slot, shape)
  }

  test('computes arrays and numbers as the reference does', async () => {
    const [a, b] = [row(1001, (i) => i % 7), row(1001, (i) => (i % 5) - 2)]
    const graph = (x: Operand, y: Operand): Value[] => [ops.add(ops.mul(x, 3), y), ops.sum(ops.mul(x, y)), ops.maxOf(y)]
    const [x, y] = [slotOf(a), slotOf(b)]
    const to = [slotOf(new Float32Array(1001)), slotOf(new Float32Array(1)), slotOf(new Float32Array(1))]
    const got = await run(
      graph(leafOf(x), leafOf(y)).map((value, i) => ({ node: value, to: to[i] as Slot })),
      to
    )
    const [array, total, most] = graph(a, b).map(expected)
    expect(got).toStrictEqual([array, row(1, () => total as number), row(1, () => most as number)])
  })

  test('what is read is what lay there before: in place, exchanged, and where it is needed later on', async () => {
    const [a, b] = [row(300, (i) => i), row(300, (i) => 2 * i)]
    const [x, y, z] = [slotOf(a), slotOf(b), slotOf(new Float32Array(300))]
    const [p, q] = [leafOf(x), leafOf(y)]
    const got = await run(
      [
        { node: q, to: x },
        { node: p, to: y },
        // Needs p once more, after its sum is known.
        { node: ops.add(p, ops.sum(p)), to: z }
      ],
      [x, y, z]
    )
    expect(got).toStrictEqual([b, a, a.map((n) => n + 44850)])
    const [w] = await run([{ node: ops.add(p, 1), to: x }], [x])
    expect(w).toStrictEqual(b.map((n) => n + 1))
  })

  test('a number of the device is one of a graph', async () => {
    const [x, s] = [slotOf(row(5, (i) => i)), slotOf(row(1, () => 3))]
    const number = node(runner?.number(s) ?? 0)
    const got = await run(
      [
        { node: ops.mul(leafOf(x), number), to: x },
        { node: ops.add(number, 1), to: s }
      ],
      [x, s]
    )
    expect(got).toStrictEqual([row(5, (i) => 3 * i), row(1, () => 4)])
  })

  test('many leaves, of which each has numbers of its own and all have one together', async () => {
    const lengths = Array.from({ length: 40 }, (_, i) => 1 + ((i * 37) % 130))
    const arrays = lengths.map((length, i) => row(length, (k) => (k + i) % 9))
    const slots = arrays.map((data) => slotOf(data))
    const graph = (leaves: readonly Operand[]): Value[] => {
      const all = leaves.reduce((total: Value, leaf) => ops.add(total, ops.sumSquares(leaf)), 0)
      return leaves.map((leaf, i) => ops.mul(ops.add(leaf, i), ops.add(ops.mul(0, all), ops.sum(leaf))))
    }
    const values = graph(slots.map((slot) => leafOf(slot)))
    const got = await run(
      values.map((value, i) => ({ node: value, to: slots[i] as Slot })),
      slots
    )
    expect(got).toStrictEqual(graph(arrays).map(expected))
  })

  test('16-bit arrays, of odd lengths, and slots that lie anywhere', async () => {
    const bits = Uint16Array.from({ length: 77 }, (_, i) => i * 853)
    for (const dtype of ['float16', 'bfloat16'] as const) {
      const array = { dtype, shape: [77], data: bits } as const
      const [x, to] = [slotOf(bits, dtype, 4), slotOf(new Uint16Array(77), dtype)]
      const [same] = await run([{ node: ops.reshape(leafOf(x), [7, 11]), to }], [to])
      expect(same).toStrictEqual(expected(ops.reshape(array, [7, 11])))
      const [half] = await run([{ node: ops.cast(ops.mul(leafOf(x), 0.3), dtype), to }], [to])
      expect(half).toStrictEqual(expected(ops.cast(ops.mul(array, 0.3), dtype)))
    }
    const [x, to] = [
      slotOf(
        row(9, (i) => i),
        'float32',
        12
      ),
      slotOf(new Float32Array(9))
    ]
    const [got] = await run([{ node: ops.mul(leafOf(x), 2), to }], [to])
    expect(got).toStrictEqual(row(9, (i) => 2 * i))
  })

  test('the same assignments again: numbers and arrays of the host are read afresh', async () => {
    const to = slotOf(new Float32Array(3))
    const host = Float32Array.of(1, 2, 3)
    const sum = node(ops.add(host, 1))
    const assignments = [{ node: sum, to }]
    expect(await run(assignments, [to])).toStrictEqual([Float32Array.of(2, 3, 4)])
    host.fill(7)
    expect(await run([{ node: ops.add(lift(host), 5), to }], [to])).toStrictEqual([Float32Array.of(12, 12, 12)])
  })

  test.each<[string, () => Value, () => Slot, string]>([
    [
      'a slot of another dtype',
      () => ops.add(new Float32Array(2), 1),
      () => slotOf(new Uint16Array(2), 'float16'),
      'the slot must be of 2 float32, got one of 2 float16'
    ],
    [
      'a slot of another length',
      () => ops.add(new Float32Array(2), 1),
      () => slotOf(new Float32Array(3)),
      'the slot must be of 2 float32, got one of 3'
    ],
    [
      'an array of float64',
      () => ops.cast(new Float64Array(2), 'float32'),
      () => slotOf(new Float32Array(2)),
      'no float64'
    ],
    [
      'a function on whole arrays',
      () =>
        ops.opaque(
          function half() {
            return new Float32Array(2)
          },
          [new Float32Array(2)],
          { dtype: 'float32', shape: [2] }
        ),
      () => slotOf(new Float32Array(2)),
      'an opaque function half'
    ]
  ])('%s is refused', (_, value, to, message) => {
    expect(() => runner?.enqueue([{ node: node(value()), to: to() }])).toThrow(message)
  })
})
