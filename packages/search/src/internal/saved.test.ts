import { ndarray } from '@gradchain/core'
import { expect, test } from 'vitest'
import { revived, saved } from './saved.js'

test('a state that was saved as a text is the same: its arrays, and numbers that JSON does not know', () => {
  const state = {
    count: 3,
    best: Infinity,
    worst: -Infinity,
    none: NaN,
    zero: -0,
    name: 'a key',
    list: [true, null, { deep: -0 }],
    bare: Float32Array.of(0.1, -0, NaN),
    wide: Float64Array.of(-Infinity, 5e-324),
    shaped: ndarray(Float64Array.of(-0, 1), [2, 1]),
    half: ndarray(Uint16Array.of(0x3c00, 0x7c00), [2], 'float16')
  }
  expect(revived(JSON.parse(JSON.stringify(saved(state))))).toStrictEqual(state)
})
