import type { NodeName } from '@gradchain/core/engine'

/**
 * By how much a value that a device computes may differ from that of `reference`, relative to what it is computed from, for each
 * node by its name; what is not named is exact where + − × ÷ and √ of the device are.
 *
 * The functions are compositions of ours, within two or three units of the last place of a float32. Sums have the order of the
 * specification, in float32 instead of float64, and so have numbers that come of them.
 *
 * @example
 * webgpuTolerance.exp // => 2.4e-7
 * webgpuTolerance.add // => undefined
 *
 * @see webgpuEngine
 */
export const webgpuTolerance: { readonly [Name in NodeName]?: number } = {
  exp: 2.4e-7,
  log: 2.4e-7,
  log1p: 4.8e-7,
  tanh: 4.8e-7,
  sin: 4.8e-7,
  cos: 4.8e-7,
  erf: 4.8e-7,
  pow: 6e-7,
  atan2: 4.8e-7,
  sum: 1e-6,
  sumSquares: 1e-6,
  dot: 1e-6,
  reduce: 1e-6
}
