/** The middle value; the mean of the two middle ones of an even number of values; NaN of none. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] ?? NaN) + (sorted[sorted.length >> 1] ?? NaN)) / 2
}

/**
 * The median of the ratios round by round. Rivals that take turns meet the same disturbances, so that this is steadier than
 * the ratio of two medians. NaN without rounds.
 */
export const pairedRatio = (ours: readonly number[], theirs: readonly number[]): number =>
  median(ours.flatMap((value, i) => (theirs[i] === undefined ? [] : [value / theirs[i]])))
