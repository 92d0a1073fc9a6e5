import type { NdArray, Operand, Value } from '@gradchain/core'
import * as ops from '@gradchain/core'
import { Expr } from '@gradchain/core/engine'
import { expect, test } from 'vitest'
import { otherDevice, testDevice } from '../testing.js'
import type { Slot } from './runner.js'
import { runnerOn } from './runnerOn.js'
import { testRunner } from './runnerTesting.js'

const node = (x: Value): Expr => {
  if (!(x instanceof Expr)) throw new Error('a number')
  return x
}

const row = (length: number, f: (i: number) => number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length }, (_, i) => f(i))

/** What the reference makes of it. */
const expected = (x: Value): NdArray['data'] => {
  const root = node(x)
  ops.reference.evaluate([root])
  return root.isScalar ? Float32Array.of(root.value) : (root.data as NdArray['data'])
}

test('computes arrays and numbers as the reference does', async (context) => {
  const { slotOf, leafOf, run } = await testRunner(context)
  const [a, b] = [row(1001, (i) => i % 7), row(1001, (i) => (i % 5) - 2)]
  const graph = (x: Operand, y: Operand): Value[] => [ops.add(ops.mul(x, 3), y), ops.sum(ops.mul(x, y)), ops.maxOf(y)]
  const to = [slotOf(new Float32Array(1001)), slotOf(new Float32Array(1)), slotOf(new Float32Array(1))]
  const values = graph(leafOf(slotOf(a)), leafOf(slotOf(b)))
  const got = await run(
    values.map((value, i) => ({ node: node(value), to: to[i] as Slot })),
    to
  )
  expect(got).toStrictEqual(graph(a, b).map(expected))
})

test('what is read is what lay there before: in place, exchanged, and where it is needed later on', async (context) => {
  const { slotOf, leafOf, run } = await testRunner(context)
  const [a, b] = [row(300, (i) => i), row(300, (i) => 2 * i)]
  const [x, y, z] = [slotOf(a), slotOf(b), slotOf(new Float32Array(300))]
  const [p, q] = [leafOf(x), leafOf(y)]
  const got = await run(
    [
      { node: q, to: x },
      { node: p, to: y },
      // Needs p once more, after its sum is known.
      { node: node(ops.add(p, ops.sum(p))), to: z }
    ],
    [x, y, z]
  )
  expect(got).toStrictEqual([b, a, a.map((n) => n + 44850)])
  const [w] = await run([{ node: node(ops.add(p, 1)), to: x }], [x])
  expect(w).toStrictEqual(b.map((n) => n + 1))
})

test('neighbours in one buffer are exchanged, though one launch does both', async (context) => {
  const { slotOf, leafOf, run } = await testRunner(context)
  const both = slotOf(row(640, (i) => i))
  const [x, y] = [
    { ...both, length: 320 },
    { ...both, offset: 1280, length: 320 }
  ] as const
  const got = await run(
    [
      { node: node(ops.neg(leafOf(y))), to: x },
      { node: node(ops.neg(leafOf(x))), to: y }
    ],
    [x, y]
  )
  expect(got).toStrictEqual([row(320, (i) => -(i + 320)), row(320, (i) => -i)])
})

test('an array that is written in one stage and was to be read in a later one', async (context) => {
  const { slotOf, leafOf, run } = await testRunner(context)
  const graph = (x: Operand, y: Operand): Value[] => [ops.add(x, y), ops.add(ops.mul(x, ops.sum(y)), 1)]
  const [a, b] = [row(5000, (i) => i % 3), row(5000, (i) => i % 2)]
  const [x, y] = [slotOf(a), slotOf(b)]
  const got = await run(
    graph(leafOf(x), leafOf(y)).map((value, i) => ({ node: node(value), to: [x, y][i] as Slot })),
    [x, y]
  )
  expect(got).toStrictEqual(graph(a, b).map(expected))
})

test('a number of the device is one of a graph', async (context) => {
  const { runner, slotOf, leafOf, run } = await testRunner(context)
  const [x, s] = [slotOf(row(5, (i) => i)), slotOf(row(1, () => 3))]
  const number = runner.number(s)
  const got = await run(
    [
      { node: node(ops.mul(leafOf(x), number)), to: x },
      { node: node(ops.add(number, 1)), to: s }
    ],
    [x, s]
  )
  expect(got).toStrictEqual([row(5, (i) => 3 * i), row(1, () => 4)])
})

