/** Whether a loss is one: NaN and ±∞ are trials that failed. */
export const isUsable = (loss: number): boolean => Number.isFinite(loss)

/** A loss to compare by: ∞ for a trial that failed. */
export const rankOf = (loss: number): number => (isUsable(loss) ? loss : Infinity)

/**
 * The places of the losses from the best to the worst. Those that failed come last; equal ones are in the order of what was evaluated,
 * so that the order in which they were told says nothing.
 */
export const ranked = (losses: readonly number[], compare: (i: number, j: number) => number): number[] =>
  Array.from(losses, (_, i) => i).sort((i, j) => {
    const a = rankOf(losses[i] as number)
    const b = rankOf(losses[j] as number)
    return a === b ? compare(i, j) : a - b
  })

/** The order of two lists of numbers of one length, by the first in which they differ. */
export const lexical = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number)
  }
  return 0
}
