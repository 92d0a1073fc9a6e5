import { describe, expect, test } from 'vitest'
import { type Data, Kind } from '../array/dtype.js'
import { paddedLength } from '../expression/domain.js'
import { step } from '../transformation/step.js'
import { type TracedState, traced } from '../transformation/testing.js'
import { transformation } from '../transformation/transformation.js'
import { differenceOf } from '../transient/transientTesting.js'
import { holderOf, taken } from './pooled.js'

/** Arrays of these lengths out of the numbers 0, 1, 2, …, and where they begin. */
const cut = (lengths: readonly number[], kind: Kind = Kind.F32) => {
  let extent = 0
  const starts = Int32Array.from(lengths, (length) => {
    const start = extent
    extent += paddedLength(length)
    return start
  })
  const items = Array.from({ length: extent }, (_, i) => i % 2 ** 16)
  const whole =
    kind === Kind.F32
      ? Float32Array.from(items)
      : kind === Kind.F64
        ? Float64Array.from(items)
        : Uint16Array.from(items)
  const members = Int32Array.from(lengths.keys())
  const arrays: Data[] = []
  taken(
    whole,
    members,
    starts,
    (i) => lengths[i] as number,
    (i, data) => {
      arrays[i] = data
    }
  )
  return { arrays, starts, whole }
}

const several = (count: number, length: number): number[] => Array.from({ length: count }, () => length)

const buffersOf = (arrays: readonly Data[]): Set<ArrayBufferLike> => new Set(arrays.map(({ buffer }) => buffer))

describe('arrays that lie side by side', () => {
  const uneven = Array.from({ length: 300 }, (_, i) => [0, 1, 3, 64, 7, 1025, 2, 5000][i % 8] as number)
  test.each([Kind.F32, Kind.F64, Kind.BF16])('get their elements and none of another (kind %i)', (kind) => {
    const { arrays, starts, whole } = cut(uneven, kind)
    arrays.forEach((array, i) => {
      const start = starts[i] as number
      expect(differenceOf(array, whole.slice(start, start + (uneven[i] as number)))).toBe('')
    })
    // Each is written all over with its own number: nobody else has it then.
    arrays.forEach((array, i) => array.fill(i))
    expect(arrays.every((array, i) => array.every((x) => x === i))).toBe(true)
    expect(whole.every((x, i) => x === i % 2 ** 16)).toBe(true)
  })

  test('have memory of their own when they are few', () => {
    expect(buffersOf(cut(several(127, 64)).arrays).size).toBe(127)
  })

  test('have memory of their own when they are large', () => {
    const { arrays } = cut(several(128, 1025))
    expect(buffersOf(arrays).size).toBe(128)
    expect(arrays.every(({ buffer }) => buffer.byteLength === 4 * 1025)).toBe(true)
  })

  test('share memory when they are many and small, some kilobytes of it', () => {
    const { arrays } = cut(several(1000, 64))
    expect(buffersOf(arrays).size).toBe(Math.ceil((1000 * 64 * 4) / 32_768))
    expect(Math.max(...arrays.map(({ buffer }) => buffer.byteLength))).toBe(32_768)
  })
})

test('the holder of shared memory is the array, of other memory that memory', () => {
  const [first, second] = cut(several(200, 8)).arrays as [Data, Data]
  expect(first.buffer).toBe(second.buffer)
  expect(holderOf(first)).not.toBe(holderOf(second))
  const alone = new Float32Array(8)
  expect(holderOf(alone.subarray(2))).toBe(holderOf(alone))
})

test('a step leaves arrays that share memory to be written to, handed on and collected one by one', () => {
  const tx = traced(0.5)
  const start = Array.from({ length: 200 }, (_, i) => Float32Array.of(i, 1, 2))
  const grads = start.map((x) => x.map((y) => y + 1))
  let [params, state] = [start, tx.init(start)]
  let [own, ownState] = [start, tx.init(start)]
  for (let i = 0; i < 5; i++) {
    ;[params, state] = step(tx, grads, state, params)
    ;[own, ownState] = step(tx, structuredClone(grads), structuredClone(ownState), structuredClone(own))
    expect(differenceOf([params, state], [own, ownState])).toBe('')
    params[i]?.fill(i)
    own[i]?.fill(i)
  }
  expect(params[0]?.buffer).toBe(params[1]?.buffer)
  // What nobody touches stays what it is.
  const idle = transformation<TracedState>({ init: tx.init as () => TracedState, update: (g, s) => [g, s] })
  const [, { trace }] = idle.update(grads, state, params)
  expect((trace as Float32Array[]).every((array, i) => array === (state.trace as Float32Array[])[i])).toBe(true)
})
