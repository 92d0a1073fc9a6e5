// Elementwise rules against an oracle: the same numbers in every form of leaf, in both engines.
import {
  type AnyGradientTransformation,
  chain,
  InvalidOption,
  type Leaf,
  ndarray,
  reference,
  withEngine
} from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { elementsOf, leavesOf, type Values } from './trees.js'

/** Params, and gradients row by row: one row for each step, one number for each param. */
export interface Course {
  readonly params: readonly number[]
  readonly gradients: readonly (readonly number[])[]
}

type Form = (numbers: readonly number[]) => Values

/** The forms that hold float64 numbers. */
const FORMS: Readonly<Record<string, Form>> = {
  numbers: (numbers) => ({ list: [...numbers] }),
  vector: (numbers) => Float64Array.from(numbers),
  matrix: (numbers) => [ndarray(Float64Array.from(numbers), [numbers.length, 1])]
}
const float32: Form = (numbers) => ({ w: Float32Array.from(numbers) })

interface Plain {
  readonly init: (params: Values) => unknown
  readonly update: (updates: Values, state: unknown, params: Values) => readonly [Values, unknown]
}

const driven = (tx: AnyGradientTransformation, course: Course, form: Form): readonly (readonly number[])[] => {
  // Which form of tree it is, is not known to the types here.
  const { init, update } = tx as unknown as Plain
  const params = form(course.params)
  let state = init(params)
  return course.gradients.map((row) => {
    const [updates, next] = update(form(row), state, params)
    state = next
    return leavesOf(updates).flatMap((leaf) => [...elementsOf(leaf)])
  })
}

const isSame = (xs: readonly (readonly number[])[], ys: readonly (readonly number[])[]): boolean =>
  xs.length === ys.length &&
  xs.every((row, t) => row.length === ys[t]?.length && row.every((x, i) => Object.is(x, ys[t]?.[i])))

const emittedAs = (tx: AnyGradientTransformation, course: Course, form: Form): readonly (readonly number[])[] => {
  const fused = driven(tx, course, form)
  const plain = withEngine(reference, () => driven(tx, course, form))
  // `expect` costs more than the update; it is there for its message.
  if (!isSame(fused, plain)) expect(fused, 'the engines disagree').toStrictEqual(plain)
  return fused
}

/** The updates for the same params at every step, as a Float64Array; the engines must agree to the bit. */
export const emitted = (tx: AnyGradientTransformation, course: Course): readonly (readonly number[])[] =>
  emittedAs(tx, course, FORMS['vector'] as Form)

/** The updates as a Float32Array. */
export const emittedFloat32 = (tx: AnyGradientTransformation, course: Course): readonly (readonly number[])[] =>
  emittedAs(tx, course, float32)

/** An update after the gradients of one element so far, the last of them being that of this step, and for its param. */
export type Oracle = (history: readonly number[], param: number) => number

/** The size of what an oracle adds up, from absolute values; the history as it is comes last. */
export type Scale = (absolute: readonly number[], param: number, history: readonly number[]) => number

/** Whether two numbers are the same, or differ by a share of a scale; what is tiny may have underflowed on the way. */
export const near = (actual: number, expected: number, scale: number, share = 1e-12, tiny = 1e-290): boolean =>
  Object.is(actual, expected) || Math.abs(actual - expected) <= share * Math.abs(scale) + tiny

const expectNear = (
  found: readonly (readonly number[])[],
  { params, gradients }: Course,
  oracle: Oracle,
  scale: Scale,
  [share, tiny]: readonly [number, number]
): void => {
  found.forEach((row, t) => {
    expect(row).toHaveLength(params.length)
    row.forEach((u, i) => {
      const history = gradients.slice(0, t + 1).map((g) => g[i] as number)
      const param = params[i] as number
      const wanted = oracle(history, param)
      const size = scale(history.map(Math.abs), Math.abs(param), history)
      if (!near(u, wanted, size, share, tiny))
        throw new Error(`step ${t}, element ${i}: ${u}, the oracle says ${wanted}`)
    })
  })
}

const IN_64 = [1e-12, 1e-290] as const
const IN_32 = [1e-5, 1e-35] as const

