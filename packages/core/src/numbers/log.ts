import { highOf, withHigh } from './words.js'

/**
 * ln x, within one unit in the last place, with the same bits in every JavaScript engine (`Math.log` has not). NaN below 0,
 * −∞ at 0.
 *
 * Reduced to √½ < 1 + f < √2 by x = 2ᵏ (1 + f); there ln (1 + f) comes from a series in s = f / (2 + f), as in fdlibm.
 *
 * @example
 * log(1) // => 0
 * log(0.25) // => -1.3862943611198906
 */
export const log = (x: number): number => {
  if (x !== x || x < 0) return Number.NaN
  if (x === 0) return -Infinity
  if (x === Infinity) return x
  const isSubnormal = x < 2.2250738585072014e-308
  const normal = isSubnormal ? x * 18014398509481984 : x
  const high = highOf(normal)
  // 1 where the fraction is beyond √2, so that it is halved.
  const up = ((high & 0xfffff) + 0x95f64) >> 20
  const k = (high >> 20) - 1023 + (up & 1) - (isSubnormal ? 54 : 0)
  const f = withHigh(normal, (high & 0xfffff) | (0x3ff00000 - ((up & 1) << 20))) - 1

  const s = f / (2 + f)
  const z = s * s
  const w = z * z
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)))
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373))
  const half = 0.5 * f * f
  return k * 0.6931471803691238 - (half - (s * (half + (odd + even)) + k * 1.9082149292705877e-10) - f)
}
