/**
 * The number that elements must be lowered by, none of them below 0, for their sum to be `total`; NaN where an element is NaN or the largest
 * infinite. The elements are sorted where they stand.
 */
export const thresholdOf = (elements: Float64Array, total: number): number => {
  const sorted = elements.sort()
  // Measured from the largest: what all have in common takes no digits away.
  const largest = sorted.at(-1) ?? Number.NaN
  let sum = 0
  let threshold = Number.NaN
  for (let k = 1; k <= sorted.length; k++) {
    const below = (sorted[sorted.length - k] as number) - largest
    sum += below
    const lowered = (sum - total) / k
    if (!(below > lowered)) break
    threshold = lowered
  }
  return largest + threshold
}
