import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../error.js'
import { attempt } from '../internal/attempt.js'
import { givenBytes } from '../internal/plainBytes.js'
import { headerLength, PREFIX, readHeader, titleOf } from '../internal/safetensorsHeader.js'
import { setKey } from '../internal/setKey.js'
import { tensorOf } from '../internal/tensors.js'
import type { Tensor } from '../tensor.js'

/** What a file of safetensors holds. */
export interface Safetensors {
  /** The tensors by their names, in the order of their bytes. */
  readonly tensors: Readonly<Record<string, Tensor>>
  /** The texts that the file says about itself. */
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * The tensors of a file of safetensors, whoever wrote it, by their names; each in memory of its own.
 *
 * Where a file breaks a rule it is refused as a whole: bytes that belong to no tensor or to two, a shape that does not fit, a name
 * twice or `__proto__`. Dtypes of 8 bits and below that are no whole numbers, and complex numbers, are not read.
 *
 * @example
 * const file = encodeSafetensors({ w: { dtype: 'int8', shape: [2], data: Int8Array.of(1, -1) } }, { metadata: { by: 'me' } })
 * decodeSafetensors(file)
 * // => { _tag: 'Right', right: { tensors: { w: { dtype: 'int8', shape: [2], data: Int8Array [1, -1] } }, metadata: { by: 'me' } } }
 * decodeSafetensors(file.slice(0, -1)) // => { _tag: 'Left', left: … }
 *
 * @throws InvalidOption for what is no Uint8Array.
 * @see {@link encodeSafetensors}
 */
export const decodeSafetensors = (file: Uint8Array): Either<CheckpointError, Safetensors> => {
  const bytes = givenBytes('decodeSafetensors', file)
  return attempt('decodeSafetensors', (refuse) => {
    const length = headerLength(refuse, bytes.subarray(0, PREFIX), bytes.length)
    const data = bytes.subarray(PREFIX + length)
    const { metadata, entries } = readHeader(refuse, bytes.subarray(PREFIX, PREFIX + length), data.length)
    const tensors: Record<string, Tensor> = {}
    for (const { name, dtype, shape, begin, end } of entries) {
      setKey(refuse, titleOf(name), tensors, name, tensorOf(dtype, shape, data.subarray(begin, end)))
    }
    return { tensors, metadata }
  })
}
