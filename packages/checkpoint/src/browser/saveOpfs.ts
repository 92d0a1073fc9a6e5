import { planOf } from '../internal/plan.js'
import { writeTo } from '../internal/writeTo.js'
import { placeOf } from './internal/opfs.js'

/**
 * Writes a tree to a file of the page's own, in the origin private file system: `runs/a.safetensors`, whose folders are made. Until all of it is
 * written the old file stands, whatever happens to the page meanwhile. Arrays go there piece by piece, and must not change before the
 * promise is kept: of a `transient` give the `snapshot()`.
 *
 * @example
 * const onEpoch = (epoch: number, params: { w: Float32Array }) => saveOpfs('runs/a.safetensors', { epoch, params })
 *
 * @throws InvalidTree as {@link save} does, InvalidOption for a path that is none, and what the file system throws: the promise is rejected.
 */
export const saveOpfs = async (path: string, tree: unknown): Promise<void> => {
  const plan = planOf('saveOpfs', tree)
  const [folder, name] = await placeOf('saveOpfs', path, { create: true })
  const file = await folder.getFileHandle(name, { create: true })
  // What is written becomes the file when it is closed.
  const stream = await file.createWritable()
  try {
    await writeTo((bytes, position) => stream.write({ type: 'write', position, data: ownBytes(bytes) }), plan)
  } catch (error) {
    await stream.abort(error)
    throw error
  }
  await stream.close()
}

/** Bytes in memory that is not shared, as streams want them. */
const ownBytes = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => (isOwn(bytes) ? bytes : Uint8Array.from(bytes))

const isOwn = (bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> => bytes.buffer instanceof ArrayBuffer
