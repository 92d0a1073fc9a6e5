import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { DEEPEST, GIVE_UP, quick, quickly } from './quick.js'

const twice = (x: number) => 2 * x
const sum = (x: number, y: number) => x + y

const nested = (depth: number, inside: unknown): unknown => {
  let tree = inside
  for (let i = 0; i < depth; i++) tree = i % 2 === 0 ? [tree] : { in: tree }
  return tree
}

const bare = (fields: object): object => Object.assign(Object.create(null), fields)

test('the tree of f(leaf): objects, arrays, null and objects without a prototype stay what they are', () => {
  const made = quick(twice, 1, { a: [1, null, { b: 2 }], c: bare({ d: 3 }), e: {}, f: [] })
  expect(made).toStrictEqual({ a: [2, null, { b: 4 }], c: bare({ d: 6 }), e: {}, f: [] })
  expect(Object.getPrototypeOf((made as { c: object }).c)).toBeNull()
  expect([quick(twice, 1, 5), quick(twice, 1, null)]).toStrictEqual([10, null])
})

test('arrays of numbers with a shape are leaves', () => {
  const array = ndarray([1, 2], [2])
  expect(quick((leaf) => leaf === (array as never), 1, { w: array, v: [array] })).toStrictEqual({ w: true, v: [true] })
})

test('each leaf is met once, in tree order, on both sides of the depth where recursion ends', () => {
  for (const depth of [DEEPEST - 2, DEEPEST - 1, DEEPEST, DEEPEST + 1, DEEPEST + 50]) {
    const met: number[] = []
    const made = quick((x: number) => met.push(x), 1, [1, nested(depth, [2, 3]), 4])
    expect(met).toStrictEqual([1, 2, 3, 4])
    expect(made).toStrictEqual([1, nested(depth, [2, 3]), 4])
    const pairs: number[] = []
    quick((x: number, y: number) => pairs.push(x, y), 2, [1, nested(depth, 2), 3], [10, nested(depth, 20), 30])
    expect(pairs).toStrictEqual([1, 10, 2, 20, 3, 30])
  }
})

test('two trees are paired by name', () => {
  expect(quick(sum, 2, { a: 1, b: [2, { c: 3 }] }, { b: [20, { c: 30 }], a: 10 })).toStrictEqual({
    a: 11,
    b: [22, { c: 33 }]
  })
  expect(quick(sum, 2, { a: null }, { a: null })).toStrictEqual({ a: null })
})

test.each<[unknown, unknown]>([
  [{ a: 1 }, { b: 1 }],
  [{ a: 1 }, { a: 1, b: 1 }],
  [{ a: 1, b: 1 }, { a: 1 }],
  [[1], [1, 2]],
  [[1, 2], [1]],
  [{ a: 1 }, [1]],
  [{ a: null }, { a: {} }],
  [{ a: {} }, { a: null }],
  [{ toString: 1 }, {}],
  [{ a: { b: 1 } }, { a: 1 }],
  [JSON.parse('{ "__proto__": 1 }'), JSON.parse('{ "__proto__": 1 }')]
])('%o and %o make it give up', (first, second) => {
  expect(() => quick(sum, 2, first, second)).toThrow()
  expect(
    quickly(
      () => quick(sum, 2, first, second),
      () => 'thoroughly'
    )
  ).toBe('thoroughly')
})

test('the thorough way is taken when the quick one gives up, and for nothing else', () => {
  const thrown = (error: unknown) => () => {
    throw error
  }
  expect(
    quickly(
      () => 1,
      () => 2
    )
  ).toBe(1)
  expect(quickly(thrown(GIVE_UP), () => 2)).toBe(2)
  expect(() => quickly(thrown(new Error('mine')), () => 2)).toThrow('mine')
})
