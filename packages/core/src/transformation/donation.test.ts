import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { norm } from '../algebra/index.js'
import { isDetached } from '../array/detached.js'
import { type NdArray, ndarray } from '../array/ndarray.js'
import { grad } from '../derivatives/grad.js'
import { withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import type { Leaf, Operand } from '../expression/expr.js'
import { add, dot, mul, opaque, sub, sum } from '../expression/operations.js'
import { matmul } from '../matrix/matmul.js'
import { map } from '../tree/tree.js'
import { chain } from './chain.js'
import { step } from './step.js'
import { areApart, clipped, remembering, scaled, traced } from './testing.js'
import { transformation } from './transformation.js'
import type { AnyGradientTransformation, EmptyState, GradientTransformation, Tree } from './types.js'

type Params = Readonly<Record<string, Leaf | null>>

const numbers = (size: number, seed: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => ((((i + seed) * 2654435761) % 1000) - 500) / 256)

/** Arrays around the sizes at which they are staged in parts and done alone, of each dtype, one of them without elements. */
const params = (seed: number, rows = 66): Params => ({
  kernel: ndarray(numbers(rows * 400, seed), [rows, 400]),
  other: ndarray(numbers(rows * 400, seed + 1), [rows, 400]),
  bias: numbers(400, seed),
  wide: Float64Array.from(numbers(20_000, seed)),
  half: ndarray([...numbers(20, seed)], [20], 'bfloat16'),
  none: new Float32Array(0),
  alone: seed / 8,
  rest: null
})

/** Exchanges what is kept of the first two params: each reads what the other has. */
const swapping = (): GradientTransformation<{ readonly a: Tree; readonly b: Tree }> =>
  transformation({
    init: (all) => ({ a: map((p) => mul(p, 2), all), b: map((p) => mul(p, 3), all) }),
    update: (updates, { a, b }) => [map((g, x, y) => add(g, sub(x, y)), updates, a, b), { a: b, b: a }]
  })

/** Multiplies two leaves that others are computed from, and has a function of a user look at one. */
const mixing = (f: (data: NdArray) => Float32Array): GradientTransformation<EmptyState> =>
  transformation<EmptyState>({
    init: () => ({}),
    update: (updates, state, all) => {
      const { kernel, other } = all as Readonly<Record<'kernel' | 'other', NdArray>>
      const product = matmul(kernel, other, { transposeB: true })
      const told = opaque((x) => f(x as NdArray), [add(kernel, 1)], kernel as never)
      const given = updates as Readonly<Record<string, Operand>>
      return [
        {
          ...given,
          kernel: add(add(given['kernel'] as Operand, told), sum(product)),
          other: mul(dot(kernel, other), other)
        },
        state
      ] as never
    }
  })

/** Reads its moment again once the next one, computed from it, was reduced. */
const rereading = (): GradientTransformation<{ readonly m: Tree }> =>
  transformation({
    init: (all) => ({ m: map((p) => mul(p, 2), all) }),
    update: (updates, { m }) => {
      const next = map((g, x) => add(g, x), updates, m)
      const total = norm(next)
      return [map((x) => mul(x, total), m), { m: next }]
    }
  })

/** A step, whatever the types are. */
const stepped = (
  tx: AnyGradientTransformation,
  g: unknown,
  s: unknown,
  p: unknown,
  options?: { readonly donate: boolean }
) =>
  step(tx as GradientTransformation<unknown>, g as never, s, p as never, undefined, options) as unknown as readonly [
    Params,
    unknown
  ]

const transformations: Readonly<Record<string, () => AnyGradientTransformation>> = {
  'a scaled gradient': () => scaled(-0.1),
  'a moment': () => traced(0.9),
  'a norm, a moment, arrays that are handed on': () => chain(clipped(1), traced(0.9), remembering(), scaled(-0.1)),
  'what is read again': () => rereading(),
  'arrays that change places': () => chain(swapping(), traced(0.5)),
  'products and a function of a user': () =>
    chain(
      mixing(({ data }) => Float32Array.from(data, (x) => x / 3)),
      traced(0.9)
    ),
  'a pair of functions on raw arrays': () =>
    chain(traced(0.9), {
      init: () => ({ n: 0 }),
      update: (updates: unknown, { n }: { n: number }) => [updates, { n: n + 1 }]
    } as never)
}

const arraysOf = (value: unknown): ArrayBufferView[] => {
  if (ArrayBuffer.isView(value)) return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(arraysOf) : []
}

/** A value with what its arrays are in their place: to compare them element by element takes seconds. */
const told = (value: unknown): unknown => {
  if (ArrayBuffer.isView(value)) {
    const hash = createHash('sha1').update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
    return `${value.constructor.name} of ${value.byteLength} bytes ${hash.digest('hex')}`
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, told(one)]))
}

