/**
 * cos(π t), within three units in the last place, exact where it is 0, ½ turns being whole, and with the same bits in every
 * JavaScript engine (`Math.cos` has not). Of what a schedule needs, t is the share of the way.
 *
 * @param t - half turns, any finite number.
 *
 * @example
 * [0, 0.5, 1, 1.5].map(cosPi) // => [1, 0, -1, 0]
 * cosPi(0.25) // => 0.7071067811865476
 */
export const cosPi = (t: number): number => {
  // Both remainders are exact: the cosine is even, its period is 2, and the other half of it is the first, upside down.
  const turn = Math.abs(t) % 2
  const share = turn > 1 ? 2 - turn : turn
  if (share === 0.5) return 0
  if (share > 0.5) return -fromQuarter(1 - share)
  return fromQuarter(share)
}

/** cos(π s) for s in [0, ½]. */
const fromQuarter = (s: number): number => {
  if (s <= 0.25) return series(Math.PI * s, -1)
  const rest = Math.PI * (0.5 - s)
  return rest * series(rest, 1)
}

/** Taylor's series of cos x and of sin x / x for |x| ≤ π/4, from the inside out: 1 − x²/2·(1 − x²/12·(1 − …)). */
const series = (x: number, odd: number): number => {
  const square = x * x
  let sum = 1
  for (let n = 18; n > 0; n -= 2) sum = 1 - (square / (n * (n + odd))) * sum
  return sum
}
