import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { read, withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import { InvalidOption } from '../errors.js'
import type { Leaf } from '../expression/expr.js'
import { mul, norm, opaque, type Value } from '../expression/operations.js'
import { boxDevice } from '../foreign/deviceTesting.js'
import { transient } from '../transient/transient.js'
import { leaves, map } from '../tree/tree.js'
import { chain } from './chain.js'
import { force } from './force.js'
import { hostCall, type Lend } from './hostCall.js'
import { identity } from './identity.js'
import { stateless } from './stateless.js'
import { step } from './step.js'
import { transformation } from './transformation.js'
import type { AnyGradientTransformation, Tree } from './types.js'

const scaled = (by: number) => stateless((updates) => map((g) => mul(by, g), updates))

/** Notes what it is given. */
const noting = () => {
  const seen: unknown[] = []
  const tx = stateless((updates) => {
    hostCall(updates, (arrays) => seen.push(structuredClone(map((x) => x, arrays))))
    return updates
  })
  return { seen, tx }
}

/** Reads a number of the params: values that nothing else asks for. */
const reading = stateless((updates, params) => {
  const length = read(norm(leaves(params as Tree<Value>)[0] as Value))
  return map((g) => mul(length >= 0 ? 1 : 0, g), updates)
})

// So many small arrays are done in groups, where that can be.
const many = (x: number): Record<string, Float32Array> =>
  Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`w${i}`, Float32Array.of(x, i)]))
const few = (x: number): Record<string, Leaf> => ({ w: Float32Array.of(x, 1), s: ndarray([x], [1]), n: x })

const trees: readonly (readonly [string, (x: number) => Tree<Leaf>])[] = [
  ['few leaves', few],
  ['many small leaves', many]
]

test.each(trees)('%s: called once in each step, with what was computed before', (_, treeOf) => {
  const wanted = [1, 2, 3, 4].map((t) => treeOf(2 * t))
  const doubledFirst = (tree: Tree<Leaf>): unknown => structuredClone(map((x) => x, tree))
  for (const way of ['update', 'step', 'transient'] as const) {
    const { seen, tx } = noting()
    const optimizer = chain(scaled(2), tx, reading, scaled(-1))
    const params = treeOf(0)
    const run = transient(optimizer, params as never)
    let state = optimizer.init(params as never)
    let at: unknown = params
    for (const t of [1, 2, 3, 4]) {
      const grads = map((g: Leaf) => half(g), treeOf(2 * t))
      if (way === 'update') state = optimizer.update(grads as never, state, params as never)[1]
      if (way === 'step') [at, state] = step(optimizer, grads as never, state, at as never)
      if (way === 'transient') run.step(grads as never)
    }
    expect(seen, way).toStrictEqual(wanted.map(doubledFirst))
    run.dispose()
  }
})

test('called once in each step with what is no part of the params, too, though many small leaves are tried in groups', () => {
  for (const way of ['update', 'step', 'transient'] as const) {
    const seen: unknown[] = []
    const telling = stateless((updates) => {
      hostCall(mul(2, 3), (by) => seen.push(by))
      return updates
    })
    taken(way, chain(scaled(2), telling), 5)
    expect(seen, way).toStrictEqual([6, 6, 6, 6, 6])
  }
})

test('a step in which it is called for the first time has arrays to give, though the steps before it went in groups', () => {
  for (const way of ['update', 'step', 'transient'] as const) {
    const seen: unknown[] = []
    const sometimes = transformation<{ readonly count: number }>({
      init: () => ({ count: 0 }),
      update: (updates, { count }) => {
        if (count === 3) hostCall(updates, (arrays) => seen.push(structuredClone(map((x) => x, arrays))))
        return [updates, { count: count + 1 }]
      }
    })
    taken(way, chain(scaled(2), sometimes), 5)
    expect(seen, way).toStrictEqual([structuredClone(many(4))])
  }
})

/** Steps with many small leaves: in step t, from 1 on, each gradient is half of `many(t)`. */
const taken = (way: 'update' | 'step' | 'transient', optimizer: AnyGradientTransformation, steps: number): void => {
  let params: unknown = many(0)
  const run = transient(optimizer, params as never)
  let state = optimizer.init(params)
  for (let t = 1; t <= steps; t++) {
    const grads = map((g: Leaf) => half(g), many(t))
    if (way === 'update') state = optimizer.update(grads, state, params)[1]
    if (way === 'step') [params, state] = step(optimizer, grads as never, state as never, params as never)
    if (way === 'transient') run.step(grads as never)
  }
  run.dispose()
}

const half = (x: Leaf): Leaf => {
  if (typeof x === 'number') return x / 2
  if (x instanceof Float32Array) return x.map((y) => y / 2)
  const { data, shape } = x as { readonly data: Float32Array; readonly shape: readonly number[] }
  return ndarray(
    data.map((y) => y / 2),
    shape
  )
}

