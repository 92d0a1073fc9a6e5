import type { ChainName, Hyper } from './cases.js'
import type { Inputs } from './inputs.js'

/** The largest error that passes, as a share of the largest movement of a parameter. */
export const TOLERANCE = 1e-4

/**
 * The share of elements that may be further off. Lion's sign flips where its argument is within rounding of 0, which a few of
 * ten million elements are; nothing else has such an excuse.
 */
export const strays = (chain: ChainName): number => (chain === 'lion' ? 1e-5 : 0)

/** The params after some steps, in float64 throughout, written element by element as the papers have it. */
export const expected = (chain: ChainName, { params, grads }: Inputs, steps: number, hyper: Hyper): Float64Array => {
  const scales = grads.map((g) => (chain === 'clipped' ? Math.min(1, hyper.maxNorm / length(g)) : 1))
  const every = chain === 'multiSteps' ? hyper.every : 1
  const out = new Float64Array(params.length)
  for (let i = 0; i < params.length; i++) {
    let [p, m, v, sum] = [params[i] ?? NaN, 0, 0, 0]
    for (let t = 0; t < steps; t++) {
      const set = t % grads.length
      sum += ((grads[set]?.[i] ?? NaN) * (scales[set] ?? NaN)) / every
      if ((t + 1) % every !== 0) continue
      const { update, ...next } = rule(chain, sum, m, v, (t + 1) / every, hyper)
      p -= hyper.learningRate * (update + hyper.weightDecay * p)
      m = next.m
      v = next.v
      sum = 0
    }
    out[i] = p
  }
  return out
}

const length = (g: Float32Array): number => Math.sqrt(g.reduce((sum, x) => sum + x * x, 0))

const rule = (chain: ChainName, g: number, m0: number, v0: number, t: number, { b1, b2, eps }: Hyper) => {
  if (chain === 'lion') return { update: Math.sign(b1 * m0 + (1 - b1) * g), m: b2 * m0 + (1 - b2) * g, v: 0 }
  const m = b1 * m0 + (1 - b1) * g
  const v = b2 * v0 + (1 - b2) * g * g
  return { update: m / (1 - b1 ** t) / (Math.sqrt(v / (1 - b2 ** t)) + eps), m, v }
}

/** How far results are from what was expected. */
export interface Deviation {
  /** The largest error of those that are within the tolerance, or of all when too many are not. */
  readonly error: number
  /** How many elements are not within the tolerance. */
  readonly strays: number
  readonly isFine: boolean
}

/**
 * Compares params with what was expected; errors are shares of the largest movement that was expected.
 *
 * @param allowed - the share of elements that may be outside the {@link TOLERANCE}.
 */
export const deviation = (
  params: Float32Array,
  wanted: Float64Array,
  start: Float32Array,
  allowed: number
): Deviation => {
  let movement = 0
  for (let i = 0; i < wanted.length; i++)
    movement = Math.max(movement, Math.abs((wanted[i] ?? NaN) - (start[i] ?? NaN)))
  let within = 0
  let worst = 0
  let strays = params.length === wanted.length ? 0 : Infinity
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs((params[i] ?? NaN) - (wanted[i] ?? NaN)) / movement
    if (error <= TOLERANCE) within = Math.max(within, error)
    else {
      strays++
      worst = Math.max(error, worst)
    }
  }
  const isFine = strays <= allowed * wanted.length
  return { error: isFine ? within : Math.max(within, worst), strays, isFine }
}

/** Whether two results have the same bits. */
export const sameBits = (a: Float32Array, b: Float32Array): boolean =>
  Buffer.compare(
    Buffer.from(a.buffer, a.byteOffset, a.byteLength),
    Buffer.from(b.buffer, b.byteOffset, b.byteLength)
  ) === 0
