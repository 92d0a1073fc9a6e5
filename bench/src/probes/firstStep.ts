/** What the first steps cost, in a process that has run nothing before. */
import { chains, type SizeName, sizes, split } from '../cases.js'
import { makeInputs } from '../inputs.js'
import { inPlace, oneEvaluation, record, twoEvaluations } from '../rivals/ours.js'
import { median } from '../statistics.js'

/** The ways to run gradchain. */
export const ways = {
  'transient, 1 thread': { prepare: inPlace(record), threads: 1 },
  'transient, 2 threads': { prepare: inPlace(record), threads: 2 },
  step: { prepare: oneEvaluation(record), threads: 1 },
  'update, applyUpdates': { prepare: twoEvaluations(record), threads: 1 }
} as const

export type Way = keyof typeof ways

/** Times in milliseconds. */
export interface FirstSteps {
  /** The call of `transient`, with its copies of params and gradients, or of `init`. */
  readonly ready: number
  readonly first: number
  readonly second: number
  /** The median of the twenty steps after these. */
  readonly later: number
  /** How many modules were compiled in this thread, the one that asks whether there is SIMD included. */
  readonly kernels: number
  /** The time in the constructors of their modules and instances. */
  readonly compiling: number
}

const LATER = 20

export const firstSteps = async (size: SizeName, way: Way): Promise<FirstSteps> => {
  const { params, grads } = makeInputs(sizes[size].params)
  const { leaves } = sizes[size]
  const { prepare, threads } = ways[way]
  const { hyper } = chains.adamw
  const cut = (flat: Float32Array | undefined): Float32Array[] =>
    split(flat as Float32Array, leaves).map((x) => x.slice())
  const problem = { chain: 'adamw', hyper, threads, params: cut(params), grads: cut(grads[0]) } as const
  const compiled = watchCompiler()

  const { result: contestant, passed: ready } = timed(() => prepare(problem))
  const { step } = await contestant
  const [first, second, ...later] = Array.from({ length: 2 + LATER }, () => timed(step).passed)
  return { ready, first: first as number, second: second as number, later: median(later), ...compiled() }
}

const timed = <T>(work: () => T): { readonly result: T; readonly passed: number } => {
  const since = performance.now()
  const result = work()
  return { result, passed: performance.now() - since }
}

/** Counts and times the making of WebAssembly modules and instances from now on. */
const watchCompiler = (): (() => Pick<FirstSteps, 'kernels' | 'compiling'>) => {
  let kernels = 0
  let compiling = 0
  const watched = <C extends new (...args: never[]) => object>(constructor: C, count: number): C =>
    new Proxy(constructor, {
      construct: (target, args, newTarget) => {
        const { result, passed } = timed(() => Reflect.construct(target, args, newTarget) as object)
        kernels += count
        compiling += passed
        return result
      }
    })
  WebAssembly.Module = watched(WebAssembly.Module, 1)
  WebAssembly.Instance = watched(WebAssembly.Instance, 0)
  return () => ({ kernels, compiling })
}
