/** What measures cost on top of AdamW, in place, turn by turn. */
import { descentCosine, effectiveLearningRate, measured, normOf, signalToNoise, updateRatio } from '@gradchain/monitor'
import { type AnyGradientTransformation, adamw, transient } from 'gradchain'
import { split } from '../cases.js'
import { makeInputs } from '../inputs.js'
import { median } from '../statistics.js'

const plain = adamw(1e-3)

/** What is measured. */
const measurements = {
  nothing: plain,
  norms: measured(plain, { gradients: normOf('gradients'), ratio: updateRatio() }),
  normsOfLeaves: measured(plain, {
    gradients: normOf('gradients', { by: 'leaf' }),
    ratio: updateRatio({ by: 'leaf' })
  }),
  cosine: measured(plain, { cosine: descentCosine(), rate: effectiveLearningRate() }),
  signal: measured(plain, { signal: signalToNoise() })
} as const satisfies Readonly<Record<string, AnyGradientTransformation>>

export type Measurements = keyof typeof measurements

/** Milliseconds of a step, and the medians of the ratios to a step without measures round by round. */
export interface MeasureCosts {
  readonly milliseconds: Readonly<Record<Measurements, number>>
  readonly toPlain: Readonly<Record<Measurements, number>>
}

const ROUNDS = 60
const WARM_UP = 10

export const measureCosts = async (size: number, leaves: number, threads: number): Promise<MeasureCosts> => {
  const { params, grads } = makeInputs(size)
  const cut = (flat: Float32Array | undefined) =>
    Object.fromEntries(split(flat as Float32Array, leaves).map((x, i) => [`layer${i}`, x.slice()]))
  const names = Object.keys(measurements) as Measurements[]
  const runs = names.map((name) => {
    const tx: AnyGradientTransformation = measurements[name]
    const run = transient(tx, cut(params) as never, { threads })
    run.step(cut(grads[0]) as never)
    return run
  })
  const samples = names.map((): number[] => [])
  // Threads start once this one has nothing to do.
  await new Promise((resolve) => setTimeout(resolve, 300))
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [i, run] of runs.entries()) {
      const since = performance.now()
      run.step()
      if (round >= 0) samples[i]?.push(performance.now() - since)
    }
  }
  for (const run of runs) run.dispose()
  const [alone = []] = samples
  const table = (f: (times: readonly number[]) => number) =>
    Object.fromEntries(names.map((name, i) => [name, f(samples[i] as number[])])) as Record<Measurements, number>
  return {
    milliseconds: table((times) => median([...times])),
    toPlain: table((times) => median(times.map((time, round) => time / (alone[round] as number))))
  }
}