describe('a step with donate', () => {
  describe.each(Object.entries(transformations))('of %s', (_, make) => {
    test.each(['wasm', 'reference'])('has the bits of one without, in engine %s', (engine) => {
      const run = (): void => {
        const tx = make()
        let [p, q] = [params(1), params(1)]
        let [s, t] = [tx.init(p), tx.init(q)]
        for (let i = 0; i < 3; i++) {
          const g = params(i + 2)
          ;[p, s] = stepped(tx, g, s, p)
          const before = arraysOf([q, t])
          ;[q, t] = stepped(tx, g, t, q, { donate: true })
          expect(arraysOf([q, t]).every((array) => !isDetached(array))).toBe(true)
          expect(before.every((array) => array.byteLength === 0)).toBe(true)
          expect(told(g)).toStrictEqual(told(params(i + 2)))
          expect(told([q, t])).toStrictEqual(told([p, s]))
          expect(areApart(g, q, t)).toBe(true)
        }
      }
      if (engine === 'wasm') run()
      else withEngine(reference, run)
    })
  })

  test('allocates no large arrays', () => {
    const size = 2 ** 20
    const tx = chain(clipped(1), traced(0.9), scaled(-0.1))
    const grown = (options?: { readonly donate: boolean }): number => {
      let p: Params = { a: numbers(size, 1), b: numbers(size, 2) }
      let s: unknown = tx.init(p)
      const g = { a: numbers(size, 3), b: numbers(size, 4) }
      ;[p, s] = stepped(tx, g, s, p, options)
      let most = 0
      // Several, as garbage that is collected meanwhile hides what is allocated.
      for (let i = 0; i < 4; i++) {
        const { arrayBuffers } = process.memoryUsage()
        ;[p, s] = stepped(tx, g, s, p, options)
        most = Math.max(most, process.memoryUsage().arrayBuffers - arrayBuffers)
      }
      return most
    }
    // Params and moments without, and of either what the norm scales.
    expect(grown()).toBeGreaterThan(3 * 4 * size)
    expect(grown({ donate: true })).toBeLessThan(4 * size)
  })

  test('in which some params have no gradient', () => {
    const tx = traced(0.9)
    const at = (options?: { readonly donate: boolean }) => {
      const start = { a: numbers(9000, 1), b: numbers(9000, 2) }
      return step(tx, { a: null, b: numbers(9000, 3) } as never, tx.init(start), start, undefined, options)
    }
    expect(told(at({ donate: true }))).toStrictEqual(told(at()))
  })

  test('leaves alone what shares a buffer, and what is among the gradients', () => {
    const both = numbers(20, 1)
    const all = { a: both.subarray(0, 10), b: both.subarray(10), c: numbers(5, 2) }
    const grads = { a: numbers(10, 3), b: numbers(10, 4), c: all.c }
    const before = structuredClone([all, grads])
    const [next] = step(scaled(-1), grads, {}, all, undefined, { donate: true })
    expect([all, grads]).toStrictEqual(before)
    expect(next).toStrictEqual(step(scaled(-1), grads, {}, all)[0])
  })

  test('leaves alone what may grow, whose owner expects to find it', () => {
    const resizable = new (ArrayBuffer as new (bytes: number, options: object) => ArrayBuffer)(20, {
      maxByteLength: 40
    })
    const all = { w: new Float32Array(resizable).fill(2) }
    const [next] = step(scaled(-1), { w: numbers(5, 1) }, {}, all, undefined, { donate: true })
    expect(all.w).toStrictEqual(new Float32Array(5).fill(2))
    expect(next.w).toStrictEqual(numbers(5, 1).map((x) => 2 - x))
  })

  test('of many small arrays', () => {
    const tx = chain(traced(0.9), remembering())
    const many = (seed: number) =>
      Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`p${i}`, numbers(1 + (i % 5), seed + i)]))
    let [p, q] = [many(0), many(0)]
    let [s, t] = [tx.init(p), tx.init(q)]
    for (let i = 1; i < 5; i++) {
      ;[p, s] = step(tx, many(i), s, p)
      ;[q, t] = step(tx, many(i), t, q, undefined, { donate: true })
      expect(told([q, t])).toStrictEqual(told([p, s]))
    }
  })

  test('of any tree', () => {
    const tree = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 40 }), { minKeys: 1 })
    fc.assert(
      fc.property(
        tree,
        fc.array(fc.constantFrom(clipped(1), traced(0.5), remembering(), scaled(2)), { minLength: 1, maxLength: 4 }),
        (sizes, parts) => {
          const tx = chain(...parts)
          const of = (seed: number) =>
            map((size: number) => numbers(size, seed + size), sizes as never) as Readonly<Record<string, Float32Array>>
          let [p, q] = [of(0), of(0)]
          let [s, t] = [tx.init(p), tx.init(q)]
          for (let i = 1; i < 4; i++) {
            ;[p, s] = step(tx, of(i), s, p)
            ;[q, t] = step(tx, of(i), t, q, undefined, { donate: true })
            expect(told([q, t])).toStrictEqual(told([p, s]))
          }
        }
      )
    )
  })

  test('what was given is refused afterwards, in a sentence', () => {
    const tx = traced(0.9)
    const start = { w: numbers(4, 1), k: ndarray(numbers(4, 2), [2, 2]) }
    const state = tx.init(start)
    const [next, after] = step(tx, start, state, { w: numbers(4, 1), k: ndarray(numbers(4, 2), [2, 2]) }, undefined, {
      donate: true
    })
    expect(() => step(tx, start, state, next)).toThrow(
      'update: state.trace.w is a Float32Array whose memory was transferred to someone else; was it made by another transformation'
    )
    const [last] = step(tx, start, after, next, undefined, { donate: true })
    expect(() => step(tx, start, tx.init(last), next)).toThrow(
      'update: params.w is a Float32Array whose memory was transferred to someone else'
    )
    expect(() => step(tx, { w: start.w, k: next.k }, tx.init(last), last)).toThrow(
      'update: grads.k has data whose memory was transferred to someone else'
    )
  })

  test('what is refused, or breaks off in a function of a user, leaves all as it was', () => {
    const tx = chain(
      traced(0.9),
      mixing(() => {
        throw new Error('mine')
      })
    )
    const start = params(1)
    const state = tx.init(start)
    const before = structuredClone([start, state])
    for (let i = 0; i < 3; i++) {
      expect(() => step(tx, params(2), state, start, undefined, { donate: true })).toThrow('mine')
      expect(() => step(tx, { ...params(2), bias: numbers(3, 1) }, state, start, undefined, { donate: true })).toThrow(
        'update: grads.bias has shape [3]'
      )
    }
    expect(told([start, state])).toStrictEqual(told(before))
  })

  test('in a function that is being differentiated nothing is given up', () => {
    const start = { w: numbers(3, 1) }
    const of = ({ w }: { readonly w: Operand }) =>
      sum(stepped(scaled(2), { w }, {}, start, { donate: true })[0]['w'] as Operand)
    expect(grad(of)({ w: numbers(3, 2) })).toStrictEqual({ w: Float32Array.of(2, 2, 2) })
    expect(start).toStrictEqual({ w: numbers(3, 1) })
  })

  test.each([
    ['step: donate must be true or false, got 1', { donate: 1 }],
    ['step: there is no option donated; there are donate', { donated: true }],
    ['step: options must be an object, got true', true]
  ])('refuses: %s', (message, options) => {
    expect(() => step(scaled(1), { w: 1 }, {}, { w: 1 }, undefined, options as never)).toThrow(message)
  })
})
