import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { read } from '../engine/evaluate.js'
import { InvalidOption, InvalidState, InvalidTree } from '../errors.js'
import { add, div, maxOf, mul, norm, opaque, sqrt, square, sub, type Value, where } from '../expression/operations.js'
import { chain } from '../transformation/chain.js'
import { transformation } from '../transformation/transformation.js'
import type { Tree } from '../transformation/types.js'
import { map } from '../tree/tree.js'
import { onArrays } from './onArrays.js'
import { onHost } from './onHost.js'
import { type Box, type Boxes, boxes } from './testing.js'

const dataOf = (box: unknown): readonly number[] => {
  const { value } = box as Box
  return typeof value === 'number' ? [value] : [...value.data]
}

const f32 = (library: Boxes, ...values: number[]): Box => library.box(Float32Array.from(values))

/** Adam without its correction, and a count. */
const adamLike = () =>
  transformation<{ count: number; mu: Tree; nu: Tree }>({
    init: (params) => ({ count: 0, mu: map((p) => mul(p, 0), params), nu: map((p) => mul(p, 0), params) }),
    update: (updates, { count, mu, nu }) => {
      const m = map((x, g) => add(mul(0.9, x), mul(0.1, g)), mu, updates)
      const v = map((x, g) => add(mul(0.99, x), mul(0.01, square(g))), nu, updates)
      return [map((x, y) => div(x, add(sqrt(y), 1e-8)), m, v), { count: count + 1, mu: m, nu: v }]
    }
  })

/** The gradients over the length of that of w, which is kept. */
const clipped = () =>
  transformation<{ last: Value }>({
    init: () => ({ last: 0 }),
    update: (updates) => {
      const length = norm((updates as { w: Value }).w)
      return [map((g) => where(1, div(g, length), g), updates), { last: length }]
    }
  })

