import { type AnyGradientTransformation, chain, identity, ndarray } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { trace } from '../momentum/trace.js'
import { quantizedState } from '../precision/quantizedState.js'
import { stateBytes } from './stateBytes.js'

const params = { kernel: ndarray(new Float32Array(12), [3, 4]), bias: new Float64Array(2), scalar: 1 }

describe('stateBytes', () => {
  test('of arrays their bytes, of numbers eight', () => {
    expect(stateBytes(identity(), params)).toStrictEqual({ params: 72, state: 0, share: 0 })
    // A velocity and a count.
    expect(stateBytes(trace(0.9), params).state).toBe(72 + 8)
    // Two moments and a count.
    expect(stateBytes(scaleByAdam(), params).state).toBe(2 * 72 + 8)
    expect(stateBytes(chain(trace(0.9), scaleByAdam()), params).state).toBe(3 * 72 + 2 * 8)
    expect(stateBytes(scaleByAdam({ muDtype: 'bfloat16' }), { w: new Float32Array(100) }).state).toBe(608)
    expect(stateBytes(identity(), {}).share).toBeNaN()
  })

  test('is the bytes of the state that is made', () => {
    const large = { w: ndarray(new Float32Array(5000), [50, 100]), half: ndarray([1, 2, 3, 4, 5, 6], [6], 'float16') }
    // In 8 bits: a byte for each element, and what is needed for each block.
    const tx = quantizedState(scaleByAdam())
    const bytes = (value: unknown): number =>
      typeof value === 'number'
        ? 8
        : ArrayBuffer.isView(value)
          ? value.byteLength
          : Object.entries(value as object).reduce(
              (sum, [key, one]) => sum + (typeof one === 'string' || key === 'shape' ? 0 : bytes(one)),
              0
            )
    for (const each of [tx, scaleByAdam(), trace(0.9, { accumulatorDtype: 'bfloat16' })]) {
      expect(stateBytes(each, large).state).toBe(bytes(each.init(large)))
    }
    expect(stateBytes(tx, large).state).toBeLessThan(0.4 * stateBytes(scaleByAdam(), large).state)
  })

  test('makes no arrays, but for a pair of functions of a user', () => {
    // A vector of 32 MiB, of whose moments there would be as much each.
    const w = new Float32Array(2 ** 23)
    const { arrayBuffers } = process.memoryUsage()
    expect(stateBytes(scaleByAdam(), { w }).share).toBeCloseTo(2, 6)
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(2 ** 22)
    const own: AnyGradientTransformation = {
      init: () => ({ kept: new Uint8Array(7), count: 3 }),
      update: (updates, state) => [updates, state]
    }
    expect(stateBytes(own, params).state).toBe(15)
  })

  test.each([
    ['stateBytes: a transformation must be a pair { init, update } of functions, got 3', 3, params],
    ['stateBytes: params.w must be a number or an array, got "x"', identity(), { w: 'x' }]
  ])('refuses: %s', (message, tx, given) => {
    expect(() => stateBytes(tx as never, given)).toThrow(message)
  })
})