/** Each course has a form, and the many courses of a property have them all. */
const formFor = ({ params, gradients }: Course): Form => {
  const forms = Object.values(FORMS)
  return forms[(params.length + gradients.length) % forms.length] as Form
}

/**
 * Compares with an oracle, in float64 in one of the forms and in float32.
 *
 * What cancels in a sum leaves an error of the size of its terms: `scale`, the oracle itself unless given, is asked for
 * that size with absolute values. Float64 may differ by the order of operations, some 1e-15 a step; in float32 the
 * hyperparameters are rounded too, and each rounding is 6e-8.
 */
export const expectOracle = (
  tx: AnyGradientTransformation,
  course: Course,
  oracle: Oracle,
  { scale = oracle, in32 = true }: { readonly scale?: Scale; readonly in32?: boolean } = {}
): void => {
  expectNear(emittedAs(tx, course, formFor(course)), course, oracle, scale, IN_64)
  const rounded = narrowed(course)
  const found = emittedFloat32(tx, rounded)
  if (in32) expectNear(found, rounded, oracle, scale, IN_32)
}

// In float32 the square of what is smaller underflows.
const narrowed = ({ params, gradients }: Course): Course => {
  const narrow = (x: number): number => (Math.abs(x) < 1e-3 ? 0 : Math.fround(x))
  return { params: params.map(narrow), gradients: gradients.map((row) => row.map(narrow)) }
}

/**
 * Whether two transformations emit the same numbers, ±0 being one number, up to a share of the larger. Engines agree to the
 * bit, so one is run on either.
 */
export const expectSame = (
  one: AnyGradientTransformation,
  other: AnyGradientTransformation,
  course: Course,
  share = 0
): void => {
  const form = FORMS['vector'] as Form
  const [xs, ys] = [driven(one, course, form), withEngine(reference, () => driven(other, course, form))]
  xs.forEach((row, t) => {
    row.forEach((x, i) => {
      const y = ys[t]?.[i] as number
      if (!near(x, y, Math.max(Math.abs(x), Math.abs(y)), share)) throw new Error(`step ${t}: ${x} and ${y}`)
    })
  })
}

/** Numbers of any size whose square is a normal double. */
export const aNumber: fc.Arbitrary<number> = fc
  .oneof(
    fc.double({ min: -1e3, max: 1e3, noNaN: true }),
    fc.double({ min: -1e100, max: 1e100, noNaN: true }),
    fc.integer({ min: -4, max: 4 }),
    fc.constantFrom(0, -0, 1e-8, -1e-20)
  )
  .map((x) => (Math.abs(x) < 1e-100 ? 0 * x : x))

/** Numbers whose sums and products with a few others are exact. */
export const aDyadic: fc.Arbitrary<number> = fc.integer({ min: -64, max: 64 }).map((n) => n / 8)

/** Numbers of the size that gradients have. */
export const aGradient: fc.Arbitrary<number> = fc.oneof(
  fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((x) => (Math.abs(x) < 1e-9 ? 0 * x : x)),
  fc.integer({ min: -4, max: 4 })
)

/** Hyperparameters that are multiplied by, not so small that products vanish. */
export const aRate: fc.Arbitrary<number> = fc.oneof(
  fc.double({ min: 1e-6, max: 10, noNaN: true }),
  fc.constantFrom(0, 1)
)

/** A course of up to 7 steps for up to 9 params: none, one, and the widths of SIMD registers and what is left over. */
export const aCourse = (number: fc.Arbitrary<number> = aGradient): fc.Arbitrary<Course> =>
  fc.nat(9).chain((n) => {
    const row = fc.array(number, { minLength: n, maxLength: n })
    return fc.record({ params: row, gradients: fc.array(row, { minLength: 1, maxLength: 7 }) })
  })

/** Decay rates; nearer to 1, the digits that 1 − β loses would be all there is to see. The defaults have golden values. */
export const aDecay: fc.Arbitrary<number> = fc.oneof(
  fc.double({ min: 1e-6, max: 0.99, noNaN: true }),
  fc.constantFrom(0, 0.5, 0.9)
)

/** What is added against division by zero. */
export const anEps: fc.Arbitrary<number> = fc.constantFrom(1e-12, 1e-8, 1e-3, 1)

