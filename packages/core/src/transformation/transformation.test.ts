import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { norm } from '../algebra/index.js'
import { type NdArray, ndarray } from '../array/ndarray.js'
import { read, withEngine } from '../engine/evaluate.js'
import { InvalidOption, InvalidState, InvalidTree } from '../errors.js'
import { Expr } from '../expression/expr.js'
import { add, cast, lift, mul, sum } from '../expression/operations.js'
import { leaves, map, type TreeOf, unflatten } from '../tree/tree.js'
import { chain } from './chain.js'
import { force } from './force.js'
import { identity } from './identity.js'
import { stateless } from './stateless.js'
import { areApart, clipped, counting, remembering, scaled, traced } from './testing.js'
import { definitionOf, transformation } from './transformation.js'
import type { EmptyState, Tree } from './types.js'

const params = () => ({
  dense: { kernel: ndarray(new Float32Array([1, 2, 3, 4]), [2, 2]), bias: Float32Array.of(1, 2) },
  wide: Float64Array.of(3),
  scale: 5,
  frozen: null,
  half: ndarray([1, 2], [2], 'float16')
})
const lazily = (tree: Tree): Tree => map((x) => add(lift(x), 0), tree)

describe('concrete in, concrete out', () => {
  test('updates keep the form and dtype of the gradients, the state is plain data', () => {
    const tx = traced(0.5)
    const state = tx.init(params())
    expect(state).toStrictEqual({
      count: 0,
      trace: {
        dense: { kernel: ndarray(new Float32Array(4), [2, 2]), bias: new Float32Array(2) },
        wide: new Float64Array(1),
        scale: 0,
        frozen: null,
        // An operation on a 16-bit array gives float32.
        half: ndarray([0, 0], [2])
      }
    })
    const [updates, next] = tx.update(params(), state, params())
    expect(updates).toStrictEqual(params())
    expect(next.count).toBe(1)
    expect(structuredClone(next)).toStrictEqual(next)
  })

  test('a definition that computes in another dtype does not change that of the updates', () => {
    const widening = transformation<{ readonly total: Tree }>({
      init: () => ({ total: 0 }),
      update: (updates) => [map((g) => cast(mul(cast(g, 'float64'), 1 / 3), 'float64'), updates), { total: sum(0) }]
    })
    const [updates] = widening.update({ w: Float32Array.of(1) }, { total: 0 }, { w: Float32Array.of(1) })
    expect(updates).toStrictEqual({ w: Float32Array.of(1 / 3) })
  })

  test('number leaves are computed in float64 at once', () => {
    const { engine, evaluations } = counting()
    const [updates] = withEngine(engine, () => scaled(0.1).update({ w: 3 }, {}, { w: 1 }))
    expect(updates).toStrictEqual({ w: 3 * 0.1 })
    expect(evaluations).toEqual([])
  })

  test('a lazy number becomes a number', () => {
    const total = transformation<{ readonly norm: Tree }>({
      init: () => ({ norm: 0 }),
      update: (updates) => [map((g) => mul(g, norm(updates)), updates), { norm: norm(updates) }]
    })
    const given = { a: 3, b: Float32Array.of(4) }
    expect(total.update(given, total.init(given), given)).toStrictEqual([
      { a: 15, b: Float32Array.of(20) },
      { norm: 5 }
    ])
  })
})

describe('lazy in, lazy out', () => {
  test('update and init give expressions and evaluate nothing', () => {
    const { engine, evaluations } = counting()
    withEngine(engine, () => {
      const tx = chain(traced(0.5), clipped(1))
      const lazy = lazily(params())
      const state = tx.init(lazy as never)
      const [updates, next] = tx.update(lazy as never, state, lazy as never)
      for (const tree of [updates, state[0].trace, next[0].trace]) {
        expect(leaves<unknown>(tree).filter((leaf) => typeof leaf !== 'number' && !(leaf instanceof Expr))).toEqual([])
        expect(leaves<unknown>(tree).some((leaf) => leaf instanceof Expr)).toBe(true)
      }
    })
    expect(evaluations).toEqual([])
  })

  test('and mean the same', () => {
    const tx = clipped(1)
    const [lazy] = tx.update(lazily(params()) as never, {}, lazily(params()) as never)
    const [now] = tx.update(params(), {}, params())
    const forced = force(lazy) as typeof now
    // At the edge the update of a float16 leaf is float16 again; inside it is float32.
    expect(forced.half).toMatchObject({ dtype: 'float32' })
    expect({ ...forced, half: null }).toStrictEqual({ ...now, half: null })
  })
})

