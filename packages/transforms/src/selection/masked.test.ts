import { applyUpdates, chain, identity, type Leaf, mul, ndarray, stateless, type Tree, tree } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareMomentum, momentum, normalise, run, timesValue } from '../internal/testing/parts.js'
import {
  aDyadic,
  aTrajectory,
  elementsOf,
  leavesOf,
  mapLeaves,
  marksFor,
  marksOf,
  reversed,
  textOf,
  type Values
} from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { masked } from './masked.js'

const aMasked = aTrajectory(aDyadic).chain((trajectory) =>
  fc.record({
    trajectory: fc.constant(trajectory),
    one: marksFor(trajectory.params, fc.boolean()),
    other: marksFor(trajectory.params, fc.boolean())
  })
)

const and = (one: Tree<boolean>, other: Tree<boolean>): Tree<boolean> => tree.map((x, y) => x && y, one, other)

describe('masked', () => {
  test('transforms where the mask is true and passes on what came in elsewhere', () => {
    fc.assert(
      fc.property(aMasked, ({ trajectory, one }) => {
        const marks = marksOf(one.full)
        const { updates, params } = run(masked(momentum(), one.full), trajectory)
        // The inner transformation is elementwise: each leaf by itself is the oracle.
        leavesOf(trajectory.params).forEach((p, i) => {
          const grads = trajectory.grads.map((g) => leavesOf(g)[i] as Leaf)
          const alone = marks[i] ? run(momentum(), { params: p, grads }) : run(identity(), { params: p, grads })
          expect(textOf(updates.map((u) => leavesOf(u)[i]))).toBe(textOf(alone.updates))
          expect(textOf(params.map((u) => leavesOf(u)[i]))).toBe(textOf(alone.params))
        })
        expect(updates.map((u) => textOf(mapLeaves(u, () => 0)))).toEqual(
          trajectory.grads.map((g) => textOf(mapLeaves(g, () => 0)))
        )
      })
    )
  })

  test('shows the inner transformation null in place of what is masked out', () => {
    const inner = bareMomentum()
    const params = { dense: { kernel: new Float32Array([1]), bias: 2 }, layers: [3, null, 4] }
    const tx = masked(inner, { dense: { kernel: true, bias: false }, layers: false })
    const state = tx.init(params)
    const grads = { dense: { kernel: new Float32Array([8]), bias: 9 }, layers: [10, null, 11] }
    const [updates, next] = tx.update(grads, state, params)
    const seen = (x: number) => `{ dense: { kernel: Float32Array(${x}), bias: null }, layers: [null, null, null] }`
    expect(textOf(inner.inits[0])).toBe(seen(1))
    expect(textOf(inner.calls[0]?.params)).toBe(seen(1))
    expect(textOf(inner.calls[0]?.updates)).toBe(seen(8))
    expect(textOf(state)).toBe(`{ innerState: { count: 0, velocity: ${seen(0)} } }`)
    expect(textOf(next)).toBe(`{ innerState: { count: 1, velocity: ${seen(8.125)} } }`)
    expect(textOf(updates)).toBe('{ dense: { kernel: Float32Array(8.125), bias: 9 }, layers: [10, null, 11] }')
  })

  test('counts only what is chosen in a norm', () => {
    const tx = masked(normalise(), { a: true, b: false, c: true })
    const params = { a: 0, b: 0, c: 0 }
    expect(tx.update({ a: 2, b: 100, c: 4 }, tx.init(params), params)[0]).toStrictEqual({ a: 0.1, b: 100, c: 0.2 })
  })

  test('nested masks are one mask, true where both are', () => {
    fc.assert(
      fc.property(aMasked, ({ trajectory, one, other }) => {
        const nested = run(masked(masked(momentum(), one.full), other.prefix), trajectory).updates
        const single = run(masked(momentum(), and(one.full, other.full)), trajectory).updates
        expect(textOf(nested)).toBe(textOf(single))
      })
    )
  })

  test('a mask inside a mask may have null where it is masked out', () => {
    const params = { a: 1, b: 2 }
    const tx = masked(masked(momentum(), { a: true, b: null }), { a: true, b: false })
    expect(tx.update({ a: 8, b: 8 }, tx.init(params), params)[0]).toStrictEqual({ a: 8.125, b: 8 })
  })

  test('a prefix is the mask it expands to, and so is the function that returns it', () => {
    fc.assert(
      fc.property(aMasked, ({ trajectory, one }) => {
        const full = textOf(run(masked(momentum(), one.full), trajectory).updates)
        expect(textOf(run(masked(momentum(), one.prefix), trajectory).updates)).toBe(full)
        expect(
          textOf(
            run(
              masked(momentum(), () => one.prefix),
              trajectory
            ).updates
          )
        ).toBe(full)
      })
    )
  })

  test('a function is given the params, as arrays, at init and at every update', () => {
    const seen: unknown[] = []
    const tx = chain(
      identity(),
      masked(momentum(), (params) => {
        seen.push(structuredClone(params))
        return true
      })
    )
    const params = { w: new Float32Array([1, 2]), b: 3 }
    tx.update({ w: new Float32Array([5, 6]), b: 7 }, tx.init(params), params)
    expect(seen.map(textOf)).toStrictEqual(Array(2).fill('{ w: Float32Array(1 2), b: 3 }'))
  })

  test('all true is the inner transformation, all false the identity', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const text = (tx: Parameters<typeof run>[0]) => textOf(run(tx, trajectory).updates)
        expect(text(masked(momentum(), true))).toBe(text(momentum()))
        expect(text(masked(momentum(), false))).toBe(text(identity()))
      })
    )
  })

  test('keeps the order of keys, whatever the inner transformation and the mask do with it', () => {
    const { init, update } = bareMomentum()
    const shuffled = {
      init,
      update: (updates: Values, state: ReturnType<typeof init>, params: Values) => {
        const [u, next] = update(updates, state, params)
        return [reversed(u), next] as const
      }
    }
    const params = { a: 1, b: { c: 2, d: 3 }, e: 4 }
    const grads = { a: 10, b: { c: 20, d: 30 }, e: 40 }
    for (const tx of [
      masked(shuffled, { e: true, b: { d: true, c: false }, a: true }),
      chain(masked(shuffled, true))
    ]) {
      const [updates] = run(tx, { params, grads: [grads] }).updates
      expect(Object.keys(updates as object)).toEqual(['a', 'b', 'e'])
      expect(leavesOf(updates as Values).flatMap(elementsOf)[3]).toBe(40.5)
    }
  })

  test('takes gradients whose keys are in another order', () => {
    const params = { a: 1, b: 2 }
    const tx = masked(momentum(), { b: false, a: true })
    expect(tx.update({ b: 20, a: 10 }, tx.init(params), params)[0]).toStrictEqual({ a: 10.125, b: 20 })
  })

  test('hands on what the update is given beyond the params', () => {
    const tx = masked(timesValue(), { a: true, b: false })
    const params = { a: 1, b: 2 }
    expect(tx.update({ a: 1, b: 1 }, tx.init(params), params, { value: 3 })[0]).toStrictEqual({ a: 3, b: 1 })
  })

  test('what a mask around an optimizer leaves out climbs', () => {
    const params = { a: 1, b: 1 }
    const tx = masked(momentum(), { a: true, b: false })
    expect(applyUpdates(params, tx.update({ a: -4, b: 4 }, tx.init(params), params)[0]).b).toBe(5)
  })

  test('works on trees without leaves', () => {
    for (const params of [{}, [], null, { a: [], b: null }]) {
      expect(textOf(run(masked(momentum(), true), { params, grads: [params] }).updates)).toBe(textOf([params]))
    }
  })

  const params = { w: 1, layers: [2, 3] }
  test.each([
    [{ w: 1, layers: true }, 'masked: mask.w must be true or false, got 1'],
    [{ w: true, layers: [1, true] }, 'masked: mask.layers[0] must be true or false, got 1'],
    ['yes', 'masked: mask must be true or false, got "yes"'],
    [undefined, 'masked: mask must be true or false, got undefined']
  ])('refuses the mask %j at once', (mask, message) => {
    // @ts-expect-error -- a mask holds nothing but booleans
    expect(() => masked(momentum(), mask)).toThrow(message)
  })

  test.each<[Tree<boolean>, string]>([
    [{ w: true }, 'masked: params has "layers", mask has not'],
    [{ w: true, layers: true, b: true }, 'masked: params has no "b", mask has it'],
    [{ w: { kernel: true }, layers: true }, 'masked: params.w is 1, mask has an object'],
    [{ w: true, layers: [true] }, 'masked: params.layers has 2 items, mask has 1'],
    [{ w: null, layers: true }, 'masked: params.w is 1, mask has null'],
    [null, 'masked: params is an object, mask has null']
  ])('refuses the mask %j, which does not fit the params', (mask, message) => {
    expect(() => masked(momentum(), mask).init(params)).toThrow(message)
    const state = masked(momentum(), true).init(params)
    expect(() => masked(momentum(), mask).update(params, state, params)).toThrow(message)
    expect(() => masked(momentum(), () => mask).init(params)).toThrow(message)
  })

  test.each([
    [new Float32Array(1), 'a Float32Array'],
    [ndarray([1], [1]), 'an NdArray']
  ])('refuses a mask that goes deeper than an array, by the name of it', (w, name) => {
    const tx = masked(momentum(), { a: { w: { x: true } } })
    expect(() => tx.init({ a: { w } })).toThrow(`masked: params.a.w is ${name}, mask has an object`)
  })

  test('refuses what a function returns when that is no mask, with its path', () => {
    // @ts-expect-error -- a mask holds nothing but booleans
    const tx = masked(momentum(), () => ({ w: true, layers: [true, 0] }))
    expect(() => tx.init(params)).toThrow('masked: mask.layers[1] must be true or false, got 0')
  })
})

