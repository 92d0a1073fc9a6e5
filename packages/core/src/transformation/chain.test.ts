import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidOption } from '../errors.js'
import { mul } from '../expression/operations.js'
import { map } from '../tree/tree.js'
import { chain } from './chain.js'
import { identity } from './identity.js'
import { step } from './step.js'
import { clipped, scaled, traced } from './testing.js'
import { transformation } from './transformation.js'
import type { AnyGradientTransformation, EmptyState, Tree } from './types.js'

const params = () => ({ w: Float32Array.of(0.1, -2, 3), b: [5, { c: Float64Array.of(1e-3) }] })

/** The updates of some steps with gradients that change. */
const emitted = (tx: AnyGradientTransformation, steps = 3): unknown[] => {
  const { init, update } = tx as { init: (p: unknown) => unknown; update: (...args: unknown[]) => [unknown, unknown] }
  let state = init(params())
  return Array.from({ length: steps }, (_, i) => {
    const grads = { w: Float32Array.of(i, 0.3, -i), b: [i - 1, { c: Float64Array.of(0.7 * i) }] }
    const [updates, next] = update(grads, state, params())
    state = next
    return updates
  })
}

const part = fc.constantFrom<() => AnyGradientTransformation>(
  () => scaled(-0.1),
  () => clipped(0.5),
  () => traced(0.9),
  () => identity(),
  () => chain(),
  () => chain(traced(0.5), scaled(3))
)

describe('laws, to the bit', () => {
  test('chain is associative', () => {
    fc.assert(
      fc.property(part, part, part, (a, b, c) => {
        const flat = emitted(chain(a(), b(), c()))
        expect(emitted(chain(chain(a(), b()), c()))).toStrictEqual(flat)
        expect(emitted(chain(a(), chain(b(), c())))).toStrictEqual(flat)
      }),
      { numRuns: 60 }
    )
  })

  test('identity, and the chain of nothing, are its unit on both sides', () => {
    fc.assert(
      fc.property(part, fc.boolean(), (a, empty) => {
        const unit = () => (empty ? chain() : identity())
        expect(emitted(chain(unit(), a()))).toStrictEqual(emitted(a()))
        expect(emitted(chain(a(), unit()))).toStrictEqual(emitted(a()))
      }),
      { numRuns: 40 }
    )
  })

  test('a chain is its parts one after the other, each evaluated on its own', () => {
    const parts = [clipped(1), traced(0.9), clipped(0.3), scaled(-0.1)] as const
    const [p, grads] = [params(), { w: Float32Array.of(1, 2, 3), b: [4, { c: Float64Array.of(5) }] }]
    let updates: typeof grads = grads
    for (const tx of parts) {
      const update = tx.update as (g: typeof grads, state: unknown, p: unknown) => readonly [typeof grads, unknown]
      updates = update(updates, tx.init(p), p)[0]
    }
    const tx = chain(...parts)
    expect(tx.update(grads, tx.init(p), p)[0]).toStrictEqual(updates)
  })
})

test('the state is the tuple of the states of the parts', () => {
  const tx = chain(scaled(1), chain(traced(0.5), identity()))
  const p = { w: 2 }
  expect(tx.init(p)).toStrictEqual([{}, [{ count: 0, trace: { w: 0 } }, {}]])
  const [, state] = tx.update({ w: 3 }, tx.init(p), p)
  expect(state).toStrictEqual([{}, [{ count: 1, trace: { w: 3 } }, {}]])
})

test('the extra argument reaches every part', () => {
  const times = (name: 'a' | 'b') =>
    transformation<EmptyState, Record<typeof name, number>>({
      init: () => ({}),
      update: (updates, state, _params, extra) => [map((g) => mul(g, extra[name]), updates), state]
    })
  const tx = chain(times('a'), chain(times('b')))
  expect(tx.update({ w: 1 }, [{}, [{}]], { w: 0 }, { a: 2, b: 5 })[0]).toStrictEqual({ w: 10 })
})

test('the parts may be in any number of chains at a time', () => {
  const shared = traced(1)
  const tx = chain(shared, shared)
  const p = { w: 1 }
  const [updates, state] = tx.update({ w: 1 }, tx.init(p), p)
  const [more] = tx.update({ w: 1 }, state, p)
  expect([updates, more]).toStrictEqual([{ w: 1 }, { w: 3 }])
})

test('every part sees the params', () => {
  const pull = transformation<EmptyState>({
    init: () => ({}),
    update: (_u, state, p) => [map((x: Tree) => x, p) as Tree, state]
  })
  expect(chain(scaled(0), pull, scaled(2)).update({ w: 1 }, [{}, {}, {}], { w: 7 })[0]).toStrictEqual({ w: 14 })
})

test('a chain of 300 parts is one', () => {
  const tx = chain(...Array.from({ length: 300 }, () => scaled(1)))
  const p = { w: Float32Array.of(1, 2) }
  expect(tx.update(p, tx.init(p), p)[0]).toEqual(p)
})

test.each([undefined, null, {}, () => scaled(1), [scaled(1)]])('refuses the part %s', (wrong) => {
  expect(() => chain(scaled(1), wrong as never)).toThrow(InvalidOption)
  expect(() => chain(scaled(1), wrong as never)).toThrow(
    /^chain: a transformation must be a pair \{ init, update \} of functions, got/
  )
})

test('may be nested deeper than functions may call each other', () => {
  let tx: AnyGradientTransformation = chain(traced(0.5), identity())
  for (let i = 0; i < 3000; i++) tx = i % 2 === 0 ? chain(tx, identity()) : chain(identity(), tx)
  const given = { w: Float32Array.of(1, 2) }
  const alone = traced(0.5)
  const [once, next] = step(alone, given, alone.init(given), given)
  const [, state] = step(tx, given, tx.init(given), given)
  const [twice] = step(tx, given, state, once)
  expect(twice).toStrictEqual(step(alone, given, next, once)[0])
})
