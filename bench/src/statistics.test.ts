import { expect, test } from 'vitest'
import { median, pairedRatio } from './statistics.js'

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[10, 9, 1], 9],
  [[7], 7],
  [[], NaN]
])('the median of %j is %s', (values, wanted) => {
  expect(median(values)).toBe(wanted)
})

test('the median leaves its argument as it was', () => {
  const values = [3, 1, 2]
  median(values)
  expect(values).toStrictEqual([3, 1, 2])
})

test('a ratio is taken round by round, so that what slows both cancels', () => {
  expect(pairedRatio([2, 200, 20], [1, 100, 10])).toBe(2)
})

test('there is no ratio to what was not measured', () => {
  expect(pairedRatio([1, 2], [])).toBeNaN()
})
