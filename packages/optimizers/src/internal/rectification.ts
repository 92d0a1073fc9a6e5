import { pow } from '@gradchain/core/numbers'

/**
 * What RAdam multiplies the step at t = 1, 2, … with: √((ρ − 4) (ρ − 2) ρ∞ / ((ρ∞ − 4) (ρ∞ − 2) ρ)), and 0 where the variance is not
 * known, ρ ≤ 4.
 */
export const rectification = (b2: number, t: number): number => {
  const left = pow(b2, t)
  const most = 2 / (1 - b2) - 1
  const length = most - (2 * t * left) / (1 - left)
  return length > 4 ? Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length)) : 0
}
