import { check, div, less, max, mul, type Operand, positive, type Value, where, withDefaults } from '@gradchain/core'

/** Options of {@link unitwiseClip}. */
export interface UnitwiseClipOptions {
  /** The least that is divided by, finite and > 0. @defaultValue `1e-6` */
  readonly divEps?: number
}

/**
 * Shortens the units of an array to their maximal norms, where they are longer.
 *
 * Elementwise, for the gradient g, the norm n of its unit and the largest norm c:
 *
 *     u = g                              where n < c
 *     u = g · (c / max(n, divEps))       elsewhere
 *
 * For one array, lazily, like `add` and `mul`: map it over trees. NaN in either norm makes NaN.
 *
 * Laws: linear in g; nothing changes where n < c, bit for bit.
 *
 * @param gNorm - the norms n, shaped like g, as {@link unitwiseNorm} gives them; a number for a number.
 * @param maxNorm - the largest norms c, shaped like g.
 * @param grad - the gradient g.
 *
 * @example
 * force(unitwiseClip(new Float32Array([5, 2]), new Float32Array([1, 4]), new Float32Array([5, 8])))
 * // => Float32Array [1, 8]
 *
 * @throws InvalidOption when divEps is not a finite number > 0; InvalidTree for arrays of different shapes.
 * @see adaptiveGradClip
 */
export const unitwiseClip = (
  gNorm: Operand,
  maxNorm: Operand,
  grad: Operand,
  options: UnitwiseClipOptions = {}
): Value => {
  const { divEps } = withDefaults<Required<UnitwiseClipOptions>>('unitwiseClip', options, { divEps: 1e-6 })
  check('unitwiseClip', { divEps }, positive)
  return where(less(gNorm, maxNorm), grad, mul(grad, div(maxNorm, max(gNorm, divEps))))
}
