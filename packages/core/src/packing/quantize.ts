import { Kind } from '../array/dtype.js'
import { type NdArray, sizeOf } from '../array/ndarray.js'
import { check } from '../check.js'
import { InvalidOption } from '../errors.js'
import { Expr, type Operand } from '../expression/expr.js'
import { lift } from '../expression/operations.js'
import { packed } from './codes.js'
import { aFormat, blocksIn, FORMATS, forEachFormat, formOf, type PackedFormat } from './format.js'
import { packingNode } from './node.js'

/**
 * A float32 array packed into few bits an element: blocks of 256, each with a scale of its own, in codes of a map that is finer
 * where numbers are smaller.
 *
 * Within a block, its largest magnitude M and a number x between −M and M: x / M is rounded to nine binary digits, and the code is that of
 * the value t of the map nearest to it, of two that are as near the even one; t M is what {@link dequantize} gives. The map is dynamic: seven decades of
 * magnitudes, of which the i-th, i = 0, …, 6, has 2ⁱ values in equal steps with a sign, and twice as many without, then 1, and 0:
 *
 *     t = ±10ⁱ⁻⁶ (0.1 + 0.9 (j + ½) / 2ⁱ)            j = 0, …, 2ⁱ − 1, for numbers of both signs
 *     t = 10ⁱ⁻⁶ (0.1 + 0.9 (j + ½) / 2ⁱ⁺¹)           j = 0, …, 2ⁱ⁺¹ − 1, for numbers of one sign
 *
 * With `e4m3fn` and `e5m2` the values are those of the 8-bit floats of these names, in parts of the largest one, 448 and 57344: the largest number of
 * a block becomes that, so that nothing overflows, and there are no codes for infinities and NaN; a block of one sign has no finer map.
 *
 * With 4 bits there are three decades. A block says itself whether it has numbers of both signs, so a second moment has the finer map
 * without being called one. The map is mirrored where the number of magnitude M is negative, so that this one is exact.
 *
 * In blocks of one sign nothing but 0 becomes 0: what is smaller than the smallest value takes that, as it may be divided by. Numbers of the
 * other sign below 0.3 of the smallest value count as 0. A block without a number from 2⁻¹²⁶ on becomes 0, one with NaN
 * or an infinity becomes NaN.
 *
 * The result is an array of 16-bit words, a row for each block: two words of the scale, then the codes. Its dtype, bfloat16,
 * says how wide they are and nothing else; they are no numbers. They are to be handed on as they are: an operation that is given them before
 * they are evaluated is refused, and {@link dequantize} refuses what one made of them; of arrays of them that were computed with and rounded to
 * bfloat16 again, by whoever has the state, nobody can tell.
 *
 * Laws: 0 is kept; quantised, dequantised and quantised again it is the same, to the bit; |t M − x| is at most half of what
 * lies between two values of the map, M times, and a 512th of |x|.
 *
 * @param x - an array of float32.
 *
 * @example
 * const x = new Float32Array(256).fill(0.25)
 * x[0] = 1
 * const words = quantize(x, 'dynamic8')
 * shapeOf(words) // => [1, 130]
 * const back = force(dequantize(words, 'dynamic8', x)) as Float32Array
 * back.slice(0, 2) // => Float32Array [1, 0.25117…]
 *
 * @throws InvalidOption for what is no float32 array, and for a format that there is not.
 * @see Dettmers et al. (2022), 8-bit Optimizers via Block-wise Quantization, {@link https://arxiv.org/abs/2110.02861}
 * @see dequantize
 */
export const quantize = (x: Operand, format: PackedFormat): Expr => {
  check('quantize', { format }, aFormat)
  const a = lift(x)
  if (!(a instanceof Expr) || a.kind !== Kind.F32) {
    throw new InvalidOption(`quantize: x must be an array of float32, got ${formOf(a)}`)
  }
  const shape = [blocksIn(a.size), FORMATS[format].words]
  const size = sizeOf(shape)
  return packingNode(true, format, PACKERS[format], a, { kind: Kind.BF16, shape, size })
}

const packer =
  (format: PackedFormat) =>
  ({ data }: NdArray) =>
    packed(FORMATS[format], data as Float32Array)

const PACKERS = /* @__PURE__ */ forEachFormat(packer)
