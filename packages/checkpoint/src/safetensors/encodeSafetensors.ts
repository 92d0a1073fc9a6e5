import { InvalidTree, show, withDefaults } from '@gradchain/core'
import {
  assembled,
  flawOfName,
  inFileOrder,
  titleOf,
  type Written,
  writeHeader
} from '../internal/safetensorsHeader.js'
import { bytesOf, isTensor } from '../internal/tensors.js'
import type { Tensor } from '../tensor.js'

/** Options of {@link encodeSafetensors}. */
export interface EncodeSafetensorsOptions {
  /** Texts that the file says about itself, by their names. @defaultValue none */
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/**
 * A file of safetensors: tensors by name, and texts beside them. It knows nothing of trees; {@link save} does.
 *
 * The bytes are those that Python's `safetensors` writes for the same tensors: widest elements first, then by name, the header padded
 * to a multiple of 8. With two texts or more Python puts these in an order of chance; here they keep theirs.
 *
 * Laws: decoding gives back what was encoded; the order of the fields changes nothing.
 *
 * @example
 * const bytes = encodeSafetensors({ w: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } })
 * bytes.length // => 72
 * new TextDecoder().decode(bytes.subarray(8, 64)) // => '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  '
 *
 * @throws InvalidTree for what is no tensor, and for a name that files cannot have.
 * @see {@link https://github.com/huggingface/safetensors}
 */
export const encodeSafetensors = (
  tensors: Readonly<Record<string, Tensor>>,
  options: EncodeSafetensorsOptions = {}
): Uint8Array => {
  const { metadata } = withDefaults<Required<EncodeSafetensorsOptions>>('encodeSafetensors', options, { metadata: {} })
  for (const [name, text] of Object.entries(metadata ?? {})) {
    if (typeof text !== 'string') {
      throw new InvalidTree(`encodeSafetensors: metadata ${show(name)} must be a text, got ${show(text)}`)
    }
  }
  const written = inFileOrder(Object.entries(tensors).map(([name, tensor]) => writtenOf(name, tensor)))
  return assembled(writeHeader('encodeSafetensors', metadata ?? {}, written), written)
}

const writtenOf = (name: string, tensor: Tensor): Written => {
  const flaw = flawOfName(name)
  if (flaw !== undefined) throw new InvalidTree(`encodeSafetensors: ${titleOf(name)} has ${flaw}`)
  if (!isTensor(tensor)) {
    throw new InvalidTree(
      `encodeSafetensors: ${titleOf(name)} must be { dtype, shape, data } that fit, got ${show(tensor)}`
    )
  }
  return { name, dtype: tensor.dtype, shape: tensor.shape, bytes: bytesOf(tensor) }
}
