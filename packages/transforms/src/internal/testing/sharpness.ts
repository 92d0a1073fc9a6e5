// Optimizers that look uphill, on one problem in three params, against definitions written on lists of numbers.
import { type AnyGradientTransformation, step, transient } from '@gradchain/core'
import { expect, test } from 'vitest'

/** A point, or a gradient. */
export type Vector = readonly number[]

/** ∇f of f = Σ w⁴ / 4 + (Σ w)² / 2. */
export const slope = (w: Vector): Vector => {
  const sum = w.reduce((a, b) => a + b, 0)
  return w.map((x) => x * x * x + sum)
}

export const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0)
export const plus = (a: Vector, b: Vector, times = 1): Vector => a.map((x, i) => x + times * (b[i] as number))
export const scaled = (a: Vector, times: number): Vector => a.map((x) => times * x)
export const length = (a: Vector): number => Math.hypot(...a)

/** What there is of a vector across another. */
export const rest = (a: Vector, b: Vector): Vector => plus(a, b, -dot(a, b) / dot(b, b))

interface Params {
  readonly v: Float64Array
  readonly w: number
}
const treeOf = ([a, b, c]: Vector): Params => ({ v: Float64Array.of(a as number, b as number), w: c as number })
const listOf = ({ v, w }: Params): Vector => [...v, w]
const gradFn = (params: Params): Params => treeOf(slope(listOf(params)))

/** Where it starts. */
export const START: Vector = [1, -2, 0.5]

interface Driven {
  readonly init: (params: Params) => unknown
  readonly update: (grads: Params, state: unknown, params: Params, extra?: unknown) => readonly [Params, unknown]
}

/** The params after each update; in opaque mode gradients uphill are asked for. */
export const path = (tx: AnyGradientTransformation, updates: number, start = START): readonly Vector[] => {
  // What it asks for is given whether it does or not.
  const driven = tx as unknown as Driven
  let params = treeOf(start)
  let state = driven.init(params)
  return Array.from({ length: updates }, () => {
    ;[params, state] = step(driven, gradFn(params), state, params, { gradFn })
    return listOf(params)
  })
}

/** Whether two paths are the same, up to a few roundings. */
export const expectPath = (found: readonly Vector[], wanted: readonly Vector[], digits = 12): void => {
  expect(found).toHaveLength(wanted.length)
  found.forEach((point, t) => {
    point.forEach((x, i) => {
      expect(x, `step ${t}, param ${i}`).toBeCloseTo((wanted[t] as Vector)[i] as number, digits)
    })
  })
}

/** That two updates, of which the first goes uphill, are one of opaque mode. `uphill` says which steps do. */
export const turnsLaw = (
  make: (opaqueMode: boolean) => AnyGradientTransformation,
  uphill: (step: number) => boolean = () => true
): void => {
  test('leads to the same params in both ways, by step and in place', () => {
    const STEPS = 7
    const whole = path(make(true), STEPS)
    const calls = Array.from({ length: STEPS }, (_, t) => (uphill(t) ? 2 : 1))
    const turns = path(
      make(false),
      calls.reduce((a, b) => a + b, 0)
    )
    // The way back is a difference: p + (q − p) rounds twice.
    const ends = calls.map((_, t) => calls.slice(0, t + 1).reduce((a, b) => a + b, 0) - 1)
    expectPath(
      ends.map((end) => turns[end] as Vector),
      whole
    )

    const resident = transient(make(true) as unknown as Driven, treeOf(START))
    let params = treeOf(START)
    const inPlace = Array.from({ length: STEPS }, () => {
      resident.step(gradFn(params), { gradFn })
      params = resident.snapshot().params
      return listOf(params)
    })
    resident.dispose()
    expect(inPlace).toStrictEqual(whole)
  })
}
