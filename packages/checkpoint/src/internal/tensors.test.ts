import { describe, expect, test } from 'vitest'
import type { TensorDType } from '../tensor.js'
import { byteLengthOf, bytesOf, bytesPerElement, isTensor, isTensorDType, tensorOf, tensorOver } from './tensors.js'

const DTYPES: readonly (readonly [TensorDType, number])[] = [
  ['float32', 4],
  ['float64', 8],
  ['bfloat16', 2],
  ['float16', 2],
  ['int8', 1],
  ['uint8', 1],
  ['int16', 2],
  ['uint16', 2],
  ['int32', 4],
  ['uint32', 4],
  ['int64', 8],
  ['uint64', 8],
  ['bool', 1]
]

describe.each(DTYPES)('%s', (dtype, bytes) => {
  test('goes from bytes to a tensor and back, and is a copy', () => {
    const given = Uint8Array.from({ length: 3 * bytes + 1 }, (_, i) => i).subarray(1)
    const tensor = tensorOf(dtype, [3, 1], given)
    expect(tensor.dtype).toBe(dtype)
    expect(tensor.shape).toStrictEqual([3, 1])
    expect(tensor.data.length).toBe(3)
    expect(bytesOf(tensor)).toStrictEqual(Uint8Array.from(given))
    expect(tensor.data.buffer).not.toBe(given.buffer)
    expect(bytesPerElement(dtype)).toBe(bytes)
    expect(isTensorDType(dtype)).toBe(true)
    expect(isTensor(tensor)).toBe(true)
  })
})

test('the first byte is the lowest', () => {
  expect(tensorOf('int32', [], Uint8Array.of(1, 2, 0, 0)).data).toStrictEqual(Int32Array.of(513))
  expect(tensorOver('int64', [1], BigInt64Array.of(-5n).buffer).data).toStrictEqual(BigInt64Array.of(-5n))
})

test.each<readonly [readonly number[], number | undefined]>([
  [[], 4],
  [[0], 0],
  [[2, 3], 24],
  [[0, 2 ** 40, 2 ** 40], undefined],
  [[2 ** 51, 4], undefined],
  [[-1, -1], undefined],
  [[0.5], undefined],
  [[Number.NaN], undefined]
])('a float32 of the shape %s takes %s bytes', (shape, wanted) => {
  expect(byteLengthOf('float32', shape)).toBe(wanted)
})

test('what is no tensor', () => {
  const tensor = tensorOf('int8', [2], new Uint8Array(2))
  const others = [
    null,
    1,
    {},
    new Float32Array(1),
    { ...tensor, dtype: 'complex64' },
    { ...tensor, dtype: 'toString' },
    { ...tensor, shape: [3] },
    { ...tensor, shape: 2 },
    { ...tensor, data: [1, 2] },
    { ...tensor, data: new Uint8Array(2) }
  ]
  expect(others.map(isTensor)).toStrictEqual(others.map(() => false))
})
