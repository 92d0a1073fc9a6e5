import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
import * as tree from '../algebra/index.js'
import { ndarray } from '../array/ndarray.js'
import { read } from '../engine/evaluate.js'
import { type Spawn, spawn } from '../engine/threads/spawn.js'
import { InvalidOption, InvalidState, InvalidTree } from '../errors.js'
import { add, broadcast, cast, mul, neg, sqrt, sub, sum, sumSquares } from '../expression/operations.js'
import { chain } from '../transformation/chain.js'
import { identity } from '../transformation/identity.js'
import type { Gradients } from '../transformation/like.js'
import { namedChain } from '../transformation/namedChain.js'
import { stateless } from '../transformation/stateless.js'
import { step } from '../transformation/step.js'
import { clipped, remembering, scaled, traced } from '../transformation/testing.js'
import { transformation } from '../transformation/transformation.js'
import type { AnyGradientTransformation, EmptyState, GradientTransformation, Tree } from '../transformation/types.js'
import { map } from '../tree/tree.js'
import { transient } from './transient.js'
import { differenceOf, gradients, race, residentOf, started } from './transientTesting.js'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const descent = chain(clipped(1), traced(0.9), scaled(-0.1))

const start = () => ({
  dense: {
    kernel: ndarray(
      Float32Array.from({ length: 12 }, (_, i) => i / 7),
      [3, 4]
    ),
    bias: new Float32Array(4)
  },
  rate: 0.5,
  nothing: null
})