describe('one evaluation', () => {
  test.each([
    ['one transformation', scaled(2)],
    ['a chain with sums in between', chain(clipped(1), traced(0.9), clipped(0.5), scaled(-1))],
    ['chains in chains', chain(chain(chain(clipped(3), traced(0.9))), chain(), chain(clipped(1), chain(scaled(2))))]
  ] as const)('%s: once an update, of all it returns', (_name, tx) => {
    const { engine, evaluations } = counting()
    withEngine(engine, () => {
      const given = { a: Float32Array.of(1, 2), b: [Float64Array.of(3)] }
      const state = tx.init(given)
      evaluations.length = 0
      const [, next] = tx.update(given, state as never, given)
      tx.update(given, next as never, given)
    })
    expect(evaluations).toHaveLength(2)
  })

  test('none when there is nothing to compute', () => {
    const { engine, evaluations } = counting()
    withEngine(engine, () =>
      chain(identity(), remembering()).update(params(), [{}, remembering().init(params())], params())
    )
    expect(evaluations).toEqual([])
  })
})

describe('nobody shares memory', () => {
  const txs = {
    identity: identity(),
    remembering: remembering(),
    traced: traced(0.5),
    chained: chain(remembering(), traced(0.5), remembering(), identity()),
    'params as updates': stateless((_, p) => p),
    'one array everywhere': transformation<{ readonly kept: Tree }>({
      init: () => ({ kept: null }),
      update: (updates, _state) => {
        const raw = Float32Array.of(1, 2)
        return [map(() => raw, updates), { kept: { a: raw, b: [raw], c: ndarray(raw, [2]), d: lift(raw) } }]
      }
    })
  }
  test.each(Object.entries(txs))('%s', (name, tx) => {
    const only = { u: Float32Array.of(1, 2), v: Float32Array.of(3, 4) }
    const make = () => (name === 'one array everywhere' ? only : params())
    const [given, p] = [make(), structuredClone(make())]
    const state = tx.init(p)
    expect(areApart(p, state)).toBe(true)
    const [updates, next] = tx.update(given as never, state as never, p as never)
    expect(areApart(given, p, updates, next)).toBe(true)
    const [more, last] = tx.update(given as never, next as never, p as never)
    expect(areApart(given, p, updates, more, last)).toBe(true)
  })

  test('what an update leaves untouched in the state is handed on as it is', () => {
    const tx = remembering()
    const state = tx.init({
      w: Float32Array.of(1),
      n: { dtype: 'float32', shape: [1], data: Float32Array.of(2) } as NdArray
    })
    const given = { w: Float32Array.of(1), n: ndarray(Float32Array.of(2), [1]) }
    const [, next] = tx.update(given, state, given)
    const [before, after] = [state, next].map(({ first }) => first as unknown as typeof given) as [
      typeof given,
      typeof given
    ]
    expect([after.w, after.n.data]).toEqual([before.w, before.n.data])
    expect(after.w).toBe(before.w)
    expect(after.n.data).toBe(before.n.data)
  })

  test('refilling the gradients afterwards changes nothing that was returned', () => {
    const tx = chain(remembering(), traced(0.9))
    const [grads, p] = [{ w: Float32Array.of(1, 2) }, { w: Float32Array.of(5, 6) }]
    const result = tx.update(grads, tx.init(p), p)
    const snapshot = structuredClone(result)
    grads.w.fill(99)
    p.w.fill(99)
    expect(result).toStrictEqual(snapshot)
  })
})

