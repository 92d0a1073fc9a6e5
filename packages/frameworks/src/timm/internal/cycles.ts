import { boolean, check, finite, nonNegative, nonNegativeInteger, positive, positiveInteger } from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import type { Schedule } from '@gradchain/schedules'

/** What all schedules of timm can be told about a warmup. */
export interface WarmupOptions {
  /** Number of steps of the warmup, a whole number ≥ 0. @defaultValue `0` */
  readonly warmupT?: number
  /** Value at the beginning of the warmup, any finite number. @defaultValue `0` */
  readonly warmupLrInit?: number
}

/** What those of timm's schedules that go in cycles can be told. */
export interface CycleOptions extends WarmupOptions {
  /** Number of steps of the first cycle, a whole number ≥ 1. */
  readonly tInitial: number
  /** The least value, finite and ≥ 0. @defaultValue `0` */
  readonly lrMin?: number
  /** Factor between the lengths of a cycle and the one before it, finite and > 0. @defaultValue `1` */
  readonly cycleMul?: number
  /** Factor between the first values of a cycle and of the one before it, finite and > 0. @defaultValue `1` */
  readonly cycleDecay?: number
  /** Number of cycles, a whole number ≥ 1; after them the value is the least. @defaultValue `1` */
  readonly cycleLimit?: number
  /** Whether the cycles begin after the warmup, or together with it. @defaultValue `false` */
  readonly warmupPrefix?: boolean
}

/** The defaults of these options, but of the one that has none. */
export const CYCLES: Required<Omit<CycleOptions, 'tInitial'>> = {
  lrMin: 0,
  cycleMul: 1,
  cycleDecay: 1,
  cycleLimit: 1,
  warmupT: 0,
  warmupLrInit: 0,
  warmupPrefix: false
}

/** A straight line for so many steps, then what comes after it, which counts them or not. */
export const warmed = (
  owner: string,
  { warmupT, warmupLrInit, warmupPrefix }: Required<WarmupOptions> & { readonly warmupPrefix: boolean },
  target: number,
  after: Schedule
): Schedule => {
  check(owner, { warmupT }, nonNegativeInteger)
  check(owner, { warmupLrInit }, finite)
  check(owner, { warmupPrefix }, boolean)
  return (step) => {
    if (step < warmupT) return warmupLrInit + (step * (target - warmupLrInit)) / warmupT
    return after(warmupPrefix ? step - warmupT : step)
  }
}

/** Cycles of one shape, which goes from 1 to 0 with the share of the cycle that is over. */
export const cycles = (
  owner: string,
  learningRate: number,
  { tInitial, lrMin, cycleMul, cycleDecay, cycleLimit }: Required<CycleOptions>,
  shape: (share: number) => number
): Schedule => {
  check(owner, { learningRate }, finite)
  check(owner, { tInitial, cycleLimit }, positiveInteger)
  check(owner, { lrMin }, nonNegative)
  check(owner, { cycleMul, cycleDecay }, positive)
  return (step) => {
    let [cycle, begin, length] = [0, 0, tInitial]
    while (cycle < cycleLimit && step >= begin + length) {
      cycle += 1
      begin += length
      length *= cycleMul
    }
    if (cycle >= cycleLimit) return lrMin
    return lrMin + (learningRate * pow(cycleDecay, cycle) - lrMin) * shape((step - begin) / length)
  }
}
