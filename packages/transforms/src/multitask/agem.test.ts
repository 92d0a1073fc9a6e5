import { chain, InvalidOption, InvalidTree, ndarray, reference, withEngine } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scale } from '../scaling/scale.js'
import { masked } from '../selection/masked.js'
import { agem } from './agem.js'

const SIZE = 4
const aVector = fc.array(
  fc
    .oneof(fc.double({ min: -100, max: 100, noNaN: true }), fc.integer({ min: -3, max: 3 }))
    .map((x) => (Math.abs(x) < 1e-6 ? 0 : x)),
  { minLength: SIZE, maxLength: SIZE }
)
type Vector = readonly number[]

const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0)
const leavesOf = ([a = 0, b = 0, c = 0, d = 0]: Vector) => ({
  w: new Float64Array([a, b]),
  m: ndarray(new Float64Array([c]), [1, 1]),
  n: d
})
const params = leavesOf([])

const emitted = (g: Vector, memory: Vector): Vector => {
  const run = (): Vector => {
    const [{ w, m, n }] = agem().update(leavesOf(g), {}, params, { memoryGradients: leavesOf(memory) })
    return [...w, ...m.data, n]
  }
  const fused = run()
  expect(withEngine(reference, run)).toStrictEqual(fused)
  return fused
}

describe('agem', () => {
  test('is equation 11 of the paper', () => {
    fc.assert(
      fc.property(aVector, aVector, (g, memory) => {
        const product = dot(g, memory)
        const share = product < 0 ? product / dot(memory, memory) : 0
        const wanted = g.map((x, i) => x - share * (memory[i] as number))
        const size = 1e-12 * Math.max(1, Math.sqrt(dot(g, g)))
        emitted(g, memory).forEach((x, i) => expect(Math.abs(x - (wanted[i] as number))).toBeLessThanOrEqual(size))
      })
    )
  })

  test('goes against the memory no more, and is no longer than it was', () => {
    fc.assert(
      fc.property(aVector, aVector, (g, memory) => {
        const u = emitted(g, memory)
        expect(dot(u, memory)).toBeGreaterThanOrEqual(-1e-12 * (1 + dot(g, g) + dot(memory, memory)))
        expect(dot(u, u)).toBeLessThanOrEqual(dot(g, g) * (1 + 1e-12))
      })
    )
  })

  test('leaves alone what does not go against the memory, bit for bit, and what has none', () => {
    const dyadic = fc.array(fc.nat(64), { minLength: SIZE, maxLength: SIZE })
    fc.assert(
      fc.property(dyadic, dyadic, aVector, (g, memory, any) => {
        expect(emitted(g, memory)).toStrictEqual(g)
        expect(emitted(any, [0, 0, 0, 0])).toStrictEqual(any.map((x) => x - 0))
      })
    )
  })

  test('does not overflow where squares of norms do, nor vanish', () => {
    for (const size of [2 ** 500, 2 ** -500]) {
      expect(emitted([2 * size, size, 0, 0], [-size, 0, 0, 0])).toStrictEqual([0, size, 0, 0])
    }
  })

  test('stands in a chain, and in a mask that leaves something out', () => {
    const start = { w: [1, 1], b: [1] }
    const tx = chain(masked(agem(), { w: true, b: false }), scale(-1))
    const [u] = tx.update({ w: [2, 1], b: [5] }, tx.init(start), start, {
      memoryGradients: { w: [-4, 0], b: [null] }
    })
    expect(u).toStrictEqual({ w: [-0, -1], b: [-5] })
  })

  test('refuses what is missing, and what does not fit', () => {
    const start = { w: new Float64Array(2) }
    expect(() => agem().update(start, {}, start, {} as never)).toThrow(InvalidOption)
    expect(() => agem().update(start, {}, start, {} as never)).toThrow(
      'agem: memoryGradients must be a tree like the params, got undefined'
    )
    expect(() => agem().update(start, {}, start, { memoryGradients: { w: new Float64Array(3) } })).toThrow(
      new InvalidTree('agem: memoryGradients.w has shape [3], grads has [2]')
    )
  })
})