/** The average of the powers gᵏ of a history with weights (1 − β) βᵃ for an age a, from a start that weighs what is left. */
export const average = (history: readonly number[], decay: number, order: number, start = 0): number =>
  history.reduce(
    (total, g, i) => total + (1 - decay) * decay ** (history.length - 1 - i) * g ** order,
    decay ** history.length * start
  )

/** The average of the powers gᵏ of a history with weights βᵃ for an age a, over the sum of the weights. */
export const unbiased = (history: readonly number[], decay: number, order: number): number => {
  const weights = history.map((_, i) => decay ** (history.length - 1 - i))
  return history.reduce((sum, g, i) => sum + (weights[i] as number) * g ** order, 0) / weights.reduce((a, b) => a + b)
}

/** The last gradient. */
export const last = (history: readonly number[]): number => history[history.length - 1] as number

/** What the golden values below are for. */
export const GOLDEN: Course = {
  params: [1, -2, 0.5],
  gradients: [
    [0.5, -2, 3],
    [1.5, 0.25, -1],
    [-0.75, -2, 0.125],
    [0, 1, 4]
  ]
}

/** Compares with what Optax 0.2.8 emits in float64 (JAX 0.10, CPU) for {@link GOLDEN}. */
export const expectGolden = (tx: AnyGradientTransformation, golden: readonly (readonly number[])[]): void => {
  const found = emitted(tx, GOLDEN)
  expect(found).toHaveLength(golden.length)
  // The order of operations may differ: some ulps, of a number of the size of 1.
  found.forEach((row, t) => {
    row.forEach((u, i) => {
      const wanted = golden[t]?.[i] as number
      if (!near(u, wanted, 1, 1e-14 * Math.max(1, Math.abs(wanted))))
        throw new Error(`step ${t}: ${u}, Optax has ${wanted}`)
    })
  })
}

const dtypesOf = (values: unknown): unknown =>
  JSON.parse(
    JSON.stringify(values, (_, value) => {
      if (ArrayBuffer.isView(value)) return value.constructor.name
      return value !== null && typeof value === 'object' && 'dtype' in value ? value.dtype : value
    }).replaceAll(/-?\d+(\.\d+)?(e[+-]\d+)?(?=[,}\]])/g, '"a number"')
  )

/** Nothing in the state changes its shape or its dtype from step to step, and updates have the dtypes of the params. */
export const expectDtypesKept = (tx: AnyGradientTransformation): void => {
  const { init, update } = tx as unknown as Plain
  const make = (x: number): Values => ({
    number: x,
    single: Float32Array.of(x, x),
    double: [ndarray(Float64Array.of(x), [1, 1])],
    half: ndarray([x], [1], 'float16'),
    brain: ndarray([x, x], [2], 'bfloat16')
  })
  const params = make(1)
  const fresh = init(params)
  const [updates, state] = update(make(0.3), fresh, params)
  const [again, last] = update(make(-0.7), state, params)
  for (const later of [state, last]) expect(dtypesOf(later)).toStrictEqual(dtypesOf(fresh))
  for (const emission of [updates, again]) expect(dtypesOf(emission)).toStrictEqual(dtypesOf(params))
}

const elementsTyped = (leaf: Leaf): unknown => (typeof leaf === 'object' && 'dtype' in leaf ? leaf.data : leaf)

/** Inside a chain, too, updates of float32 gradients are float32: a link on raw arrays sees what came before it. */
export const expectFloat32InChain = (tx: AnyGradientTransformation): void => {
  const seen: Values[] = []
  const look = {
    init: () => ({}),
    update: (updates: Values, state: object) => {
      seen.push(updates)
      return [updates, state] as const
    }
  }
  emittedFloat32(chain(tx, look), GOLDEN)
  expect(seen.length).toBeGreaterThan(0)
  for (const updates of seen) expect(dtypesOf(leavesOf(updates).map(elementsTyped))).toStrictEqual(['Float32Array'])
}

/** One test for each refusal: the whole message, and what is called. */
export const refuses = (rows: readonly (readonly [message: string, misuse: () => unknown])[]): void => {
  test.each(rows)('refuses: %s', (message, misuse) => {
    let thrown: unknown
    try {
      misuse()
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(InvalidOption)
    expect((thrown as InvalidOption).message).toBe(message)
  })
}
