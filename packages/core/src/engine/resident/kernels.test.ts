import { expect, test } from 'vitest'
import { Kind } from '../../array/dtype.js'
import { Op } from '../../expression/op.js'
import { Code, NONE } from '../program.js'
import { CAPACITY } from '../wasm/cache.js'
import { assemble } from '../wasm/kernel.js'
import type { Arena } from './arena.js'
import { kernelsOf } from './kernels.js'

const arena = (): Arena => {
  const own = { memory: new WebAssembly.Memory({ initial: 16 }) }
  return { ...own, all: [own] } as unknown as Arena
}

/** The program of `x` that is taken the negative of so many times. */
const negatives = (times: number): number[] => [
  ...[Code.Input, Kind.F32, NONE, NONE, NONE],
  ...Array.from({ length: times }, (_, i) => [Op.Neg, Kind.F32, i, NONE, NONE]).flat(),
  ...[Code.Output, Kind.F32, times, NONE, NONE]
]

test('a module that was written for one arena is not written again for the next, in which it computes as well', () => {
  let writings = 0
  const write: typeof assemble = (...given) => {
    writings += 1
    return assemble(...given)
  }
  for (const times of [1001, 1001, 1002]) {
    const own = arena()
    const { buffer } = own.memory
    new Int32Array(buffer).set([1024, 2048])
    new Float32Array(buffer).set([1, 2, times], 256)
    kernelsOf(own, false)(negatives(times), write)?.run(0, 0, 3)
    const sign = times % 2 === 0 ? 1 : -1
    expect([...new Float32Array(buffer, 2048, 3)]).toStrictEqual([sign, 2 * sign, times * sign])
  }
  expect(writings).toBe(2)
})

test('no more are kept than the capacity: those that were not used for longest are written again', () => {
  let writings = 0
  const write: typeof assemble = (...given) => {
    writings += 1
    return assemble(...given)
  }
  const again = (times: number): number => {
    const before = writings
    kernelsOf(arena(), false)(negatives(times), write)
    return writings - before
  }
  const code = negatives(333)
  const first = again(333)
  const kernels = kernelsOf(arena(), false)
  // Others, whose modules are that of one: how large they are is not what this is about.
  const one = assemble([...negatives(1)], false)
  for (let i = 0; i < CAPACITY; i++) kernels([...code, i], () => one)
  expect([first, again(333), again(333)]).toStrictEqual([1, 1, 0])
})
