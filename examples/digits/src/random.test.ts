import { describe, expect, test } from 'vitest'
import { permutation, streams, uniform } from './random.js'

describe('random', () => {
  test('the same generator draws the same twice: it is a value', () => {
    const [random] = streams(1)
    expect(permutation(random, 50)[0]).toStrictEqual(permutation(random, 50)[0])
    expect(uniform(random, 50, 1)[0]).toStrictEqual(uniform(random, 50, 1)[0])
  })

  test('a permutation holds every number once', () => {
    const [order] = permutation(streams(2)[0], 100)
    expect([...order].sort((a, b) => a - b)).toStrictEqual(Array.from({ length: 100 }, (_, index) => index))
  })

  test('streams, seeds and successive draws differ', () => {
    const [first, second, third] = streams(3)
    const [, next] = permutation(first, 20)
    const generators = [first, second, third, next, streams(4)[0], streams(0)[0], streams(2 ** 32 - 1)[0]]
    const draws = generators.map((random) => permutation(random, 20)[0].join())
    expect(new Set(draws).size).toBe(draws.length)
  })

  test('uniform numbers fill [−limit, limit)', () => {
    const [numbers] = uniform(streams(5)[0], 10_000, 0.5)
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(-0.5)
    expect(Math.min(...numbers)).toBeLessThan(-0.49)
    expect(Math.max(...numbers)).toBeLessThanOrEqual(0.5)
    expect(Math.max(...numbers)).toBeGreaterThan(0.49)
  })
})
