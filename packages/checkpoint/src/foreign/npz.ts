import { check, positiveInteger, withDefaults } from '@gradchain/core'
import { zipSync } from 'fflate'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../error.js'
import { attempt } from '../internal/attempt.js'
import { type Nested, named, nested } from '../internal/names.js'
import { givenBytes } from '../internal/plainBytes.js'
import { checkFits, readZip, unpackedLimit } from '../internal/zip.js'
import type { Tensor } from '../tensor.js'
import { readNpy, writeNpy } from './npy.js'

/** Options of {@link decodeNpz}. */
export interface DecodeNpzOptions {
  /**
   * How many bytes the compressed arrays may take in all once they are unpacked, so that a small file cannot fill the memory; a
   * whole number ≥ 1. @defaultValue 256 MiB, or 64 times the file if that is more
   */
  readonly maxBytes?: number
}

/**
 * The arrays of a `.npz` file, as `numpy.savez` and `savez_compressed` write it.
 *
 * A name with `/` is a path: `body/kernel` is `body.kernel` of what comes out. Checksums are compared. See {@link decodeNpy} for
 * what becomes of the arrays.
 *
 * Laws: what {@link encodeNpz} writes of objects of tensors comes back as it was.
 *
 * @example
 * const bytes = encodeNpz({ body: { bias: ndarray([1, 2], [2]) } })
 * const decoded = decodeNpz(bytes)
 * decoded._tag === 'Right' && decoded.right // => { body: { bias: { dtype: 'float32', shape: [2], data: Float32Array [1, 2] } } }
 * const cut = decodeNpz(bytes.subarray(0, 200))
 * cut._tag === 'Left' && cut.left.message // => 'decodeNpz: the file must be a zip archive with its directory, got one without an end'
 *
 * @throws InvalidOption when maxBytes is no whole number ≥ 1, and for what is no Uint8Array.
 */
export const decodeNpz = (
  file: Uint8Array,
  options: DecodeNpzOptions = {}
): Either<CheckpointError, Nested<Tensor>> => {
  const bytes = givenBytes('decodeNpz', file)
  const { maxBytes } = withDefaults('decodeNpz', options, { maxBytes: unpackedLimit(bytes.length) })
  check('decodeNpz', { maxBytes }, positiveInteger)
  return attempt('decodeNpz', (refuse) => {
    const arrays: [string, Tensor][] = []
    for (const { name, read } of readZip(refuse, 'the file', bytes, maxBytes).values()) {
      if (!name.endsWith('.npy'))
        refuse('unsupported', `${name} in the file`, 'an array, whose name ends in .npy', 'other')
      arrays.push([name.slice(0, -4), readNpy(refuse, name.slice(0, -4), read())])
    }
    return nested(refuse, 'the file', arrays)
  })
}

/**
 * A `.npz` file, as `numpy.load` reads it: each tensor under its path, with `/` between the keys. The arrays are stored as they
 * are; the same tree gives the same bytes. A number is an array of float64 without axes; `null` is left out.
 *
 * @example
 * encodeNpz({ body: { bias: ndarray([1, 2], [2]) } }).length // => 260
 *
 * @throws InvalidTree with the path, for a leaf that is no array of numbers, and for keys that are not possible: those with a `/`
 *   and `__proto__`; and beyond 4 GiB or 65,534 arrays.
 */
export const encodeNpz = (tree: object): Uint8Array => {
  const tensors = named('encodeNpz', tree)
  checkFits(
    'encodeNpz',
    tensors.length,
    tensors.reduce((sum, [name, { data }]) => sum + ENTRY + name.length + data.byteLength, 0)
  )
  const files = tensors.map(([name, tensor]) => [`${name}.npy`, writeNpy(tensor)] as const)
  // What a zip archive can say of time begins in 1980.
  return zipSync(Object.fromEntries(files), { level: 0, mtime: new Date(1980, 0, 1) })
}

/** The bytes of an entry before its data, at the most but for its name: the headers of the archive and of the array. */
const ENTRY = 512
