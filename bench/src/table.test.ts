import { expect, test } from 'vitest'
import { digits, mebibytes, table } from './table.js'

test.each([
  [0.123456, '0.123'],
  [1.005, '1.00'],
  [12.34, '12.3'],
  [1234.5, '1235'],
  [0.000123, '0.000123'],
  [0, '0'],
  [NaN, '–'],
  [Infinity, '–']
])('%s is written %s', (value, wanted) => {
  expect(digits(value)).toBe(wanted)
})

test('bytes are written in MiB', () => {
  expect(mebibytes(3 * 2 ** 20)).toBe('3.00')
})

test('numbers stand to the right of their columns', () => {
  expect(table(['who', 'ns'], [['copy', '1.50']])).toBe('| who  |   ns |\n| :--- | ---: |\n| copy | 1.50 |')
})
