import { expect, test } from 'vitest'
import { predictByMeans } from './means.js'

test('means of items, and what users are above them, count less where there are few ratings', () => {
  const learned = {
    users: Int32Array.of(0, 1, 0, 1),
    items: Int32Array.of(0, 0, 1, 1),
    values: Float32Array.of(5, 3, 3, 1)
  }
  const asked = { users: Int32Array.of(0, 1, 7), items: Int32Array.of(0, 1, 9), values: new Float32Array(3) }
  const predicted = predictByMeans(learned, asked)
  // Two ratings and five of no deviation: the first item is 2 / 7 above the mean of 3, user 0 by (2 − 2/7 + 2/7) / 7.
  expect(predicted[0]).toBeCloseTo(3 + 2 / 7 + 2 / 7, 12)
  expect(predicted[1]).toBeCloseTo(3 - 2 / 7 - 2 / 7, 12)
  expect(predicted[2]).toBe(3)
})
