/** What a step of AdamW costs, and allocates, that writes over what it was given, beside one that does not, turn by turn. */
import { adamw, step } from 'gradchain'
import { median, pairedRatio } from '../statistics.js'

/** Nanoseconds and bytes allocated for each param, and how many times the time of a step without `donate` one with it takes. */
export interface DonatedSteps {
  readonly nanoseconds: { readonly fresh: number; readonly donated: number }
  readonly bytes: { readonly fresh: number; readonly donated: number }
  readonly timeRatio: number
}

const ROUNDS = 15

export const donatedSteps = (size: number, leaves = 20): DonatedSteps => {
  const optimizer = adamw(1e-3)
  const each = Math.round(size / leaves)
  const arrays = (scale: number): Record<string, Float32Array> =>
    Object.fromEntries(
      Array.from({ length: leaves }, (_, k) => [
        `w${k}`,
        Float32Array.from({ length: each }, (_, i) => (((i * 2654435761) % 1000) - 500) * scale)
      ])
    )
  const grads = arrays(1e-5)
  const runs = [false, true].map((donate) => {
    const params = arrays(1e-3)
    return { donate, params, state: optimizer.init(params), times: [] as number[], bytes: [] as number[] }
  })
  // The first rounds compile.
  for (let round = -3; round < ROUNDS; round++) {
    for (const run of runs) {
      const { arrayBuffers } = process.memoryUsage()
      const since = performance.now()
      ;[run.params, run.state] = step(optimizer, grads, run.state, run.params, undefined, { donate: run.donate })
      const time = performance.now() - since
      if (round < 0) continue
      run.times.push((time * 1e6) / size)
      run.bytes.push((process.memoryUsage().arrayBuffers - arrayBuffers) / size)
    }
  }
  const [fresh, donated] = runs as [(typeof runs)[number], (typeof runs)[number]]
  return {
    nanoseconds: { fresh: median(fresh.times), donated: median(donated.times) },
    // Where garbage is collected meanwhile it is less.
    bytes: { fresh: Math.max(...fresh.bytes), donated: Math.max(...donated.bytes) },
    timeRatio: pairedRatio(donated.times, fresh.times)
  }
}
