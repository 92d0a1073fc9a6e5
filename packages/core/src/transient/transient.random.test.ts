// Transformations made of random graphs: `transient` with 1 to 3 threads against `step` on both engines.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAKES, SPECIAL, type Step } from '../../../laws/src/engine/graph.js'
import { allocate, DTYPES, type DType, Kind, kindOf } from '../array/dtype.js'
import { encode, roundTo } from '../array/half.js'
import { read, withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import { Expr, type Operand } from '../expression/expr.js'
import { castLike, lift, sum, type Value } from '../expression/operations.js'
import { step as stepOnce } from '../transformation/step.js'
import { transformation } from '../transformation/transformation.js'
import type { AnyGradientTransformation, Tree } from '../transformation/types.js'
import { leaves, map, unflatten } from '../tree/tree.js'
import { differenceOf, race, residentOf, started } from './transientTesting.js'

/** A transformation and what it is driven by, in plain data. */
interface Course {
  readonly shape: readonly number[]
  readonly values: readonly number[]
  readonly dtypes: readonly DType[]
  readonly states: readonly DType[]
  readonly steps: readonly Step[]
  /** Which value becomes each update and each state, counted back from the newest. */
  readonly outputs: readonly number[]
  /** Whether each array has a memory of its own. */
  readonly isSpread: boolean
}

const STEPS = 6

const shapes = (...lengths: (number | readonly number[])[]): fc.Arbitrary<readonly number[]> =>
  fc.constantFrom(...lengths.map((n) => (typeof n === 'number' ? [n] : n)))

const courses = (shape: fc.Arbitrary<readonly number[]>, mostSteps: number): fc.Arbitrary<Course> =>
  fc.record({
    shape,
    values: fc.array(
      fc.oneof(
        { weight: 1, arbitrary: fc.constantFrom(...SPECIAL) },
        { weight: 3, arbitrary: fc.integer({ min: -64, max: 64 }).map((n) => n / 8) },
        { weight: 2, arbitrary: fc.float({ noNaN: true, min: -8, max: 8 }) }
      ),
      { minLength: 1, maxLength: 40 }
    ),
    dtypes: fc.array(fc.constantFrom(...DTYPES, 'float32' as const), { minLength: 1, maxLength: 3 }),
    states: fc.array(fc.constantFrom(...DTYPES, 'float32' as const), { maxLength: 4 }),
    steps: fc.array(
      fc.record({
        make: fc.constantFrom(...Object.keys(MAKES)),
        operands: fc.tuple(fc.nat(3), fc.nat(9), fc.nat(99)),
        n: fc.nat(99),
        x: fc.integer({ min: -64, max: 64 }).map((n) => n / 16)
      }),
      { maxLength: mostSteps }
    ),
    outputs: fc.array(fc.nat(20), { minLength: 7, maxLength: 7 }),
    isSpread: fc.boolean()
  })

const arrayOf = (dtype: DType, { shape, values }: Course, first: number) => {
  const kind = kindOf(dtype)
  const size = shape.reduce((n, length) => n * length, 1)
  const data = allocate(kind, size)
  for (let i = 0; i < size; i++)
    data[i] = encode(kind, roundTo(kind, values[(first + i + (i >> 5)) % values.length] as number))
  return { dtype, shape, data }
}

const back = <T>(row: readonly T[], n: number): T => row[row.length - 1 - (n % row.length)] as T
const isArray = (value: Value): value is Expr => value instanceof Expr && value.kind !== Kind.Scalar

interface State {
  readonly count: number
  readonly kept: readonly Tree[]
  readonly seen: number
}

/** The transformation of a course: what it does depends on whether the step is even, and at times on what it reads. */
const transformationOf = (course: Course): AnyGradientTransformation =>
  transformation<State>({
    init: () => ({ count: 0, seen: 0, kept: course.states.map((dtype, i) => arrayOf(dtype, course, i) as Operand) }),
    update: (updates, { count, kept, seen }, params) => {
      const gs = leaves(updates) as Expr[]
      const pool: Value[] = [...leaves(kept), ...leaves(params), ...gs].map(lift)
      let total = seen
      for (const { make, operands, n, x } of course.steps) {
        if (n % 7 === 0 && count % 2 === 1) continue
        const [a, b, c] = operands.map((steps) => back(pool, steps)) as [Value, Value, Value]
        const made = MAKES[make]?.(a, b, c, n, x * (1 + count)) as Value
        pool.push(made)
        if (n % 13 === 0) total = read(sum(made))
        if (n % 26 === 0 && total > 0) pool.push(total)
      }
      const arrays = pool.filter(isArray)
      const output = (i: number): Expr => back(arrays, course.outputs[i] as number)
      return [
        unflatten(
          updates,
          gs.map((_, i) => output(i))
        ) as Tree,
        { count: count + 1, seen: total, kept: kept.map((old, i) => castLike(output(gs.length + i), old as Operand)) }
      ]
    }
  })

const start = (course: Course) => ({ leaves: course.dtypes.map((dtype, i) => arrayOf(dtype, course, 3 * i)) })
const gradientsOf = (course: Course) => (step: number) =>
  map((leaf) => leaf, { leaves: course.dtypes.map((dtype, i) => arrayOf(dtype, course, 5 * i + 7 * step)) } as never)

/** What `step` gives on an engine, step by step. */
const trajectory = (course: Course, run: <T>(f: () => T) => T): unknown =>
  run(() => {
    const tx = transformationOf(course)
    let params: unknown = start(course)
    let state: unknown = (tx.init as (p: unknown) => unknown)(params)
    return Array.from({ length: STEPS }, (_, i) => {
      ;[params, state] = (stepOnce as unknown as (...parts: unknown[]) => [unknown, unknown])(
        tx,
        gradientsOf(course)(i),
        state,
        params
      )
      return { params, state }
    })
  })

/** A memory holds nothing beside its scratch, where arrays are to have one each. */
const optionsOf = (course: Course) => ({
  ...{ steps: STEPS, gradientsOf: gradientsOf(course), scratchBytes: 2 ** 22 },
  ...(course.isSpread ? { most: 2 ** 22 } : {})
})

const agrees = (course: Course): void => {
  const found =
    differenceOf(
      trajectory(course, (f) => f()),
      trajectory(course, (f) => withEngine(reference, f))
    ) || race(transformationOf(course), start(course), optionsOf(course))
  if (found !== '') throw new Error(found)
}

test('on small arrays', () => {
  const shape = shapes(0, 1, 2, 3, 4, 5, 7, 8, 9, 13, [], [1, 1], [3, 5], [2, 3, 4], [0, 3], [7, 1])
  fc.assert(fc.property(courses(shape, 24), agrees), { numRuns: 120 })
}, 120_000)

test('on arrays around a block of a sum', () => {
  fc.assert(fc.property(courses(shapes(4095, 4096, 4097, 8193, [64, 64]), 12), agrees), { numRuns: 12 })
}, 120_000)

test.each([2, 3])(
  'with %i threads',
  async (threads) => {
    const agreesOnThreads = async (course: Course): Promise<void> => {
      const tx = transformationOf(course)
      const options = { ...optionsOf(course), threads, pool: { worthSharing: 0 } }
      const run = residentOf(tx, start(course), options)
      await started(run)
      const found = race(tx, start(course), options, run)
      if (found !== '') throw new Error(found)
    }
    const shape = shapes(5, 4096, 8193, 20_001, [3, 4099])
    await fc.assert(fc.asyncProperty(courses(shape, 12), agreesOnThreads), { numRuns: 6 })
    expect(threads).toBeGreaterThan(1)
  },
  120_000
)
