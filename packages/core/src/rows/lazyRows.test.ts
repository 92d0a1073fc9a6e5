import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { InvalidState } from '../errors.js'
import { Expr, type Operand } from '../expression/expr.js'
import { mul, opaque, sum } from '../expression/operations.js'
import { chain } from '../transformation/chain.js'
import { identity } from '../transformation/identity.js'
import { namedChain } from '../transformation/namedChain.js'
import { step } from '../transformation/step.js'
import { clipped, scaled, traced } from '../transformation/testing.js'
import { transformation } from '../transformation/transformation.js'
import type { Tree } from '../transformation/types.js'
import { transient } from '../transient/transient.js'
import { map } from '../tree/tree.js'
import { denseRows } from './denseRows.js'
import { lazyRows } from './lazyRows.js'
import { sparseRows } from './sparseRows.js'

const params = () => ({
  first: ndarray(new Float32Array([1, 2, -0, 4, 5, 6, 7, 8]), [4, 2]),
  second: new Float64Array([1, 2, 3, 4]),
  dense: new Float32Array([1, 2])
})

const inner = () => chain(traced(0.5), scaled(-0.25))

const grads = () => ({
  first: sparseRows([3, 0, 3], new Float32Array([1, 2, 3, 4, 5, 6]), [4, 2]),
  second: sparseRows([1, 2], new Float64Array([7, 8]), [4]),
  dense: new Float32Array([1, 1])
})

/** Gradients whose rows come and go. */
const rounds = () => [
  grads(),
  { ...grads(), first: sparseRows([1], new Float32Array([3, 3]), [4, 2]) },
  { ...grads(), second: null },
  { ...grads(), first: ndarray(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]), [4, 2]) },
  { ...grads(), first: sparseRows([], new Float32Array(0), [4, 2]) },
  grads()
]

/** Keeps one array for all, of as many elements as there are rows. */
const shared = () =>
  transformation({
    init: (params) => {
      const [leaf] = Object.values(params as Readonly<Record<string, Operand>>)
      const size = leaf instanceof Expr ? leaf.size * 2 : 1
      return { all: opaque(() => new Float32Array(size), [], { dtype: 'float32', shape: [size] }) }
    },
    update: (updates, state: { readonly all: Operand }) => [updates, state]
  })

/** Multiplies by the sum of the param. */
const summed = () =>
  transformation({
    init: () => ({}),
    update: (updates: Tree, state: object, params: Tree) => [
      map((g: Operand, p: Operand) => mul(g, sum(p)), updates, params),
      state
    ]
  })

