import { applied, dotOf, normOf } from './vectors.js'

/** Whether a step has seen the function curve upwards, beyond rounding. */
const hasCurvature = (step: Float64Array, change: Float64Array): boolean =>
  dotOf(step, change) > 1e-14 * normOf(step) * normOf(change)

/** (sᵀy / yᵀy) I, the identity at the scale that a first step has seen; `null` where it saw no curvature. */
export const scaledIdentity = (step: Float64Array, change: Float64Array): Float64Array | null => {
  if (!hasCurvature(step, change)) return null
  const n = step.length
  const scale = dotOf(step, change) / dotOf(change, change)
  return new Float64Array(n * n).map((_, i) => (i % (n + 1) === 0 ? scale : 0))
}

/**
 * The inverse Hessian after one more step s, over which the gradient changed by y:
 *
 *     H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ        ρ = 1 / sᵀy
 *
 * It is left as it is where sᵀy is not above 0.
 */
export const inverseUpdate = (
  inverse: Float64Array | null,
  step: Float64Array,
  change: Float64Array
): Float64Array | null => {
  if (inverse === null || !hasCurvature(step, change)) return inverse
  const n = step.length
  const rho = 1 / dotOf(step, change)
  const image = applied(inverse, change)
  const factor = rho * (1 + rho * dotOf(change, image))
  return inverse.map((h, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    const [si, sj] = [step[i] as number, step[j] as number]
    return h + factor * si * sj - rho * (si * (image[j] as number) + sj * (image[i] as number))
  })
}
