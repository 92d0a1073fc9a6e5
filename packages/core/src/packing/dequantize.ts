import { Kind } from '../array/dtype.js'
import type { NdArray } from '../array/ndarray.js'
import { check } from '../check.js'
import { InvalidOption, InvalidTree, show } from '../errors.js'
import { Expr, type Operand, shapeOf } from '../expression/expr.js'
import { isElementwise, Op } from '../expression/op.js'
import { lift } from '../expression/operations.js'
import { unpacked } from './codes.js'
import { aFormat, blocksIn, FORMATS, forEachFormat, formOf, type PackedFormat } from './format.js'
import { packingNode } from './node.js'

/**
 * The float32 array that was packed by {@link quantize}, rounded as the codes tell.
 *
 * @param words - what `quantize` gave, in the same format.
 * @param like - a float32 array of the shape that was packed.
 *
 * @example
 * const x = new Float32Array([0, 1, 0.5])
 * force(dequantize(quantize(x, 'dynamic4'), 'dynamic4', x)) // => Float32Array [0, 1, 0.49…]
 *
 * @throws InvalidOption for a format that there is not, when `like` is no float32 array, and for words that went through an operation; InvalidTree for words of another number of elements.
 * @see quantize
 */
export const dequantize = (words: Operand, format: PackedFormat, like: Operand): Expr => {
  check('dequantize', { format }, aFormat)
  const [a, model] = [lift(words), lift(like)]
  if (!(model instanceof Expr) || model.kind !== Kind.F32) {
    throw new InvalidOption(`dequantize: like must be an array of float32, got ${formOf(model)}`)
  }
  const wanted = [blocksIn(model.size), FORMATS[format].words]
  const got = a instanceof Expr ? shapeOf(a) : []
  if (!(a instanceof Expr) || a.kind !== Kind.BF16 || `${got}` !== `${wanted}`) {
    const found = a instanceof Expr ? `${a.dtype} of shape ${show(got)}` : formOf(a)
    throw new InvalidTree(`dequantize: words must be bfloat16 of shape ${show(wanted)}, got ${found}`)
  }
  if (isElementwise(a.op) && a.op !== Op.Fill) {
    throw new InvalidOption(
      'dequantize: words must be what quantize gave, as it is, got what an operation made of some'
    )
  }
  return packingNode(false, format, UNPACKERS[format](model.size), a, model)
}

const unpacker =
  (format: PackedFormat) =>
  (size: number) =>
  ({ data }: NdArray) =>
    unpacked(FORMATS[format], data as Uint16Array, size)

const UNPACKERS = /* @__PURE__ */ forEachFormat(unpacker)
