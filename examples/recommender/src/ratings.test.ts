import { random } from 'gradchain'
import { expect, test } from 'vitest'
import { ITEMS, makeRatings, NOISE, pick, USERS } from './ratings.js'

const ratings = makeRatings(random.key(3), 20_000)

test('nobody rates an item twice', () => {
  const pairs = Array.from(ratings.users, (user, i) => user * ITEMS + (ratings.items[i] as number))
  expect(new Set(pairs).size).toBe(pairs.length)
  expect(Math.max(...ratings.users)).toBeLessThan(USERS)
  expect(Math.max(...ratings.items)).toBeLessThan(ITEMS)
})

test('the same key makes the same ratings, another one others', () => {
  const { values } = makeRatings(random.key(3), 100)
  expect(makeRatings(random.key(3), 100).values).toStrictEqual(values)
  expect(makeRatings(random.key(4), 100).values).not.toStrictEqual(values)
})

test('few items have many ratings', () => {
  const half = ratings.items.filter((item) => item < ITEMS / 4).length / ratings.items.length
  expect(half).toBeGreaterThan(0.4)
  expect(half).toBeLessThan(0.5)
})

test('ratings differ by more than chance: by kindness, quality and four tastes', () => {
  const mean = ratings.values.reduce((sum, value) => sum + value, 0) / ratings.values.length
  const variance = ratings.values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / ratings.values.length
  // Of which chance is a quarter, and so are kindness and quality; tastes are four quarters.
  expect(Math.abs(variance - 7 * NOISE * NOISE)).toBeLessThan(0.35)
})

test('those at some places are picked, in their order', () => {
  const two = pick(ratings, [5, 2])
  expect([...two.users]).toStrictEqual([ratings.users[5], ratings.users[2]])
  expect([...two.items]).toStrictEqual([ratings.items[5], ratings.items[2]])
  expect([...two.values]).toStrictEqual([ratings.values[5], ratings.values[2]])
})