describe('the outside', () => {
  test('the types are those of the params and of the state', () => {
    const params = start()
    const run = transient(descent, params)
    expectTypeOf(run.params.dense.bias).toEqualTypeOf<Float32Array<ArrayBuffer>>()
    expectTypeOf(run.grads.rate).toEqualTypeOf<number>()
    expectTypeOf(run.snapshot().state[1].count).toEqualTypeOf<number>()
    // Gradients in whatever memory, as for step: tfjs and others give arrays that may be shared.
    const shared = { ...params, dense: { ...params.dense, bias: new Float32Array(new SharedArrayBuffer(16)) } }
    expectTypeOf(run.step).parameter(0).toEqualTypeOf<Gradients<typeof params> | undefined>()
    run.step(shared)
    expect(() => run.step({ ...params, dense: { ...params.dense, bias: new Float64Array(4) } })).toThrow(InvalidTree)
    // @ts-expect-error -- a leaf is missing
    expect(() => run.step({ dense: params.dense, nothing: null })).toThrow(InvalidTree)
    const needy = transformation<EmptyState, { readonly value: number }>({ init: () => ({}), update: (u, s) => [u, s] })
    const steps = () => {
      // @ts-expect-error -- the value is needed
      transient(needy, params).step(params)
    }
    expect(steps).not.toThrow()
    expect(() => transient(scaled(1), params, { state: 3 as never })).toThrow(InvalidState)
  })

  test('gradients may be written, or given, or both in turn; what was given stays', () => {
    const run = transient(scaled(-1), { w: new Float32Array(2), b: 10 })
    run.grads.w.set([1, 2])
    run.grads.b = 3
    run.step()
    expect(run.params).toStrictEqual({ w: Float32Array.of(-1, -2), b: 7 })
    run.step({ w: Float32Array.of(10, 20), b: 1 })
    expect(run.params).toStrictEqual({ w: Float32Array.of(-11, -22), b: 6 })
    expect(run.grads).toStrictEqual({ w: Float32Array.of(10, 20), b: 1 })
    run.step()
    expect(run.params).toStrictEqual({ w: Float32Array.of(-21, -42), b: 5 })
  })

  test('before anything is written the gradients are zero', () => {
    const run = transient(scaled(-1), { w: Float32Array.of(1, 2), b: 3 })
    run.step()
    expect(run.params).toStrictEqual({ w: Float32Array.of(1, 2), b: 3 })
  })

  test('gradients given in another form of the same shape are the same', () => {
    const run = transient(scaled(-1), { w: new Float32Array(2), m: ndarray([0, 0], [2]) })
    run.step({ w: ndarray([1, 2], [2]), m: Float32Array.of(3, 4) } as never)
    expect(run.params).toStrictEqual({ w: Float32Array.of(-1, -2), m: ndarray([-3, -4], [2]) })
  })

  test('gradients may be views of one another, and of the params', () => {
    const run = transient(scaled(-1), { a: Float32Array.of(1, 2, 3), b: Float32Array.of(4, 5, 6) })
    run.step({ a: Float32Array.of(1, 1, 1), b: Float32Array.of(2, 2, 2) })
    const { a, b } = run.grads
    run.step({ a: b, b: a })
    expect(run.params).toStrictEqual({ a: Float32Array.of(-2, -1, 0), b: Float32Array.of(1, 2, 3) })
    run.step({ a: run.params.b, b: run.params.a })
    expect(run.params).toStrictEqual({ a: Float32Array.of(-3, -3, -3), b: Float32Array.of(3, 3, 3) })
    const { buffer, byteOffset } = run.grads.a
    run.grads.a.set([1, 2, 3])
    run.grads.b.set([4, 5, 6])
    const across = new Float32Array(buffer as ArrayBuffer, byteOffset + 4, 3)
    run.step({ a: across, b: across })
    expect(run.params.a[1]).toBe(-3 - 3)
    expect(run.params.b[1]).toBe(3 - 3)
  })

  test.each([
    ['a number', 2, 3, -1],
    ['a vector', Float32Array.of(2), Float32Array.of(3), Float32Array.of(-1)],
    ['an array', ndarray([2], []), ndarray([3], []), ndarray([-1], [])],
    ['an empty tree', {}, {}, {}],
    ['null', null, null, null]
  ])('params that are %s', (_what, params, grads, expected) => {
    const run = transient(scaled(-1), params as never)
    run.step(grads as never)
    expect(run.params).toEqual(expected)
    expect(run.snapshot().params).toEqual(expected)
    expect(run.grads).toEqual(grads)
  })

  test('views live on and follow the steps, under the same objects', () => {
    const run = transient(scaled(-1), { w: new Float32Array(2) })
    const { w } = run.params
    run.grads.w.set([1, 2])
    for (let i = 1; i <= 3; i++) {
      run.step()
      expect([...w]).toStrictEqual([-i, -2 * i])
      expect(run.params.w).toBe(w)
    }
  })

  test('what would be lost is refused by the language: assignments in place of arrays', () => {
    const run = transient(scaled(-1), {
      w: new Float32Array(2),
      list: [new Float32Array(1), 3],
      k: ndarray([1], [1]),
      b: 0
    })
    const assign = (change: (views: never) => void, views: object) => () => change(views as never)
    const changes: ((v: Record<string, never>) => void)[] = [
      (v) => Object.assign(v, { w: new Float32Array(2) }),
      (v) => Object.assign(v['list'] as never, { 0: new Float32Array(1) }),
      (v) => Object.assign(v['k'] as never, { data: new Float32Array(1) }),
      (v) => Object.assign((v['k'] as unknown as { shape: number[] }).shape, { 0: 2 }),
      (v) => Object.assign(v, { other: 1 })
    ]
    for (const change of changes) {
      expect(assign(change, run.grads)).toThrow(TypeError)
      expect(assign(change, run.params)).toThrow(TypeError)
    }
    expect(() => Object.assign(run.params, { b: 3 })).toThrow(TypeError)
    run.grads.list[1] = 5
    run.step()
    expect(run.params.list).toStrictEqual([new Float32Array(1), -2])
  })

  test('what is assigned in place of a number must be one', () => {
    const run = transient(scaled(-1), { a: { b: 1 }, w: new Float32Array(1) })
    Object.assign(run.grads.a, { b: '3' })
    expect(() => run.step()).toThrow(
      new InvalidTree('step: grads.a.b is "3"; a leaf must be a number, a Float32Array, a Float64Array or an NdArray')
    )
    Object.assign(run.grads.a, { b: new Float32Array(1) })
    expect(() => run.step()).toThrow(new InvalidTree('step: grads.a.b has dtype float32, params is a number'))
    run.grads.a.b = 2
    run.step()
    expect(run.params.a.b).toBe(-1)
  })

  test('a snapshot has arrays of its own, which later steps do not change', () => {
    const params = start()
    const run = transient(chain(remembering(), traced(0.5)), params)
    const kept: unknown[] = []
    const copies: unknown[] = []
    for (let i = 0; i < 4; i++) {
      run.step(gradients(params, i) as never)
      const taken = run.snapshot()
      kept.push(taken)
      copies.push(structuredClone(taken))
    }
    expect(kept).toEqual(copies)
    const buffers = new Set<unknown>()
    const look = (value: unknown): void => {
      if (ArrayBuffer.isView(value)) {
        expect(value.buffer).toBeInstanceOf(ArrayBuffer)
        expect(value.buffer.byteLength).toBe(value.byteLength)
        expect(buffers.has(value.buffer)).toBe(false)
        buffers.add(value.buffer)
      } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look)
    }
    look(kept)
    // Nor does writing to it change what goes on.
    const next = structuredClone(run.snapshot())
    ;(run.snapshot().params as { dense: { bias: Float32Array } }).dense.bias.fill(9)
    expect(run.snapshot()).toEqual(next)
  })

  test('the params that were given are not written to', () => {
    const params = start()
    const copy = structuredClone(params)
    const run = transient(descent, params)
    run.step(gradients(params, 1) as never)
    run.params.dense.bias.fill(7)
    expect(params).toEqual(copy)
  })

  test('the example of the docs', () => {
    const run = transient(scaled(-0.5), { w: new Float32Array([1, 2]) })
    run.grads.w.set([2, 2])
    run.step()
    expect(run.snapshot().params).toStrictEqual({ w: Float32Array.of(0, 1) })
  })
})

