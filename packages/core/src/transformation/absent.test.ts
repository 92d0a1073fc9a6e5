import { describe, expect, test } from 'vitest'
import { zerosLike } from '../algebra/index.js'
import { ndarray } from '../array/ndarray.js'
import { grad } from '../derivatives/grad.js'
import { withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import { Expr, type Operand } from '../expression/expr.js'
import { add, castLike, mul, opaque, sum } from '../expression/operations.js'
import { transient } from '../transient/transient.js'
import { leaves, map } from '../tree/tree.js'
import { applyUpdates } from './applyUpdates.js'
import { chain } from './chain.js'
import { force } from './force.js'
import { namedChain } from './namedChain.js'
import { stateless } from './stateless.js'
import { step } from './step.js'
import { clipped, counting, scaled, traced } from './testing.js'
import { transformation } from './transformation.js'
import type { AnyGradientTransformation, Tree } from './types.js'

const params = () => ({
  dense: { kernel: ndarray(new Float32Array([1, 2, 3, 4]), [2, 2]), bias: Float32Array.of(-0, 0) },
  wide: Float64Array.of(3),
  scale: 5,
  frozen: null,
  half: ndarray([1, 2], [2], 'bfloat16')
})
const grads = () => ({ ...params(), dense: { kernel: params().dense.kernel, bias: null } })

/** Decays, remembers, and divides by the norm of all. */
const decayed = () =>
  chain(
    clipped(1),
    traced(0.5),
    stateless((updates, params) => map((g: Operand, p: Operand) => add(g, mul(0.25, p)), updates, params)),
    scaled(-1)
  )

/** An array with a place for each param. */
const joined = (params: Tree): Expr => {
  const size = leaves(params).length
  return opaque(() => new Float32Array(size), [], { dtype: 'float32', shape: [size] })
}

/** The tree without what is absent, everywhere. */
const without = <T extends { readonly dense: object }>(tree: T) => ({ ...tree, dense: { ...tree.dense, bias: null } })

describe('null in place of a gradient', () => {
  test('the param rests to the bit, its state is kept, the others move as if it were not there', () => {
    const tx = decayed()
    const [, before] = tx.update(params(), tx.init(params()), params())
    const [updates, after] = tx.update(grads(), before, params())
    expect(updates.dense.bias).toStrictEqual(Float32Array.of(-0, -0))
    expect(applyUpdates(params(), updates).dense.bias).toStrictEqual(Float32Array.of(-0, 0))
    expect((after[1].trace as typeof updates).dense.bias).toBe((before[1].trace as typeof updates).dense.bias)

    const trace = without(before[1].trace as ReturnType<typeof params>)
    const fewer = [before[0], { ...before[1], trace }, before[2], before[3]] as unknown as typeof before
    const [expected, next] = tx.update(grads(), fewer, grads())
    expect(without(updates)).toStrictEqual(expected)
    expect(without(after[1].trace as typeof updates)).toStrictEqual(next[1].trace)
    expect(after[1].count).toBe(2)
  })

  test('step, transient and the reference engine give the same bits; in transient nothing of it is written', () => {
    const tx = namedChain({ all: decayed(), more: traced(0.25) })
    const run = transient(tx, params())
    let [own, state] = [params() as ReturnType<typeof params>, tx.init(params())]
    const bias = run.params.dense.bias
    const rounds = [params(), grads(), { ...params(), scale: null }, params(), grads(), params()]
    for (const given of rounds) {
      run.step(given)
      const [updates, next] = tx.update(given, state, own)
      const slow = withEngine(reference, () => step(tx, given, state, own))
      ;[own, state] = step(tx, given, state, own)
      expect(slow).toStrictEqual([own, state])
      expect(state).toStrictEqual(next)
      expect(updates.scale).toBe(given.scale === null ? -0 : updates.scale)
      expect(run.snapshot()).toStrictEqual({ params: own, state })
    }
    expect(run.params.dense.bias).toBe(bias)
    run.dispose()
  })

  test('many small leaves go on being done in groups', () => {
    const tx = chain(traced(0.5), scaled(-0.5))
    const many = (x: number) => Array.from({ length: 200 }, (_, i) => (i === 7 ? x : Float32Array.of(x, i, 1)))
    const run = transient(tx, many(1))
    let [own, state] = [many(1), tx.init(many(1))]
    for (let i = 0; i < 8; i++) {
      const given = many(i).map((leaf, at) => (i % 3 === 1 && (at % 5 === 0 || at === 7) ? null : leaf))
      run.step(given)
      ;[own, state] = step(tx, given, state, own)
      expect(run.snapshot()).toStrictEqual({ params: own, state })
    }
    run.dispose()
  })

  test('a step in which none is null costs no evaluation more, and one in which some are costs one', () => {
    const { engine, evaluations } = counting()
    const tx = decayed()
    const state = tx.init(params())
    withEngine(engine, () => {
      tx.update(params(), state, params())
      tx.update(grads(), state, params())
    })
    expect(evaluations).toHaveLength(2)
  })

  test('where all are null only counters go on', () => {
    const tx = traced(0.5)
    const [updates, state] = tx.update({ a: null, b: null }, tx.init({ a: 1, b: 2 }), { a: 1, b: 2 })
    expect(updates).toStrictEqual({ a: -0, b: -0 })
    expect(state).toStrictEqual({ count: 1, trace: { a: 0, b: 0 } })
  })

  test("a user's own pair of functions is given the others, and their part of its state", () => {
    const seen: unknown[] = []
    const bare: AnyGradientTransformation = {
      init: (tree) => map((leaf: Float32Array) => leaf.slice(), tree as { a: Float32Array }),
      update: (updates, state, params) => {
        seen.push([updates, state, params])
        return [updates, map((leaf: Float32Array) => leaf.map((x) => x + 1), state as { a: Float32Array })]
      }
    }
    const tx = chain(bare, scaled(2))
    const given = { a: Float32Array.of(1), b: Float32Array.of(2) }
    const start = tx.init(given)
    const [updates, [state]] = tx.update({ a: Float32Array.of(3), b: null }, start, given)
    const others = { a: Float32Array.of(1), b: null }
    expect(seen).toStrictEqual([[{ a: Float32Array.of(3), b: null }, others, others]])
    expect(updates).toStrictEqual({ a: Float32Array.of(6), b: Float32Array.of(-0) })
    expect(state).toStrictEqual({ a: Float32Array.of(2), b: Float32Array.of(2) })
  })

  test('the caller knows by type what null may stand for', () => {
    const tx = scaled(2)
    const [updates] = tx.update({ w: null, b: 3 }, {}, { w: Float32Array.of(1), b: 2 })
    expect(updates.w.length).toBe(1)
    // @ts-expect-error -- undefined is no gradient
    expect(() => tx.update({ w: undefined, b: 3 }, {}, { w: Float32Array.of(1), b: 2 })).toThrow('grads.w is undefined')
  })
})

describe('null in a step that is differentiated', () => {
  const tx = chain(traced(0.5), scaled(-0.25))
  const own = () => ({ a: Float32Array.of(1, 2), b: Float32Array.of(3) })
  type Own = ReturnType<typeof own>
  type Lazy = Readonly<Record<keyof Own, Operand>>
  type Given = readonly [grads: unknown, state: unknown, params: Lazy]
  // What the types of trees of arrays do not say of trees of expressions.
  const gradOf = grad as unknown as (f: (params: Own) => Operand) => (params: Own) => Own
  const run = { step, update: tx.update } as unknown as {
    readonly step: (of: typeof tx, ...given: Given) => readonly [Lazy, unknown]
    readonly update: (...given: Given) => readonly [Lazy, unknown]
  }
  const square = (x: Operand) => mul(x, x)
  const size = (...all: readonly Operand[]) => all.reduce<Operand>((total, x) => add(total, sum(square(x))), 0)

  // By hand: a goes to a − a²/4 and then to that less (a′² + a²/2)/4, b stays.
  const after = (a: number): number => {
    const next = a - a ** 2 / 4
    return 2 * (next - (next ** 2 + a ** 2 / 2) / 4) * ((1 - next / 2) * (1 - a / 2) - a / 4)
  }

  test.each(['step', 'update'])('%s', (name) => {
    const found = gradOf((params) => {
      let [now, state]: readonly [Lazy, unknown] = [params, tx.init(params)]
      for (let i = 0; i < 2; i++) {
        const grads = { a: square(now.a), b: null }
        if (name === 'step') [now, state] = run.step(tx, grads, state, now)
        else {
          const [{ a, b }, next] = run.update(grads, state, now)
          ;[now, state] = [{ a: add(now.a, a), b: add(now.b, b) }, next]
        }
      }
      return size(now.a, now.b)
    })(own())
    expect(found).toStrictEqual({ a: Float32Array.of(after(1), after(2)), b: Float32Array.of(6) })
  })

  test('an update of expressions that is asked for by itself', () => {
    const [updates] = tx.update({ a: square(own().a), b: null } as never, tx.init(own()), own())
    expect(force(updates)).toStrictEqual({ a: Float32Array.of(-0.25, -1), b: Float32Array.of(-0) })
  })
})

describe('what a state holds', () => {
  const keeping = (init: (params: Tree) => unknown, next: (state: unknown) => unknown = (state) => state) =>
    transformation<unknown>({ init, update: (updates, state) => [updates, next(state)] })
  const update = (tx: AnyGradientTransformation) => () =>
    tx.update({ a: 1, b: null }, tx.init({ a: 1, b: 2 }), { a: 1, b: 2 })

  test('a list as long as one of the params needs may be shorter without it', () => {
    const tx = keeping(
      (params) => leaves<unknown>(params).map(() => zerosLike(params)),
      (state) => map((leaf: Operand) => (leaf instanceof Expr ? leaf : add(leaf, 1)), state as Tree)
    )
    expect(update(tx)()[1]).toStrictEqual([
      { a: 1, b: 0 },
      { a: 0, b: 0 }
    ])
  })

  test.each([
    [
      'one array for all',
      keeping((params) => ({ all: joined(params) })),
      'update: a gradient is null, but state.all holds something of several params together'
    ],
    [
      'a list with one number for each',
      keeping((params) => ({ each: leaves<unknown>(params).map(() => 0) })),
      'update: a gradient is null, but state.each holds something of several params together'
    ],
    [
      'something more than before',
      keeping(
        (params) => ({ trace: zerosLike(params) }),
        (state) => ({ ...(state as object), more: 1 })
      ),
      'update: state would become one with "more", which it had not'
    ]
  ])('%s is refused', (_name, tx, message) => {
    expect(update(tx)).toThrow(message)
  })

  test.each([
    ['the gradients as a whole', null, 'update: grads is null, params has an object'],
    ['a subtree', { dense: null, b: 1 }, 'update: grads.dense is null, params has an object'],
    ['beside something that does not fit', { dense: { w: null }, b: Float32Array.of(1) }, 'update: grads.b has dtype']
  ])('null for %s is refused', (_name, given, message) => {
    const own = { dense: { w: 1 }, b: 2 }
    expect(() => scaled(1).update(given as never, {}, own)).toThrow(message)
    const run = transient(scaled(1), own)
    expect(() => run.step(given as never)).toThrow(message.replace('update', 'step'))
    run.dispose()
  })

  test('params of 16 bits and updates of any dtype', () => {
    const tx = transformation<unknown>({
      init: () => ({}),
      update: (updates, state, params) => [map((g: Operand, p: Operand) => castLike(g, p), updates, params), state],
      gradients: 'params'
    })
    const own = { a: ndarray([1], [1], 'bfloat16'), b: Float32Array.of(2) }
    const [next] = step(tx, { a: null, b: Float64Array.of(3) }, {}, own)
    expect(next).toStrictEqual({ a: ndarray([1], [1], 'bfloat16'), b: Float32Array.of(5) })
  })
})
