import {
  abs,
  broadcast,
  check,
  fullLike,
  InvalidOption,
  norm,
  type Operand,
  show,
  type Value,
  withDefaults
} from '@gradchain/core'
import { axisOption } from '../internal/axisOption.js'
import { leafShape, wideDtype } from '../internal/leafShape.js'

/** Options of {@link unitwiseNorm}. */
export interface UnitwiseNormOptions {
  /** The axis, or axes, along which a unit extends, counted from the end when negative; by default the shape decides. */
  readonly axis?: number | readonly number[] | undefined
}

/**
 * The Euclidean norm of each unit of an array, at the place of each of its elements.
 *
 * A unit is a slice along the given axes. By default it is what feeds one output, in the layouts of JAX and Keras:
 *
 *     a number, and what has at most one axis longer than 1    all of it
 *     2 or 3 axes                                              along the first
 *     4 or 5 axes                                              along all but the last
 *
 * For one array, lazily, like `add` and `mul`: map it over trees. The result is shaped like x; the norm of a number is |x|.
 * Squares neither overflow nor vanish, as in `norm`.
 *
 * Laws: scaling x by c scales the norms by |c|; along all axes it is the norm of the whole; along none, |x|.
 *
 * @example
 * const kernel = ndarray([3, 0, 4, 2], [2, 2])
 * force(unitwiseNorm(kernel)) // => { dtype: 'float32', shape: [2, 2], data: Float32Array [5, 2, 5, 2] }
 * force(unitwiseNorm(kernel, { axis: 1 })) // => { dtype: 'float32', shape: [2, 2], data: Float32Array [3, 3, 4.47…, 4.47…] }
 * force(unitwiseNorm(new Float32Array([3, 4]))) // => Float32Array [5, 5]
 *
 * @throws InvalidOption for an axis that the array has not, and when none is given for an array of more than 5 axes.
 * @see Brock et al. (2021), section 4.1, {@link https://arxiv.org/abs/2102.06171}
 * @see adaptiveGradClip, maxNorm
 */
export const unitwiseNorm = (x: Operand, options: UnitwiseNormOptions = {}): Value => {
  const { axis } = withDefaults<Required<UnitwiseNormOptions>>('unitwiseNorm', options, { axis: undefined })
  check('unitwiseNorm', { axis }, axisOption)
  const shape = leafShape(x)
  // What has no shape is a number.
  if (shape === null || typeof x === 'number') return abs(x)
  const axes = axis === undefined ? usualAxes(shape) : given(axis, shape)
  if (axes.length === shape.length) return fullLike(x, norm(x), wideDtype(x))
  return broadcast(norm(x, axes), shape)
}

const usualAxes = (shape: readonly number[]): readonly number[] => {
  const all = shape.map((_, axis) => axis)
  if (shape.filter((length) => length !== 1).length <= 1) return all
  if (shape.length <= 3) return [0]
  if (shape.length <= 5) return all.slice(0, -1)
  throw new InvalidOption(
    `unitwiseNorm: axis must be given for more than 5 axes, got undefined for an array of shape ${show(shape)}`
  )
}

const given = (axis: number | readonly number[], shape: readonly number[]): readonly number[] => {
  const rank = shape.length
  const axes = typeof axis === 'number' ? [axis] : axis
  if (!axes.every((a) => a >= -rank && a < rank)) {
    const wanted = rank === 0 ? 'an empty list' : `from ${-rank} to ${rank - 1}`
    throw new InvalidOption(
      `unitwiseNorm: axis must be ${wanted} for an array of shape ${show(shape)}, got ${show(axis)}`
    )
  }
  return [...new Set(axes.map((a) => (a < 0 ? a + rank : a)))]
}
