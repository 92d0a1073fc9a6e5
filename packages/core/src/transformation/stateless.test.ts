import { expect, test } from 'vitest'
import { InvalidOption } from '../errors.js'
import { add, mul } from '../expression/operations.js'
import { map } from '../tree/tree.js'
import { stateless } from './stateless.js'

test('is a function of updates and params', () => {
  const tx = stateless((updates, params) => map((u, p) => add(u, mul(p, 0.5)), updates, params))
  const p = { w: Float32Array.of(2, 4) }
  expect(tx.init(p)).toEqual({})
  expect(tx.update({ w: Float32Array.of(1, 1) }, {}, p)).toStrictEqual([{ w: Float32Array.of(2, 3) }, {}])
})

test.each([undefined, null, {}, 3])('refuses %s', (f) => {
  expect(() => stateless(f as never)).toThrow(InvalidOption)
  expect(() => stateless(f as never)).toThrow('stateless: f must be a function, got')
})
