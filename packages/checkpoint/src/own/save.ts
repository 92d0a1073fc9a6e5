import { checksumOf } from '../internal/checksum.js'
import { planOf } from '../internal/plan.js'
import { assembled } from '../internal/safetensorsHeader.js'
import { sealed } from '../internal/seal.js'

/**
 * A tree as the bytes of a file: params, the state of any optimizer, keys of random numbers, counters, or all of it at once.
 * {@link load} gives back the same tree, to the bit.
 *
 * The file is one of safetensors, so that others can read its arrays: each has the name of its place, `params.layers.0.kernel`.
 * Numbers are float64 tensors of no axes. The form of the tree, texts, truth values and bigints are in its metadata, and so are
 * checksums of the header and of each tensor: {@link load} finds every flaw within four bytes that belong together, and of all others
 * all but one in 2³². The same tree gives the same bytes.
 *
 * What is evaluated is saved: of a `transient` its `snapshot()`.
 *
 * Laws: `load(save(tree))` is the tree; saving and restoring a state in the middle of a run changes nothing.
 *
 * @example
 * const optimizer = adam(1e-3)
 * const params = { w: Float32Array.of(1, 2), b: 0 }
 * const bytes = save({ params, state: optimizer.init(params), epoch: 3 })
 * load(bytes, { params, state: optimizer.init(params), epoch: 0 })
 * // => { _tag: 'Right', right: { params: { w: Float32Array [1, 2], b: 0 }, state: …, epoch: 3 } }
 *
 * @throws InvalidTree with the path, for what no file holds: functions, lazy values, instances of classes, trees nested more than 1000 deep.
 */
export const save = (tree: unknown): Uint8Array => {
  const plan = planOf('save', tree)
  const sums = plan.tensors.map(({ bytes }) => checksumOf(bytes))
  return assembled(sealed(plan, sums), plan.inFile)
}
