import { afterEach, describe, expect, test, vi } from 'vitest'
import { Kind } from '../../array/dtype.js'
import { InvalidOption } from '../../errors.js'
import { type Expr, leafOf } from '../../expression/expr.js'
import { KeepingTape } from '../../expression/keepingTape.js'
import { add, mul, sum } from '../../expression/operations.js'
import { Arena, footprint, memoryOfAddress, overlap, wordOf } from './arena.js'
import { ResidentEngine } from './engine.js'
import { kernelsOf } from './kernels.js'
import { runHere } from './launches.js'

afterEach(() => vi.unstubAllGlobals())

const MIB = 2 ** 20
const room = (scratch: number) => ({ params: 0, grads: 0, state: 0, scratch })

test('arrays lie apart, at multiples of 64, with room behind them', () => {
  const arena = new Arena(room(MIB), false)
  const sizes = [0, 1, 3, 4, 15, 16, 17, 100]
  const views = [Kind.F32, Kind.F64, Kind.BF16, Kind.F16].flatMap((kind) =>
    sizes.map((size) => ({ kind, size, view: arena.takeArray(kind, size) }))
  )
  let end = 64
  for (const { kind, size, view } of views) {
    expect(view.length).toBe(size)
    expect(view.byteOffset).toBe(end)
    expect(arena.placeOf(view)).toBe(end)
    expect(footprint(kind, size)).toBeGreaterThanOrEqual(view.byteLength + 64)
    end += footprint(kind, size)
    expect(end % 64).toBe(0)
  }
  expect(arena.top).toBe(end)
})

test('what was asked for fits, to the last byte', () => {
  const size = (MIB - 64) / 4
  expect(footprint(Kind.F32, size)).toBe(MIB)
  const arena = new Arena({ params: MIB, grads: MIB, state: MIB, scratch: 0 }, false)
  for (let i = 0; i < 3; i++) arena.takeArray(Kind.F32, size)
})

test('it knows its own arrays, and other views of them', () => {
  const arena = new Arena(room(1000), false)
  const view = arena.takeArray(Kind.F32, 8)
  expect(arena.holds(view.subarray(2))).toBe(true)
  expect(arena.placeOf(view.subarray(2))).toBeUndefined()
  expect(arena.holds(new Float32Array(8))).toBe(false)
})

test('more than there is left is refused with both sizes', () => {
  const arena = new Arena(room(MIB), false)
  arena.take(MIB / 2)
  expect(() => arena.take(MIB)).toThrow(
    new InvalidOption(
      'transient: a step needs 1.0 MiB more for what it stores in between, and 0.6 MiB are left: give more with the option scratchBytes'
    )
  )
  arena.release(64)
  arena.take(MIB / 2)
})

test('it knows how far it was ever handed out', () => {
  const arena = new Arena(room(MIB), false)
  const bottom = arena.top
  expect(arena.peak).toBe(bottom)
  arena.take(1000)
  const high = arena.top
  arena.release(bottom)
  arena.take(10)
  expect(arena.top).toBeLessThan(high)
  expect(arena.peak).toBe(high)
  expect(() => arena.take(2 * MIB)).toThrow(InvalidOption)
  expect(arena.peak).toBe(high)
})

test('more than one memory holds is refused with all sizes, before any is taken', () => {
  const sizes = { params: 2 ** 30, grads: 2 ** 30, state: 2 ** 31, scratch: 16 * MIB }
  expect(() => new Arena(sizes, false)).toThrow(
    new InvalidOption(
      'transient: params 1024.0 MiB, gradients 1024.0 MiB, state 2048.0 MiB and scratch 16.0 MiB are 4112.1 MiB, and one WebAssembly memory, which an array shares with its gradient and its state, holds 4096 MiB: keep moments in bfloat16, or divide the array'
    )
  )
})

test('memory that is not to be had is refused in words', () => {
  vi.stubGlobal('WebAssembly', {
    ...WebAssembly,
    Module: WebAssembly.Module,
    Memory: class {
      constructor() {
        throw new RangeError('WebAssembly.Memory(): could not allocate memory')
      }
    }
  })
  expect(() => new Arena(room(MIB), false)).toThrow(
    new InvalidOption(
      'transient: there is no memory to be had for params 0.0 MiB, gradients 0.0 MiB, state 0.0 MiB and scratch 1.0 MiB: dispose of what is done, or give less scratchBytes'
    )
  )
})

describe('several memories', () => {
  test('are told apart by addresses, and each is handed out by itself', () => {
    const arena = new Arena(room(1000), false, 1, [room(1000), room(1000)])
    const second = arena.all[1] as Arena
    const mark = arena.mark
    const array = second.takeArray(Kind.F32, 8)
    const address = arena.placeOf(array) as number
    expect([memoryOfAddress(address), wordOf(address), arena.at(address)]).toStrictEqual([1, 64, second])
    expect(arena.placeOf(second.part(array, 2, 3))).toBe(address + 8)
    expect(arena.holds(array.subarray(1))).toBe(true)
    expect(arena.holds(new Float32Array(1))).toBe(false)
    expect([arena.isAt(mark), arena.top]).toStrictEqual([false, 64])
    arena.releaseTo(mark)
    expect([arena.isAt(mark), arena.usedBeyond(mark)]).toStrictEqual([true, footprint(Kind.F32, 8)])
    expect(arena.placeOf(second.takeArray(Kind.F32, 8))).toBe(address)
  })

  test.each([
    [[64, 64], [128, 64], [64, 64], [128, 64], true],
    [[64, 64], [128, 192], [128, 128], [192, 256], true],
    [[64, 64], [128, 128], [128, 128], [192, 192], false],
    [[64, 64], [64, 128], [64, 128], [128, 128], false],
    [[128, 64], [192, 64], [64, 64], [128, 192], false],
    [[64, 128], [64, 192], [64, 64], [192, 192], true]
  ])('what lies from %j to %j and what lies from %j to %j share memory: %s', (base, top, other, end, isShared) => {
    expect(overlap(base, top, other, end)).toBe(isShared)
    expect(overlap(other, end, base, top)).toBe(isShared)
  })
})

describe('beyond 2 GiB', () => {
  // Reserved memory costs nothing until it is written to.
  test.each([
    ['whole', 4096 * MIB - 65_536 * 2],
    ['nearly whole', 3000 * MIB]
  ])('a memory that is %s: arrays, tables and sums lie there as elsewhere', (_what, bytes) => {
    const arena = new Arena(room(bytes), false)
    arena.take(bytes - 40 * MIB)
    expect(arena.top).toBeGreaterThan(2 ** 31)
    for (const kind of [Kind.F32, Kind.F64]) {
      const place = (...values: number[]): Expr => {
        const data = arena.takeArray(kind, values.length)
        data.set(values)
        return leafOf(kind, null, data)
      }
      const [a, b] = [place(1, 2, 3, 4, 5), place(0.5, 0.25, 2, 4, 8)]
      const engine = new ResidentEngine(arena, new KeepingTape(), kernelsOf(arena, false), runHere)
      const c = add(mul(a, b), mul(a, 2)) as Expr
      const total = mul(sum(c), 2) as Expr
      const d = mul(c, total) as Expr
      engine.store([total], [{ node: d, to: a.data as Float32Array }])
      expect([...(a.data as Float32Array)]).toStrictEqual([2.5, 4.5, 12, 24, 50].map((x) => x * 186))
    }
  })
})
