import { exp, log } from '@gradchain/core/numbers'

/** What is known of a batch of sequences. */
export interface Alignment {
  readonly batch: number
  readonly steps: number
  readonly classes: number
  /** How many labels a sequence may have. */
  readonly width: number
  readonly blank: number
  readonly logEpsilon: number
  /** Whether a step is padding, batch by steps. */
  readonly isPadding: Uint8Array
  /** The class of each label, −1 for one that is the number of no class; batch by width. */
  readonly labels: Int32Array
}

/**
 * The logarithms α of the probabilities of the ways to each place of each sequence, after 0, 1, … steps: for one sequence, in rows of
 * `width + 1` for ending in a blank after so many labels, then `width` for ending in a label.
 */
export const waysOf = (of: Alignment, logProbs: ArrayLike<number>, sequence: number): Float64Array => {
  const { steps, classes, width, blank, logEpsilon, isPadding, labels } = of
  const row = 2 * width + 1
  const ways = new Float64Array((steps + 1) * row).fill(logEpsilon, 0, row)
  ways[0] = 0
  for (let t = 0; t < steps; t++) {
    const [from, to] = [t * row, (t + 1) * row]
    if (isPadding[sequence * steps + t] === 1) {
      ways.copyWithin(to, from, to)
      continue
    }
    const at = (sequence * steps + t) * classes
    const ofBlank = logProbs[at + blank] as number
    // What ends in a blank, with those that end in a label another one of which would be the same label.
    let open = ways[from] as number
    ways[to] = open + ofBlank
    for (let n = 0; n < width; n++) {
      const label = labels[sequence * width + n] as number
      const ofLabel = label < 0 ? 0 : (logProbs[at + label] as number)
      const emitted = ways[from + width + 1 + n] as number
      const repeated = isRepeated(of, sequence, n)
      ways[to + width + 1 + n] = logAddExp(open + ofLabel, emitted + ofLabel)
      open = logAddExp(ways[from + n + 1] as number, emitted + (repeated ? logEpsilon : 0))
      ways[to + n + 1] = logAddExp(open + ofBlank, emitted + ofBlank + (repeated ? 0 : logEpsilon))
    }
  }
  return ways
}

/** The last row with what ends in a label added to what ends in a blank. */
export const closed = (ways: Float64Array, width: number): Float64Array => {
  const last = ways.slice(ways.length - (2 * width + 1))
  for (let n = 0; n < width; n++) last[n + 1] = logAddExp(last[n + 1] as number, last[width + 1 + n] as number)
  return last
}

/**
 * Adds to the cotangents of the logarithms of probabilities of one sequence what comes of those of its ways: `cotangents` has a row for
 * each step, the last one of what {@link closed} gives.
 */
export const addBackwards = (
  of: Alignment,
  logProbs: ArrayLike<number>,
  sequence: number,
  cotangents: Float64Array,
  sums: Float64Array
): void => {
  const { steps, classes, width, blank, logEpsilon, isPadding, labels } = of
  const row = 2 * width + 1
  const ways = waysOf(of, logProbs, sequence)
  let above = cotangents.slice((steps - 1) * row)
  const last = closed(ways, width)
  for (let n = 0; n < width; n++) {
    const [blanks, emitted] = [steps * row + n + 1, steps * row + width + 1 + n]
    const whole = above[n + 1] as number
    const label = width + 1 + n
    above[n + 1] = whole * shareOf(ways[blanks] as number, last[n + 1] as number)
    above[label] = (above[label] as number) + whole * shareOf(ways[emitted] as number, last[n + 1] as number)
  }
  for (let t = steps - 1; t >= 0; t--) {
    const below = t === 0 ? new Float64Array(row) : cotangents.slice((t - 1) * row, t * row)
    const [from, to] = [t * row, (t + 1) * row]
    if (isPadding[sequence * steps + t] === 1) {
      above = above.map((x, i) => x + (below[i] as number))
      continue
    }
    const at = (sequence * steps + t) * classes
    const ofBlank = logProbs[at + blank] as number
    const openAt = (n: number): number => {
      if (n === 0) return ways[from] as number
      const added = (ways[from + width + n] as number) + (isRepeated(of, sequence, n - 1) ? logEpsilon : 0)
      return logAddExp(ways[from + n] as number, added)
    }
    let byBlank = 0
    // The cotangent of the way that is open before a label.
    let byOpen = 0
    let open = openAt(width)
    for (let n = width - 1; n >= 0; n--) {
      const repeated = isRepeated(of, sequence, n)
      const emitted = ways[from + width + 1 + n] as number
      const whole = above[n + 1] as number
      const blanks = ways[to + n + 1] as number
      const stayed = whole * shareOf(open + ofBlank, blanks)
      const closedNow = whole * shareOf(emitted + ofBlank + (repeated ? 0 : logEpsilon), blanks)
      byBlank += stayed + closedNow
      byOpen += stayed
      below[n + 1] = (below[n + 1] as number) + byOpen * shareOf(ways[from + n + 1] as number, open)
      const closedBefore = byOpen * shareOf(emitted + (repeated ? logEpsilon : 0), open)

      open = openAt(n)
      const label = labels[sequence * width + n] as number
      const ofLabel = label < 0 ? 0 : (logProbs[at + label] as number)
      const place = width + 1 + n
      const emission = ways[to + place] as number
      byOpen = (above[place] as number) * shareOf(open + ofLabel, emission)
      const kept = (above[place] as number) * shareOf(emitted + ofLabel, emission)
      if (label >= 0) sums[at + label] = (sums[at + label] as number) + byOpen + kept
      below[place] = (below[place] as number) + closedNow + closedBefore + kept
    }
    below[0] = (below[0] as number) + byOpen + (above[0] as number)
    sums[at + blank] = (sums[at + blank] as number) + byBlank + (above[0] as number)
    above = below
  }
}

/** Whether the label after this one is the same. */
const isRepeated = ({ width, labels }: Alignment, sequence: number, n: number): boolean =>
  n + 1 < width && labels[sequence * width + n] === labels[sequence * width + n + 1]

/** log(eᵃ + eᵇ). */
const logAddExp = (a: number, b: number): number => {
  const most = Math.max(a, b)
  return most === -Infinity ? most : most + log(1 + exp(Math.min(a, b) - most))
}

/** What share a term has in a sum, both by their logarithms; none in a sum of nothing. */
const shareOf = (term: number, sum: number): number => (sum === -Infinity ? 0 : exp(term - sum))