describe('update is a function', () => {
  test('the same arguments give the same result, and stay what they are', () => {
    const tx = chain(clipped(1), traced(0.9), remembering())
    const [given, p] = [params(), params()]
    const state = tx.init(p)
    const before = structuredClone([given, p, state])
    const first = tx.update(given, state, p)
    expect(tx.update(given, state, p)).toStrictEqual(first)
    expect([given, p, state]).toStrictEqual(before)
  })

  test('an extra argument reaches the definition', () => {
    const tx = transformation<EmptyState, { readonly value: number }>({
      init: () => ({}),
      update: (updates, state, _params, { value }) => [map((g) => mul(g, value), updates), state]
    })
    expect(tx.update({ w: 2 }, {}, { w: 0 }, { value: 3 })[0]).toStrictEqual({ w: 6 })
  })

  test('gradients and params that are read on the host are computed as far as needed', () => {
    const tx = transformation<EmptyState>({
      init: () => ({}),
      update: (updates, state) => [read(norm(updates)) > 4 ? map((g) => mul(g, 0), updates) : updates, state]
    })
    const p = { w: new Float32Array(2) }
    expect(tx.update({ w: Float32Array.of(3, 4) }, {}, p)[0]).toStrictEqual({ w: Float32Array.of(0, 0) })
    expect(tx.update({ w: Float32Array.of(1, 2) }, {}, p)[0]).toStrictEqual({ w: Float32Array.of(1, 2) })
  })
})

const { tree: numbers } = fc.letrec<{ tree: TreeOf<number> }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.integer(),
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc
      .tuple(
        fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', '', 'x y', '10', '2'), tie('tree')), {
          maxLength: 4,
          selector: ([k]) => k
        }),
        fc.nat(3)
      )
      .map(([entries, n]) => Object.assign(n === 0 ? Object.create(null) : {}, Object.fromEntries(entries)))
  )
}))

/** The same tree with its keys the other way round, in objects with or without a prototype as before. */
const reversed = <L>(node: TreeOf<L>): TreeOf<L> => {
  if (Array.isArray(node)) return node.map(reversed) as TreeOf<L>
  if (typeof node !== 'object' || node === null || ArrayBuffer.isView(node)) return node
  const entries = Object.entries(node as { [key: string]: TreeOf<L> }).map(
    ([key, child]) => [key, reversed(child)] as const
  )
  const out = Object.getPrototypeOf(node) === null ? Object.create(null) : {}
  return Object.assign(out, Object.fromEntries(entries.reverse()))
}

describe('keys are matched by name', () => {
  test('gradients and state may have their keys in any order; the params give the order', () => {
    fc.assert(
      fc.property(numbers, (shape) => {
        let n = 0
        const p = map((): Float32Array => Float32Array.of(n++, 1), shape)
        const tx = traced(1)
        const state = tx.init(p as never)
        const doubled = map((x) => x.map((e) => 2 * e), p)
        const [updates, next] = tx.update(
          reversed(doubled) as never,
          structuredClone({ ...state, trace: reversed(state.trace as never) }),
          p as never
        )
        const [, last] = tx.update(doubled as never, next, p as never)
        expect(leaves<unknown>(updates as never)).toEqual(leaves(doubled))
        expect(leaves<unknown>(last.trace as never)).toEqual(leaves(map((x) => x.map((e) => 2 * e), doubled)))
        expect(Object.keys((updates ?? {}) as object)).toEqual(Object.keys((p ?? {}) as object))
      })
    )
  })

  test('in deep trees too', () => {
    const make = (depth: number, turned: boolean, scale: number): Tree => {
      let node: Tree = scale
      for (let i = 1; i <= depth; i++) node = turned ? { b: node, a: scale * i } : { a: scale * i, b: node }
      return node
    }
    for (const depth of [3, 199, 200, 201, 202, 1000, 5000]) {
      const [updates] = identity().update(make(depth, true, 2) as never, {}, make(depth, false, 1) as never)
      expect(leaves<unknown>(updates)).toStrictEqual(leaves<unknown>(make(depth, false, 2)))
    }
  })
})

