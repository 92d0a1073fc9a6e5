import {
  type AnyGradientTransformation,
  adamw,
  chain,
  flatten,
  injectHyperparams,
  type Leaf,
  masked,
  partition,
  scaleByAdam,
  sgd,
  step,
  type Tree,
  transformation,
  tree
} from 'gradchain'
import { expect, test } from 'vitest'

const small = () => ({ w: Float32Array.of(1, 2), b: 3 })
const large = () => ({ head: { k: Float64Array.of(4) }, ...small() })

// What is tried is any of several transformations: their types are erased.
const stepOnce = step as unknown as (...given: readonly unknown[]) => readonly [Record<string, unknown>, unknown]
const grow = tree.growState as unknown as (...given: readonly unknown[]) => unknown

/** Three steps. */
const trained = (tx: AnyGradientTransformation) => {
  let params: Record<string, unknown> = small()
  let state = tx.init(small())
  for (let i = 0; i < 3; i++) [params, state] = stepOnce(tx, small(), state, params)
  return { params, state }
}

/** Keeps a list with a number for each param. */
const numbered = () =>
  transformation<{ readonly each: readonly number[] }>({
    init: (params) => ({ each: tree.leaves(params).map(() => 0) }),
    update: (updates, state) => [updates, state]
  })

const isOld = (params: Tree<Leaf>) => tree.mapWithPath((path) => path !== '.head.k', params) as Tree<boolean>
const labels = (params: Tree<Leaf>) => tree.map((old) => (old === true ? 'old' : 'new'), isOld(params)) as Tree<string>

const kinds: readonly (readonly [string, AnyGradientTransformation])[] = [
  ['an alias', adamw(0.1)],
  ['masked', masked(adamw(0.1), isOld)],
  ['partition', partition({ old: adamw(0.1), new: sgd(0.5) }, labels as never)],
  ['injectHyperparams', injectHyperparams(({ rate }) => adamw(rate), { rate: 0.1 })]
]

test.each(kinds)('%s: the old params go on as if there were no more', (_name, tx) => {
  const { params, state } = trained(tx)
  const grown = grow(tx, state, small(), large())
  const [after] = stepOnce(tx, large(), grown, { ...large(), ...params })
  const [alone] = stepOnce(tx, small(), state, params)
  expect({ w: after['w'], b: after['b'] }).toStrictEqual(alone)
  expect(grow(tx, grown, large(), small(), { prune: true })).toStrictEqual(state)
  expect(grow(tx, state, small(), small())).toStrictEqual(state)
})

test('arrays that stay are the same arrays, new ones are fresh, counts go on', () => {
  const tx = chain(scaleByAdam())
  const [, state] = step(tx, small(), tx.init(small()), small())
  const [grown] = tree.growState(tx, state, small(), large())
  expect((grown.mu as ReturnType<typeof large>).w).toBe((state[0].mu as ReturnType<typeof large>).w)
  expect((grown.mu as ReturnType<typeof large>).head).toStrictEqual({ k: Float64Array.of(0) })
  expect(grown.count).toBe(1)
})

test('params that are a list may get more at its end, and fewer', () => {
  const list = (...items: readonly number[]) => items.map((x) => Float32Array.of(x))
  const tx = scaleByAdam()
  const [, state] = tx.update(list(1, 2), tx.init(list(0, 0)), list(0, 0))
  const grown = tree.growState(tx, state, list(0, 0), list(0, 0, 0))
  const mu = state.mu as readonly Float32Array[]
  expect(grown.mu).toStrictEqual([...mu, Float32Array.of(0)])
  expect((grown.mu as readonly Float32Array[])[0]).toBe(mu[0])
  expect(tree.growState(tx, grown, list(0, 0, 0), list(0, 0), { prune: true })).toStrictEqual(state)
  expect(tree.growState(tx, state, list(0, 0), list(0), { prune: true }).mu).toStrictEqual([mu[0]])
})

test.each([
  [
    'params that are gone',
    () => tree.growState(sgd(1), sgd(1).init(small()), small(), { w: small().w }),
    'growState: newParams has nothing at .b, oldParams has; with prune: true'
  ],
  [
    'a state of others',
    () => tree.growState(scaleByAdam(), scaleByAdam().init({ w: 1 }), small(), large()),
    'growState: state.mu has no "b"'
  ],
  [
    'another shape',
    () => tree.growState(scaleByAdam(), scaleByAdam().init({ w: 1 }), { w: 1 }, { w: Float32Array.of(1) }),
    'growState: state.mu.w holds something of several params together, or of one that has changed its shape'
  ],
  [
    'what is joined',
    () => tree.growState(flatten(scaleByAdam()), flatten(scaleByAdam()).init({ a: 1 }), { a: 1 }, { a: 1, b: 2 }),
    'growState: state.mu holds something of several params'
  ],
  [
    'a list with something for each param, which may be that of others now',
    () => tree.growState(numbered(), numbered().init({ a: 1 }), { a: 1 }, { b: 1, a: 1 }),
    'growState: state.each holds something of several params'
  ],
  [
    'such a list that gets shorter',
    () => tree.growState(numbered(), numbered().init({ a: 1, b: 1 }), { a: 1, b: 1 }, { b: 1 }, { prune: true }),
    'growState: state.each holds something of several params'
  ],
  [
    'such a list that is as long as before',
    () => tree.growState(numbered(), numbered().init({ a: 1, b: 1 }), { a: 1, b: 1 }, { b: 1, c: 1 }, { prune: true }),
    'growState: state.each holds something of several params'
  ],
  [
    'no flag',
    () => tree.growState(sgd(1), sgd(1).init({ w: 1 }), { w: 1 }, { w: 1 }, { prune: 1 as never }),
    'growState: prune must be true or false, got 1'
  ]
])('refuses %s', (_name, refused, message) => {
  expect(refused).toThrow(message)
})
