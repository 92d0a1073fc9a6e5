import { isDetached } from './detached.js'
import type { Data } from './dtype.js'

/**
 * An array that was made in another realm, a frame of a page or a context of `vm`, as one of this realm over the same
 * memory; `undefined` for what is none.
 */
export const ofThisRealm = (value: unknown): Data | undefined => {
  if (!ArrayBuffer.isView(value) || isDetached(value)) return undefined
  const { buffer, byteOffset, byteLength } = value
  const name = (value as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]
  if (name === 'Float32Array') return new Float32Array(buffer, byteOffset, byteLength / 4)
  if (name === 'Float64Array') return new Float64Array(buffer, byteOffset, byteLength / 8)
  if (name === 'Uint16Array') return new Uint16Array(buffer, byteOffset, byteLength / 2)
  return undefined
}
