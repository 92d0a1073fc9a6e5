import { random } from 'gradchain'
import { expect, test } from 'vitest'
import { answered } from './answered.js'
import { drawDigits, LENGTH, SORT, shareRight, shown, sorted } from './task.js'

const lists = Int32Array.of(3, 1, 4, 1, 5, 9, 8, 7, 6, 0)

test('digits are from 0 to 9, all of them, and the same for the same key', () => {
  const digits = drawDigits(random.key(1), 200)
  expect(digits.length).toBe(200 * LENGTH)
  expect([...new Set(digits)].sort()).toStrictEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(drawDigits(random.key(1), 200)).toStrictEqual(digits)
  expect(drawDigits(random.key(2), 200)).not.toStrictEqual(digits)
})

test('each list is sorted by itself, and what was given stays', () => {
  expect(sorted(lists)).toStrictEqual(Int32Array.of(1, 1, 3, 4, 5, 0, 6, 7, 8, 9))
  expect(lists[0]).toBe(3)
})

test('the model is shown a list and all of its answer but the last digit', () => {
  const answers = sorted(lists)
  expect(shown(lists, answers)).toStrictEqual(
    Int32Array.of(3, 1, 4, 1, 5, SORT, 1, 1, 3, 4, 9, 8, 7, 6, 0, SORT, 0, 6, 7, 8)
  )
})

test('a list counts when all of it is right', () => {
  const answers = sorted(lists)
  expect(shareRight(lists, answers)).toBe(1)
  expect(shareRight(lists, answers.with(9, 8))).toBe(0.5)
  expect(shareRight(lists, lists)).toBe(0)
})

test('an answer goes on from what was said, and from nothing that was not', () => {
  const seen: number[][] = []
  const said = answered(lists, (tokens) => {
    seen.push([...tokens.subarray(LENGTH, 2 * LENGTH)])
    return Int32Array.from(lists, (_, at) => 1 + (at % LENGTH))
  })
  expect(said).toStrictEqual(Int32Array.of(1, 2, 3, 4, 5, 1, 2, 3, 4, 5))
  expect(seen).toStrictEqual([
    [SORT, 0, 0, 0, 0],
    [SORT, 1, 0, 0, 0],
    [SORT, 1, 2, 0, 0],
    [SORT, 1, 2, 3, 0],
    [SORT, 1, 2, 3, 4]
  ])
})
