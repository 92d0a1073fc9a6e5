/** What the direction of L-BFGS costs with a full memory: ours, Optax's and PyTorch's, turn by turn, beside a copy of as many bytes. */
import { scaleByLbfgs } from '@gradchain/curvature'
import { chain, scale, step, transient } from 'gradchain'
import { median } from '../statistics.js'
import { pythonSteps, type Step } from './pythonSteps.js'

/** How many params there are, in one array of float32, and how many pairs are kept. */
export const LBFGS = { size: 1_000_000, memory: 10 } as const

/**
 * How many vectors a step reads and writes at least: in each of the 2 m products q is read and written, and a vector of each kind read; the
 * new pair is made of four vectors, and written beside the two that it is made of next time.
 */
export const VECTORS = 4 * 2 * LBFGS.memory + 8

/** The ways to step. */
export const steppers = ['copy', 'step', 'inPlace1', 'inPlace2', 'optax1', 'optax2', 'torch1', 'torch2'] as const

export type Stepper = (typeof steppers)[number]

/** Milliseconds of a step, and the medians of the ratios to the copy's round by round; nothing for what is not to be had here. */
export interface LbfgsSteps {
  readonly milliseconds: Readonly<Partial<Record<Stepper, number>>>
  readonly toCopy: Readonly<Partial<Record<Stepper, number>>>
}

const ROUNDS = 7

const { size, memory } = LBFGS

const timed = (work: () => void): number => {
  const since = performance.now()
  work()
  return performance.now() - since
}

/** The gradient of Σ c w² / 2, with curvatures from 1 to 2. */
const fill = (gradient: Float32Array, params: Float32Array): void => {
  for (let i = 0; i < size; i++) gradient[i] = (1 + i / size) * (params[i] as number)
}

const start = (): Float32Array => Float32Array.from({ length: size }, (_, i) => Math.sin(i))

const optimizer = () => chain(scaleByLbfgs({ memorySize: memory }), scale(-0.1))

const copy = (): Step => {
  const vectors = Array.from({ length: 2 * memory + 2 }, start)
  const count = vectors.length
  return () =>
    timed(() => {
      for (let i = 0; i < VECTORS / 2; i++) {
        const target = vectors[(i + 1) % count] as Float32Array
        target.set(vectors[i % count] as Float32Array)
      }
    })
}

const ours = (): Step => {
  const tx = optimizer()
  let params = { w: start() }
  let state = tx.init(params)
  const grads = { w: new Float32Array(size) }
  return () => {
    fill(grads.w, params.w)
    return timed(() => {
      ;[params, state] = step(tx, grads, state, params)
    })
  }
}

const inPlace = (threads: number): Step => {
  const run = transient(optimizer(), { w: start() }, { threads })
  return () => {
    fill(run.grads.w, run.params.w)
    return timed(() => run.step())
  }
}

const theirs = (library: 'optax' | 'torch', threads: number): Promise<Step | null> =>
  pythonSteps('lbfgs.py', [library, threads, size, memory])

export const lbfgsSteps = async (): Promise<LbfgsSteps> => {
  const ways: Readonly<Record<Stepper, Step | null>> = {
    copy: copy(),
    step: ours(),
    inPlace1: inPlace(1),
    inPlace2: inPlace(2),
    optax1: await theirs('optax', 1),
    optax2: await theirs('optax', 2),
    torch1: await theirs('torch', 1),
    torch2: await theirs('torch', 2)
  }
  const names = steppers.filter((name) => ways[name] !== null)
  const samples = new Map(names.map((name) => [name, [] as number[]]))
  // The memory has to be full, and every place in the ring has been the last one twice.
  for (let round = -3 * memory; round < ROUNDS; round++) {
    for (const name of names) {
      const passed = await (ways[name] as Step)()
      if (round >= 0) samples.get(name)?.push(passed)
    }
    // Threads start once this one has nothing to do.
    await new Promise((resolve) => setTimeout(resolve, round === -3 * memory ? 300 : 0))
  }
  const timesOf = (name: Stepper): readonly number[] => samples.get(name) ?? []
  const medians = (of: (name: Stepper) => readonly number[]): Partial<Record<Stepper, number>> =>
    Object.fromEntries(names.map((name) => [name, median([...of(name)])]))
  return {
    milliseconds: medians(timesOf),
    toCopy: medians((name) => timesOf(name).map((x, i) => x / (timesOf('copy')[i] as number)))
  }
}