/** A momentum of a user's own, which holds what else may be in a state. */
const bare = (of: () => unknown): AnyGradientTransformation =>
  ({
    init: of,
    update: (updates: unknown, state: { count: number; m: Float32Array } | Float32Array) => {
      const m = state instanceof Float32Array ? state : state.m
      const next = m.map((x) => x / 2 + 1)
      return [updates, state instanceof Float32Array ? next : { ...state, m: next, count: state.count + 1 }]
    }
  }) as unknown as AnyGradientTransformation

describe('going on from a state', () => {
  const txs: Readonly<Record<string, AnyGradientTransformation>> = {
    'of a chain': descent,
    'that keeps what it was given': chain(remembering(), traced(0.9)),
    'with names': namedChain({ a: traced(0.5), b: chain(traced(0.2), identity()) }),
    'of a bare pair': chain(
      traced(0.5),
      bare(() => ({ count: 0, m: new Float32Array(3), f: null }))
    ),
    'of a bare pair that is an array itself': chain(
      bare(() => new Float32Array(3)),
      traced(0.5)
    ),
    'of a bare pair alone': bare(() => new Float32Array(2)),
    'of two bare pairs': chain(
      bare(() => ({ count: 1, m: new Float32Array(1) })),
      bare(() => new Float32Array(3))
    )
  }
  test.each(Object.entries(txs))('%s is going on', (_what, tx) => {
    const params = { a: Float32Array.of(1, 2, 3), b: Float64Array.of(4, 5), c: 6 }
    const go = transient as unknown as (
      tx: unknown,
      params: unknown,
      options?: object
    ) => ReturnType<typeof transient<typeof descent, typeof params>>
    const whole = go(tx, params)
    let run = go(tx, params)
    for (let i = 0; i < 9; i++) {
      const grads = gradients(params, i) as typeof params
      whole.step(grads)
      if (i > 0 && i % 3 === 0) {
        const { params: now, state } = run.snapshot()
        run.dispose()
        run = go(tx, now, { state: i % 2 === 0 ? state : structuredClone(state) })
      }
      run.step(grads)
      expect(differenceOf(run.snapshot(), whole.snapshot()), `step ${i}`).toBe('')
    }
  })

  test('the given state is not written to', () => {
    const params = { w: Float32Array.of(1, 2) }
    const tx = traced(0.5)
    const state = tx.init(params)
    const copy = structuredClone(state)
    transient(tx, params, { state }).step(params)
    expect(state).toEqual(copy)
  })

  test('and from one of step, and back', () => {
    const params = { w: Float32Array.of(1, 2) }
    const grads = { w: Float32Array.of(0.3, -0.4) }
    const [p1, s1] = step(descent, grads, descent.init(params), params)
    const run = transient(descent, p1, { state: s1 })
    run.step(grads)
    const [p2, s2] = step(descent, grads, s1, p1)
    const taken = run.snapshot()
    expect(taken).toEqual({ params: p2, state: s2 })
    expect(step(descent, grads, taken.state, taken.params)).toEqual(step(descent, grads, s2, p2))
  })
})

