import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { InvalidTree } from '../errors.js'
import { isContainer, walk } from './walk.js'

const visited = (trees: readonly unknown[], options = {}): readonly unknown[] => {
  const seen: unknown[] = []
  walk('f', ['a', 'b', 'c'], trees, (leaves, path) => seen.push([path(), ...leaves]), options)
  return seen
}

const without = (fields: object): object => Object.assign(Object.create(null), fields)

test.each([
  ['an object', { a: 1 }, true],
  ['one without a prototype', without({ a: 1 }), true],
  ['an array', [], true],
  ['an array with a shape', ndarray([1], [1]), false],
  ['a typed array', new Float32Array(1), false],
  ['an instance', new Map(), false],
  ['null', null, false],
  ['a function', () => 1, false],
  ['a text', 'ab', false]
])('%s: is it a container?', (_what, value, is) => {
  expect(isContainer(value)).toBe(is)
})

test('leaves are visited in the order of the first tree, each with its path and with those of the same name', () => {
  const first = { b: [1, { 'a key': 2 }], a: null, 日: 3 }
  const second = { 日: 'z', a: null, b: ['x', { 'a key': 'y' }] }
  expect(visited([first, second])).toStrictEqual([
    ['.b[0]', 1, 'x'],
    ['.b[1]["a key"]', 2, 'y'],
    ['.日', 3, 'z']
  ])
})

test('what is built has the keys of the first tree in their order, its arrays, its nulls and its prototypes', () => {
  const built = walk('f', ['a'], [{ z: without({ y: 1 }), x: [2, null] }], ([leaf]) => -(leaf as number))
  expect(Object.keys(built as object)).toEqual(['z', 'x'])
  expect(built).toStrictEqual({ z: without({ y: -1 }), x: [-2, null] })
})

test('a leaf at the root, and null', () => {
  expect(walk('f', ['a', 'b'], [2, 3], ([x, y], path) => [x, y, path()])).toStrictEqual([2, 3, ''])
  expect(walk('f', ['a', 'b'], [null, null], () => 1)).toBe(null)
})

test('with prefix a leaf of the first tree may stand beside a subtree, and beside null', () => {
  expect(
    visited(
      [
        { a: true, b: [false, true] },
        { a: { deep: 1 }, b: [2, null] }
      ],
      { prefix: true }
    )
  ).toStrictEqual([
    ['.a', true, { deep: 1 }],
    ['.b[0]', false, 2],
    ['.b[1]', true, null]
  ])
  expect(() => visited([{ a: null }, { a: 1 }], { prefix: true })).toThrow('f: b.a is 1, a has null')
})

test('what isLeaf says is not looked into', () => {
  const state = { inner: { anything: new Map() } }
  expect(visited([state], { isLeaf: (value: object) => value === state.inner })).toStrictEqual([
    ['.inner', state.inner]
  ])
})

test.each([
  ['a key that is missing', { a: 1, b: 2 }, { a: 1 }, 'f: b has no "b", a has it'],
  ['a key too many', { w: { a: 1 } }, { w: { a: 1, b: 2 } }, 'f: b.w has "b", a has not'],
  ['another length', [[1, 2]], [[1]], 'f: b[0] has 1 items, a has 2'],
  ['an array for an object', { a: [1] }, { a: { 0: 1 } }, 'f: b.a is an object, a has [1]'],
  ['a subtree for a leaf', { a: 1 }, { a: { b: 1 } }, 'f: b.a is an object, a has 1'],
  ['a leaf for a subtree', { a: { b: 1 } }, { a: 1 }, 'f: b.a is 1, a has an object'],
  ['null for a leaf', [1], [null], 'f: b[0] is null, a has 1'],
  ['a leaf for null', [null], [1], 'f: b[0] is 1, a has null']
])('refuses %s, with the path', (_what, first, second, message) => {
  expect(() => visited([first, second])).toThrow(new InvalidTree(message))
})

test('refuses __proto__, a getter that throws and a tree that contains itself', () => {
  expect(() => visited([{ w: JSON.parse('{ "__proto__": 1 }') }])).toThrow(
    new InvalidTree('f: a.w has a key __proto__, which is refused')
  )
  const throwing = {
    get w() {
      throw new Error('not now')
    }
  }
  expect(() => visited([throwing])).toThrow(new InvalidTree('f: a.w cannot be read (not now)'))
  const circle: Record<string, unknown> = {}
  circle['again'] = { circle }
  expect(() => visited([circle])).toThrow('contains itself')
})

test('goes deeper than any stack', () => {
  let tree: unknown = 7
  for (let depth = 0; depth < 50_000; depth++) tree = [tree]
  expect(visited([tree])).toStrictEqual([['[0]'.repeat(50_000), 7]])
})
