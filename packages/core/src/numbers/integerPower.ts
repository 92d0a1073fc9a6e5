/**
 * xⁿ for a whole number n ≥ 0, within one unit in the last place, with the same bits in every JavaScript engine (neither `**`
 * nor `Math.pow` has). It is what a bias correction 1 − βᵗ needs.
 *
 * A product over the binary digits of n, each factor in two parts, so that the errors of the squarings do not add up.
 *
 * @param n - a whole number ≥ 0 below 2⁵³.
 *
 * @example
 * integerPower(0.5, 3) // => 0.125
 * integerPower(0.999, 921) // => 0.3979373065922578
 */
export const integerPower = (x: number, n: number): number => {
  let high = 1
  let low = 0
  let factor = x
  let factorLow = 0
  for (let rest = n; ; ) {
    if (rest % 2 === 1) {
      const product = high * factor
      low = lostIn(high, factor, product) + (high * factorLow + low * factor)
      high = product
    }
    rest = Math.floor(rest / 2)
    // Beyond the range there is nothing to correct, and the parts would cancel to NaN.
    if (rest === 0) return Number.isFinite(low) ? high + low : high
    const square = factor * factor
    factorLow = lostIn(factor, factor, square) + 2 * (factor * factorLow)
    factor = square
  }
}

const SPLITTER = 134217729

/** What rounding took from a product: Dekker's. */
const lostIn = (a: number, b: number, product: number): number => {
  const aHigh = highPartOf(a)
  const bHigh = highPartOf(b)
  const aLow = a - aHigh
  const bLow = b - bHigh
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)
}

const highPartOf = (x: number): number => {
  const t = SPLITTER * x
  return t - (t - x)
}
