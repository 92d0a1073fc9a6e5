/** What a step of Muon costs, ours and Optax's, turn by turn. */
import { muon } from '@gradchain/matrix'
import { type NdArray, ndarray, transient } from 'gradchain'
import { median } from '../statistics.js'
import { numbers } from './products.js'
import { pythonSteps, type Step } from './pythonSteps.js'

/** The matrices whose params are stepped: how many, their rows, their columns. */
export const MUON = { count: 10, rows: 512, columns: 2048 } as const

/** The ways to step. */
export const steppers = ['plain1', 'plain2', 'gram1', 'gram2', 'optax1'] as const

export type Stepper = (typeof steppers)[number]

/** Milliseconds of a step, and the medians of the ratios to Optax's round by round; nothing for what is not to be had here. */
export interface MuonSteps {
  readonly milliseconds: Readonly<Partial<Record<Stepper, number>>>
  readonly toOptax: Readonly<Partial<Record<Stepper, number>>>
}

const ROUNDS = 3

const ours = (gram: boolean, threads: number): Step => {
  const { count, rows, columns } = MUON
  const params = Array.from({ length: count }, () => ndarray(new Float32Array(rows * columns), [rows, columns]))
  const run = transient(muon(1e-3, { gram }), params, { threads })
  for (const { data } of run.grads as readonly NdArray<'float32'>[]) data.set(numbers(rows * columns))
  return () => {
    const since = performance.now()
    run.step()
    return performance.now() - since
  }
}

export const muonSteps = async (): Promise<MuonSteps> => {
  const theirs = await pythonSteps('muon.py', [MUON.count, MUON.rows, MUON.columns])
  const ways: Readonly<Partial<Record<Stepper, Step>>> = {
    plain1: ours(false, 1),
    plain2: ours(false, 2),
    gram1: ours(true, 1),
    gram2: ours(true, 2),
    ...(theirs === null ? {} : { optax1: theirs })
  }
  const names = steppers.filter((name) => ways[name] !== undefined)
  const samples = new Map(names.map((name) => [name, [] as number[]]))
  // Threads start once this one has nothing to do; a first round compiles.
  await new Promise((resolve) => setTimeout(resolve, 300))
  for (let round = -1; round < ROUNDS; round++) {
    for (const name of names) {
      const passed = await (ways[name] as Step)()
      if (round >= 0) samples.get(name)?.push(passed)
    }
  }
  const best = samples.get('optax1')
  const medians = (of: (name: Stepper) => readonly number[]): Partial<Record<Stepper, number>> =>
    Object.fromEntries(names.map((name) => [name, median([...of(name)])]))
  const timesOf = (name: Stepper): readonly number[] => samples.get(name) ?? []
  return {
    milliseconds: medians(timesOf),
    toOptax: best === undefined ? {} : medians((name) => timesOf(name).map((x, i) => x / (best[i] as number)))
  }
}