test('many leaves, of which each has numbers of its own and all have one together', async (context) => {
  const { slotOf, leafOf, run } = await testRunner(context)
  const lengths = Array.from({ length: 40 }, (_, i) => 1 + ((i * 37) % 130))
  const arrays = lengths.map((length, i) => row(length, (k) => (k + i) % 9))
  const slots = arrays.map((data) => slotOf(data))
  const graph = (leaves: readonly Operand[]): Value[] => {
    const all = leaves.reduce((total: Value, leaf) => ops.add(total, ops.sumSquares(leaf)), 0)
    return leaves.map((leaf, i) => ops.mul(ops.add(leaf, i), ops.add(ops.mul(0.125, all), ops.sum(leaf))))
  }
  const values = graph(slots.map((slot) => leafOf(slot)))
  const got = await run(
    values.map((value, i) => ({ node: node(value), to: slots[i] as Slot })),
    slots
  )
  expect(got).toStrictEqual(graph(arrays).map(expected))
})

test('leaves side by side are one launch for as long as their numbers are the same', async (context) => {
  const { slotOf, leafOf, run } = await testRunner(context)
  const both = slotOf(row(640, (i) => i))
  const slots = [0, 1, 2, 3].map((i): Slot => ({ ...both, offset: 512 * i, length: 100 - i, room: 512 }))
  const leaves = slots.map((slot) => leafOf(slot))
  let expected = slots.map(({ length }, i) => row(length, (k) => 128 * i + k))
  // What is the same at first is another number in the third step, and the same again.
  for (const factors of [
    [2, 2, 2, 2],
    [0.5, 0.5, 0.5, 0.5],
    [2, 4, 2, 2],
    [0.5, 0.25, 0.5, 0.5],
    [3, 3, 3, 3]
  ]) {
    const times = (i: number): number => factors[i] as number
    const got = await run(
      leaves.map((leaf, i) => ({ node: node(ops.mul(leaf, times(i))), to: slots[i] as Slot })),
      slots
    )
    expected = expected.map((x, i) => x.map((n) => n * times(i)))
    expect(got).toStrictEqual(expected)
  }
})

