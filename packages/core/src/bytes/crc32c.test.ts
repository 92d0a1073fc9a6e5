import { expect, test } from 'vitest'
import { crc32c } from './crc32c.js'

test('is what the standard says of the digits 1 to 9, and of nothing', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
  expect(crc32c(new Uint8Array())).toBe(0)
})

test('is what RFC 3720 says of 32 bytes', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43)
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e)
})
