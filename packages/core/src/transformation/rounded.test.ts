import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { mul } from '../expression/operations.js'
import { isWhole, keepWhole } from './rounded.js'
import { stateless } from './stateless.js'
import type { Tree } from './types.js'
import { updatesTo } from './updatesTo.js'

const params = { half: ndarray([1, 2], [2], 'bfloat16'), single: new Float32Array([1]), n: 1 }

test('isWhole tells of updates of 16-bit params that they lead somewhere, and of no others', () => {
  const seen: unknown[] = []
  stateless((updates, p) => {
    const { half, single, n } = updatesTo(p, updates) as typeof params
    seen.push(isWhole(half), isWhole(single), isWhole(n), isWhole(mul(half, 1)))
    return updates
  }).update(params, {}, params)
  expect(seen).toStrictEqual([true, false, false, false])
})

test('keepWhole has an update leave as float32, where it would be rounded to 16 bits', () => {
  const third = (keep: boolean) =>
    stateless((updates): Tree => {
      const { half } = updates as { half: Parameters<typeof mul>[0] }
      const u = mul(half, 1 / 3)
      return { half: keep ? keepWhole(u) : u }
    })
  const half = { half: params.half }
  expect(third(true).update(half, {}, half)[0]).toStrictEqual({
    half: ndarray(new Float32Array([1 / 3, 2 / 3]), [2])
  })
  expect(third(false).update(half, {}, half)[0]).toStrictEqual({ half: ndarray([1 / 3, 2 / 3], [2], 'bfloat16') })
})
