import { expect, test } from 'vitest'
import { finished, recordFor } from './record.js'

test.each([
  [1, false],
  [24, false],
  [25, false],
  [1000, false],
  [1, true],
  [1000, true]
])('%i fields, without a prototype: %s', (count, isBare) => {
  const record = recordFor(count, isBare)
  for (let i = 0; i < count; i++) record[`w${i}`] = i
  const made = finished(record, count, isBare)
  expect(made).toBe(record)
  expect(Object.getPrototypeOf(made)).toBe(isBare ? null : Object.prototype)
  expect(Object.keys(made)).toEqual(Array.from({ length: count }, (_, i) => `w${i}`))
})
