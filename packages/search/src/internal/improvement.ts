// What Bayesian optimization makes of losses, and what it wants.
import { log } from '@gradchain/core/numbers'
import { normalCdf, normalDensity } from './normal.js'

/** How far above the median a loss may count, in units of how far the best is below it. */
const FENCE = 5

/** Losses with mean 0 and deviation 1: those that failed as the worst of the others, those far out nearer by. */
export const comparable = (losses: readonly number[]): readonly number[] => {
  const sorted = losses.filter((loss) => loss < Infinity).sort((a, b) => a - b)
  const least = sorted[0] as number
  const median = sorted[Math.floor((sorted.length - 1) / 2)] as number
  const worst = sorted[sorted.length - 1] as number
  // Differences by the largest that counts, so that none overflows.
  const half = median / 2 - least / 2
  const fence = half > 0 ? Math.min(worst / 2 - least / 2, (1 + FENCE) * half) : worst / 2 - least / 2
  if (!(fence > 0)) return losses.map(() => 0)
  const scaled = losses.map((loss) => Math.min(1, (Math.min(loss, worst) / 2 - least / 2) / fence))
  const mean = scaled.reduce((sum, x) => sum + x, 0) / scaled.length
  const deviation = Math.sqrt(scaled.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / scaled.length)
  return deviation > 0 ? scaled.map((x) => (x - mean) / deviation) : scaled.map(() => 0)
}

/** The logarithm of the expected improvement. */
export const logImprovement = (best: number, mean: number, deviation: number): number => {
  const z = (best - mean) / deviation
  // Where the two terms nearly cancel, the first terms of what is left.
  const part =
    z > -6
      ? log(normalDensity(z) + z * normalCdf(z))
      : -0.5 * z * z - 0.9189385332046727 - 2 * log(-z) + log(1 - 3 / (z * z) + 15 / (z * z * z * z))
  return part + log(deviation)
}
