import { applyUpdates, chain, InvalidTree, type Leaf, ndarray, step, type Tree, transient, tree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clipByGlobalNorm } from '../clipping/clipByGlobalNorm.js'
import { refuses } from '../internal/testing/courses.js'
import { bareMomentum, momentum, run } from '../internal/testing/parts.js'
import { aNumber, aTrajectory, textOf } from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { scale } from '../scaling/scale.js'
import { masked } from '../selection/masked.js'
import { tieWeights } from './tieWeights.js'

const ties = [['.a', 'layers[0].w', '.layers[1].w']] as const

/** Numbers at three places of a tie, and others. */
const values = (a: number, b: number, c: number, own: number) => ({
  a: ndarray(Float32Array.of(a, -a, a / 3), [3, 1]),
  layers: [
    { w: ndarray(Float32Array.of(b, 0.5, b / 7), [3, 1]), b: own },
    { w: ndarray(Float32Array.of(c, c, -0.25), [3, 1]), b: -own }
  ],
  own: Float64Array.of(own, 2)
})
const params = (x: number) => values(x, 1, 1, x)
const start = () => ({ ...params(2), layers: params(2).layers.map(({ b }) => ({ w: params(2).a, b })) })
const rounds = [values(1, 2, 3, 4), values(-0.1, 0.7, 1e-3, 2), values(3, -3, 0, -1), values(0.3, 0.2, 0.1, 1)]

/** The same with one copy of what is tied, and the sum of its gradients. */
const untied = ({ a, layers, own }: ReturnType<typeof values>, isSum: boolean) => ({
  a: isSum
    ? ndarray(
        a.data.map((x, i) => Math.fround(Math.fround(x + (layers[0]?.w.data[i] ?? 0)) + (layers[1]?.w.data[i] ?? 0))),
        [3, 1]
      )
    : a,
  layers: layers.map(({ b }) => ({ w: null, b })),
  own
})

const inner = () => chain(clipByGlobalNorm(1), scaleByAdam(), momentum(), scale(-0.1))

