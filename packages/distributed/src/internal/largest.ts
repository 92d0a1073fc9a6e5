/**
 * Where the k largest of some magnitudes stand: 1 there and 0 elsewhere. Of equal ones the earlier count first, and NaN is larger than
 * infinity: what is broken must not be kept back.
 */
export const largest = (magnitudes: Float64Array, k: number): Uint8Array => {
  const chosen = new Uint8Array(magnitudes.length)
  if (k >= magnitudes.length) return chosen.fill(1)
  // NaN has no place in an order. No magnitude is negative, so all make room for it: infinity becomes the largest finite number.
  const ranked = magnitudes.map((x) => (Number.isNaN(x) ? Infinity : Math.min(x, Number.MAX_VALUE)))
  const least = kthLargest(ranked.slice(), k)
  let left = k
  ranked.forEach((x, i) => {
    if (x > least) left -= chosen[i] = 1
  })
  for (let i = 0; left > 0; i++) if (ranked[i] === least) left -= chosen[i] = 1
  return chosen
}

/** The k-th largest number, by quickselect; the numbers are reordered. */
const kthLargest = (x: Float64Array, k: number): number => {
  let [low, high] = [0, x.length - 1]
  const place = k - 1
  while (low < high) {
    const pivot = x[(low + high) >>> 1] as number
    let [i, j] = [low, high]
    while (i <= j) {
      while ((x[i] as number) > pivot) i++
      while ((x[j] as number) < pivot) j--
      if (i > j) break
      const other = x[i] as number
      x[i++] = x[j] as number
      x[j--] = other
    }
    if (place <= j) high = j
    else if (place >= i) low = i
    else break
  }
  return x[place] as number
}
