import type { ChainName, SizeName } from './cases.js'
import type { Contest, Outcome } from './contest.js'
import type { RivalName } from './rivals.js'
import { median, pairedRatio } from './statistics.js'

/** All tables of a run, to be asked for numbers; what was not measured is NaN. */
export interface Results {
  readonly contests: readonly Contest[]
  readonly has: (chain: ChainName, size: SizeName) => boolean
  /** Median of the nanoseconds for each parameter and step. */
  readonly median: (chain: ChainName, size: SizeName, rival: RivalName) => number
  /** How many times as long one rival takes as another: the median over the rounds. */
  readonly ratio: (chain: ChainName, size: SizeName, rival: RivalName, other: RivalName) => number
}

export const samplesOf = (outcome: Outcome | undefined): readonly number[] =>
  outcome?.kind === 'measured' ? outcome.samples : []

export const resultsOf = (contests: readonly Contest[]): Results => {
  const find = (chain: ChainName, size: SizeName): Contest | undefined =>
    contests.find((one) => one.chain === chain && one.size === size)
  const samples = (chain: ChainName, size: SizeName, rival: RivalName): readonly number[] =>
    samplesOf(find(chain, size)?.outcomes.get(rival))
  return {
    contests,
    has: (chain, size) => find(chain, size) !== undefined,
    median: (chain, size, rival) => median(samples(chain, size, rival)),
    ratio: (chain, size, rival, other) => pairedRatio(samples(chain, size, rival), samples(chain, size, other))
  }
}
