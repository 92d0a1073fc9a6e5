import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { InvalidTree } from '../errors.js'
import { Expr } from '../expression/expr.js'
import { lift, mul, sum, type Value } from '../expression/operations.js'
import { isLazy, liftPair, liftTree } from './edge.js'

const two = () => Float32Array.of(1, 2)
const pending = () => mul(two(), 2)

test.each<[string, unknown, boolean]>([
  ['an expression', pending(), true],
  ['an expression deep inside', { a: [{ b: pending() }] }, true],
  ['one behind null', { a: null, b: pending() }, true],
  ['one behind a number', { a: 1, b: [2, pending()] }, true],
  ['one behind empty containers', [{}, [], { c: [pending()] }], true],
  ['an array', two(), false],
  ['an array behind null and numbers', [null, 1, { w: two() }], false],
  ['numbers', { a: 1, b: [2] }, false],
  ['nothing', {}, false],
  ['null', null, false]
])('%s is lazy: the first leaf that is neither null nor a number decides', (_name, tree, expected) => {
  expect(isLazy(tree)).toBe(expected)
})

test('a malformed array is refused with its place, though the quick way met it first', () => {
  const malformed = { ...ndarray([1, 2], [2]), shape: [3] }
  expect(() => liftTree('f', 'tree', { w: [0, malformed] })).toThrow(
    new InvalidTree('f: tree.w[1] has shape [3], that is 3 elements, and 2 in its data')
  )
  expect(() => liftPair('f', { w: malformed }, { w: malformed })).toThrow(InvalidTree)
})

// Names, so that a row can be read; each leaf is made anew.
const leaves: Readonly<Record<string, () => unknown>> = {
  number: () => 1,
  scalar: () => sum(two()),
  float32: two,
  float64: () => Float64Array.of(1, 2),
  shaped: () => ndarray(two(), [2]),
  column: () => ndarray(two(), [2, 1]),
  bfloat16: () => ndarray([1, 2], [2], 'bfloat16')
}
const KINDS: readonly (readonly string[])[] = [
  ['number', 'scalar'],
  ['float32', 'shaped'],
  ['float64'],
  ['column'],
  ['bfloat16']
]

const pairs = Object.keys(leaves).flatMap((a) =>
  Object.keys(leaves).map((b) => [a, b, KINDS.some((kind) => kind.includes(a) && kind.includes(b))] as const)
)

test.each(pairs)('a gradient %s and a param %s fit: %s', (a, b, isFit) => {
  const pair = () => liftPair('f', { w: leaves[a]?.() }, { w: leaves[b]?.() })
  if (isFit) expect(pair()).toHaveLength(2)
  else expect(pair).toThrow(/^f: grads\.w (has|is) /)
})

test('gradients come back in the order of the params, number for number', () => {
  const [grads, params] = liftPair('f', { b: 2, a: 1 }, { a: 10, b: 20 })
  expect([Object.entries(grads as object), Object.entries(params as object)]).toStrictEqual([
    [
      ['a', 1],
      ['b', 2]
    ],
    [
      ['a', 10],
      ['b', 20]
    ]
  ])
})

test('what is lifted is an expression over the same memory', () => {
  const w = two()
  const lifted = liftTree('f', 'tree', { w, x: lift(w) }) as { readonly w: Value; readonly x: Value }
  expect(lifted.w).toBeInstanceOf(Expr)
  expect([(lifted.w as Expr).data, (lifted.x as Expr).data]).toStrictEqual([w, w])
  expect((lifted.w as Expr).data).toBe(w)
})