describe('states', () => {
  const given = { w: Float32Array.of(1, 2), b: 1 }
  const wrong: readonly (readonly [string, unknown, string])[] = [
    ['of another transformation', {}, 'update: state has no "count", a fresh state has it'],
    ['of a chain', [{}], 'update: state is [an object], a fresh state has an object'],
    ['null', null, 'update: state is null, a fresh state has an object'],
    ['undefined', undefined, 'update: state is undefined, a fresh state has an object'],
    ['a function', () => 0, 'update: state is a function, a fresh state has an object'],
    ['with more', { count: 1, trace: given, nu: given }, 'update: state has "nu", a fresh state has not'],
    ['for other keys', { count: 1, trace: { w: given.w } }, 'update: state.trace has no "b", a fresh state has it'],
    [
      'for another shape',
      { count: 1, trace: { w: new Float32Array(3), b: 1 } },
      'update: state.trace.w has shape [3], a fresh one has [2]'
    ],
    [
      'for another dtype',
      { count: 1, trace: { w: new Float64Array(2), b: 1 } },
      'update: state.trace.w has dtype float64, a fresh one has dtype float32'
    ],
    [
      'with a number for an array',
      { count: 1, trace: { w: 1, b: 1 } },
      'update: state.trace.w is a number, a fresh one has dtype float32'
    ],
    ['with words for numbers', { count: '1', trace: given }, 'update: state.count must be a number, got "1"'],
    [
      'with an array for a number',
      { count: 1, trace: { ...given, b: new Float32Array(1) } },
      'update: state.trace.b must be a number, got a Float32Array'
    ]
  ]
  test.each(wrong)('%s are refused', (_name, state, message) => {
    const expected = new InvalidState(`${message}; was it made by another transformation, or for other params?`)
    expect(() => traced(0.5).update(given, state as never, given)).toThrow(expected)
    expect(() => traced(0.5).update(given, state as never, given)).toThrow(InvalidState)
  })

  test('a count is a whole number, and what is kept for a param of that name need not be', () => {
    const tx = traced(0.5)
    const named = { count: 1, inner: { step: 2, stepsSinceSync: 3 } }
    const [, state] = tx.update(named, tx.init(named), named)
    const halves = { count: 0.5, inner: { step: -1, stepsSinceSync: Number.NaN } }
    expect(tx.update(named, { count: 1, trace: halves }, named)[1].count).toBe(2)
    expect(() => tx.update(given, { ...tx.init(given), count: 0.5 }, given)).toThrow(
      new InvalidState('update: state.count must be a whole number ≥ 0, got 0.5')
    )
    expect(state.count).toBe(1)
  })

  test('its own state, but made for other params, is refused with the place', () => {
    const tx = traced(0.5)
    const other = { w: Float32Array.of(1, 2, 3), b: 1 }
    const state = tx.init(other)
    expect(() => tx.update(given, state, given)).toThrow(
      new InvalidState(
        'update: state.trace.w has shape [3], a fresh one has [2]; was it made by another transformation, or for other params?'
      )
    )
    expect(() => tx.update({ v: 1 } as never, state, { v: 1 } as never)).toThrow(InvalidState)
    expect(tx.update(other, state, other)[1].count).toBe(1)
  })

  test('restored, and made by a transformation of the same options, are accepted and give the same', () => {
    const [tx, twin] = [chain(traced(0.5), clipped(1)), chain(traced(0.5), clipped(1))]
    const [, state] = tx.update(given, tx.init(given), given)
    const expected = tx.update(given, state, given)
    expect(tx.update(given, structuredClone(state), given)).toStrictEqual(expected)
    expect(twin.update(given, state, given)).toStrictEqual(expected)
    expect(twin.update(given, [...state], given)).toStrictEqual(expected)
  })

  test('that are its own are not compared with a fresh one', () => {
    const init = vi.fn((p: Tree) => ({ kept: p }))
    const tx = transformation<{ readonly kept: Tree }>({ init, update: (updates, state) => [updates, state] })
    let state = tx.init(given)
    for (let i = 0; i < 3; i++) state = tx.update(given, state, given)[1]
    expect(init).toHaveBeenCalledTimes(1)
    tx.update(given, structuredClone(state), given)
    expect(init).toHaveBeenCalledTimes(2)
  })

  test('parts that are no numbers and no arrays are compared by their type', () => {
    const tx = transformation<{ readonly done: boolean; readonly name: string }>({
      init: () => ({ done: false, name: 'a' }),
      update: (updates, state) => [updates, { ...state, done: true }]
    })
    expect(tx.update(given, { done: true, name: 'b' }, given)[1]).toEqual({ done: true, name: 'b' })
    expect(() => tx.update(given, { done: 1 as never, name: 'b' }, given)).toThrow(
      'update: state.done must be a boolean, got 1'
    )
  })
})

