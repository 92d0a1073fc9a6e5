import {
  aNumber,
  callable,
  check,
  finite,
  type Key,
  keyOrSeed,
  oneOf,
  positive,
  required,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import type { Schedule } from '@gradchain/schedules'

/** Options of {@link noisy}. */
export interface NoisyOptions {
  /** The steps that have noise: from one on, or from one until before another. */
  readonly noiseRangeT: number | readonly [from: number, to: number]
  /** Of the noise: the standard normal distribution, or the uniform one. @defaultValue `'normal'` */
  readonly noiseType?: 'normal' | 'uniform'
  /** The largest noise, as a share of the value, finite and > 0. @defaultValue `0.67` */
  readonly noisePct?: number
  /** Where the noise comes from: a key, or a whole number for the key of that seed. @defaultValue `42` */
  readonly noiseSeed?: Key | number
}

/**
 * The noise that every schedule of timm can be told to have, around any schedule: the value times 1 + ε, in a range of steps.
 *
 * ε is uniform between −noisePct and noisePct, or it is drawn from the standard normal distribution again and again until it is smaller than
 * noisePct: its size is by no means a percentage, and timm's `noise_std` is read by nobody. It is drawn for each step by itself,
 * from the seed and the step. The numbers are those of `random`, not of PyTorch's generator.
 *
 * @param schedule - what is to have noise.
 *
 * @example
 * const schedule = timm.schedules.noisy(timm.schedules.cosine(8, { tInitial: 10 }), { noiseRangeT: [3, 6] })
 * schedule(2) === timm.schedules.cosine(8, { tInitial: 10 })(2) // => true
 * schedule(3) === timm.schedules.cosine(8, { tInitial: 10 })(3) // => false
 * schedule(3) === schedule(3) // => true
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/timm/reference/schedulers}
 */
export const noisy = (schedule: Schedule, options: NoisyOptions): Schedule => {
  const owner = 'timm.schedules.noisy'
  const { noiseRangeT, noiseType, noisePct, noiseSeed } = withDefaults<Required<NoisyOptions>>(owner, options, {
    noiseRangeT: required,
    noiseType: 'normal',
    noisePct: 0.67,
    noiseSeed: 42
  })
  check(owner, { schedule }, callable)
  check(owner, { noiseType }, oneOf('normal', 'uniform'))
  check(owner, { noisePct }, positive)
  check(owner, { noiseSeed }, keyOrSeed)
  const [from, to] = typeof noiseRangeT === 'number' ? [noiseRangeT, Infinity] : noiseRangeT
  check(owner, { 'noiseRangeT[0]': from }, finite)
  check(owner, { 'noiseRangeT[1]': to }, aNumber)
  const first = typeof noiseSeed === 'number' ? random.key(noiseSeed) : noiseSeed

  const noiseOf = (step: number): number => {
    const own = random.foldIn(first, Math.floor(step) % 2 ** 32)
    if (noiseType === 'uniform') return noisePct * uniform(own)
    for (let attempt = 0; ; attempt++) {
      const drawn = normal(random.foldIn(own, attempt))
      if (Math.abs(drawn) < noisePct) return drawn
    }
  }
  const noised: Schedule = (step) => {
    const value = schedule(step)
    return step >= from && step < to ? value * (1 + noiseOf(step)) : value
  }
  return Object.assign(noised, { origin: [owner, schedule, { ...options }] })
}

const normal = (key: Key): number => random.normal(key, [], { dtype: 'float64' }).data[0] as number
const uniform = (key: Key): number => random.uniform(key, [], { dtype: 'float64', minval: -1 }).data[0] as number
