import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { mul } from '../expression/operations.js'
import { map } from '../tree/tree.js'
import { chain } from './chain.js'
import { describe as description } from './describe.js'
import { identity } from './identity.js'
import { namedChain } from './namedChain.js'
import { type Origin, originOf, withOrigin } from './origin.js'
import { transformation } from './transformation.js'
import type { AnyGradientTransformation, EmptyState } from './types.js'

const half = (options: { readonly by?: number } = {}) =>
  transformation<EmptyState>({
    origin: ['half', { ...options }],
    init: () => ({}),
    update: (updates, state) => [map((g) => mul(g, options.by ?? 0.5), updates), state]
  })

test('the origin of a definition is one of its update', () => {
  expect(originOf(half({ by: 2 }).update)).toStrictEqual(['half', { by: 2 }])
  expect(originOf(identity().update)).toStrictEqual(['identity'])
  expect(originOf(transformation({ init: () => ({}), update: (u, s) => [u, s] }).update)).toBeUndefined()
})

test('what was given as a copy does not change with the original', () => {
  const options = { by: 2 }
  const tx = half(options)
  options.by = 3
  expect(originOf(tx.update)).toStrictEqual(['half', { by: 2 }])
})

test('the outermost call is the origin', () => {
  const quarter = () => withOrigin(['quarter'], chain(half(), half()))
  expect(originOf(quarter().update)).toStrictEqual(['quarter'])
  const tx = quarter()
  expect(tx.update({ w: 4 }, tx.init({ w: 0 }), { w: 0 })[0]).toStrictEqual({ w: 1 })
})

test('a pair with another update has another origin, or none', () => {
  const tx = half()
  expect(originOf({ ...tx }.update)).toBe(originOf(tx.update))
  expect(() => description({ ...tx, update: (u: unknown, s: unknown) => [u, s] as const })).toThrow('describe: ')
})

test('what is no function has none', () => {
  const origin: Origin = ['made']
  for (const value of [null, undefined, 1, { origin }]) expect(originOf(value)).toBeUndefined()
})

test('is logged as the call that made it, with what it was given', () => {
  const schedule = Object.assign((step: number) => 1 / (1 + step), { origin: ['falling', 2] })
  const scheduled = withOrigin(['scheduled', schedule, { rate: schedule }], half())
  expect(inspect(chain(identity(), half({ by: 2 })))).toBe('chain(identity(), half({ by: 2 }))')
  expect(inspect({ tx: namedChain({ a: identity() }) })).toBe('{ tx: namedChain({ a: identity() }) }')
  expect(inspect(scheduled)).toMatch(/^scheduled\(falling\(2\), \{\s+rate: \[Function.*origin: \[ 'falling', 2 \]/)
  expect(inspect(half({ by: 2 }), { colors: true })).toBe('half({ by: \u001b[33m2\u001b[39m })')
})

test('is logged down to a depth, however deep it goes', () => {
  const nested = (levels: number) =>
    Array.from({ length: levels }).reduce<AnyGradientTransformation>((inner) => chain(inner), half())
  expect(inspect(nested(3))).toBe('chain(chain(chain(half({}))))')
  expect(inspect(nested(20_000))).toBe(`${'chain('.repeat(101)}…${')'.repeat(101)}`)
})

test('what does not say how it was made is logged as the pair that it is', () => {
  const pair = '{ init: [Function: init], update: [Function: update] }'
  expect(inspect(transformation({ init: () => ({}), update: (u, s) => [u, s] }))).toBe(pair)
  const update = (u: unknown, s: unknown) => [u, s] as const
  expect(inspect({ ...half(), update })).toBe(pair)
})
