import { exp, log } from '@gradchain/core/numbers'

/** Noise on the sum of a batch that was drawn with chance. */
export interface SampledGaussian {
  /** How large the noise of an update is beside the clip, the σ of `dpsgd`; finite and > 0. */
  readonly noiseMultiplier: number
  /** The chance q of an example to be in a batch, in (0, 1]: the size of a batch through the number of examples. */
  readonly sampleRate: number
}

/** The largest order that is looked at. */
export const MOST_ORDER = 256

/** log Σₖ (α choose k) (1 − q)^(α − k) qᵏ exp(k (k − 1) / 2σ²), for a whole order α. */
const logMoment = (order: number, { noiseMultiplier, sampleRate }: SampledGaussian): number => {
  const variance = noiseMultiplier * noiseMultiplier
  if (sampleRate === 1) return (order * (order - 1)) / (2 * variance)
  const [stays, comes] = [log(1 - sampleRate), log(sampleRate)]
  // The terms as logarithms, and the largest taken out.
  const logs: number[] = []
  let choose = 0
  for (let k = 0; k <= order; k++) {
    if (k > 0) choose += log((order - k + 1) / k)
    logs.push(choose + (order - k) * stays + k * comes + (k * (k - 1)) / (2 * variance))
  }
  const most = logs.reduce((a, b) => Math.max(a, b))
  return most + log(logs.reduce((sum, x) => sum + exp(x - most), 0))
}

/** The ε that this order says of these phases, one after the other. */
export const spentAt = (
  order: number,
  phases: readonly (SampledGaussian & { readonly steps: number })[],
  delta: number
): number => {
  const divergence = phases.reduce((sum, phase) => sum + (phase.steps * logMoment(order, phase)) / (order - 1), 0)
  return Math.max(divergence + log((order - 1) / order) - (log(delta) + log(order)) / (order - 1), 0)
}