describe('onArrays', () => {
  test('what is returned is all that is left, and what was given is untouched', () => {
    const library = boxes()
    const { init, update } = onArrays(library, chain(adamLike(), clipped()))
    const params = { w: f32(library, 1, 2), b: f32(library, 3) }
    let state = init(params)
    // Two params, and two moments of each.
    expect(library.live()).toBe(6)
    for (let step = 0; step < 20; step++) {
      const grads = { w: f32(library, 3, 4), b: f32(library, 1) }
      const before = state
      const [updates, next] = update(grads, state, params)
      expect(library.live()).toBe(6 + 2 + 2 + 4)
      expect([dataOf(grads.w), dataOf(params.w)]).toStrictEqual([
        [3, 4],
        [1, 2]
      ])
      release(library, grads, updates, before)
      state = next
    }
    expect(library.live()).toBe(6)
    expect((state as unknown as [{ count: number }, { last: number }])[0].count).toBe(20)
    expect((state as unknown as [unknown, { last: number }])[1].last).toBeGreaterThan(2.9)
  })

  test('step gives the params after the updates', () => {
    const library = boxes()
    const { init, step } = onArrays(library, adamLike())
    const params = { w: f32(library, 1, 2) }
    const [next] = step({ w: f32(library, 0, 1) }, init(params), params)
    expect(dataOf(next.w)).toStrictEqual([1, Math.fround(3)])
  })

  test('what is handed on as it came is a handle of its own', () => {
    const library = boxes()
    const same = transformation({
      init: (params: Tree) => ({ first: params, second: params }),
      update: (updates: Tree, state: unknown) => [updates, state] as const
    })
    const { init, update } = onArrays(library, same)
    const params = { w: f32(library, 1) }
    const state = init(params) as { first: { w: Box }; second: { w: Box } }
    const grads = { w: f32(library, 2) }
    const [updates, next] = update(grads, state, params)
    release(library, params, grads, state)
    expect([dataOf(updates.w), dataOf((next as typeof state).first.w)]).toStrictEqual([[2], [1]])
    release(library, updates, next)
    expect(library.live()).toBe(0)
  })

  test('numbers may be read, and functions of arrays called, in between', () => {
    const library = boxes()
    const reading = transformation({
      init: () => ({}),
      update: (updates: Tree, state: unknown) => {
        const { w } = updates as { w: Value }
        const top = read(maxOf(w))
        const reversed = opaque(({ data }) => data.slice().reverse(), [sub(w, top)], {
          dtype: 'float32',
          shape: [3]
        })
        return [{ w: mul(reversed, top) }, state] as const
      }
    })
    const { init, update } = onArrays(library, reading)
    const params = { w: f32(library, 0, 0, 0) }
    const grads = { w: f32(library, 1, 5, 2) }
    const [updates] = update(grads, init(params), params)
    expect(dataOf(updates.w)).toStrictEqual([-15, 0, -20])
    expect(library.live()).toBe(3)
  })

  test('numbers that a library keeps are its arrays in the state, and numbers again in the next step', () => {
    const boxed = boxes()
    const kept: typeof boxed = {
      ...boxed,
      keepsNumbers: true,
      formOf: (box) => (typeof box.value === 'number' ? { dtype: 'number', shape: [] } : boxed.formOf(box))
    }
    const longest = transformation<{ last: Value }>({
      init: () => ({ last: 0 }),
      update: (updates, { last }) => {
        const length = norm((updates as { w: Value }).w)
        return [map((g) => mul(g, last), updates), { last: add(last, length) }]
      }
    })
    const { init, update } = onArrays(kept, longest)
    const params = { w: f32(boxed, 1, 2) }
    const [, once] = update({ w: f32(boxed, 3, 4) }, init(params), params)
    const [updates, twice] = update({ w: f32(boxed, 3, 4) }, once, params)
    expect(dataOf(updates.w)).toStrictEqual([15, 20])
    expect([once, twice].map((state) => dataOf((state as unknown as { last: Box }).last))).toStrictEqual([[5], [10]])
  })

  test('a gradient that is null lets its param rest', () => {
    const library = boxes()
    const { init, step } = onArrays(library, adamLike())
    const params = { w: f32(library, 1, 2), b: f32(library, 7) }
    const [next] = step({ w: f32(library, 1, 1), b: null } as never, init(params), params)
    expect(dataOf(next.b)).toStrictEqual([7])
    expect(dataOf(next.w)).not.toStrictEqual([1, 2])
  })

  test('arrays among the extra arguments are lifted, of shape [] as numbers', () => {
    const library = boxes()
    const scaled = transformation<object, { value: number }>({
      init: () => ({}),
      update: (updates, state, _, { value }) => [map((g) => mul(g, value), updates), state]
    })
    const { init, update } = onArrays(library, scaled)
    const params = { w: f32(library, 1) }
    const value = library.box(ndarray(new Float32Array([3]), [])) as unknown as number
    const [updates] = update({ w: f32(library, 2) }, init(params), params, { value })
    expect(dataOf(updates.w)).toStrictEqual([6])
  })

  test('an error in between leaves nothing behind', () => {
    const library = boxes()
    const failing = transformation({
      init: () => ({}),
      update: (updates: Tree, state: unknown) => {
        const { w } = updates as { w: Value }
        const broken = opaque(
          () => {
            throw new RangeError('not today')
          },
          [mul(w, 2)],
          { dtype: 'float32', shape: [1] }
        )
        return [{ w: add(mul(w, 3), broken) }, state] as const
      }
    })
    const { init, update } = onArrays(library, failing)
    const params = { w: f32(library, 1) }
    const state = init(params)
    expect(() => update({ w: f32(library, 2) }, state, params)).toThrow('not today')
    expect(library.live()).toBe(2)
  })

  test('what does not belong there is refused by its place', () => {
    const library = boxes()
    const { init, update } = onArrays(library, adamLike())
    const params = { w: f32(library, 1, 2) }
    const state = init(params)
    const cases: readonly (readonly [() => unknown, new (message: string) => Error, string])[] = [
      [
        () => init({ w: [new Float32Array(2)] } as never),
        InvalidTree,
        'boxes: params.w[0] is a Float32Array; a leaf must be a Box or a number'
      ],
      [
        () => update({ w: f32(library, 1) }, state, params),
        InvalidTree,
        'update: grads.w has shape [1], params has [2]'
      ],
      [
        () =>
          update(
            { w: f32(library, 1, 1) },
            { count: 0, mu: { w: f32(library, 1) }, nu: { w: f32(library, 1) } },
            params
          ),
        InvalidState,
        'update: state.mu.w has shape [1], a fresh one has [2]; was it made by another transformation, or for other params?'
      ],
      [() => onArrays(library, {} as never), InvalidOption, 'boxes: a transformation must be a pair']
    ]
    for (const [run, type, message] of cases) {
      expect(run).toThrow(type)
      expect(run).toThrow(message)
    }
  })
})

