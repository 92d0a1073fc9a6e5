/** What a step of AdamW costs, and its state, with moments in fewer bits, turn by turn. */
import { type AnyGradientTransformation, adamw, quantizedState, type StateFormat, transient } from 'gradchain'
import { median } from '../statistics.js'

/** What the moments are kept in. */
export const formats = ['float32', 'dynamic8', 'dynamic4', 'bfloat16'] as const

/** One of them. */
export type Kept = (typeof formats)[number]

/** Nanoseconds for each parameter, bytes of the state, and both beside those of float32: of times the median of the ratios, round by round. */
export interface QuantizedSteps {
  readonly nanoseconds: Readonly<Record<Kept, number>>
  readonly bytes: Readonly<Record<Kept, number>>
  readonly timeRatio: Readonly<Record<Kept, number>>
  readonly bytesRatio: Readonly<Record<Kept, number>>
}

const ROUNDS = 9

const chainOf = (kept: Kept): AnyGradientTransformation =>
  kept === 'float32' ? adamw(1e-3) : quantizedState(adamw(1e-3), { format: kept satisfies StateFormat })

export const quantizedSteps = (size: number): QuantizedSteps => {
  const runs = formats.map((kept) => {
    const run = transient(chainOf(kept), { w: new Float32Array(size) })
    const { w } = run.grads
    for (let i = 0; i < size; i++) w[i] = (((i * 2654435761) % 2 ** 32) / 2 ** 32 - 0.5) / 50
    return { kept, run, times: [] as number[] }
  })
  // The first rounds compile.
  for (let round = -2; round < ROUNDS; round++) {
    for (const { run, times } of runs) {
      const since = performance.now()
      run.step()
      if (round >= 0) times.push(((performance.now() - since) * 1e6) / size)
    }
  }
  const [float32] = runs as [(typeof runs)[number]]
  const each = (of: (run: (typeof runs)[number]) => number): Record<Kept, number> =>
    Object.fromEntries(runs.map((run) => [run.kept, of(run)])) as Record<Kept, number>
  return {
    nanoseconds: each(({ times }) => median([...times])),
    bytes: each(({ run }) => run.bytes.state),
    timeRatio: each(({ times }) => median(times.map((time, i) => time / (float32.times[i] as number)))),
    bytesRatio: each(({ run }) => run.bytes.state / float32.run.bytes.state)
  }
}