test('on a device values are read back where that is allowed, and the call is made once though the step is gone through again', () => {
  const { seen, tx } = noting()
  const optimizer = chain(tx, reading, scaled(-1))
  const params = { w: Float32Array.of(1, 2) }
  expect(() => boxDevice(optimizer, params)).toThrow(InvalidOption)
  expect(() => boxDevice(optimizer, params)).toThrow('allowReadback: true has it read back')
  const device = boxDevice(optimizer, params, { allowReadback: true })
  const steps = [1, 2, 3, 4, 5].map((t) => ({ w: Float32Array.of(t, 7) }))
  for (const grads of steps) device.step(grads)
  expect(device.readings()).toBeGreaterThan(5)
  expect(seen).toStrictEqual(steps)
})

test('what it throws comes out, and what it returns is returned', () => {
  const failing = stateless(
    (updates) =>
      hostCall(updates, () => {
        throw new RangeError('no')
      }) ?? updates
  )
  expect(() => chain(identity(), failing).update({ w: 1 }, [{}, {}], { w: 0 })).toThrow(new RangeError('no'))
  expect(hostCall({ w: mul(2, 3) }, (arrays) => arrays)).toStrictEqual({ w: 6 })
})

/** Gives twice the updates, in memory that is lent where it can be, and what was given before; `given` notes what may be lent. */
const lending = (memory: ArrayBuffer) => {
  const given: (Lend | null)[] = []
  let free = 0
  const tx = transformation<{ readonly last: Tree }>({
    init: (params) => ({ last: params }),
    update: (updates) => {
      const made = hostCall(updates, (arrays, lend) => {
        given.push(lend)
        const { w } = arrays as { readonly w: Float32Array }
        if (lend === null) return w.map((x) => 2 * x)
        const twice = new Float32Array(memory)
        twice.set(w.map((x) => 2 * x))
        lend(memory, () => {
          free += 1
          twice.fill(NaN)
        })
        return twice
      })
      const w = opaque(() => made, [(updates as { readonly w: Value }).w], {
        like: (updates as { readonly w: Value }).w
      })
      return [{ w }, { last: { w } }]
    }
  })
  return { tx, given, timesFree: () => free }
}

test('what lies in lent memory is copied where it is handed on, and the memory is free when the evaluation has ended', () => {
  const memory = new ArrayBuffer(8)
  const { tx, timesFree } = lending(memory)
  const grads = { w: Float32Array.of(1, 2) }
  const params = { w: new Float32Array(2) }
  const [updates, state] = tx.update(grads, tx.init(params), params)
  expect([updates, state.last]).toStrictEqual([{ w: Float32Array.of(2, 4) }, { w: Float32Array.of(2, 4) }])
  expect([updates.w.buffer, (state.last as typeof updates).w.buffer]).not.toContain(memory)
  expect(timesFree()).toBe(1)
  for (const donate of [false, true]) {
    const [at, next] = step(tx, grads, tx.init(params), { w: new Float32Array(2) }, undefined, { donate })
    expect([at, next.last]).toStrictEqual([{ w: Float32Array.of(2, 4) }, { w: Float32Array.of(2, 4) }])
  }
  const run = transient(chain(tx, scaled(-1)), params)
  run.step(grads)
  expect(run.params).toStrictEqual({ w: Float32Array.of(-2, -4) })
  run.dispose()
  expect(timesFree()).toBe(4)
})

test('memory is free, too, when what comes after the call fails', () => {
  const { tx, timesFree } = lending(new ArrayBuffer(8))
  const failing = stateless(() => {
    throw new RangeError('no')
  })
  const both = chain(tx, failing)
  const params = { w: new Float32Array(2) }
  expect(() => both.update({ w: Float32Array.of(1, 2) }, both.init(params), params)).toThrow('no')
  expect(timesFree()).toBe(1)
})

test('nothing is lent where somebody else evaluates, with another engine, within another evaluation, or on a device', () => {
  const { tx, given } = lending(new ArrayBuffer(8))
  const params = { w: new Float32Array(2) }
  const grads = { w: Float32Array.of(1, 2) }
  const [lazy] = tx.update({ w: mul(1, grads.w) } as never, tx.init(params), params)
  expect(force(lazy)).toStrictEqual({ w: Float32Array.of(2, 4) })
  withEngine(reference, () => tx.update(grads, tx.init(params), params))
  const outer = stateless((updates) => {
    tx.update(grads, tx.init(params), params)
    return updates
  })
  outer.update(grads, {}, params)
  boxDevice(tx, params, { allowReadback: true }).step(grads)
  expect(given).toStrictEqual(given.map(() => null))
  expect(given).toHaveLength(4)
})
