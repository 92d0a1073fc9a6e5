import { expect, test } from 'vitest'
import { InvalidTree } from '../errors.js'
import { written } from '../tree/path.js'
import { childrenOf } from './childrenOf.js'
import { rebuild } from './rebuild.js'
import { GO_ON } from './rebuildBeside.js'

test.each([
  [[], ''],
  [[0, 'mu', 'a b'], '[0].mu["a b"]'],
  [['größe', '$x_1', '1st', ''], '.größe.$x_1["1st"][""]'],
  [['say "hi"'], '["say \\"hi\\""]']
])('the path %j is written %s', (path, text) => {
  expect(written(path)).toBe(text)
})

test('children have their keys, those of an array as numbers; a leaf has none', () => {
  expect(childrenOf({ b: 1, a: null })).toStrictEqual([
    ['b', 1],
    ['a', null]
  ])
  expect(childrenOf(['x'])).toStrictEqual([[0, 'x']])
  expect([1, null, 'text', new Float32Array(2), new Map([[1, 2]])].flatMap(childrenOf)).toEqual([])
})

test('every node is visited once, before what is below it, in tree order', () => {
  const seen: string[] = []
  const state = { b: [1, { c: 2 }], a: 3 }
  const copy = rebuild('f', state, (_node, path) => {
    seen.push(written(path))
    return GO_ON
  })
  expect(seen).toEqual(['', '.b', '.b[0]', '.b[1]', '.b[1].c', '.a'])
  expect(copy).toStrictEqual(state)
  expect((copy as typeof state).b).not.toBe(state.b)
  expect(Object.keys(copy as object)).toEqual(['b', 'a'])
})

test('what visit gives stands in place of a node, and is not looked into', () => {
  const state = { mu: { w: 1 }, count: 2 }
  const made = rebuild('f', state, (node, path) => {
    if (path.at(-1) === 'mu') return { w: { more: 5 } }
    return typeof node === 'number' ? -node : GO_ON
  })
  expect(made).toStrictEqual({ mu: { w: { more: 5 } }, count: -2 })
  expect(state).toStrictEqual({ mu: { w: 1 }, count: 2 })
})

test('prototypes stay what they are', () => {
  const bare = Object.assign(Object.create(null), { w: 1 })
  expect(Object.getPrototypeOf(rebuild('f', bare, () => GO_ON))).toBe(null)
  expect(Object.getPrototypeOf(rebuild('f', { ...bare }, () => GO_ON))).toBe(Object.prototype)
})

test('refuses a state that contains itself, by the name of the caller', () => {
  const circle: Record<string, unknown> = {}
  circle['again'] = circle
  expect(() => rebuild('set', circle, () => GO_ON)).toThrow(InvalidTree)
  expect(() => rebuild('set', circle, () => GO_ON)).toThrow('set: state contains itself')
})

test('a getter that throws is told in its own words', () => {
  const throwing = {
    get w() {
      throw new RangeError('mine')
    }
  }
  expect(() => rebuild('set', throwing, () => GO_ON)).toThrow(/mine/)
})