/** A state that is what `change` makes of it, from the third step on. */
const changing = (change: (w: Tree, updates: Tree) => unknown): GradientTransformation<{ count: number; w: Tree }> =>
  transformation<{ count: number; w: Tree }>({
    init: (params) => ({ count: 0, w: map((p) => mul(p, 2), params) }),
    update: (updates, { count, w }) => [
      map((g) => mul(g, 2), updates),
      (count < 2 ? { count: count + 1, w: map((x) => add(x, 1), w) } : change(w, updates)) as { count: number; w: Tree }
    ]
  })

describe('what is refused, before anything is written', () => {
  const params = () => ({ w: ndarray([1, 2, 3, 4], [2, 2]), b: 1 })

  test.each<[string, (w: Tree, updates: Tree) => unknown, string]>([
    [
      'another dtype',
      (w) => ({ count: 3, w: tree.cast(w, 'float64') }),
      'step: state.w.w would change its shape or dtype, which arrays that stay cannot'
    ],
    [
      'another shape',
      () => ({ count: 3, w: { w: broadcast(ndarray([1], [1, 1]), [2, 3]), b: 1 } }),
      'step: state.w.w would change its shape or dtype, which arrays that stay cannot'
    ],
    [
      'a number for an array',
      () => ({ count: 3, w: { w: 1, b: 1 } }),
      'step: state.w.w would change its shape or dtype, which arrays that stay cannot'
    ],
    [
      'a lazy number for an array',
      (_, u) => ({ count: 3, w: { w: sum((u as { w: never }).w), b: 1 } }),
      'step: state.w.w would change its shape or dtype, which arrays that stay cannot'
    ],
    [
      'an array for a number',
      (w) => ({ count: (w as { w: never }).w, w }),
      'step: state.count was 2 and would become an array'
    ],
    [
      'a raw array for a number',
      (w) => ({ count: new Float32Array(1), w }),
      'step: state.count was 2 and would become an array'
    ],
    ['a field less', (w) => ({ w }), 'step: the state after has no "count", the state before has it'],
    ['a field more', (w) => ({ count: 3, w, more: 1 }), 'step: the state after has "more", the state before has not'],
    [
      'null for a subtree',
      () => ({ count: 3, w: null }),
      'step: the state after.w is null, the state before has an object'
    ],
    ['a list for an object', (w) => [3, w], 'step: the state after is [3, an object], the state before has an object']
  ])('a state with %s', (_what, change, message) => {
    const run = transient(changing(change), params())
    const grads = { w: ndarray([1, 1, 1, 1], [2, 2]), b: 1 }
    run.step(grads)
    run.step(grads)
    const before = run.snapshot()
    for (let i = 0; i < 3; i++) expect(() => run.step(grads)).toThrow(new InvalidState(message))
    expect(run.snapshot()).toEqual(before)
  })

  test.each<[string, unknown, string]>([
    ['another shape', { w: ndarray([1, 2, 3, 4], [4]), b: 1 }, 'step: grads.w has shape [4], params has [2, 2]'],
    [
      'another dtype',
      { w: ndarray(new Float64Array(4), [2, 2]), b: 1 },
      'step: grads.w has dtype float64, params has dtype float32; castGradients takes gradients of any dtype'
    ],
    [
      'an array for a number',
      { w: ndarray([1, 2, 3, 4], [2, 2]), b: new Float32Array(1) },
      'step: grads.b has dtype float32, params is a number'
    ],
    ['a number for an array', { w: 1, b: 1 }, 'step: grads.w is a number, params has dtype float32'],
    ['a missing leaf', { w: ndarray([9, 9, 9, 9], [2, 2]) }, 'step: grads has no "b", params has it'],
    ['null', null, 'step: grads is null, params has an object'],
    [
      'what is no leaf',
      { w: ndarray([9, 9, 9, 9], [2, 2]), b: 'x' },
      'step: grads.b is "x"; a leaf must be a number, a Float32Array, a Float64Array or an NdArray'
    ],
    [
      'a malformed array',
      { w: { dtype: 'float32', shape: [2, 2], data: new Float32Array(3) }, b: 1 },
      'step: grads.w has shape [2, 2], that is 4 elements, and 3 in its data'
    ]
  ])('gradients with %s', (_what, wrong, message) => {
    const run = transient(descent, params())
    const right = { w: ndarray([1, 2, 3, 4], [2, 2]), b: 5 }
    run.step(right)
    const [before, grads] = [run.snapshot(), structuredClone({ ...run.grads, w: [...run.grads.w.data] })]
    expect(() => run.step(wrong as never)).toThrow(new InvalidTree(message))
    expect(run.snapshot()).toEqual(before)
    expect({ ...run.grads, w: [...run.grads.w.data] }).toEqual(grads)
    run.step()
    const other = transient(descent, params())
    other.step(right)
    other.step(right)
    expect(run.snapshot()).toEqual(other.snapshot())
  })

  test('updates of another shape', () => {
    const run = transient(
      stateless(() => ({ w: new Float32Array(3), b: 1 })),
      { w: new Float32Array(2), b: 1 }
    )
    expect(() => run.step()).toThrow(new InvalidTree('step: updates.w has shape [3], grads has [2]'))
  })

  test('a scratch that is too small for the step', () => {
    const w = new Float32Array(20_000)
    const run = transient(chain(clipped(1), scaled(2), clipped(1), scaled(0.1)), { w }, { scratchBytes: 0 })
    run.grads.w.fill(1)
    expect(() => run.step()).toThrow(
      /^transient: a step needs [\d.]+ MiB more for what it stores in between, and [\d.]+ MiB are left: give more with the option scratchBytes$/
    )
    expect(run.params.w.every((x) => x === 0)).toBe(true)
    expect(() => run.step()).toThrow(InvalidOption)
  })

  test('an error of the definition leaves everything as it was, and the next step goes on', () => {
    let isBroken = false
    const tx = chain(
      traced(0.5),
      stateless((updates) => {
        if (isBroken) throw new RangeError('not today')
        return updates
      }),
      clipped(1)
    )
    const grads = { w: Float32Array.of(1, 2) }
    const run = transient(tx, { w: new Float32Array(2) })
    run.step(grads)
    const before = run.snapshot()
    isBroken = true
    expect(() => run.step(grads)).toThrow('not today')
    expect(run.snapshot()).toEqual(before)
    isBroken = false
    run.step(grads)
    const other = transient(tx, { w: new Float32Array(2) })
    other.step(grads)
    other.step(grads)
    expect(run.snapshot()).toEqual(other.snapshot())
  })
})

