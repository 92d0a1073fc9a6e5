import { describe, expect, expectTypeOf, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import type { Leaf } from '../expression/expr.js'
import { norm } from '../expression/operations.js'
import { chain } from '../transformation/chain.js'
import { identity } from '../transformation/identity.js'
import { namedChain } from '../transformation/namedChain.js'
import { transformation } from '../transformation/transformation.js'
import * as tree from './index.js'

const params = {
  dense: { kernel: ndarray(new Float32Array(6), [2, 3]), bias: new Float32Array(3) },
  scale: 1,
  frozen: null
}
const specs = { frozen: null, dense: { bias: 'bias', kernel: 'kernel' }, scale: 'scale' }

/** A state with counters, trees of params, a history of them, and what is empty. */
const rich = () =>
  transformation({
    init: (p) => ({
      count: 0,
      first: true,
      name: 'rich',
      mu: tree.zerosLike(p),
      trace: null,
      history: [tree.onesLike(p), tree.onesLike(p)],
      norms: tree.map((x) => norm(x), p),
      axes: tree.map((x) => [tree.zerosLike(x), tree.zerosLike(x)], p)
    }),
    update: (updates, state) => [updates, state]
  })

/** Keeps a list of trees, one for each axis that any of the params has. */
const byAxis = () =>
  transformation({
    init: (p) => {
      const ranks = tree.map((x) => (x as { shape?: readonly number[] | null }).shape?.length ?? 0, p)
      const most = Math.max(0, ...tree.leaves(ranks))
      const along = (axis: number) => tree.map((x, rank) => (rank > axis ? tree.zerosLike(x) : 0), p, ranks)
      return { axes: Array.from({ length: most }, (_, axis) => along(axis)) }
    },
    update: (updates, state) => [updates, state]
  })

/** Keeps something for matrices alone, and so looks at the params. */
const picky = () =>
  transformation({
    init: (p) => ({
      mu: tree.map((x) => (Array.isArray((x as { shape?: unknown }).shape) ? tree.zerosLike(x) : null), p)
    }),
    update: (updates, state) => [updates, state]
  })

/** Knows the names of its params, as a mask does. */
const masked = (keep: Readonly<Record<string, boolean>>) =>
  transformation({
    init: (p) => {
      const isKept = tree.expandPrefix(keep, p)
      return { innerState: { mu: tree.map((on, x) => (on ? x : null), isKept, p) } }
    },
    update: (updates, state) => [updates, state]
  })

const tags = (leaf: Leaf) => (typeof leaf === 'number' ? 'number' : 'array')

describe('maps what a state holds for each param, and nothing else', () => {
  const state = chain(rich(), identity(), namedChain({ again: rich() })).init(params)
  const tx = chain(rich(), identity(), namedChain({ again: rich() }))
  const shaped = { dense: { kernel: 'array', bias: 'array' }, scale: 'number', frozen: null }
  const numbers = { dense: { kernel: 'number', bias: 'number' }, scale: 'number', frozen: null }
  const twice = (t: unknown) => [t, t]
  const expected = {
    count: 0,
    first: true,
    name: 'rich',
    mu: shaped,
    trace: null,
    history: [shaped, shaped],
    norms: numbers,
    axes: {
      dense: { kernel: twice('array'), bias: twice('array') },
      scale: twice('number'),
      frozen: null
    }
  }

  test('without other trees', () => {
    expect(tree.mapParams(tx, tags, state)).toStrictEqual([expected, {}, { again: expected }])
  })

  test('with other trees, leaf beside leaf', () => {
    const described = tree.mapParams(rich(), (_: Leaf, spec: string, p: Leaf) => `${spec} ${tags(p)}`, state[0], {
      rest: [specs, params]
    })
    const beside = { dense: { kernel: 'kernel array', bias: 'bias array' }, scale: 'scale number', frozen: null }
    expect(described).toStrictEqual({
      ...expected,
      mu: beside,
      history: [beside, beside],
      norms: beside,
      axes: {
        dense: { kernel: twice('kernel array'), bias: twice('bias array') },
        scale: twice('scale number'),
        frozen: null
      }
    })
  })

  test('the params as the other tree find the same places', () => {
    expect(tree.mapParams(tx, tags, state, { rest: [params] })).toStrictEqual(tree.mapParams(tx, tags, state))
  })

  test('and with a function for them, the rest too', () => {
    const counters = tree.mapParams(rich(), () => null, state[0], { transformNonParams: (leaf) => `was ${leaf}` })
    expect(counters).toMatchObject({ count: 'was 0', first: 'was true', name: 'was rich', trace: null })
    expect(counters).toMatchObject({ mu: { dense: { kernel: null, bias: null }, scale: null, frozen: null } })
  })
})

test('keeps the type of the state when arrays stay arrays', () => {
  const tx = chain(rich(), identity())
  const state = tx.init(params)
  const doubled = tree.mapParams(tx, (leaf) => (typeof leaf === 'number' ? 2 * leaf : leaf), state)
  expectTypeOf(doubled).toEqualTypeOf(state)
  expect(doubled[0].history).toMatchObject([{ scale: 2 }, { scale: 2 }])
  expect(state[0].history).toMatchObject([{ scale: 1 }, { scale: 1 }])
})

test('takes params that are a single leaf, or none', () => {
  expect(tree.mapParams(rich(), tags, rich().init(3))).toMatchObject({ mu: 'number', norms: 'number', count: 0 })
  expect(tree.mapParams(rich(), tags, rich().init({}))).toMatchObject({ mu: {}, history: [{}, {}], count: 0 })
  expect(tree.mapParams(rich(), tags, rich().init({}), { rest: [{}] })).toMatchObject({ mu: {}, count: 0 })
})

test('an init that looks at the params is shown them', () => {
  const tx = picky()
  expect(tree.mapParams(tx, tags, tx.init(params), { rest: [params] })).toStrictEqual({
    mu: { dense: { kernel: 'array', bias: null }, scale: null, frozen: null }
  })
  const chosen = masked({ w: true, b: false })
  const given = { w: new Float32Array(1), b: 2 }
  expect(
    tree.mapParams(chosen, (_, spec: string) => spec, chosen.init(given), { rest: [{ b: 'b', w: 'w' }] })
  ).toStrictEqual({
    innerState: { mu: { w: 'w', b: null } }
  })
})

test('a list that is as long as the params need', () => {
  const state = byAxis().init(params)
  expect(tree.mapParams(byAxis(), (_, p: Leaf) => tags(p), state, { rest: [params] })).toStrictEqual({
    axes: [
      { dense: { kernel: 'array', bias: 'array' }, scale: 'number', frozen: null },
      { dense: { kernel: 'array', bias: 'array' }, scale: 'number', frozen: null }
    ]
  })
  const pair = { m: ndarray(new Float32Array(1), [1, 1]), v: ndarray(new Float32Array(1), [1]) }
  const names = { m: 'matrix', v: 'vector' }
  expect(
    tree.mapParams(byAxis(), (_, __, name: string) => name, byAxis().init(pair), { rest: [pair, names] })
  ).toStrictEqual({
    axes: [
      { m: 'matrix', v: 'vector' },
      { m: 'matrix', v: 'vector' }
    ]
  })
})

test("a user's own pair of functions is asked, too", () => {
  const bare = {
    init: (p: { w: number } | number | null) => ({ steps: 0, velocity: p }),
    update: (updates: unknown, state: unknown) => [updates, state] as const
  }
  expect(tree.mapParams(bare, tags, { steps: 0, velocity: { w: 1 } })).toStrictEqual({
    steps: 0,
    velocity: { w: 'number' }
  })
})

describe('misuse is refused', () => {
  const state = rich().init({ w: 1 })
  const chosen = masked({ w: true })
  test.each([
    [
      'mapParams: init refuses a placeholder (expandPrefix: tree is 0, prefix has an object); give the params as the first of rest',
      () => tree.mapParams(chosen, tags, chosen.init({ w: 1 }))
    ],
    [
      'mapParams: init refuses a placeholder (expandPrefix: tree has no "w", prefix has it)',
      () => tree.mapParams(chosen, tags, chosen.init({ w: 1 }), { rest: [{ v: 1 }] })
    ],
    [
      'mapParams: state.mu.dense.kernel is there for a param, and init has nothing there for a placeholder; give the params as the first of rest',
      () => tree.mapParams(picky(), tags, picky().init(params))
    ],
    [
      'mapParams: state.mu.w is there for a param, and init has nothing there for it',
      () => tree.mapParams(rich(), tags, state, { rest: [{ v: 1 }] })
    ],
    [
      'mapParams: rest[1] has no "w", rest[0] has it',
      () => tree.mapParams(rich(), tags, state, { rest: [{ w: 1 }, {}] })
    ]
  ])('%s', (message, run) => {
    expect(run).toThrow(new InvalidTree(message))
  })

  test.each([
    ['mapParams: f must be a function, got 1', () => tree.mapParams(rich(), 1 as never, state)],
    [
      'mapParams: rest must be a list of trees, got an object',
      () => tree.mapParams(rich(), tags, state, { rest: {} as never })
    ],
    [
      'mapParams: transformNonParams must be a function, got 1',
      () => tree.mapParams(rich(), tags, state, { transformNonParams: 1 as never })
    ],
    [
      'mapParams: a transformation must be a pair { init, update } of functions, got null',
      () => tree.mapParams(null as never, tags, state as never)
    ]
  ])('%s', (message, run) => {
    expect(run).toThrow(new InvalidOption(message))
  })
})
