// What the playground computes: where a chain goes on a function of two numbers, the values of a schedule, and how many params
// a chain moves in a second.
import type { Problem } from '@gradchain/search'
import {
  type Described,
  type Description,
  fromDescription,
  type GradientTransformation,
  step,
  transient,
  valueAndGrad
} from 'gradchain'

/** Any transformation, as descriptions give one. */
export type Chain = GradientTransformation<unknown>

/** Where a chain went, from the start on, and how high it was there. */
export interface Path {
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly values: readonly number[]
}

type Step = (
  tx: Chain,
  grads: Float64Array,
  state: unknown,
  params: Float64Array,
  extra: { readonly value: number }
) => readonly [Float64Array, unknown]

/** The way of a chain on a function of two numbers; it ends where it is no longer finite. */
export const pathOf = (tx: Chain, problem: Problem, steps: number): Path => {
  const differentiate = valueAndGrad(problem.f)
  // A chain out of a description takes what every chain takes: its types are not known before it is read.
  const move = step as unknown as Step
  let params = Float64Array.from(problem.start)
  let state: unknown = tx.init(params)
  const points: [number, number][] = []
  const values: number[] = []
  for (let i = 0; i <= steps; i++) {
    const [value, gradient] = differentiate(params)
    const height: number = value
    points.push([params[0] as number, params[1] as number])
    values.push(height)
    if (!Number.isFinite(height) || i === steps) break
    const next = move(tx, gradient as Float64Array, state, params, { value: height })
    params = next[0] as Float64Array<ArrayBuffer>
    state = next[1]
  }
  return { points, values }
}

/** What is said of a path that ended before its time. */
export const endOf = (name: string, values: readonly number[]): string | undefined => {
  const last = values.at(-1)
  return last === undefined || Number.isFinite(last)
    ? undefined
    : `${name} gets away: the function is ${last} at step ${values.length - 1}. Try a smaller learning rate.`
}

/** How many millions of float32 params a chain moves in a second here, measured for about as long as is said. */
export const speedOf = (tx: Chain, size = 100_000, milliseconds = 150): number => {
  const run = transient(tx, new Float32Array(size).fill(0.5))
  try {
    run.grads.fill(0.01)
    const extra = [{ value: 1 }] as unknown as []
    for (let i = 0; i < 5; i++) run.step(undefined, ...extra)
    const since = performance.now()
    let steps = 0
    do {
      run.step(undefined, ...extra)
      steps++
    } while (performance.now() - since < milliseconds)
    return (steps * size) / (performance.now() - since) / 1000
  } finally {
    run.dispose()
  }
}

/** The first schedule in a description, as the description that it is. */
export const scheduleIn = (value: Described, names: ReadonlySet<string>): Description | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value) && typeof value[0] === 'string' && names.has(value[0]))
    return value as unknown as Description
  for (const item of Object.values(value)) {
    const found = scheduleIn(item as Described, names)
    if (found !== undefined) return found
  }
  return undefined
}

/** The values of a schedule, by a chain that does nothing but multiply by it. */
export const valuesOf = (schedule: Description, steps: number): readonly number[] => {
  const tx = fromDescription(['scaleBySchedule', schedule])
  let state: unknown = tx.init(1)
  return Array.from({ length: steps }, () => {
    const [value, next] = tx.update(1, state, 1)
    state = next
    return value
  })
}
