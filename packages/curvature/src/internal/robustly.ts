import { log } from '@gradchain/core/numbers'

/** What becomes of the square of a residual: itself, or less of it where it is large. */
export type RobustLoss = 'linear' | 'softL1' | 'huber' | 'cauchy'

/** ρ and its two derivatives at z = (r / scale)². */
type Rho = (z: number) => readonly [value: number, slope: number, bend: number]

const RHO: Readonly<Record<Exclude<RobustLoss, 'linear'>, Rho>> = {
  softL1: (z) => {
    const root = Math.sqrt(1 + z)
    return [2 * (z / (1 + root)), 1 / root, -0.5 / (root * (1 + z))]
  },
  huber: (z) => {
    if (z <= 1) return [z, 1, 0]
    const root = Math.sqrt(z)
    return [2 * root - 1, 1 / root, -0.5 / (root * z)]
  },
  cauchy: (z) => [logOnePlus(z), 1 / (1 + z), -1 / ((1 + z) * (1 + z))]
}

/** log(1 + z), also where 1 + z is 1. */
const logOnePlus = (z: number): number => {
  const sum = 1 + z
  return sum === 1 ? z : sum === Infinity ? sum : (log(sum) * z) / (sum - 1)
}

/** The least share of the slope that a second derivative counts as. */
const LEAST = 0.1

/** What minimizing a robust loss makes of residuals, so that what remains are least squares: gradients agree, and second derivatives where they may. */
export const robustly = (
  residuals: Float64Array,
  loss: RobustLoss,
  scale: number
): { readonly residuals: Float64Array; readonly weights: Float64Array | null; readonly value: number } => {
  if (loss === 'linear') return { residuals, weights: null, value: 0.5 * residuals.reduce((sum, r) => sum + r * r, 0) }
  const rho = RHO[loss]
  const weights = new Float64Array(residuals.length)
  let value = 0
  const weighted = residuals.map((r, i) => {
    const z = (r / scale) * (r / scale)
    const [at, slope, bend] = rho(z)
    value += 0.5 * scale * scale * at
    // Never below a share of the slope: what is minimized stays convex, and no residual is lost beside the others.
    const weight = Math.sqrt(Math.max(slope + 2 * bend * z, LEAST * slope))
    weights[i] = weight
    return weight === 0 ? 0 : (r * slope) / weight
  })
  return { residuals: weighted, weights, value }
}
