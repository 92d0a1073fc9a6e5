import type { Same } from '@gradchain/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../error.js'
import { attempt } from '../internal/attempt.js'
import { checksumOf } from '../internal/checksum.js'
import { givenBytes } from '../internal/plainBytes.js'
import { headerLength, PREFIX, readHeader } from '../internal/safetensorsHeader.js'
import { bytesOf, tensorOf } from '../internal/tensors.js'
import { openTree, treeIn } from '../internal/treeIn.js'
import type { SavedTree } from './savedTree.js'

/**
 * The tree that {@link save} wrote, to the bit, in arrays of its own; or why there is none. Nothing of a file that is damaged is given.
 *
 * With `like`, a tree such as a fresh `init` gives, what was read has its type, and is refused where it has another structure, or an array another
 * dtype or shape: the state of another optimizer, or of a model that has grown.
 *
 * A file of safetensors that others wrote is read, too: without `like` it is an object of its tensors by their names; with it each array of
 * `like` is the tensor whose name is its place, `layers.0.kernel`.
 *
 * @example
 * const bytes = save({ count: 3, mu: { w: Float32Array.of(1) } })
 * load(bytes) // => { _tag: 'Right', right: { count: 3, mu: { w: Float32Array [1] } } }
 * const loaded = load(bytes, { count: 0, mu: { w: new Float32Array(2) } })
 * loaded._tag === 'Left' && loaded.left.message
 * // => 'load: tree.mu.w must be float32 of shape [2], got float32 of shape [1]'
 *
 * @throws InvalidOption for what is no Uint8Array.
 */
export function load(bytes: Uint8Array): Either<CheckpointError, SavedTree>
export function load<T>(bytes: Uint8Array, like: T): Either<CheckpointError, Same<T>>
export function load(file: Uint8Array, ...like: readonly [like?: unknown]): Either<CheckpointError, unknown> {
  const bytes = givenBytes('load', file)
  return attempt('load', (refuse) => {
    const length = headerLength(refuse, bytes.subarray(0, PREFIX), bytes.length)
    const head = bytes.subarray(PREFIX, PREFIX + length)
    const data = bytes.subarray(PREFIX + length)
    const opened = openTree(refuse, head, readHeader(refuse, head, data.length))
    const read = opened.header.entries.map(({ name, dtype, shape, begin, end }) => {
      const tensor = tensorOf(dtype, shape, data.subarray(begin, end))
      return [name, { tensor, sum: opened.own === undefined ? '' : checksumOf(bytesOf(tensor)) }] as const
    })
    return treeIn(refuse, opened, new Map(read), like)
  })
}
