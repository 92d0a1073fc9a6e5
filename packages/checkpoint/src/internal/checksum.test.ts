import { expect, test } from 'vitest'
import { checksumOf, digits } from './checksum.js'

test('is written as it was when files were first written', () => {
  expect(checksumOf(new Uint8Array(0))).toBe('d181ddfd')
  expect(checksumOf(Uint8Array.from({ length: 200 }, (_, i) => i))).toBe('1f8abf28')
  expect(digits(0xabc)).toBe('00000abc')
})
