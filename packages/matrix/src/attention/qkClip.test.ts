import { applyUpdates, chain, ndarray } from '@gradchain/core'
import { scale } from '@gradchain/transforms'
import { describe, expect, test } from 'vitest'
import { product, transpose } from '../internal/testing.js'
import { type AttentionHeads, qkClip } from './qkClip.js'

const wave = (size: number, from: number): Float64Array =>
  Float64Array.from({ length: size }, (_, k) => Math.cos(from + k * k))

// Two heads of width 3, inputs of width 4.
const params = () => ({
  q: ndarray(wave(24, 1), [4, 6]),
  k: ndarray(wave(24, 2), [4, 2, 3]),
  v: ndarray(wave(24, 3), [4, 6])
})
const inputs = wave(20, 4)

/** The largest magnitude of a logit of each head. */
const logitsOf = ({ q, k }: { readonly q: { data: ArrayLike<number> }; readonly k: { data: ArrayLike<number> } }) => {
  const [queries, keys] = [product(inputs, q.data, 5, 4, 6), product(inputs, k.data, 5, 4, 6)]
  return [0, 3].map((at) => {
    const slice = (x: Float64Array) =>
      Float64Array.from({ length: 15 }, (_, i) => x[6 * Math.floor(i / 3) + at + (i % 3)] as number)
    return Math.max(...Array.from(product(slice(queries), transpose(slice(keys), 5, 3), 5, 3, 5), Math.abs))
  })
}

const heads = (path: string): AttentionHeads | null =>
  path === '.q' || path === '.k' ? { attention: 'one', axis: 1 } : null

const zeros = () => ({
  q: ndarray(new Float64Array(24), [4, 6]),
  k: ndarray(new Float64Array(24), [4, 2, 3]),
  v: ndarray(new Float64Array(24), [4, 6])
})

describe('the logits', () => {
  test('of heads above tau come down to tau, all others stay to the bit', () => {
    const before = logitsOf(params())
    const tau = (Math.min(...before) + Math.max(...before)) / 2
    const tx = qkClip({ heads, tau })
    const [u] = tx.update(zeros(), {}, params(), { maxLogits: { one: before } })
    const after = applyUpdates(params(), u)
    const found = logitsOf(after)
    before.forEach((s, h) => expect(found[h]).toBeCloseTo(Math.min(s, tau), 12))
    const low = (before[0] as number) < tau ? 0 : 3
    for (let i = 0; i < 4; i++) expect(after.q.data[6 * i + low]).toBe(params().q.data[6 * i + low])
    expect(u.v).toStrictEqual(zeros().v)
  })

  test('of an update count, as it is the params after it that are scaled', () => {
    const g = { ...zeros(), q: ndarray(wave(24, 9), [4, 6]) }
    const tx = chain(scale(-1), qkClip({ heads, tau: 1 }))
    const [u] = tx.update(g, tx.init(params()), params(), { maxLogits: { one: 4 } })
    const after = applyUpdates(params(), u).q.data
    after.forEach((x, i) => expect(x).toBeCloseTo(0.5 * ((params().q.data[i] as number) - (g.q.data[i] as number)), 12))
  })

  test('below tau, NaN or infinite change nothing, bit for bit', () => {
    const g = { ...zeros(), q: ndarray(wave(24, 9), [4, 6]) }
    for (const one of [99, NaN, Infinity, [3, NaN], [100, -Infinity]]) {
      expect(qkClip({ heads }).update(g, {}, params(), { maxLogits: { one } })[0]).toStrictEqual(g)
    }
  })
})

test('the share is the exponent; float32 stays float32', () => {
  const tx = qkClip({ tau: 1, heads: () => ({ attention: 'a', axis: -1, share: 1 }) })
  const p = { q: ndarray([8, 8, 8, 8], [1, 4]) }
  const [u] = tx.update({ q: ndarray([0, 0, 0, 0], [1, 4]) }, {}, p, { maxLogits: { a: [4, 1] } })
  expect(applyUpdates(p, u)).toStrictEqual({ q: ndarray([2, 2, 8, 8], [1, 4]) })
  const none = qkClip({ tau: 1, heads: () => ({ attention: 'a', axis: -1, share: 0 }) })
  expect(none.update({ q: ndarray([0, 1, 0, 0], [1, 4]) }, {}, p, { maxLogits: { a: 4 } })[0].q.data[1]).toBe(1)
})

test('16 bits lead to what was meant, rounded once', () => {
  const p = { q: ndarray([3, 5], [1, 2], 'bfloat16') }
  const g = { q: ndarray([0, 0], [1, 2], 'bfloat16') }
  const tx = qkClip({ tau: 1, heads: () => ({ attention: 'a', axis: 1 }) })
  const [u] = tx.update(g, {}, p, { maxLogits: { a: 9 } })
  expect(applyUpdates(p, u)).toStrictEqual({ q: ndarray([1, 5 / 3], [1, 2], 'bfloat16') })
})

test.each<readonly [Partial<AttentionHeads>, unknown, string]>([
  [{ axis: 2 }, { a: 1 }, 'qkClip: axis of heads(".q") must be an axis of shape [1, 4], got 2'],
  [{ share: 2 }, { a: 1 }, 'qkClip: share of heads(".q") must be in [0, 1], got 2'],
  [{}, { b: 1 }, 'qkClip: maxLogits must have a field "a", as heads(".q") says, got'],
  [{}, { a: 'much' }, 'qkClip: maxLogits.a must be a number or a list of numbers, got "much"'],
  [{}, { a: [] }, 'qkClip: maxLogits.a must be a number or a list of numbers, got []'],
  [{}, { a: [1, 2, 3] }, 'qkClip: params.q of shape [1, 4] does not have 3 heads along axis 1']
])('refuses %o with %o', (part, maxLogits, message) => {
  const p = { q: ndarray([1, 2, 3, 4], [1, 4]) }
  const tx = qkClip({ heads: () => ({ attention: 'a', axis: 1, ...part }) })
  expect(() => tx.update(p, {}, p, { maxLogits: maxLogits as never })).toThrow(message)
})

test('refuses options that are none', () => {
  expect(() => qkClip({ heads: 3 as never })).toThrow('qkClip: heads must be a function, got 3')
  expect(() => qkClip({ heads, tau: 0 })).toThrow('qkClip: tau must be a finite number > 0, got 0')
  // @ts-expect-error -- the logits are needed
  expect(() => qkClip({ heads }).update(zeros(), {}, params())).toThrow()
})
