// For the tests of `transient`: numbers for trees, comparison to the bit, and both ways to run side by side.
import { type Data, Kind, kindOf } from '../array/dtype.js'
import { decode, encode, roundTo } from '../array/half.js'
import { isNdArray, type NdArray } from '../array/ndarray.js'
import type { PoolOptions } from '../engine/threads/pool.js'
import { step } from '../transformation/step.js'
import { definitionOf } from '../transformation/transformation.js'
import type { AnyGradientTransformation, Definition } from '../transformation/types.js'
import { isContainer } from '../tree/tree.js'
import { Resident } from './resident.js'

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export const randomFrom = (seed: number): (() => number) => {
  let a = seed | 0
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const leafKind = (data: Data): Kind => (data instanceof Float32Array ? Kind.F32 : Kind.F64)

/** A tree like another, each number from a function. */
export const filledLike = (tree: unknown, next: () => number): unknown => {
  const fill = (data: Data, kind: Kind): Data => data.map(() => encode(kind, roundTo(kind, next()))) as Data
  if (typeof tree === 'number') return next()
  if (ArrayBuffer.isView(tree)) return fill(tree as Data, leafKind(tree as Data))
  if (typeof tree !== 'object' || tree === null) return tree
  if (isNdArray(tree)) return { ...tree, data: fill(tree.data, kindOf(tree.dtype)) }
  if (Array.isArray(tree)) return tree.map((child) => filledLike(child, next))
  return Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, filledLike(child, next)]))
}

/** Gradients of all sizes, with zeros of both signs; with `wild`, what is not finite too. */
export const gradients = (params: unknown, seed: number, isWild = false): unknown => {
  const random = randomFrom(seed)
  return filledLike(params, () => {
    const x = random()
    if (x < 0.02) return x < 0.01 ? 0 : -0
    if (isWild && x < 0.03) return x < 0.025 ? Number.NaN : Infinity
    return (random() * 2 - 1) * 10 ** Math.floor(random() * 6 - 3)
  })
}

/** Where two values differ, to the last bit and in the form of arrays; '' when they do not. */
export const differenceOf = (actual: unknown, expected: unknown, path = ''): string => {
  if (Object.is(actual, expected)) return ''
  if (ArrayBuffer.isView(actual) && ArrayBuffer.isView(expected))
    return differentData(actual as Data, expected as Data, path)
  if (!isNode(actual) || !isNode(expected) || Array.isArray(actual) !== Array.isArray(expected)) {
    return `${path} is ${String(actual)}, not ${String(expected)}`
  }
  if (isNdArray(actual) && isNdArray(expected) && actual.dtype === expected.dtype) {
    // NaN has many bit patterns in 16 bits, and any of them will do.
    const kind = kindOf(actual.dtype)
    const isCoded = kind !== Kind.F32 && kind !== Kind.F64
    const decoded = ({ data }: NdArray): Data => (isCoded ? Float64Array.from(data, (x) => decode(kind, x)) : data)
    const shapes = differenceOf(actual.shape, expected.shape, `${path}.shape`)
    return shapes !== '' ? shapes : differentData(decoded(actual), decoded(expected), path)
  }
  const keys = Object.keys(expected)
  if (keys.length !== Object.keys(actual).length) return `${path} has the keys ${Object.keys(actual)}, not ${keys}`
  for (const key of keys) {
    const found = differenceOf(actual[key], expected[key], `${path}.${key}`)
    if (found !== '') return found
  }
  return ''
}

const isNode = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)

const differentData = (actual: Data, expected: Data, path: string): string => {
  if (actual.constructor !== expected.constructor) return `${path} is a ${actual.constructor.name}`
  if (actual.length !== expected.length) return `${path} has ${actual.length} elements, not ${expected.length}`
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(actual[i], expected[i]))
      return `${path}[${i}] of ${expected.length} is ${actual[i]}, not ${expected[i]}`
  }
  return ''
}

/** How {@link race} runs. */
export interface RaceOptions {
  readonly steps?: number
  readonly threads?: number
  readonly state?: unknown
  readonly scratchBytes?: number
  readonly pool?: PoolOptions
  /** How many bytes one memory holds. @defaultValue 4 GiB */
  readonly most?: number
  /** The gradients of a step. @defaultValue numbers of all sizes */
  readonly gradientsOf?: (step: number) => unknown
  /** What the update of a step needs beyond that. */
  readonly extraOf?: (step: number) => unknown
  /** Whether the gradients are written to the views, and not given. @defaultValue at every third step */
  readonly isWritten?: (step: number) => boolean
}

type Step = (...parts: readonly unknown[]) => readonly [unknown, unknown]

/** A transient without its types. */
export const residentOf = (tx: AnyGradientTransformation, params: unknown, options: RaceOptions = {}): Resident => {
  const definition = definitionOf('transient', tx) as Definition<unknown>
  const { threads = 1, state, scratchBytes = 2 ** 22, pool, most } = options
  return new Resident(definition, params, state, threads, scratchBytes, pool, most)
}

/** Writes gradients into the views of a transient. */
export const write = (views: unknown, grads: unknown): void => {
  if (typeof views !== 'object' || views === null) return
  if (ArrayBuffer.isView(views)) (views as Data).set(grads as Data)
  else if (isNdArray(views)) views.data.set((grads as { data: Data }).data)
  else {
    for (const [key, view] of Object.entries(views)) {
      const grad = (grads as Record<string, unknown>)[key]
      if (typeof view === 'number') Object.assign(views, { [key]: grad })
      else write(view, grad)
    }
  }
}

/** A promise that is kept once all threads have started. */
export const started = async (run: Resident): Promise<void> => {
  while (!run.isReady) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** Runs repeated `step` and a transient side by side; the first difference, in words, or ''. */
export const race = (
  tx: AnyGradientTransformation,
  params: unknown,
  options: RaceOptions = {},
  run = residentOf(tx, params, options)
): string => {
  const { steps = 20, gradientsOf = (i) => gradients(params, i), extraOf = () => undefined } = options
  const { isWritten = (i) => i % 3 === 2 && isContainer(params) } = options
  const stepOnce = step as unknown as Step
  let expected: readonly [unknown, unknown] = [params, options.state ?? (tx.init as (p: unknown) => unknown)(params)]
  try {
    const start = run.snapshot()
    const before =
      differenceOf(start.state, expected[1], 'before: state') || differenceOf(start.params, params, 'before: params')
    if (before !== '') return before
    for (let i = 0; i < steps; i++) {
      const [grads, extra] = [gradientsOf(i), extraOf(i)]
      if (isWritten(i)) {
        write(run.grads, grads)
        run.step(undefined, extra)
      } else run.step(grads as never, extra)
      expected = stepOnce(tx, grads, expected[1], expected[0], extra)
      const actual = run.snapshot()
      const found =
        differenceOf(actual.params, expected[0], `step ${i}: params`) ||
        differenceOf(actual.state, expected[1], `step ${i}: state`) ||
        differenceOf(run.params, expected[0], `step ${i}: views`)
      if (found !== '') return found
    }
    return ''
  } finally {
    run.dispose()
  }
}
