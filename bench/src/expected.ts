import { type ChainName, estimLr0, type Hyper, slow } from './cases.js'
import type { Inputs } from './inputs.js'

/** The largest error that passes, as a share of the largest movement of a parameter. */
export const TOLERANCE = 1e-4

/**
 * The share of elements that may be further off. Lion's sign flips where its argument is within rounding of 0, which a few of
 * ten million elements are; nothing else has such an excuse.
 */
export const strays = (chain: ChainName): number => (chain === 'lion' ? 1e-5 : 0)

/**
 * The params after some steps, in float64 throughout, written element by element as the papers have it; `leaves` is how many of
 * equal length they are in.
 */
export const expected = (
  chain: ChainName,
  { params, grads }: Inputs,
  steps: number,
  hyper: Hyper,
  leaves: number
): Float64Array => {
  if (chain === 'cautiousAdamw') return cautiousAdamw({ params, grads }, steps, hyper, leaves)
  if (chain === 'prodigy') return prodigy({ params, grads }, steps, hyper)
  if (chain === 'scheduleFreeAdamw') return scheduleFreeAdamw({ params, grads }, steps, hyper)
  const scales = grads.map((g) => (chain === 'clipped' ? Math.min(1, hyper.maxNorm / length(g)) : 1))
  const every = chain === 'multiSteps' ? hyper.every : 1
  const out = new Float64Array(params.length)
  for (let i = 0; i < params.length; i++) {
    let [p, m, v, sum, mean] = [params[i] ?? NaN, 0, 0, 0, 0]
    for (let t = 0; t < steps; t++) {
      const set = t % grads.length
      sum += ((grads[set]?.[i] ?? NaN) * (scales[set] ?? NaN)) / every
      if ((t + 1) % every !== 0) continue
      const { update, ...next } = rule(chain, sum, m, v, (t + 1) / every, hyper)
      if (chain === 'ademamix') mean = slow.b3 * mean + (1 - slow.b3) * sum
      const more = (slow.alpha * mean) / (Math.sqrt(next.v / (1 - hyper.b2 ** (t + 1))) + hyper.eps)
      p -= hyper.learningRate * (update + more + hyper.weightDecay * p)
      m = next.m
      v = next.v
      sum = 0
    }
    out[i] = p
  }
  return out
}

const scheduleFreeAdamw = ({ params, grads }: Inputs, steps: number, hyper: Hyper): Float64Array => {
  const { learningRate, b1, b2, eps, weightDecay } = hyper
  return Float64Array.from(params, (start, i) => {
    let [x, y, z, v] = [start, start, start, 0]
    for (let t = 1; t <= steps; t++) {
      const g = grads[(t - 1) % grads.length]?.[i] ?? NaN
      v = b2 * v + (1 - b2) * g * g
      z -= learningRate * (g / (Math.sqrt(v / (1 - b2 ** t)) + eps) + weightDecay * y)
      // All weights are those of one learning rate.
      x += (z - x) / t
      y = b1 * x + (1 - b1) * z
    }
    return y
  })
}

const cautiousAdamw = ({ params, grads }: Inputs, steps: number, hyper: Hyper, leaves: number): Float64Array => {
  const { learningRate, b1, b2, eps, weightDecay } = hyper
  const p = Float64Array.from(params)
  const [m, v] = [new Float64Array(p.length), new Float64Array(p.length)]
  const length = p.length / leaves
  for (let t = 1; t <= steps; t++) {
    const g = grads[(t - 1) % grads.length] ?? []
    for (let leaf = 0; leaf < leaves; leaf++) {
      const places = Array.from({ length }, (_, i) => leaf * length + i)
      for (const i of places) {
        m[i] = b1 * (m[i] ?? NaN) + (1 - b1) * (g[i] ?? NaN)
        v[i] = b2 * (v[i] ?? NaN) + (1 - b2) * (g[i] ?? NaN) ** 2
      }
      const agrees = (i: number): boolean => Math.sign(m[i] ?? NaN) * Math.sign(g[i] ?? NaN) > 0
      const share = Math.max(places.filter(agrees).length / length, 1e-3)
      for (const i of places) {
        const u = (m[i] ?? NaN) / (1 - b1 ** t) / (Math.sqrt((v[i] ?? NaN) / (1 - b2 ** t)) + eps)
        p[i] = (p[i] ?? NaN) - learningRate * ((agrees(i) ? u / share : 0) + weightDecay * (p[i] ?? NaN))
      }
    }
  }
  return p
}

const prodigy = ({ params, grads }: Inputs, steps: number, hyper: Hyper): Float64Array => {
  const { learningRate, b1, b2, eps, weightDecay } = hyper
  const b3 = Math.sqrt(b2)
  const p = Float64Array.from(params)
  const [m, v, s] = [new Float64Array(p.length), new Float64Array(p.length), new Float64Array(p.length)]
  let [d, r] = [estimLr0, 0]
  for (let t = 1; t <= steps; t++) {
    const g = grads[(t - 1) % grads.length] ?? new Float32Array()
    const eta = (d * learningRate * Math.sqrt(1 - b2 ** t)) / (1 - b1 ** t)
    let [product, total] = [0, 0]
    for (let i = 0; i < p.length; i++) {
      const [gi, pi] = [g[i] ?? NaN, p[i] ?? NaN]
      product += gi * ((params[i] ?? NaN) - pi)
      m[i] = b1 * (m[i] ?? NaN) + (1 - b1) * d * gi
      v[i] = b2 * (v[i] ?? NaN) + (1 - b2) * (d * gi) ** 2
      s[i] = b3 * (s[i] ?? NaN) + (eta * d * gi) / estimLr0
      total += Math.abs(s[i] ?? NaN)
    }
    r = b3 * r + (d / estimLr0) * eta * product
    d = Math.max(d, r / total)
    for (let i = 0; i < p.length; i++) {
      const step = (m[i] ?? NaN) / (Math.sqrt(v[i] ?? NaN) + d * eps)
      p[i] = (p[i] ?? NaN) - eta * (step + weightDecay * (p[i] ?? NaN))
    }
  }
  return p
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
