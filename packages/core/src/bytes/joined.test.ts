import { expect, test } from 'vitest'
import { joined } from './joined.js'

test('joined puts bytes one after the other, in memory of their own', () => {
  const whole = Uint8Array.of(1, 2, 3, 4)
  const out = joined([whole.subarray(2), new Uint8Array(0), whole.subarray(0, 1)])
  expect(out).toStrictEqual(Uint8Array.of(3, 4, 1))
  whole.fill(0)
  expect(out).toStrictEqual(Uint8Array.of(3, 4, 1))
  expect(joined([])).toStrictEqual(new Uint8Array(0))
})