describe('at construction', () => {
  test.each<[string, () => unknown, string]>([
    [
      'threads',
      () => transient(descent, { w: 1 }, { threads: 0 }),
      'transient: threads must be a whole number ≥ 1, got 0'
    ],
    [
      'half a thread',
      () => transient(descent, { w: 1 }, { threads: 1.5 }),
      'transient: threads must be a whole number ≥ 1, got 1.5'
    ],
    [
      'scratch',
      () => transient(descent, { w: 1 }, { scratchBytes: -1 }),
      'transient: scratchBytes must be a whole number ≥ 0, got -1'
    ],
    [
      'an unknown option',
      () => transient(descent, { w: 1 }, { thread: 2 } as never),
      'transient: there is no option thread; there are state, threads, scratchBytes'
    ],
    [
      'no transformation',
      () => transient({} as never, { w: 1 } as never),
      'transient: a transformation must be a pair { init, update } of functions, got an object'
    ]
  ])('refuses: %s', (_what, misuse, message) => {
    expect(misuse).toThrow(new InvalidOption(message))
  })

  test('refuses params that are none', () => {
    expect(() => transient(descent, { w: 'x' } as never)).toThrow(
      new InvalidTree(
        'transient: params.w is "x"; a leaf must be a number, a Float32Array, a Float64Array or an NdArray'
      )
    )
  })

  test('refuses the state of another transformation, and for other params', () => {
    const params = { w: new Float32Array(2) }
    expect(() => transient(traced(0.9), params, { state: { count: 0 } as never })).toThrow(InvalidState)
    expect(() => transient(traced(0.9), params, { state: traced(0.9).init({ w: new Float32Array(3) }) })).toThrow(
      new InvalidState(
        'transient: state.trace.w has shape [3], a fresh one has [2]; was it made by another transformation, or for other params?'
      )
    )
    const run = transient(traced(0.9), params)
    for (const [state, refused] of [
      [{ ...run.state, count: NaN }, 'setState: state.count must be a whole number ≥ 0, got NaN'],
      [
        { ...run.state, count: 'x' },
        'setState: state.count must be a number, got "x"; was it made by another transformation, or for other params?'
      ],
      [
        traced(0.9).init({ w: new Float32Array(3) }),
        'setState: state.trace.w has shape [3], a fresh one has [2]; was it made by another transformation, or for other params?'
      ]
    ] as const) {
      expect(() => run.setState(state as never)).toThrow(new InvalidState(refused))
    }
    run.dispose()
  })

  test('refuses what does not fit one memory, with the sizes', () => {
    expect(() => transient(traced(0.9), { w: new Float32Array(2 ** 18) }, { scratchBytes: 2 ** 32 })).toThrow(
      new InvalidOption(
        'transient: params 1.0 MiB, gradients 1.0 MiB, state 1.0 MiB and scratch 4096.0 MiB are 4099.1 MiB, and one WebAssembly memory, which an array shares with its gradient and its state, holds 4096 MiB: keep moments in bfloat16, or divide the array'
      )
    )
  })

  test('says how much memory goes where', () => {
    const params = {
      a: new Float32Array(1000),
      b: new Float64Array(1000),
      c: 1,
      d: ndarray(new Uint16Array(1000), [1000], 'bfloat16')
    }
    const tx = transformation<{ readonly m: Tree; readonly n: Tree; readonly size: Tree }>({
      init: (p) => ({ m: p, n: tree.zerosLike(p, 'float64'), size: tree.norm(p) as never }),
      update: (u, s) => [u, s]
    })
    const { params: p, grads, state, scratch, total } = transient(tx, params).bytes
    // Each array with less than 128 bytes of room.
    expect(p).toBeGreaterThanOrEqual(14_000)
    expect(p).toBeLessThan(14_000 + 3 * 128)
    expect(grads).toBe(p)
    expect(state).toBeGreaterThanOrEqual(14_000 + 24_000)
    expect(state).toBeLessThan(38_000 + 6 * 128)
    expect(scratch).toBe(16 * 2 ** 20)
    // The memory that everything lies in, which is not any larger than that.
    const run = transient(tx, params)
    expect(total).toBe(run.grads.a.buffer.byteLength)
    expect(total - (p + grads + state + scratch)).toBeGreaterThanOrEqual(0)
    expect(total - (p + grads + state + scratch)).toBeLessThan(2 ** 16 + 64)
    expect(transient(tx, params, { scratchBytes: 12_345 }).bytes.scratch).toBe(12_345)
    expect(transient(tx, { a: new Float32Array(2_000_000) }).bytes.scratch).toBeGreaterThanOrEqual(32_000_000)
  })

  test('says how much of the scratch steps have used, which is what they need', () => {
    const params = { w: new Float32Array(10_000), v: new Float32Array(100) }
    const grads = { w: new Float32Array(10_000).fill(1), v: new Float32Array(100).fill(2) }
    // A clip stores what it is given by another.
    const tx = chain(traced(0.9), clipped(1), clipped(0.5))
    const run = transient(tx, params)
    run.step(grads)
    const { scratchUsed, scratch } = run.bytes
    expect(scratchUsed).toBeGreaterThan(0)
    expect(scratchUsed).toBeLessThan(scratch)
    for (let i = 0; i < 9; i++) run.step()
    expect(run.bytes.scratchUsed).toBe(scratchUsed)
    run.dispose()
    expect(run.bytes.scratchUsed).toBe(scratchUsed)
    const enough = transient(tx, params, { scratchBytes: scratchUsed })
    for (let i = 0; i < 9; i++) enough.step(grads)
    expect(enough.snapshot().state[0].count).toBe(9)
    // Whole pages may hold a little more than was asked for, but not this much less.
    const little = transient(tx, params, { scratchBytes: Math.max(0, scratchUsed - 2 ** 17) })
    if (scratchUsed > 2 ** 17) expect(() => little.step(grads)).toThrow(/give more with the option scratchBytes/)
  })

  test('with threads there is what they are told through', async () => {
    const params = { w: new Float32Array(10) }
    const [one, three] = [residentOf(descent, params), residentOf(descent, params, { threads: 3 })]
    expect(three.bytes.total - one.bytes.total).toBeGreaterThan(2 ** 23)
    expect(three.bytes.total - one.bytes.total).toBeLessThan(2 ** 23 + 2 ** 16)
    three.dispose()
  })

  test('the scratch takes no more than there is', () => {
    // What is reserved is not touched: the state stays lazy, and is refused before it is computed.
    const huge = { dtype: 'float32', shape: [2 ** 28], data: new Float32Array(0) } as const
    Object.defineProperty(huge.data, 'length', { value: 2 ** 28 })
    expect(() => transient(chain(traced(0.9), traced(0.9)), { huge })).toThrow(
      new InvalidOption(
        'transient: params 1024.0 MiB, gradients 1024.0 MiB, state 2048.0 MiB and scratch 16.0 MiB are 4112.1 MiB, and one WebAssembly memory, which an array shares with its gradient and its state, holds 4096 MiB: keep moments in bfloat16, or divide the array'
      )
    )
  })

  test('a first state that is computed from the params', () => {
    const tx = transformation<{
      readonly root: Tree
      readonly size: number
      readonly count: number
      readonly raw: Tree
    }>({
      init: (params) => ({
        root: map((p) => sqrt(mul(p, sum(p))), params),
        size: sumSquares((params as { w: Float32Array }).w) as number,
        count: read(tree.norm(params)),
        raw: { w: Float32Array.of(7, 8), n: ndarray([9], [1]) }
      }),
      update: (updates, state) => [updates, { ...state, root: map((x) => mul(x, state.size), state.root) }]
    })
    expect(race(tx, { w: Float32Array.of(3, 4), b: 2 }, { steps: 4 })).toBe('')
  })
})

