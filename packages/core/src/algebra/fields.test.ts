import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidOption, InvalidTree } from '../errors.js'
import { chain } from '../transformation/chain.js'
import { identity } from '../transformation/identity.js'
import { namedChain } from '../transformation/namedChain.js'
import { transformation } from '../transformation/transformation.js'
import type { Tree } from '../transformation/types.js'
import * as tree from './index.js'

interface MomentumState {
  readonly count: number
  readonly mu: Tree
}
const momentum = () =>
  transformation<MomentumState>({
    init: (params) => ({ count: 0, mu: tree.zerosLike(params) }),
    update: (updates, { count }) => [updates, { count: count + 1, mu: updates }]
  })
const params = { w: new Float32Array(2), b: 1 }

const aState: fc.Arbitrary<unknown> = fc.letrec<{ state: unknown }>((tie) => ({
  state: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.integer(),
    fc.constant(null),
    fc.constant('text'),
    fc.array(tie('state'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('count', 'mu', 'a b', '0', 'inner'), tie('state'), { maxKeys: 4 })
  )
})).state

/** What stands at a path. */
const at = (state: unknown, path: string): unknown => {
  const keys = [...path.matchAll(/\.([\w$]+)|\[(\d+)\]|\["([^"]*)"\]/gu)].map(([, a, b, c]) => a ?? b ?? c)
  return keys.reduce((node: unknown, key) => (node as Record<string, unknown>)[key as string], state)
}

/** All fields of a name, by the plainest means. */
const every = (state: unknown, field: string): unknown[] => {
  if (typeof state !== 'object' || state === null) return []
  return Object.entries(state).flatMap(([key, child]) => [
    ...(key === field && !Array.isArray(state) ? [child] : []),
    ...every(child, field)
  ])
}

describe('getAllWithPath', () => {
  test('finds every field of the name, each at its path', () => {
    fc.assert(
      fc.property(aState, fc.constantFrom('count', 'mu', 'a b', '0', 'none'), (state, field) => {
        const found = tree.getAllWithPath(state, field)
        expect(found.map(([, value]) => value)).toEqual(every(state, field))
        for (const [path, value] of found) expect(at(state, path)).toBe(value)
        expect(new Set(found.map(([path]) => path)).size).toBe(found.length)
      })
    )
  })

  test('puts what holds another before it, and goes on below', () => {
    expect(tree.getAllWithPath({ count: { count: 1 }, x: [{ count: 2 }] }, 'count')).toStrictEqual([
      ['.count', { count: 1 }],
      ['.count.count', 1],
      ['.x[0].count', 2]
    ])
  })

  test('gives what a filter lets through, which is told the path and the value', () => {
    const state = chain(momentum(), namedChain({ late: momentum(), 'a b': identity() })).init(params)
    const seen: unknown[] = []
    const filtering = (path: string, value: unknown) => seen.push([path, value]) > 1
    expect(tree.getAllWithPath(state, 'count', { filtering })).toStrictEqual([['[1].late.count', 0]])
    expect(seen).toStrictEqual([
      ['[0].count', 0],
      ['[1].late.count', 0]
    ])
    expect(tree.getAllWithPath(state, 'a b')).toStrictEqual([['[1]["a b"]', {}]])
  })

  test('finds a field that is null, and params of the name', () => {
    expect(tree.getAllWithPath([{ trace: null }], 'trace')).toStrictEqual([['[0].trace', null]])
    expect(tree.getAllWithPath(momentum().init({ count: 7 }), 'count').map(([path]) => path)).toEqual([
      '.count',
      '.mu.count'
    ])
  })
})

describe('get', () => {
  test('is the one field of the name, in chains, named chains and wrappers', () => {
    const state = { innerState: chain(identity(), namedChain({ m: momentum() })).init(params), steps: 3 }
    expect(tree.get(state, 'mu')).toBe(state.innerState[1].m.mu)
    expect(tree.get(state, 'm')).toBe(state.innerState[1].m)
    expect(tree.get(state, 'steps')).toBe(3)
  })

  test('is the default where there is none, also one that is undefined', () => {
    expect(tree.get({}, 'count', { default: 5 })).toBe(5)
    expect(tree.get({}, 'count', { default: undefined })).toBeUndefined()
    expect(tree.get({ count: 1 }, 'count', { default: 5 })).toBe(1)
  })

  test('is what the filter lets through', () => {
    const state = chain(momentum(), momentum()).init(params)
    const [, second] = tree.set(state, { count: 4 })
    expect(tree.get([state[0], second], 'count', { filtering: (_, value) => value === 4 })).toBe(4)
    expect(tree.get([state[0], second], 'count', { filtering: (path) => path === '[0].count' })).toBe(0)
  })
})

describe('set', () => {
  test('obeys the laws of a lens: get what was set, setting what is there changes nothing, the last one counts', () => {
    fc.assert(
      fc.property(aState, fc.constantFrom('count', 'mu'), fc.integer(), fc.integer(), (state, field, a, b) => {
        const found = tree.getAllWithPath(state, field)
        if (found.length === 0) return
        const one = tree.set(state, { [field]: a } as never)
        for (const [, value] of tree.getAllWithPath(one, field)) expect(value).toBe(a)
        expect(tree.set(one, { [field]: b } as never)).toStrictEqual(tree.set(state, { [field]: b } as never))
        if (found.length === 1)
          expect(tree.set(state, { [field]: tree.get(state, field) } as never)).toStrictEqual(state)
      })
    )
  })

  test('is a copy: the state stays, arrays that stay are the same, keys keep their order', () => {
    const state = Object.freeze({ z: 1, inner: Object.freeze([Object.freeze({ mu: params, count: 0 })]), a: 'text' })
    const changed = tree.set(state, { count: 3 })
    expect(changed).toStrictEqual({ z: 1, inner: [{ mu: params, count: 3 }], a: 'text' })
    expect(Object.keys(changed)).toEqual(['z', 'inner', 'a'])
    expect(changed.inner[0]?.mu.w).toBe(params.w)
    expect(changed.inner).not.toBe(state.inner)
  })

  test('sets several fields, in all places, and does not look into what was set', () => {
    const state = [{ count: 0, mu: 1 }, { count: { count: 0 } }]
    expect(tree.set(state as never[], { count: { count: 9 }, mu: 2 } as never)).toStrictEqual([
      { count: { count: 9 }, mu: 2 },
      { count: { count: 9 } }
    ])
  })

  test('sets where the filter says so, and goes on below where it does not', () => {
    const state = { count: { count: 1 }, x: { count: 2 } }
    expect(tree.set(state as object, { count: 5 } as never, { filtering: (_, value) => value === 1 })).toStrictEqual({
      count: { count: 5 },
      x: { count: 2 }
    })
  })

  test('gives a state that the transformation goes on from', () => {
    const tx = chain(momentum(), identity())
    const state = tree.set(tx.init(params), { count: 10 })
    expect(tx.update(params, state, params)[1][0].count).toBe(11)
  })

  test('changes nothing when nothing is named', () => {
    expect(tree.set([{ a: null }], {})).toStrictEqual([{ a: null }])
  })
})

test('deep states are no trouble', () => {
  let deep: unknown = { count: 1 }
  for (let i = 0; i < 3000; i++) deep = i % 2 ? [deep] : { inner: deep }
  expect(tree.get(deep, 'count')).toBe(1)
  expect(tree.get(tree.set(deep as object, { count: 2 } as never), 'count')).toBe(2)
})

describe('misuse is refused', () => {
  const state = chain(momentum(), momentum()).init(params)
  const circle: Record<string, unknown> = { count: 1 }
  circle['self'] = [circle]
  test.each([
    ['get: state has no field "nu"', () => tree.get(state, 'nu')],
    [
      'get: state has no field "mu" that the filter lets through',
      () => tree.get(state, 'mu', { filtering: () => false })
    ],
    ['get: state has 2 fields "count": [0].count, [1].count; choose one by filtering', () => tree.get(state, 'count')],
    [
      'get: state has 2 fields "count": [0].count, [1].count; choose one by filtering',
      () => tree.get(state, 'count', { default: 1 })
    ],
    ['set: state has no field "nu"', () => tree.set(state, { count: 1, nu: 2 })],
    [
      'set: state has no field "mu" that the filter lets through',
      () => tree.set(state, { mu: 1 }, { filtering: () => false })
    ],
    ['get: state contains itself', () => tree.get(circle, 'count')],
    ['set: state contains itself', () => tree.set(circle, { count: 1 } as never)],
    ['getAllWithPath: state contains itself', () => tree.getAllWithPath(circle, 'count')]
  ])('%s', (message, run) => {
    expect(run).toThrow(new InvalidTree(message))
  })

  test.each([
    ['get: field must be a name, got 0', () => tree.get(state, 0 as never)],
    ['get: filtering must be a function, got "mu"', () => tree.get(state, 'mu', { filtering: 'mu' as never })],
    [
      'getAllWithPath: there is no option filter; there are filtering',
      () => tree.getAllWithPath(state, 'mu', { filter: 1 } as never)
    ],
    ['set: changes must be an object, got [1]', () => tree.set(state, [1] as never)],
    ['set: changes must be an object, got "count"', () => tree.set(state, 'count' as never)]
  ])('%s', (message, run) => {
    expect(run).toThrow(new InvalidOption(message))
  })
})
