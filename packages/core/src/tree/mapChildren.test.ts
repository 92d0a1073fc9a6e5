import { expect, test } from 'vitest'
import { mapChildren } from './mapChildren.js'

test('lists, objects and objects without a prototype stay what they are', () => {
  const bare = Object.assign(Object.create(null), { b: 2, a: 1 })
  const met: string[] = []
  const twice = (child: unknown, key: string): number => {
    met.push(key)
    return 2 * (child as number)
  }
  expect(mapChildren([1, 2], twice)).toStrictEqual([2, 4])
  expect(mapChildren({ d: 1, c: 2 }, twice)).toStrictEqual({ d: 2, c: 4 })
  const made = mapChildren(bare, twice) as object
  expect(Object.entries(made)).toStrictEqual([
    ['b', 4],
    ['a', 2]
  ])
  expect(Object.getPrototypeOf(made)).toBeNull()
  expect(met).toStrictEqual(['0', '1', 'd', 'c', 'b', 'a'])
})