describe('tieWeights', () => {
  test('is the inner transformation on one copy with the summed gradient, and places that are equal stay so', () => {
    const [tx, alone] = [tieWeights(inner(), ties), inner()]
    let [shared, state] = [start(), tx.init(start())]
    let [one, oneState] = [untied(start(), false), alone.init(untied(start(), false))]
    for (const grads of rounds) {
      ;[shared, state] = step(tx, grads, state, shared)
      ;[one, oneState] = step(alone, untied(grads, true), oneState, one)
      expect(untied(shared, false)).toStrictEqual(one)
      expect(state).toStrictEqual({ innerState: oneState })
      for (const { w } of shared.layers) {
        expect(w).toStrictEqual(shared.a)
        expect(w.data).not.toBe(shared.a.data)
      }
    }
  })

  test('update, step and transient agree, on one gradient that is null and on all', () => {
    const tx = tieWeights(inner(), ties)
    const absent = [
      ...rounds,
      { ...params(3), a: null },
      { ...params(1), layers: params(1).layers.map(({ b }) => ({ w: null, b })) },
      { ...params(1), a: null, layers: params(1).layers.map(({ b }) => ({ w: null, b })) },
      params(1)
    ]
    const tracked = transient(tx, start())
    let [shared, state] = [start(), tx.init(start())]
    for (const grads of absent) {
      const [updates, after] = tx.update(grads, state, shared)
      const [stepped, next] = step(tx, grads, state, shared)
      expect(stepped).toStrictEqual(applyUpdates(shared, updates))
      expect(next).toStrictEqual(after)
      const isAtRest = grads.a === null && grads.layers.every(({ w }) => w === null)
      expect(textOf(stepped.a) === textOf(shared.a)).toBe(isAtRest)
      ;[shared, state] = [stepped, next]
      for (const { w } of shared.layers) expect(w).toStrictEqual(shared.a)
      tracked.step(grads)
      expect(tracked.snapshot()).toStrictEqual({ params: shared, state })
    }
    tracked.dispose()
  })

  test('gradients are summed from left to right, as the tie is written', () => {
    const tied = (...places: string[]) => {
      const zeros = { a: 0, b: 0, c: 0 }
      const tx = tieWeights(scale(1), [places])
      return tx.update({ a: 1e16, b: -1e16, c: 1 }, tx.init(zeros), zeros)[0]
    }
    expect(tied('a', 'b', 'c')).toStrictEqual({ a: 1, b: 1, c: 1 })
    expect(tied('c', 'a', 'b')).toStrictEqual({ a: 0, b: 0, c: 0 })
  })

  test('shows the inner transformation null at the other places', () => {
    const bare = bareMomentum()
    const tx = tieWeights(bare, [['b', 'a']])
    const given = { a: 1, b: 2, c: { d: 3 } }
    tx.update({ a: 10, b: 20, c: { d: 30 } }, tx.init(given), given)
    const seen = (b: number, d: number) => `{ a: null, b: ${b}, c: { d: ${d} } }`
    expect(textOf(bare.inits[0])).toBe(seen(2, 3))
    expect(textOf(bare.calls[0]?.params)).toBe(seen(2, 3))
    expect(textOf(bare.calls[0]?.updates)).toBe(seen(30, 30))
  })

  test('takes several ties, keys that need quotes, and what findTies finds', () => {
    const [w, v] = [Float32Array.of(1), Float32Array.of(2, 3)]
    const shared = { 'a.b': w, '*': v, list: [[v, w]] }
    const found = tree.findTies(shared)
    expect(found).toStrictEqual([
      ['["a.b"]', '.list[0][1]'],
      ['["*"]', '.list[0][0]']
    ])
    const tx = tieWeights(scale(2), found)
    expect(tx.update(shared, tx.init(shared), shared)[0]).toStrictEqual({
      'a.b': Float32Array.of(4),
      '*': Float32Array.of(8, 12),
      list: [[Float32Array.of(8, 12), Float32Array.of(4)]]
    })
  })

  test('without ties it is the inner transformation', () => {
    fc.assert(
      fc.property(aTrajectory(aNumber), (trajectory) => {
        expect(textOf(run(tieWeights(momentum(), []), trajectory).updates)).toBe(
          textOf(run(momentum(), trajectory).updates)
        )
      })
    )
  })

  test('ties that a mask around it has taken out are none, and a tie that it splits is refused', () => {
    const mask = (isIn: boolean) => (all: Tree<Leaf>) =>
      tree.mapWithPath((path) => (path === '.a' ? isIn : path === '.c'), all) as Tree<boolean>
    const tx = (isIn: boolean) => masked(tieWeights(scale(2), [['a', 'b']]), mask(isIn))
    const given = { a: 1, b: 2, c: 3 }
    expect(tx(false).update(given, tx(false).init(given), given)[0]).toStrictEqual({ a: 1, b: 2, c: 6 })
    expect(() => tx(true).init(given)).toThrow(
      'tieWeights: params.b is null, params.a, which it is tied to, a number; what is around tieWeights must leave out all'
    )
  })

  test('its ties are copied', () => {
    const own = [['a', 'b']]
    const tx = tieWeights(scale(1), own)
    own[0] = ['c', 'd']
    expect(tx.update({ a: 1, b: 2 }, tx.init({ a: 0, b: 0 }), { a: 0, b: 0 })[0]).toStrictEqual({ a: 3, b: 3 })
  })

  test('an inner pair that gives another structure is told so', () => {
    const odd = { init: () => ({}), update: () => [{ a: 1 }, {}] as const }
    const tx = tieWeights(odd, [['x.a', 'x.b']])
    const given = { x: { a: 1, b: 2 } }
    expect(() => tx.update(given, tx.init(given), given)).toThrow('update: ')
  })

  wrapperLaws('tieWeights', (wrapped) => tieWeights(wrapped, []))

  const made = (given: unknown) => () => tieWeights(scale(1), given as string[][])
  refuses([
    ['tieWeights: ties must be a list of lists of paths, got "a"', made('a')],
    ['tieWeights: ties[0] must be a list of at least two paths, got "a"', made(['a', 'b'])],
    ['tieWeights: ties[1] must be a list of at least two paths, got ["c"]', made([['a', 'b'], ['c']])],
    ['tieWeights: ties[0] must be a list of at least two paths, got [1, 2]', made([[1, 2]])],
    ['tieWeights: ties[0][1] must be the path of one leaf, without wildcards, got "**.w"', made([['a', '**.w']])],
    ['tieWeights: ties[0][1] must be the path of one leaf, without wildcards, got "w*"', made([['a', 'w*']])],
    ['tieWeights: ties[0][1] must be another place than ties[0][0], got ".a"', made([['a', '.a']])],
    [
      'tieWeights: ties[1][0] must be another place than ties[0][1], got "b"',
      made([
        ['a', 'b'],
        ['b', 'c']
      ])
    ],
    [
      'tieWeights: a pattern must be a path such as ".layers[0].kernel", with * or [*] for one part and ** for any number of them, got "b..c", which makes no sense from "..c" on',
      made([['a', 'b..c']])
    ]
  ])

  const started = (tie: readonly string[], given: unknown) => () =>
    tieWeights(scale(1), [tie]).init(given as { readonly a: number })
  const two = (b: unknown) => ({ a: Float32Array.of(1, 2), b })
  const isTied = 'params.a, which it is tied to, float32 of shape [2]'
  test.each([
    [
      'tieWeights: ties[0][1] is ".heed", where the params have no leaf; there are .a, .head',
      started(['a', '.heed'], { a: 1, head: 2 })
    ],
    [
      'tieWeights: ties[0][0] is "a", where the params have no leaf; there are .a.w, .b',
      started(['a', 'b'], { a: { w: 1 }, b: 1 })
    ],
    [
      'tieWeights: ties[0][0] is "a[0]", where the params have no leaf',
      started(['a[0]', 'b'], { a: { 0: 1, x: 2 }, b: 1 })
    ],
    ['tieWeights: ties[0][0] is "toString", where', started(['toString', 'b'], { b: 1 })],
    ['tieWeights: ties[0][0] is "a", where the params have no leaf; there is none', started(['a', 'b'], {})],
    [`tieWeights: params.b is float32 of shape [3], ${isTied}`, started(['a', '.b'], two(new Float32Array(3)))],
    [`tieWeights: params.b is float64 of shape [2], ${isTied}`, started(['a', 'b'], two(new Float64Array(2)))],
    [`tieWeights: params.b is float32 of shape [1, 2], ${isTied}`, started(['a', 'b'], two(ndarray([1, 2], [1, 2])))],
    [`tieWeights: params.b is a number, ${isTied}`, started(['a', 'b'], two(1))]
  ])('refuses: %s', (message, refused) => {
    expect(refused).toThrow(InvalidTree)
    expect(refused).toThrow(message)
  })

  test('a vector with and without a shape are tied', () => {
    const given = { a: Float32Array.of(1, 2), b: ndarray(Float32Array.of(1, 2), [2]) }
    const tx = tieWeights(scale(2), [['a', 'b']])
    expect(tx.update(given, tx.init(given), given)[0]).toStrictEqual({
      a: Float32Array.of(4, 8),
      b: ndarray(Float32Array.of(4, 8), [2])
    })
  })
})
