import { type Key, random, step, transient } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { randomK } from './randomK.js'

const w = Float32Array.from({ length: 20 }, (_, i) => i + 1)
const params = { v: w, w }

/** What is kept in each of n steps. */
const course = (n: number, share: number, key: Key | number, unbiased = false) => {
  const tx = randomK(share, { key, unbiased })
  let state = tx.init(params)
  return Array.from({ length: n }, () => {
    const [u, next] = tx.update(params, state, params)
    state = next
    return u
  })
}

describe('randomK', () => {
  test('keeps exactly ⌈ share n ⌉ elements as they are, others in each step and in each leaf', () => {
    const [first, second] = course(2, 0.3, 1)
    for (const u of [first?.v, first?.w, second?.w]) {
      expect(u?.filter((x) => x !== 0)).toHaveLength(6)
      expect(u?.every((x, i) => x === 0 || x === w[i])).toBe(true)
    }
    expect(first?.w).not.toStrictEqual(first?.v)
    expect(first?.w).not.toStrictEqual(second?.w)
  })

  test('is the same for the same key, which may be a seed', () => {
    expect(course(3, 0.3, 5)).toStrictEqual(course(3, 0.3, random.key(5)))
    expect(course(3, 0.3, 5)).not.toStrictEqual(course(3, 0.3, 6))
  })

  test('keeps each element as often as any other', () => {
    const counts = new Float64Array(w.length)
    for (const u of course(500, 0.25, 3)) u.w.forEach((x, i) => (counts[i] = (counts[i] as number) + Number(x !== 0)))
    // 125 of 500, with a deviation of 9.7: five of them.
    for (const count of counts) expect(Math.abs(count - 125)).toBeLessThan(48)
  })

  test('is multiplied by n / k where that is wanted', () => {
    const [plain] = course(1, 0.25, 2)
    expect(course(1, 0.25, 2, true)).toStrictEqual([{ v: plain?.v.map((x) => 4 * x), w: plain?.w.map((x) => 4 * x) }])
  })

  test('is the same in transient and step', () => {
    const tx = randomK(0.3, { key: 4 })
    const run = transient(tx, params)
    run.step(params)
    expect(run.snapshot().params).toStrictEqual(step(tx, params, tx.init(params), params)[0])
  })

  test('refuses what is no key', () => {
    expect(() => randomK(0.5, {} as never)).toThrow(
      'randomK: key must be a key made by random.key or a whole number, got undefined'
    )
    expect(() => randomK(2, { key: 1 })).toThrow('randomK: share must be a number in (0, 1], got 2')
    expect(() => randomK(1, { key: 1, unbiased: 1 as never })).toThrow('randomK: unbiased must be true or false, got 1')
  })
})