describe('onHost', () => {
  test('gives what onArrays gives, keeps the state here and leaves the rest to its owners', () => {
    const library = boxes()
    const [here, there] = [onHost(library, adamLike()), onArrays(library, adamLike())]
    const params = { w: f32(library, 1, 2), b: f32(library, 3) }
    let state = here.init(params)
    let other = there.init(params)
    for (let step = 0; step < 3; step++) {
      const grads = { w: f32(library, 3, step), b: f32(library, 1) }
      const [updates, next] = here.update(grads, state, params)
      const [expected, otherNext] = there.update(grads, other, params)
      expect([dataOf(updates.w), dataOf(updates.b)]).toStrictEqual([dataOf(expected.w), dataOf(expected.b)])
      ;[state, other] = [next, otherNext]
    }
    expect((state as unknown as { mu: { w: { data: Float32Array } } }).mu.w.data).toBeInstanceOf(Float32Array)
    const [moved] = here.step({ w: f32(library, 1, 0), b: null } as never, state, params)
    expect(dataOf(moved.b)).toStrictEqual([3])
  })

  test('an extra argument is brought here when it is asked for', () => {
    const library = boxes()
    const scaled = transformation<object, { value: number }>({
      init: () => ({}),
      update: (updates, state, _, { value }) => [map((g) => mul(g, value), updates), state]
    })
    const { init, update } = onHost(library, scaled)
    const params = { w: f32(library, 1) }
    const value = library.box(ndarray(new Float32Array([3]), [])) as unknown as number
    const [updates] = update({ w: f32(library, 2) }, init(params), params, { value })
    expect(dataOf(updates.w)).toStrictEqual([6])
  })

  test('extra arguments may be frozen, copied, looked through, and of a class', () => {
    class Extra {
      readonly #own: number
      constructor(own: number) {
        this.#own = own
      }
      get value(): number {
        return this.#own
      }
    }
    const seen: unknown[] = []
    const looking = transformation<object, { value: number }>({
      init: () => ({}),
      update: (updates, state, _, extra) => {
        seen.push('value' in extra, Object.keys(extra), { ...extra }, extra.value)
        return [updates, state]
      }
    })
    const library = boxes()
    const { init, update } = onHost(library, looking)
    const params = { w: f32(library, 1) }
    const value = library.box(ndarray(new Float32Array([3]), [])) as unknown as number
    update({ w: f32(library, 2) }, init(params), params, Object.freeze({ value }))
    expect(seen.splice(0)).toStrictEqual([true, ['value'], { value: 3 }, 3])
    update({ w: f32(library, 2) }, init(params), params, new Extra(4))
    expect(seen).toStrictEqual([true, [], {}, 4])
  })

  test('what does not belong there is refused by its place', () => {
    const library = boxes()
    const { init, update } = onHost(library, adamLike())
    const params = { w: f32(library, 1, 2) }
    const state = init(params)
    expect(() => init({ w: [new Float32Array(2)] } as never)).toThrow(
      new InvalidTree('boxes: params.w[0] is a Float32Array; a leaf must be a Box or a number')
    )
    const freed = f32(library, 1, 1)
    library.release(freed)
    const message = 'boxes: grads.w is a Box that was released'
    expect(() => update({ w: freed }, state, params)).toThrow(new InvalidTree(message))
    expect(() => onArrays(library, adamLike()).update({ w: freed }, state, params)).toThrow(new InvalidTree(message))
  })
})

/** Releases every box of some trees. */
const release = (library: Boxes, ...trees: readonly unknown[]): void => {
  for (const tree of trees) {
    map((leaf: unknown) => {
      if (library.isArray(leaf)) library.release(leaf)
      return 0
    }, tree as never)
  }
}