describe('after dispose()', () => {
  test('everything says so, and the views live on', () => {
    const run = transient(descent, { w: Float32Array.of(1, 2) })
    const { w } = run.params
    run.dispose()
    run.dispose()
    expect(() => run.step()).toThrow(new InvalidState('step: this transient was disposed'))
    expect(() => run.step({ w: new Float32Array(2) })).toThrow(new InvalidState('step: this transient was disposed'))
    expect(() => run.snapshot()).toThrow(new InvalidState('snapshot: this transient was disposed'))
    expect(() => run.params).toThrow(new InvalidState('params: this transient was disposed'))
    expect(() => run.grads).toThrow(new InvalidState('grads: this transient was disposed'))
    expect([...w]).toStrictEqual([1, 2])
    expect(run.threads).toBe(1)
    expect(run.bytes.params).toBe(128)
  })
})

describe('threads', () => {
  test('where threads cannot share memory there is one, and it is said once', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    vi.stubGlobal('SharedArrayBuffer', undefined)
    for (let i = 0; i < 3; i++) {
      const run = transient(descent, { w: Float32Array.of(1, 2) }, { threads: 4 })
      expect(run.threads).toBe(1)
      run.step({ w: Float32Array.of(1, 2) })
    }
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls[0]).toEqual([
      'transient: threads cannot share memory here (a page must be cross-origin isolated), so there is one thread'
    ])
  })

  test('one that dies is an error at the next step, and what was reached can be taken on', async () => {
    const params = { w: Float32Array.from({ length: 200_003 }, (_, i) => Math.sin(i)) }
    const grads = gradients(params, 1) as typeof params
    let kill = (): void => {}
    const start: Spawn = (data, onEnd) => {
      const thread = spawn(data, onEnd)
      kill = thread.terminate
      return thread
    }
    const run = residentOf(descent, params, { threads: 2, pool: { start, patience: 2000 } })
    await started(run)
    run.step(grads)
    const reached = run.snapshot()
    kill()
    const failure = async (): Promise<unknown> => {
      for (;;) {
        // That it has ended is told when this thread gets to it.
        await new Promise((resolve) => setTimeout(resolve, 20))
        try {
          run.step()
        } catch (error) {
          return error
        }
      }
    }
    const error = await failure()
    expect(error).toBeInstanceOf(InvalidState)
    expect(String(error)).toContain('a thread of this transient has died')
    const other = residentOf(descent, reached.params, { state: reached.state })
    const [expected] = step(descent, grads, reached.state as never, reached.params as typeof params)
    other.step(grads)
    expect(differenceOf(other.snapshot().params, expected)).toBe('')
    run.dispose()
  })

  test('with more than one, params of any size are stepped to the same bits', () => {
    const params = {
      w: Float32Array.from({ length: 200_003 }, (_, i) => Math.sin(i)),
      v: new Float32Array(70_000),
      b: 1
    }
    expect(race(chain(clipped(1), descent), params, { threads: 3, steps: 8 })).toBe('')
  })
})