test('16-bit arrays, of odd lengths, and slots that lie anywhere', async (context) => {
  const { slotOf, leafOf, run } = await testRunner(context)
  const bits = Uint16Array.from({ length: 77 }, (_, i) => i * 853)
  for (const dtype of ['float16', 'bfloat16'] as const) {
    const array = { dtype, shape: [77], data: bits } as const
    const [x, to] = [slotOf(bits, dtype, 4), slotOf(new Uint16Array(77), dtype)]
    const [same] = await run([{ node: node(ops.reshape(leafOf(x), [7, 11])), to }], [to])
    expect(same).toStrictEqual(expected(ops.reshape(array, [7, 11])))
    const [half] = await run([{ node: node(ops.cast(ops.mul(leafOf(x), 0.3), dtype)), to }], [to])
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
  const [got] = await run([{ node: node(ops.mul(leafOf(x), 2)), to }], [to])
  expect(got).toStrictEqual(row(9, (i) => 2 * i))
})

test('the same assignments again: numbers and arrays of the host are read afresh', async (context) => {
  const { slotOf, leafOf, run } = await testRunner(context)
  const [x, to] = [slotOf(row(3, (i) => i)), slotOf(new Float32Array(3))]
  const host = Float32Array.of(1, 2, 3)
  const sum = node(ops.add(ops.mul(leafOf(x), host), 1))
  const assignments = [{ node: sum, to }]
  expect(await run(assignments, [to])).toStrictEqual([Float32Array.of(1, 3, 7)])
  host.fill(7)
  sum.b = 2
  expect(await run(assignments, [to])).toStrictEqual([Float32Array.of(2, 9, 16)])
})

test('what works on whole arrays: axes, matrices, batches of them', async (context) => {
  const { slotOf, leafOf, run } = await testRunner(context)
  const shape = [3, 70, 5]
  const data = row(3 * 70 * 5, (i) => ((i * 7) % 11) - 5)
  const wide = row(70 * 66, (i) => ((i * 5) % 13) - 6)
  const graph = (x: Operand, y: Operand): Value[] => {
    const matrices = ops.reshape(x, shape)
    const matrix = ops.reshape(y, [70, 66])
    const product = ops.matmul(matrix, matrix, { transposeA: true, symmetric: true })
    return [
      ops.transpose(matrices, [2, 0, 1]),
      ops.sum(matrices, [1]),
      ops.maxOf(matrices, [0, 2]),
      ops.add(matrices, ops.broadcast(ops.minOf(matrices, [1, 2]), shape)),
      ops.matmul(matrices, matrix, { transposeA: true }),
      product,
      ops.add(ops.sum(product), 0),
      ops.transpose(matrix)
    ]
  }
  const values = graph(data, wide).map(expected)
  const slots = values.map((value) => slotOf(new Float32Array(value.length)))
  const nodes = graph(leafOf(slotOf(data)), leafOf(slotOf(wide)))
  const got = await run(
    nodes.map((value, i) => ({ node: node(value), to: slots[i] as Slot })),
    slots
  )
  expect(got).toStrictEqual(values)
})

test('16-bit arrays are moved as they are', async (context) => {
  const { slotOf, leafOf, run } = await testRunner(context)
  const data = Uint16Array.from({ length: 15 }, (_, i) => 0x3c00 + i)
  const array = { dtype: 'float16', shape: [3, 5], data } as const
  const [x, to] = [slotOf(data, 'float16'), slotOf(new Uint16Array(15), 'float16')]
  expect(await run([{ node: ops.transpose(leafOf(x, [3, 5])), to }], [to])).toStrictEqual([
    expected(ops.transpose(array))
  ])
})

test('more buffers than a kernel may work between, and more workgroups than there may be in a row', async (context) => {
  const few = { maxStorageBuffersPerShaderStage: 4, maxComputeWorkgroupsPerDimension: 3 }
  const { slotOf, leafOf, run } = await testRunner(context, few)
  const arrays = Array.from({ length: 7 }, (_, i) => row(9001, (k) => (k * (i + 2)) % 5))
  const graph = (leaves: readonly Operand[]): Value[] => {
    const all = leaves.reduce((x: Value, leaf) => ops.add(x, leaf), 0)
    const [first, second, ...rest] = leaves as [Operand, Operand, ...Operand[]]
    return [all, ops.mul(all, 2), ops.dot(ops.mul(first, 3), second), ...rest.map((leaf) => ops.sub(leaf, all))]
  }
  const slots = arrays.map((data) => slotOf(data))
  const to = [slotOf(arrays[0] as Float32Array), ...slots.slice(0, 1), slotOf(new Float32Array(1)), ...slots.slice(2)]
  const nodes = graph(slots.map((slot) => leafOf(slot)))
  const got = await run(
    nodes.map((value, i) => ({ node: node(value), to: to[i] as Slot })),
    to
  )
  expect(got).toStrictEqual(graph(arrays).map(expected))
})

test('on a graphics card workgroups fetch the blocks of a sum, and come to the same bits', async (context) => {
  const { runner, slotOf, leafOf, run } = await testRunner(context, { adapterInfo: { isFallbackAdapter: false } })
  const { runner: plain } = await testRunner(context)
  const [x, one, other] = [
    slotOf(row(8195, (i) => 1 / (1 + i))),
    slotOf(new Float32Array(1)),
    slotOf(new Float32Array(1))
  ]
  plain.enqueue([{ node: node(ops.sumSquares(plain.leaf(x, [8195]))), to: other }])
  const got = await run([{ node: node(ops.sumSquares(leafOf(x))), to: one }], [one, other])
  expect(got[0]).toStrictEqual(got[1])
  expect(runner).not.toBe(plain)
})

test('what a device has no room for is refused before it is asked', async (context) => {
  const { runner, slotOf, leafOf, run } = await testRunner(context, { maxStorageBufferBindingSize: 1024 })
  const [x, small] = [slotOf(row(300, (i) => i)), slotOf(row(100, () => 1))]
  expect(() => runner.enqueue([{ node: node(ops.add(leafOf(x), 1)), to: x }])).toThrow(
    'webgpu: an array must be at most 1024 bytes on this device to be worked on as a whole, got 1200'
  )
  const wide = ops.transpose(ops.broadcast(ops.reshape(leafOf(small), [100, 1]), [100, 4]))
  expect(() => runner.enqueue([{ node: node(ops.sum(wide)), to: slotOf(new Float32Array(1)) }])).toThrow(
    'an array must be at most 1024 bytes on this device to be worked on as a whole'
  )
  expect(await run([{ node: node(ops.add(leafOf(small), 1)), to: small }], [small])).toStrictEqual([row(100, () => 2)])
})

test('what is more than may be bound is worked on in ranges: arrays piece by piece, several of them apart', async (context) => {
  const { slotOf, leafOf, run } = await testRunner(context, { maxStorageBufferBindingSize: 65_536 })
  const graph = ([x, y, z, h]: readonly Operand[]): Value[] => [
    ops.add(ops.mul(x as Operand, 2), y as Operand),
    ops.div(ops.add(z as Operand, ops.sumSquares(x as Operand)), 4),
    ops.cast(ops.add(h as Operand, z as Operand), 'bfloat16'),
    ops.maxOf(y as Operand)
  ]
  // Three pieces, and a half one; the buffers of two arrays are more than may be bound, too.
  const length = 3 * 12_288 + 5001
  const halves = {
    dtype: 'bfloat16',
    shape: [length],
    data: Uint16Array.from({ length }, (_, i) => 0x3f80 + (i % 9))
  } as const
  const arrays = [row(length, (i) => (i % 11) - 5), row(length, (i) => i % 1003), row(length, (i) => (i % 5) / 4)]
  const all = slotOf(Float32Array.from([...(arrays[0] as Float32Array), 0, 0, 0, ...(arrays[1] as Float32Array)]))
  const ends = 4 * (length + 3)
  const [x, y]: readonly Slot[] = [
    { ...all, length },
    { ...all, offset: ends, length }
  ]
  const [z, h] = [slotOf(arrays[2] as Float32Array), slotOf(halves.data, 'bfloat16')]
  const one = slotOf(new Float32Array(1))
  const to = [x as Slot, z, h, one]
  const nodes = graph([x as Slot, y as Slot, z, h].map((slot) => leafOf(slot)))
  const got = await run(
    nodes.map((value, i) => ({ node: node(value), to: to[i] as Slot })),
    to
  )
  expect(got).toStrictEqual(graph([...arrays, halves]).map(expected))
  const [rest] = await run([{ node: node(ops.mul(leafOf(y as Slot), 1)), to: y as Slot }], [y as Slot])
  expect(rest).toStrictEqual(arrays[1])
})

test('plans come and go: one that has gone is made again', async (context) => {
  const { slotOf, leafOf, run } = await testRunner(context)
  const x = slotOf(row(4, () => 0))
  const assignments = [{ node: node(ops.add(leafOf(x), 1)), to: x }]
  for (let length = 1; length < 20; length++) {
    const other = slotOf(row(length, () => 2))
    await run([{ node: node(ops.mul(leafOf(other), 2)), to: other }], [other])
    if (length % 18 === 1) await run(assignments, [x])
  }
  expect(await run(assignments, [x])).toStrictEqual([row(4, () => 3)])
})

test('a device that is lost says so, with the reason', async (context) => {
  await testDevice(context)
  const device = await otherDevice()
  const runner = runnerOn(device)
  device.destroy()
  await device.lost
  const node = ops.add(new Float32Array(2), 1) as Expr
  const to = { buffer: device.createBuffer({ size: 16, usage: 128 }), offset: 0, dtype: 'float32', length: 2 } as const
  expect(() => runner.enqueue([{ node, to }])).toThrow('webgpu: the device was lost: ')
  await expect(runner.read([to])).rejects.toThrow('webgpu: the device was lost: ')
})

test('a device has one runner, until it is disposed of', async (context) => {
  const { runner, slotOf, leafOf, run } = await testRunner(context)
  const device = await testDevice(context)
  expect(runnerOn(device)).toBe(runner)
  const to = slotOf(new Float32Array(2))
  await run([{ node: node(ops.add(leafOf(to), 1)), to }], [to])
  runner.dispose()
  expect(runnerOn(device)).not.toBe(runner)
})

const half = (): Float32Array => new Float32Array(2)
const two = { dtype: 'float32', shape: [2] } as const

test.for<[string, () => Value, NdArray['data'], string]>([
  [
    'a slot of another dtype',
    () => ops.add(half(), 1),
    new Uint16Array(2),
    'must be of 2 float32, got one of 2 float16'
  ],
  [
    'a slot of another length',
    () => ops.add(half(), 1),
    new Float32Array(3),
    'must be of 2 float32, got one of 3 float32'
  ],
  ['an array of float64', () => ops.cast(new Float64Array(2), 'float32'), half(), 'no float64'],
  ['a function on whole arrays', () => ops.opaque(half, [half()], two), half(), 'an opaque function half']
])('%s is refused', async ([, value, data, message], context) => {
  const { runner, slotOf } = await testRunner(context)
  const to = slotOf(data, data instanceof Uint16Array ? 'float16' : 'float32')
  expect(() => runner.enqueue([{ node: node(value()), to }])).toThrow(message)
})
