import { describe, expect, test } from 'vitest'
import { loadDigits, parseDigits } from './data.js'

const row = (pixels: readonly (number | string)[], label: number | string) => [...pixels, label].join(',')
const blank = Array.from({ length: 64 }, () => 0)
const good = row(blank, 7)

describe('parseDigits', () => {
  test('scales pixels from 0 … 16 to 0 … 1 and keeps the label', () => {
    const [digit] = parseDigits(`${row([...blank.slice(0, 62), 4, 16], 9)}\n`)
    expect(digit?.pixels.slice(61)).toStrictEqual([0, 0.25, 1])
    expect(digit?.label).toBe(9)
  })

  test('takes lines that end as on Windows', () => {
    expect(parseDigits(`${good}\r\n${good}\r\n`)).toHaveLength(2)
  })

  test.each([
    ['an empty file', '', 'digits.csv: the file is empty'],
    ['a short row', `${good}\n0,1,2`, 'digits.csv: line 2 must have 65 fields (64 pixels and a label), got 3'],
    ['a long row', `${good},1`, 'digits.csv: line 1 must have 65 fields (64 pixels and a label), got 66'],
    ['a blank line', `${good}\n\n${good}`, 'digits.csv: line 2 must have 65 fields (64 pixels and a label), got 1'],
    [
      'a pixel too dark',
      row([...blank.slice(1), 17], 0),
      'digits.csv: line 1: pixel 64 must be a whole number from 0 to 16, got "17"'
    ],
    [
      'a negative pixel',
      row([-1, ...blank.slice(1)], 0),
      'digits.csv: line 1: pixel 1 must be a whole number from 0 to 16, got "-1"'
    ],
    [
      'a pixel left out',
      row(['', ...blank.slice(1)], 0),
      'digits.csv: line 1: pixel 1 must be a whole number from 0 to 16, got ""'
    ],
    [
      'a label that is none',
      row(blank, 10),
      'digits.csv: line 1: the label must be a whole number from 0 to 9, got "10"'
    ],
    ['a header', row(blank, 'label'), 'digits.csv: line 1: the label must be a whole number from 0 to 9, got "label"']
  ])('refuses %s', (_, csv, message) => {
    expect(() => parseDigits(csv)).toThrow(new Error(message))
  })
})

describe('loadDigits', () => {
  test('finds 1797 digits, each of the ten between 174 and 183 times', () => {
    const digits = loadDigits()
    const counts = Array.from({ length: 10 }, (_, wanted) => digits.filter(({ label }) => label === wanted).length)
    expect(digits).toHaveLength(1797)
    expect(counts).toStrictEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
  })
})
