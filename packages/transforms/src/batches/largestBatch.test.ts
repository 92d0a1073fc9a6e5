import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { trace } from '../momentum/trace.js'
import { largestBatch } from './largestBatch.js'
import { stateBytes } from './stateBytes.js'

const params = { w: new Float32Array(100) }
const wholes = (max: number) => fc.integer({ min: 1, max })

/** Trials that go well up to some size, and the sizes that were tried. */
const upTo = (most: number, failure: () => boolean | never) => {
  const tried: number[] = []
  const tryBatch = (n: number): boolean => {
    tried.push(n)
    return n <= most || failure()
  }
  return { tried, tryBatch }
}
const runsOut = (): never => {
  throw new RangeError('Array buffer allocation failed')
}

describe('largestBatch', () => {
  test('is the largest multiple that fits, found with two trials at most for each time that it can be halved', () => {
    fc.assert(
      fc.property(wholes(5000), wholes(9), wholes(6000), fc.boolean(), (fitting, multipleOf, most, isThrown) => {
        fc.pre(multipleOf <= Math.min(fitting, most))
        const { tried, tryBatch } = upTo(fitting, isThrown ? runsOut : () => false)
        const found = largestBatch({ tryBatch, multipleOf, most })
        expect(found).toBe(Math.floor(Math.min(fitting, most) / multipleOf) * multipleOf)
        expect(tried.length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(found / multipleOf + 1)) + 1)
        expect(tried.every((n) => n % multipleOf === 0 && n <= most)).toBe(true)
        expect(new Set(tried).size).toBe(tried.length)
      })
    )
  })

  test('counts params, gradients, the state and what examples take', () => {
    fc.assert(
      fc.property(wholes(1000), fc.integer({ min: 0, max: 50_000 }), (each, room) => {
        const optimizer = trace(0.9)
        const fixed = 2 * 400 + stateBytes(optimizer, params).state
        const options = { params, optimizer, activationBytes: (n: number) => each * n, most: 100 }
        const memoryBytes = fixed + each + room
        expect(largestBatch({ ...options, memoryBytes })).toBe(Math.min(100, Math.floor((each + room) / each)))
      })
    )
    // Without an optimizer there is no state.
    expect(largestBatch({ params, memoryBytes: 803, activationBytes: (n) => n })).toBe(3)
  })

  test('never falls with more memory', () => {
    const sizeIn = (memoryBytes: number) => largestBatch({ params, memoryBytes, activationBytes: (n) => 7 * n + 100 })
    fc.assert(fc.property(wholes(9999), wholes(9999), (a, b) => sizeIn(907 + a + b) >= sizeIn(907 + a)))
  })

  test('gives the best that was found once there were so many trials', () => {
    const { tried, tryBatch } = upTo(100, runsOut)
    expect(largestBatch({ tryBatch, tries: 9 })).toBe(96)
    expect(tried).toStrictEqual([1, 2, 4, 8, 16, 32, 64, 128, 96])
  })

  test('what says nothing went well', () => {
    expect(largestBatch({ tryBatch: () => {}, most: 12 })).toBe(12)
  })

  test('takes trials that have to be waited for', async () => {
    const { tried, tryBatch } = upTo(20, () => false)
    const later = largestBatch({ tryBatch: async (n: number) => tryBatch(n), multipleOf: 4 })
    expect(await later).toBe(20)
    expect(tried).toStrictEqual([4, 8, 16, 32, 24, 20])
    expect(await largestBatch({ tryBatch: async (n: number) => n <= 5 || runsOut() })).toBe(5)
    await expect(largestBatch({ tryBatch: async () => runsOut() })).rejects.toThrow('Array buffer allocation failed')
    await expect(largestBatch({ tryBatch: async () => 'yes' as never })).rejects.toThrow(
      'largestBatch: the result of tryBatch must be true, false, or nothing, got "yes"'
    )
  })

  test('hands on what the smallest batch threw', () => {
    expect(() => largestBatch({ tryBatch: runsOut })).toThrow(RangeError)
  })

  const counted = { params, memoryBytes: 1000, activationBytes: (n: number) => n }
  refuses([
    ['largestBatch: memoryBytes must be a number > 0, got 0', () => largestBatch({ ...counted, memoryBytes: 0 })],
    ['largestBatch: memoryBytes must be a number > 0, got NaN', () => largestBatch({ ...counted, memoryBytes: NaN })],
    [
      'largestBatch: memoryBytes must be at least 802, for a batch of 2, got 801',
      () => largestBatch({ ...counted, memoryBytes: 801, multipleOf: 2 })
    ],
    [
      'largestBatch: activationBytes must be a function, got 3',
      () => largestBatch({ ...counted, activationBytes: 3 as never })
    ],
    [
      'largestBatch: activationBytes(1) must be a number ≥ 0, got NaN',
      () => largestBatch({ ...counted, activationBytes: () => NaN })
    ],
    ['largestBatch: most must be a whole number ≥ 1, got 0', () => largestBatch({ ...counted, most: 0 })],
    [
      'largestBatch: multipleOf must be a whole number ≥ 1, got 1.5',
      () => largestBatch({ ...counted, multipleOf: 1.5 })
    ],
    [
      'largestBatch: most must be at least multipleOf, 8, got 7',
      () => largestBatch({ tryBatch: () => true, most: 7, multipleOf: 8 })
    ],
    ['largestBatch: tries must be a whole number ≥ 1, got 0', () => largestBatch({ tryBatch: () => true, tries: 0 })],
    ['largestBatch: tryBatch must be a function, got 1', () => largestBatch({ tryBatch: 1 as never })],
    [
      'largestBatch: tryBatch must hold for a batch of 4, got false',
      () => largestBatch({ tryBatch: () => false, multipleOf: 4 })
    ],
    [
      'largestBatch: the result of tryBatch must be true, false, or nothing, got 7',
      () => largestBatch({ tryBatch: () => 7 as never })
    ],
    ['largestBatch: options must be an object, got 3', () => largestBatch(3 as never)]
  ])
})
