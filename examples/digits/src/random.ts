import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { purify } from 'pure-rand/utils/purify'

/** A generator of random numbers, used as a value: what draws from it returns the next one and leaves it as it was. */
export type Random = RandomGenerator

/**
 * Three independent generators from one seed, each 2⁶⁴ draws away from the one before.
 *
 * Giving each purpose (the split, the first weights, the batches) its own keeps them apart: drawing more weights does not
 * change which images are held out.
 */
export const streams = (seed: number): readonly [Random, Random, Random] => {
  const jumped = purify((random: JumpableRandomGenerator) => random.jump())
  const [, first] = jumped(xoroshiro128plus(seed))
  const [, second] = jumped(first)
  const [, third] = jumped(second)
  return [first, second, third]
}

/**
 * The numbers 0 … n − 1 in random order (Fisher and Yates), and the next generator.
 *
 * @example
 * const [order, next] = permutation(random, 5) // order might be [3, 0, 4, 1, 2]
 */
export const permutation = purify((random: Random, n: number): readonly number[] => {
  const order = Array.from({ length: n }, (_, index) => index)
  for (let last = n - 1; last > 0; last--) {
    const other = uniformInt(random, 0, last)
    const kept = order[last] as number
    order[last] = order[other] as number
    order[other] = kept
  }
  return order
})

/** `n` numbers drawn evenly from [−limit, limit), and the next generator. */
export const uniform = purify(
  (random: Random, n: number, limit: number): Float32Array =>
    Float32Array.from({ length: n }, () => (2 * uniformFloat64(random) - 1) * limit)
)
