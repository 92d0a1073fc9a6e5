import {
  add,
  broadcast,
  check,
  evaluatedLike,
  InvalidOption,
  InvalidTree,
  type Key,
  mul,
  ndarray,
  nonNegative,
  type Operand,
  reshape,
  type Same,
  shapeOf,
  show,
  type Tree,
  transpose,
  where,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import { axisOf } from '../internal/dropped.js'
import { examplesIn, permuted } from '../internal/permuted.js'

/** Options of {@link cutmix}. */
export interface CutmixOptions {
  /** The shape α of the beta distribution of the share that stays, finite and ≥ 0; 0 cuts nothing. @defaultValue `1` */
  readonly alpha?: number | undefined
  /** The axis along the height of the images, counted from the end when negative. @defaultValue `1` */
  readonly heightAxis?: number | undefined
  /** The axis along their width. @defaultValue `2` */
  readonly widthAxis?: number | undefined
}

/** A batch as {@link cutmix} gives it. */
export interface Cutmix<X, Y> {
  /** The images, each with a rectangle of another. */
  readonly images: X
  /** The targets, mixed by area. */
  readonly targets: Y
  /** The share λ of its own image that each kept. */
  readonly lambda: number
  /** Whose rectangle each was given. */
  readonly order: Uint32Array
  /** The rectangle, from the first row and column to those after the last. */
  readonly box: { readonly top: number; readonly bottom: number; readonly left: number; readonly right: number }
}

/**
 * Puts a rectangle of another image into every image of a batch, and mixes the targets by the areas.
 *
 *     x̃ᵢ = x_π(i) in the rectangle, xᵢ elsewhere        ỹᵢ = λ yᵢ + (1 − λ) y_π(i)
 *
 * The rectangle has the share 1 − λ₀ of the area, for λ₀ of a beta distribution of shapes α and α, and a uniform centre; what of it lies
 * outside is cut off, and λ is the share that stays in the end. One rectangle and one order π for the batch. Arrays give arrays of the same
 * dtype, expressions give expressions. A pure function of the key.
 *
 * Laws: each pixel is one of its place, in its own image or in the other; with α = 0 it is the identity; targets that sum to 1 sum to 1.
 *
 * @param images - an array with the examples along its first axis, and a height and a width.
 * @param targets - a tree of arrays with the examples along the first axis of each, numbers or distributions such as one-hot labels.
 *
 * @example
 * const images = ndarray([1, 1, 1, 1, 2, 2, 2, 2], [2, 2, 2])
 * const mixed = cutmix(random.key(4), images, ndarray([1, 0, 0, 1], [2, 2]))
 * mixed.lambda // => 0.75
 * mixed.images.data // => Float32Array [1, 1, 1, 2, 2, 2, 2, 1]
 * mixed.targets.data // => Float32Array [0.75, 0.25, 0.25, 0.75]
 *
 * @throws InvalidOption for what is no key, for an alpha that is not finite and ≥ 0, and for axes that the images have not or that are the same; InvalidTree for
 * images and targets of other numbers.
 * @see Yun et al. (2019), CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features,
 * {@link https://arxiv.org/abs/1905.04899}
 */
export const cutmix = <X extends Operand, Y>(
  key: Key,
  images: X,
  targets: Y,
  options: CutmixOptions = {}
): Cutmix<Same<X>, Same<Y>> => {
  const { alpha, heightAxis, widthAxis } = withDefaults('cutmix', options, { alpha: 1, heightAxis: 1, widthAxis: 2 })
  check('cutmix', { alpha }, nonNegative)
  const shape = shapeOf(images)
  const rowsAxis = axisOf('cutmix', 'heightAxis', heightAxis, images)
  const columnsAxis = axisOf('cutmix', 'widthAxis', widthAxis, images)
  // What is given is a tree, or is refused here.
  const count = examplesIn('cutmix', { images, targets } as Tree)
  if (rowsAxis === 0 || columnsAxis === 0) {
    throw new InvalidTree('cutmix: images must have their examples along the first axis')
  }
  if (rowsAxis === columnsAxis) {
    throw new InvalidOption(
      `cutmix: widthAxis must be another axis than heightAxis, got ${show(heightAxis)} and ${show(widthAxis)}`
    )
  }
  const [height, width] = [shape[rowsAxis] as number, shape[columnsAxis] as number]
  const [forShare, forOrder, forPlace] = random.split(key, 3) as readonly [Key, Key, Key]
  const share = alpha === 0 ? 1 : (random.beta(forShare, alpha, alpha, [], { dtype: 'float64' }).data[0] as number)
  const order = random.permutation(forOrder, count)
  const [y, x] = random.uniform(forPlace, [2], { dtype: 'float64' }).data as unknown as readonly [number, number]
  const side = Math.sqrt(1 - share)
  const [top, bottom] = cut(y, side, height)
  const [left, right] = cut(x, side, width)
  const area = height * width
  const lambda = area === 0 ? 1 : 1 - ((bottom - top) * (right - left)) / area

  const isInside = ndarray(
    Float32Array.from({ length: area }, (_, i) => {
      const [row, column] = [Math.floor(i / width), i % width]
      return row >= top && row < bottom && column >= left && column < right ? 1 : 0
    }),
    [height, width]
  )
  return {
    images: evaluatedLike('cutmix', images, (own) => {
      const mask = rowsAxis < columnsAxis ? isInside : transpose(isInside)
      const lying = shape.map((n, axis) => (axis === rowsAxis || axis === columnsAxis ? n : 1))
      return tree.map(
        (pixels: Operand) => where(broadcast(reshape(mask, lying), shape), permuted(pixels, order), pixels),
        own
      )
    }),
    targets: evaluatedLike('cutmix', targets, (own) =>
      tree.map((z: Operand) => (lambda === 1 ? z : add(mul(lambda, z), mul(1 - lambda, permuted(z, order)))), own)
    ),
    lambda,
    order,
    box: { top, bottom, left, right }
  }
}

/** A stretch of a share of a length, around a place, cut off at both ends. */
const cut = (place: number, share: number, length: number): readonly [from: number, to: number] => {
  const middle = Math.floor(place * length)
  const extent = Math.floor(share * length)
  const from = middle - Math.floor(extent / 2)
  return [Math.max(from, 0), Math.min(from + extent, length)]
}