describe('a definition that goes wrong', () => {
  const returning = (make: (updates: Tree) => unknown) =>
    transformation<EmptyState>({ init: () => ({}), update: (updates, state) => [make(updates) as Tree, state] })
  const rows: readonly (readonly [string, (updates: Tree) => unknown, string])[] = [
    ['another shape', () => ({ w: new Float32Array(3), b: 1 }), 'update: updates.w has shape [3], grads has [2]'],
    ['a number for an array', () => ({ w: 1, b: 1 }), 'update: updates.w is a number, grads has dtype float32'],
    ['a key less', () => ({ w: new Float32Array(2) }), 'update: grads has "b", updates has not'],
    [
      'no array',
      () => ({ w: 'w', b: 1 }),
      'update: updates.w is "w"; a leaf must be a number, a Float32Array, a Float64Array or an NdArray'
    ],
    ['nothing', () => undefined, 'update: grads is an object, updates has undefined']
  ]
  test.each(rows)('gives %s and is told so', (_name, make, message) => {
    const given = { w: new Float32Array(2), b: 1 }
    expect(() => returning(make).update(given, {}, given)).toThrow(new InvalidTree(message))
  })

  test('throws, and what it throws comes through', () => {
    const tx = returning(() => {
      throw new RangeError('mine')
    })
    expect(() => tx.update({ w: 1 }, {}, { w: 1 })).toThrow(new RangeError('mine'))
  })
})