test('where there is no WebAssembly, the steps are the same', () => {
  const params = {
    w: Float32Array.from({ length: 50 }, (_, i) => Math.sin(i)),
    half: ndarray([1, 2, 3], [3], 'float16'),
    b: 1
  }
  const tx = chain(clipped(1), descent, clipped(0.01))
  const stepsOf = (): unknown => {
    const run = transient(tx, params, { threads: 2 })
    for (let i = 0; i < 9; i++) run.step(gradients(params, i) as typeof params)
    const taken = run.snapshot()
    run.dispose()
    return taken
  }
  const expected = stepsOf()
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  vi.stubGlobal('WebAssembly', undefined)
  expect(differenceOf(stepsOf(), expected)).toBe('')
})

test('a state that is lazy numbers has numbers at both ends', () => {
  const tx = transformation<{ readonly sizes: Tree; readonly last: number }>({
    init: () => ({ sizes: { a: 0, b: [0] }, last: 0 }),
    update: (updates, { last }) => {
      const a = tree.norm(updates)
      return [map((g) => sub(g, a), updates), { sizes: { a, b: [neg(add(a, last))] }, last: mul(a, 2) as number }]
    }
  })
  expect(race(tx, { w: Float32Array.of(3, 4), b: 2 })).toBe('')
})

