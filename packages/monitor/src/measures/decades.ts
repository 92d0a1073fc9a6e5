import { InvalidOption, show } from '@gradchain/core'

/**
 * The powers of ten from one exponent to another: edges for {@link histogramOf} of magnitudes.
 *
 * @param from - the first exponent, a whole number from −323 to 308.
 * @param to - the last exponent, likewise, no less than the first.
 *
 * @example
 * decades(-3, 1) // => [0.001, 0.01, 0.1, 1, 10]
 *
 * @throws InvalidOption for exponents that are out of range or out of order.
 */
export const decades = (from: number, to: number): readonly number[] => {
  const isExponent = (n: number): boolean => Number.isInteger(n) && n >= -323 && n <= 308
  if (!isExponent(from) || !isExponent(to) || from > to) {
    throw new InvalidOption(
      `decades: from and to must be whole numbers from -323 to 308, in order, got ${show(from)} and ${show(to)}`
    )
  }
  // As it is written, a power of ten is rounded once.
  return Array.from({ length: to - from + 1 }, (_, i) => Number(`1e${from + i}`))
}
