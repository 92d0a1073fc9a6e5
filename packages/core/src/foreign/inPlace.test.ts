import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { read } from '../engine/evaluate.js'
import { InvalidOption, InvalidState, InvalidTree } from '../errors.js'
import type { Expr, Leaf } from '../expression/expr.js'
import { add, mul, norm, opaque, sub, type Value } from '../expression/operations.js'
import { chain } from '../transformation/chain.js'
import { viewsOf } from '../transformation/edge.js'
import { step } from '../transformation/step.js'
import { transformation } from '../transformation/transformation.js'
import type { AnyGradientTransformation, Tree } from '../transformation/types.js'
import { map } from '../tree/tree.js'
import { boxDevice } from './deviceTesting.js'
import { inPlace } from './inPlace.js'

const paramsOf = () => ({ w: Float32Array.of(1, 2, 3), b: ndarray([4], [1]) })
const gradsOf = (x: number) => ({ w: Float32Array.of(x, -x, 0), b: ndarray([x], [1]) })

/** Moves by the gradients over their length, halved at each step; keeps the length, and what the params were. */
const clipped = () =>
  transformation<{ count: number; last: Value; before: Tree }>({
    origin: ['clipped'],
    init: (params) => ({ count: 0, last: 0, before: map((p) => mul(p, 0), params) }),
    update: (updates, { count, last }, params) => {
      const length = norm((updates as { w: Value }).w)
      const by = mul(add(length, last), 0.5 ** count)
      return [map((g) => mul(g, by), updates), { count: count + 1, last: length, before: params }]
    }
  })

/** Halves the gradients where the first is positive, which the host looks at. */
const looking = () =>
  transformation<{ seen: number }>({
    origin: ['looking'],
    init: () => ({ seen: 0 }),
    update: (updates, { seen }) => {
      const length = read(norm((updates as { w: Value }).w))
      return [map((g) => mul(g, length > 2 ? 0.5 : 1), updates), { seen: seen + length }]
    }
  })

const calling = () =>
  transformation({
    origin: ['calling'],
    init: () => ({}),
    update: (updates, state) => {
      const reversed = (leaf: Expr) => opaque(({ data }) => data.slice().reverse(), [leaf], { like: leaf })
      return [map((g) => (typeof g === 'number' ? g : reversed(g as Expr)), updates), state]
    }
  })

const bare: AnyGradientTransformation = {
  init: () => ({ steps: 0 }),
  update: (updates, state) => [
    { ...(updates as object), w: (updates as { w: Float32Array }).w.map((x) => x + 1) },
    { steps: (state as { steps: number }).steps + 1 }
  ]
}

/** The steps of `step` beside those on a device. */
const follow = (tx: AnyGradientTransformation, steps: readonly unknown[], allowReadback = false): void => {
  const device = boxDevice(tx, paramsOf(), { allowReadback })
  let params: unknown = paramsOf()
  let state = tx.init(params)
  for (const grads of steps) {
    ;[params, state] = (step as (...given: unknown[]) => readonly [unknown, unknown])(tx, grads, state, params)
    device.step(grads)
    expect(device.snapshot()).toStrictEqual({ params, state })
  }
}