describe('bare { init, update }', () => {
  const bare = {
    init: (p: { w: Float32Array }) => ({ seen: 0, last: new Float32Array(p.w.length) }),
    update: (g: { w: Float32Array }, state: { seen: number; last: Float32Array }, p: { w: Float32Array }) => {
      expect([g.w, p.w].every((x) => x instanceof Float32Array)).toBe(true)
      return [{ w: g.w.map((x) => 10 * x) }, { seen: state.seen + 1, last: g.w }] as const
    }
  }
  const given = { w: Float32Array.of(1, 2) }

  test('works in a chain, between lazy parts', () => {
    const tx = chain(scaled(2), bare, traced(0.5))
    const state = tx.init(given)
    expect(state[1]).toStrictEqual({ seen: 0, last: Float32Array.of(0, 0) })
    const [updates, next] = tx.update(given, state, given)
    expect(updates).toStrictEqual({ w: Float32Array.of(20, 40) })
    expect(next[1]).toStrictEqual({ seen: 1, last: Float32Array.of(2, 4) })
    expect(tx.update(given, next, given)[0]).toStrictEqual({ w: Float32Array.of(30, 60) })
    expect(areApart(given, updates, next)).toBe(true)
  })

  test('gets one evaluation of what is pending, and the rest is evaluated once', () => {
    const { engine, evaluations } = counting()
    withEngine(engine, () => {
      const tx = chain(scaled(2), clipped(1), bare, scaled(3))
      const state = tx.init(given)
      evaluations.length = 0
      tx.update(given, state, given)
    })
    expect(evaluations).toHaveLength(2)
  })

  test('may write to what it is given, and nobody else notices', () => {
    const rude = {
      init: () => null,
      update: (g: { w: Float32Array }, state: null, p: { w: Float32Array }) => {
        g.w[0] = 1000
        p.w.fill(-1)
        return [g, state] as const
      }
    }
    const tx = chain(traced(0.5), rude, remembering())
    const [grads, p] = [{ w: Float32Array.of(1, 2) }, { w: Float32Array.of(3, 4) }]
    const [updates, next] = tx.update(grads, tx.init(p), p)
    expect(updates).toStrictEqual({ w: Float32Array.of(1000, 2) })
    expect(next[0].trace).toStrictEqual({ w: Float32Array.of(1, 2) })
    expect([grads, p]).toStrictEqual([{ w: Float32Array.of(1, 2) }, { w: Float32Array.of(3, 4) }])
    expect(areApart(grads, p, updates, next)).toBe(true)
  })

  test('its state is its own business: anything goes, and a restored one is not looked into', () => {
    class Counter {
      n = 0
    }
    const odd = {
      init: () => ({ map: new Map([['a', 1]]), counter: new Counter(), f: () => 1 }) as object,
      update: (g: Tree, state: object) => [g, { ...state, more: true }] as const
    }
    const tx = chain(odd, scaled(2))
    const state = tx.init(given)
    const [updates, next] = tx.update(given, state, given)
    expect(updates).toStrictEqual({ w: Float32Array.of(2, 4) })
    expect(tx.update(given, [{ anything: 1 }, {}], given)[1][0]).toStrictEqual({ anything: 1, more: true })
    expect((next[0] as { counter: unknown }).counter).toBeInstanceOf(Counter)
  })

  test('{ ...ours, update: mine } counts as bare', () => {
    const ours = scaled(2)
    const mine = {
      ...ours,
      update: (g: { w: Float32Array }, state: EmptyState) => {
        expect(g.w).toBeInstanceOf(Float32Array)
        return [{ w: g.w.map((x) => x + 1) }, state] as const
      }
    }
    const tx = chain(scaled(10), mine)
    expect(tx.update(given, tx.init(given), given)[0]).toStrictEqual({ w: Float32Array.of(11, 21) })
  })

  test('{ ...ours } with another init is ours', () => {
    const ours = { ...scaled(2), init: () => ({}) }
    const { engine, evaluations } = counting()
    const [updates] = withEngine(engine, () => chain(scaled(10), ours).update(given, [{}, {}], given))
    expect(updates).toStrictEqual({ w: Float32Array.of(20, 40) })
    expect(evaluations).toHaveLength(1)
  })

  test('updates that are no tree of arrays are refused with the place', () => {
    const poor = { init: () => ({}), update: (_: Tree, state: object) => [{ w: 'x' }, state] as const }
    expect(() => chain(poor).update(given, [{}], given)).toThrow(
      new InvalidTree('update: updates.w is "x"; a leaf must be a number, a Float32Array, a Float64Array or an NdArray')
    )
  })
})

describe('definitionOf', () => {
  test('gives the inside: lazy in, lazy out', () => {
    const { init, update } = definitionOf('test', traced(0.5))
    const lazy = lazily({ w: Float32Array.of(1, 2) })
    const [updates, state] = update(lazy, init(lazy), lazy, undefined)
    expect(force(updates)).toStrictEqual({ w: Float32Array.of(1, 2) })
    expect(force(state as never)).toMatchObject({ count: 1 })
  })

  test.each([null, undefined, 1, {}, { init: () => 0 }, { update: () => 0 }, { init: 1, update: 2 }, scaled, []])(
    'refuses %s',
    (tx) => {
      expect(() => definitionOf('masked', tx as never)).toThrow(InvalidOption)
      expect(() => definitionOf('masked', tx as never)).toThrow(
        /^masked: a transformation must be a pair \{ init, update \} of functions, got /
      )
    }
  )
})

test('a tree of one leaf, of none, and of arrays without elements', () => {
  const tx = chain(clipped(1), traced(0.5))
  for (const given of [Float32Array.of(0.5), 0.5, {}, [], null, { w: new Float32Array(0) }, ndarray([], [0, 3])]) {
    const state = tx.init(given as never)
    const [updates, next] = tx.update(given as never, state, given as never)
    expect(updates).toStrictEqual(given)
    expect(tx.update(given as never, next, given as never)[1][1].count).toBe(2)
  }
})

test('unflatten and leaves of what comes out fit each other', () => {
  const [updates] = scaled(2).update(params(), {}, params())
  expect(unflatten(updates as never, leaves(updates as never))).toStrictEqual(updates)
})