wrapperLaws('masked', (inner) => masked(inner, true))
wrapperLaws('masked', (inner) => masked(inner, false))

// A wrapper in the middle that masks something that is pending.
test('masks what is pending', () => {
  const tx = chain(momentum(), masked(momentum(), { a: true, b: false }), momentum())
  const params = { a: new Float32Array([8]), b: new Float32Array([8]) }
  const [u] = tx.update({ a: new Float32Array([1]), b: new Float32Array([1]) }, tx.init(params), params)
  expect([...u.a, ...u.b]).toStrictEqual([4, 3])
})

test('is done once for each group of small arrays, chosen or not', () => {
  let calls = 0
  const double = stateless((updates) => {
    return tree.map((g) => {
      calls += 1
      return mul(2, g)
    }, updates)
  })
  const params = Array.from({ length: 40 }, (_, i) => Float32Array.of(i, -i, 1))
  const tx = chain(
    masked(
      double,
      params.map((_, i) => i % 3 === 0)
    ),
    momentum()
  )
  let state = tx.init(params)
  let sums = params.map((x) => x.map(() => 0))
  for (let t = 0; t < 6; t++) {
    calls = 0
    const [updates, next] = tx.update(params, state, params)
    sums = sums.map((sum, i) => sum.map((x, j) => x / 2 + (params[i]?.[j] as number) * (i % 3 === 0 ? 2.125 : 1.125)))
    expect(textOf(updates)).toBe(textOf(sums))
    state = next
  }
  expect(calls).toBe(1)
})
