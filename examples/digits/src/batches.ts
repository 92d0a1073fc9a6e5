import { type NdArray, ndarray } from 'gradchain'
import { CLASSES, type Digit, PIXELS } from './data.js'
import { permutation, type Random } from './random.js'

/** Images and what they show, side by side, as the model takes them. */
export interface Batch {
  /** One image a row: `[n, 64]`. */
  readonly images: NdArray<'float32'>
  /** One-hot labels, a 1 in the column of the digit: `[n, 10]`. */
  readonly targets: NdArray<'float32'>
}

/** Puts digits together into one batch. */
export const toBatch = (digits: readonly Digit[]): Batch => {
  const images = new Float32Array(digits.length * PIXELS)
  const targets = new Float32Array(digits.length * CLASSES)
  digits.forEach(({ pixels, label }, row) => {
    images.set(pixels, row * PIXELS)
    targets[row * CLASSES + label] = 1
  })
  return { images: ndarray(images, [digits.length, PIXELS]), targets: ndarray(targets, [digits.length, CLASSES]) }
}

/** Deals the digits into those to learn from and those held out, a share of all, at random. */
export const split = (digits: readonly Digit[], share: number, random: Random) => {
  const [order] = permutation(random, digits.length)
  const dealt = order.map((index) => digits[index] as Digit)
  const held = Math.round(digits.length * share)
  return { training: dealt.slice(held), heldOut: dealt.slice(0, held) }
}

/** How many batches of a size an epoch has; what does not fill one at its end is left out. */
export const batchesPerEpoch = (digits: readonly Digit[], size: number): number => Math.floor(digits.length / size)

/**
 * `count` batches but the first `from` of them: every epoch deals the digits anew.
 *
 * `size` is at most the number of digits.
 */
export function* batches(
  digits: readonly Digit[],
  size: number,
  count: number,
  random: Random,
  from = 0
): Generator<Batch, void> {
  const perEpoch = batchesPerEpoch(digits, size)
  let order: readonly number[] = []
  let next = random
  for (let dealt = 0; dealt < count; dealt++) {
    const start = (dealt % perEpoch) * size
    if (start === 0) [order, next] = permutation(next, digits.length)
    if (dealt >= from) yield toBatch(order.slice(start, start + size).map((index) => digits[index] as Digit))
  }
}
