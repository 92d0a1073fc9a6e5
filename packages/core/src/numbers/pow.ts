import { highOf, powerOf2, scaled, withHigh, withoutLow } from './words.js'

/**
 * x^y for x ≥ 0 and a finite y, within two units in the last place, with the same bits in every JavaScript engine (neither `**` nor `Math.pow`
 * has). Where y is a whole number, {@link integerPower} is smaller.
 *
 *     x^y = 2^(y log₂ x)
 *
 * with y log₂ x in two parts, as in fdlibm. x^0 and 1^y are 1; 0^y is 0 for y > 0 and infinite for y < 0.
 *
 * @example
 * pow(9, 0.5) // => 3
 * pow(0.96, 1000.5) // => 1.829652679792833e-18
 */
export const pow = (x: number, y: number): number => {
  if (y === 0 || x === 1) return 1
  if (y === 1 || x !== x) return x
  if (!Number.isFinite(y) || x < 0) return Number.NaN
  if (x === 0 || x === Infinity) return y > 0 === (x === 0) ? 0 : Infinity

  const [high, low] = logarithm(x)
  const yHigh = withoutLow(y)
  const first = (y - yHigh) * high + y * low
  const second = yHigh * high
  const exponent = first + second
  if (exponent > 1025) return Infinity
  return exponent < -1076 ? 0 : power2(second, first)
}

/** log₂ x in two parts, for x finite and > 0. */
const logarithm = (given: number): readonly [high: number, low: number] => {
  // x = 2ⁿ m with m near 1 or near 3⁄2.
  const isSubnormal = given < powerOf2(-1022)
  const x = isSubnormal ? given * powerOf2(53) : given
  const bits = highOf(x)
  const fraction = bits & 0xfffff
  let n = (bits >> 20) - 1023 - (isSubnormal ? 53 : 0)
  let word = fraction | 0x3ff00000
  const k = fraction > 0x3988e && fraction < 0xbb67a ? 1 : 0
  if (fraction >= 0xbb67a) {
    n += 1
    word -= 0x00100000
  }
  const m = withHigh(x, word)
  const base = 1 + k / 2

  // s = (m − base)/(m + base) in two parts.
  const u = m - base
  const v = 1 / (m + base)
  const s = u * v
  const sHigh = withoutLow(s)
  let tHigh = withHigh(0, ((word >> 1) | 0x20000000) + 0x00080000 + (k << 18))
  let tLow = m - (tHigh - base)
  const sLow = v * (u - sHigh * tHigh - sHigh * tLow)

  // ln(m/base) in two parts.
  const s2 = s * s
  let sum = 0
  for (let k = 23; k > 3; k -= 2) sum = 3 / k + s2 * sum
  const r = s2 * s2 * sum + sLow * (sHigh + s)
  const square = sHigh * sHigh
  tHigh = withoutLow(3 + square + r)
  tLow = r - (tHigh - 3 - square)
  const p = sHigh * tHigh
  const q = sLow * tHigh + tLow * s
  const pHigh = withoutLow(p + q)
  const pLow = q - (pHigh - p)

  // 2/(3 ln 2) times that, and log₂ base, and n.
  const zHigh = 0.9617967009544373 * pHigh
  const zLow = -7.028461650952758e-9 * pHigh + pLow * 0.9617966939259756 + k * 1.350039202129749e-8
  const baseHigh = k * 0.5849624872207642
  const high = withoutLow(zHigh + zLow + baseHigh + n)
  return [high, zLow - (high - n - baseHigh - zHigh)]
}

/** 2^(high + low). */
const power2 = (high: number, low: number): number => {
  const n = Math.round(high + low)
  const rest = high - n
  const t = withoutLow(low + rest)
  const u = t * 0.6931471824645996
  const v = (low - (t - rest)) * Math.LN2 + t * -1.904654299957768e-9
  const z = u + v
  const w = v - (z - u)
  // Taylor's series of e^z for |z| ≤ ½ ln 2, from the inside out: 1 + z·(1 + z/2·(1 + z/3·(1 + …))).
  let sum = 1
  for (let i = 14; i > 1; i--) sum = 1 + (z / i) * sum
  return scaled(1 + (z * sum + (w + z * w)), n)
}