test('a step that reads, casts and branches on the host has the bits of step over 200 steps', () => {
  const tx = transformation<{ readonly count: number; readonly m: Tree; readonly seen: number }>({
    init: (params) => ({ count: 0, m: tree.zerosLike(params, 'bfloat16'), seen: 0 }),
    update: (updates, { count, m, seen }) => {
      const size = count % 4 === 0 ? read(tree.norm(updates)) : seen
      const next = map((g, x) => add(mul(g, size > 2 ? 1 / size : 1), mul(x, 0.5)), updates, m)
      const half = count % 3 === 1 ? tree.cast(next, 'float16') : next
      return [
        half,
        { count: count + 1, m: map((x) => (typeof x === 'number' ? x : cast(x, 'bfloat16')), half), seen: size }
      ]
    }
  })
  expect(
    race(tx, { w: Float32Array.from({ length: 9 }, (_, i) => i), v: new Float64Array(5), b: 1 }, { steps: 200 })
  ).toBe('')
})

test('ten thousand leaves', () => {
  const params = Array.from({ length: 10 }, (_, i) =>
    Array.from({ length: 1000 }, (_, j) => new Float32Array(1 + (j % 5)).fill(i / 7))
  )
  const grads = gradients(params, 1) as typeof params
  const tx = chain(clipped(1), traced(0.9))
  const run = transient(tx, params)
  let expected = [params, tx.init(params)] as const
  for (let i = 0; i < 2; i++) {
    run.step(grads)
    expected = step(tx, grads, expected[1], expected[0])
  }
  const taken = run.snapshot()
  expect(differenceOf([taken.params, taken.state], expected)).toBe('')
})

test('Symbol.dispose disposes, once and again', () => {
  const run = transient(scaled(1), { w: new Float32Array(2) })
  run[Symbol.dispose]()
  run[Symbol.dispose]()
  expect(() => run.params).toThrow(new InvalidState('params: this transient was disposed'))
  // It is no part of what is printed.
  expect(Object.getOwnPropertyDescriptor(run, Symbol.dispose)?.enumerable).toBe(false)
})
