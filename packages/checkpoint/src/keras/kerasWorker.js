// What reads HDF5, in a thread of its own: h5wasm can be busy without end over a damaged file, and a thread can be ended.
// Plain JavaScript, because workers load it as it is. What is found is judged by those who asked.

// Imported at once: Vite up to version 7 makes workers of one piece, and refuses what is imported later.
import { File, ready } from 'h5wasm'

/** @import { Dataset, Group } from 'h5wasm' */
/** @import { Asked, FoundArray, FoundFlaw, FoundGroup, Said } from './found.js' */

/** Whole numbers, floats, opaque bytes and enumerations; arrays of other types are not read. */
const READ = new Set([0, 1, 5, 8])

/** Ends a walk: what was found last is why. */
class Ended extends Error {}

/** @typedef {{ bytes: number, items: number, depth: number }} Left */

/**
 * @param {Dataset} dataset
 * @param {Left} left
 * @returns {FoundArray}
 */
const arrayOf = (dataset, left) => {
  const { shape, dtype } = dataset
  const { type, size, signed, enum_type } = dataset.metadata
  const bytes = (shape ?? []).reduce((product, length) => product * length, size)
  const isRead = shape !== null && READ.has(type) && bytes <= left.bytes
  if (isRead) left.bytes -= bytes
  return {
    kind: 'array',
    shape,
    metadata: { type, size, signed, ...(enum_type === undefined ? {} : { enum_type }) },
    named: dataset.attrs['dtype']?.value,
    dtype,
    value: isRead ? own(dataset.value) : undefined
  }
}

/** @param {unknown} value */
const own = (value) => {
  // With a view, all memory that it is of would be handed over.
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice()
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined
}

/**
 * @param {Group} group
 * @param {readonly string[]} keys
 * @param {FoundGroup} found
 * @param {Left} left
 */
const walk = (group, keys, found, left) => {
  for (const key of group.keys()) {
    const at = [...keys, key]
    /** @param {FoundFlaw} flaw */
    const end = (flaw) => {
      found.entries.push([key, flaw])
      throw new Ended()
    }
    if (isLink(group, at)) end({ kind: 'link' })
    // A group that is in itself would never end.
    if (left.items-- === 0) end({ kind: 'many' })
    const child = group.get(key)
    const type = child !== null && 'type' in child ? child.type : 'something else'
    if (type === 'Group') {
      if (at.length > left.depth) end({ kind: 'deep' })
      const inner = /** @type {Group} */ (child)
      /** @type {FoundGroup} */
      const below = { kind: 'group', entries: [], ...(key === 'vars' ? { name: inner.attrs['name']?.value } : {}) }
      found.entries.push([key, below])
      walk(inner, at, below, left)
    } else if (type === 'Dataset') {
      found.entries.push([key, arrayOf(/** @type {Dataset} */ (child), left)])
    } else {
      end({ kind: 'other', type })
    }
  }
}

/**
 * Whether something is only a name for something else; of what is none, h5wasm gives no text.
 *
 * @param {Group} group
 * @param {readonly string[]} keys
 */
const isLink = (group, keys) => {
  const target = group.get_link(`/${keys.join('/')}`)
  return typeof target === 'string' && target !== ''
}

/** Files of HDF5 are opened by a name in a file system of memory. */
const NAME = 'read.h5'

/**
 * @param {Asked} asked
 * @returns {Promise<Said>}
 */
const read = async ({ bytes, limits }) => {
  const { FS } = await ready
  /** @type {FoundGroup} */
  const root = { kind: 'group', entries: [] }
  try {
    FS.writeFile(NAME, bytes)
    const file = new File(NAME, 'r')
    try {
      walk(file, [], root, { ...limits })
    } finally {
      file.close()
      FS.unlink(NAME)
    }
  } catch (error) {
    // HDF5 gives up on damaged files by errors of many kinds; after one of WebAssembly nothing can be relied on any more.
    if (!(error instanceof Ended)) return { kind: 'failed', isBroken: error instanceof WebAssembly.RuntimeError }
  }
  return { kind: 'found', root }
}

/** @param {(said: Said) => void} say */
const reader = async (say) => {
  try {
    // Else HDF5 prints what it does not like.
    ;(await ready).activate_throwing_error_handler()
  } catch (error) {
    say({ kind: 'absent', why: String(error) })
    return async () => {}
  }
  say({ kind: 'ready' })
  /** @param {Asked} asked */
  return async (asked) => say(await read(asked))
}

if (typeof process === 'object' && process.versions?.node !== undefined) {
  const { parentPort } = process.getBuiltinModule('node:worker_threads')
  const answer = reader((said) => parentPort?.postMessage(said))
  parentPort?.on('message', async (asked) => (await answer)(asked))
} else {
  const answer = reader((said) => globalThis.postMessage(said))
  globalThis.onmessage = async ({ data }) => (await answer)(data)
}