describe('lazyRows', () => {
  test('rows that are not named stay as they are to the bit, with their state', () => {
    const tx = lazyRows(inner())
    const [, before] = tx.update({ ...params() }, tx.init(params()), params())
    const [updates, after] = tx.update(grads(), before, params())
    expect(updates.first.data).toStrictEqual(new Float32Array([-0.875, -1.25, -0, -0, -0, -0, -2.375, -3]))
    expect(updates.second).toStrictEqual(new Float64Array([-0, -2, -2.375, -0]))
    expect(updates.dense).toStrictEqual(new Float32Array([-0.375, -0.5]))
    expect((after[0].trace as typeof updates).first.data).toStrictEqual(
      new Float32Array([3.5, 5, -0, 4, 5, 6, 9.5, 12])
    )
    expect(after[0].count).toBe(2)
    const [next] = step(tx, grads(), before, params())
    expect(next.first.data.subarray(2, 6)).toStrictEqual(params().first.data.subarray(2, 6))
  })

  test('steps and a transient give the same bits, rows that come and go, alone and in chains', () => {
    for (const tx of [
      lazyRows(inner()),
      chain(clipped(2), lazyRows(inner())),
      namedChain({ all: lazyRows(inner()) })
    ]) {
      const run = transient(tx, params())
      let [own, state]: [ReturnType<typeof params>, unknown] = [params(), tx.init(params())]
      for (const given of rounds()) {
        const before = own
        ;[own, state] = step(tx as ReturnType<typeof inner>, given, state as never, own)
        if (given.first.shape.length === 2 && 'indices' in given.first && given.first.indices.length === 0) {
          expect(own.first).toStrictEqual(before.first)
        }
        run.step(given)
        expect(run.snapshot()).toStrictEqual({ params: own, state })
      }
      run.dispose()
    }
  })

  test('with all rows named, and with dense gradients, it is the inner transformation', () => {
    const [tx, plain] = [lazyRows(inner()), inner()]
    const all = {
      first: sparseRows([2, 1, 0, 3], new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]), [4, 2]),
      second: new Float64Array([1, 2, 3, 4]),
      dense: new Float32Array([1, 1])
    }
    const dense = { ...all, first: ndarray(denseRows(all.first).data as Float32Array, [4, 2]) }
    const expected = plain.update(dense, plain.init(params()), params())
    expect(tx.update(all, tx.init(params()), params())).toStrictEqual(expected)
    expect(tx.update(dense, tx.init(params()), params())).toStrictEqual(expected)
  })

  test('the order of distinct rows does not matter', () => {
    const tx = lazyRows(chain(clipped(1), inner()))
    const one = { ...grads(), first: sparseRows([3, 0], new Float32Array([1, 2, 3, 4]), [4, 2]) }
    const other = { ...grads(), first: sparseRows([0, 3], new Float32Array([3, 4, 1, 2]), [4, 2]) }
    const state = tx.init(params())
    expect(tx.update(one, state, params())).toStrictEqual(tx.update(other, state, params()))
  })

  test('in a wrapper that does not hand rows on all gradients are dense', () => {
    const tx = lazyRows(traced(0.5))
    const wrapped = transformation({
      init: (params) => tx.init(params as never),
      update: (g, s, p) => tx.update(g, s as never, p)
    })
    const state = traced(0.5).init(params())
    const outer = chain(wrapped, lazyRows(scaled(1)))
    const plain = traced(0.5).update(params(), state, params())[1]
    const [, [moved]] = outer.update(grads(), [plain, {}] as never, params())
    expect((moved as typeof plain).trace).toStrictEqual(traced(0.5).update(grads(), plain, params())[1].trace)
  })

  test('sums are over the rows in ascending order, however they are named', () => {
    const own = { w: new Float64Array([2 ** 60, 1, -(2 ** 60), 5]) }
    const tx = lazyRows(summed())
    const moved = (indices: readonly number[]) =>
      tx.update({ w: sparseRows(indices, new Float64Array([1, 1, 1]), [4]) }, tx.init(own), own)[0].w
    expect(moved([0, 2, 1])).toStrictEqual(moved([0, 1, 2]))
    expect(moved([1, 2, 0])).toStrictEqual(moved([0, 1, 2]))
  })

  test('rows of 16 bits rest as well, −0 included', () => {
    // What identity gives is of 16 bits itself, what others give is float32.
    const all = [lazyRows(identity()), lazyRows(scaled(-1))] as const
    for (const [dtype, tx] of (['bfloat16', 'float16'] as const).flatMap((dtype) =>
      all.map((tx) => [dtype, tx] as const)
    )) {
      const own = { w: ndarray([-0, 1, 2], [3], dtype) }
      const given = { w: sparseRows([2], ndarray([1], [1], dtype), [3]) }
      const [next] = step(tx, given, tx.init(own), own)
      expect(next.w.data.subarray(0, 2)).toStrictEqual(own.w.data.subarray(0, 2))
      expect(next.w.data[2]).not.toBe(own.w.data[2])
    }
  })

  test('norms are those of the rows that are there', () => {
    const tx = lazyRows(summed())
    const own = { w: new Float32Array([1, 2, 4]) }
    const given = { w: sparseRows([2, 0], new Float32Array([1, 10]), [3]) }
    expect(tx.update(given, tx.init(own), own)[0].w).toStrictEqual(new Float32Array([50, -0, 5]))
  })

  test('a state that does not go by rows is refused', () => {
    const tx = lazyRows(shared())
    const own = { w: new Float32Array(3) }
    const given = { w: sparseRows([1], new Float32Array(1), [3]) }
    expect(() => tx.update(given, tx.init(own), own)).toThrow(
      new InvalidState(
        'update: state.all does not go by the rows of its param, or not for so few; leave the param out of lazyRows by partition'
      )
    )
  })
})
