import { countOf, singleWords } from './draw.js'
import type { Key } from './key.js'

/**
 * Random 32-bit words, one for each element of a shape, in row-major order.
 *
 * Laws: an element depends on its place in that order alone, so that a longer draw begins with a shorter one.
 *
 * @example
 * random.bits(random.key(0), [2]) // => Uint32Array [4070199207, 4202968722]
 *
 * @throws InvalidOption for what is no key or no shape, and for 2³² elements or more.
 */
export const bits = (key: Key, shape: readonly number[]): Uint32Array =>
  singleWords('bits', key, countOf('bits', shape))