describe('inPlace', () => {
  test('steps are those of `step`, with swaps, copies and numbers out of arrays', () => {
    follow(clipped(), [gradsOf(1), gradsOf(-2), gradsOf(3)])
    follow(chain(clipped(), clipped()), [gradsOf(1), gradsOf(-2), gradsOf(3)])
  })

  test('a param without a gradient rests, and so does its part of the state', () => {
    follow(clipped(), [gradsOf(1), { w: Float32Array.of(1, 1, 1), b: null }, gradsOf(2)])
  })

  test('the second step of the same course has the same nodes, with other numbers', () => {
    const device = boxDevice(clipped(), paramsOf())
    device.step(gradsOf(1))
    const { assignments: first } = device.step(gradsOf(2))
    const { assignments: second } = device.step(gradsOf(3))
    expect(second).toBe(first)
  })

  test('gradients that stand in their places are taken, and numbers beside them', () => {
    const params = { w: Float32Array.of(1, 2), rate: 5 }
    const halve = transformation({ init: () => ({}), update: (g, s) => [map((x) => mul(x, -0.5), g), s] })
    const device = boxDevice(halve, params)
    const { w } = device.steps.grads as { w: Expr }
    device.held(w).set([2, 4])
    device.step(undefined, undefined, [6])
    expect(device.snapshot().params).toStrictEqual({ w: Float32Array.of(0, 0), rate: 2 })
  })

  test('what is wanted on the host is refused at once, with its place', () => {
    const refused = (tx: AnyGradientTransformation): unknown => {
      try {
        return boxDevice(tx, paramsOf())
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidOption)
        return (error as Error).message
      }
    }
    const sentence = (what: string): string =>
      `boxDevice: optimizer must be computable on the device, and ${what}; allowReadback: true has it read back`
    expect(refused(looking())).toBe(sentence('looking reads a number'))
    expect(refused(chain(clipped(), looking()))).toBe(sentence('chain[1] › looking reads a number'))
    expect(refused(chain(clipped(), chain(clipped(), calling())))).toBe(
      sentence('chain[1][1] › calling calls a function on arrays')
    )
    expect(refused(chain(bare))).toBe(sentence('chain[0] › a transformation of yours reads an array'))
  })

  test('a number of a state that is used as one is refused when it would lie on the device', () => {
    const counting = transformation<{ sum: number }>({
      init: () => ({ sum: 0 }),
      update: (updates, state) => {
        const sum = add(state.sum * 2, norm((updates as { w: Value }).w))
        return [updates, { sum: sum as number }]
      }
    })
    expect(() => boxDevice(counting, paramsOf())).toThrow('computes on the host with a number of the device')
    follow(counting, [gradsOf(1), gradsOf(2), gradsOf(3)], true)
  })

  test.each([
    ['numbers', looking()],
    ['arrays of functions', chain(calling(), clipped(), calling())],
    ['arrays of a user', chain(clipped(), bare, looking())]
  ])('where it is allowed, %s are read back', (_, tx) => {
    follow(tx, [gradsOf(1), gradsOf(-2), gradsOf(3)], true)
  })

  test('functions of the params that look at shapes alone read nothing', () => {
    const shapes: unknown[] = []
    const masking = (look: (leaf: Exclude<Leaf, number>) => unknown) =>
      transformation({
        init: () => ({}),
        update: (updates, state, params) => {
          map((leaf: Leaf) => shapes.push(look(leaf as Float32Array)), viewsOf(params) as never)
          return [updates, state]
        }
      })
    const device = boxDevice(
      masking((leaf) => ('shape' in leaf ? [leaf.dtype, ...leaf.shape, leaf.data.length] : leaf.length)),
      paramsOf()
    )
    shapes.length = 0
    device.step(gradsOf(1))
    expect(shapes).toStrictEqual([3, ['float32', 1, 1]])
    expect(() =>
      boxDevice(
        masking((leaf) => ('shape' in leaf ? 0 : leaf[0])),
        paramsOf()
      )
    ).toThrow('reads an array')
    const other = boxDevice(
      masking((leaf) => ('shape' in leaf ? leaf.data.slice() : leaf.slice(1))),
      paramsOf(),
      { allowReadback: true }
    )
    shapes.length = 0
    other.step(gradsOf(1))
    expect(other.readings()).toBe(2)
    expect(shapes.slice(-2)).toStrictEqual([Float32Array.of(2, 3), Float32Array.of(4)])
  })

  test('what is refused leaves everything as it was', () => {
    const device = boxDevice(clipped(), paramsOf())
    device.step(gradsOf(1))
    const before = device.snapshot()
    expect(() => device.step({ w: Float32Array.of(1), b: ndarray([1], [1]) })).toThrow(InvalidTree)
    expect(() => device.setState({ count: 1 })).toThrow(InvalidState)
    expect(device.snapshot()).toStrictEqual(before)
  })

  test('going on from a state is going on', () => {
    const tx = clipped()
    const device = boxDevice(tx, paramsOf())
    for (const x of [1, 2]) device.step(gradsOf(x))
    const { params, state } = device.snapshot()
    const other = boxDevice(tx, params, { state })
    const third = boxDevice(tx, params)
    third.setState(state)
    for (const run of [device, other, third]) run.step(gradsOf(-3))
    expect(other.snapshot()).toStrictEqual(device.snapshot())
    expect(third.snapshot()).toStrictEqual(device.snapshot())
  })

  test('a state that would change its shape is refused', () => {
    const growing = transformation<{ x: Tree }>({
      init: () => ({ x: new Float32Array(1) }),
      update: (updates, { x }) => [updates, { x: { y: x } as unknown as Tree }]
    })
    expect(() => boxDevice(growing, paramsOf()).step(gradsOf(1))).toThrow(InvalidState)
  })

  test('refuses params that are no tree, and a state of another optimizer', () => {
    const memory = { place: () => [], number: (): never => read(0) as never, isPlaced: () => false }
    const options = { state: undefined, allowReadback: false }
    const other = { ...options, state: { other: sub(1, 0) } }
    expect(() => inPlace('mine', clipped(), { w: 'x' }, memory, options)).toThrow('mine: params.w is "x"')
    expect(() => inPlace('mine', clipped(), paramsOf(), memory, other)).toThrow(InvalidState)
    expect(() => inPlace('mine', {} as AnyGradientTransformation, paramsOf(), memory, options)).toThrow(
      'mine: a transformation must be a pair'
    )
  })
})
