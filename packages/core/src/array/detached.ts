/**
 * Whether the memory of an array was handed on to someone else (`postMessage`, `structuredClone` with a transfer): then it
 * looks like an array without elements.
 */
export const isDetached = (array: ArrayBufferView): boolean => {
  if (array.byteLength > 0) return false
  try {
    // Node 20 has no `buffer.detached`.
    new Uint8Array(array.buffer)
    return false
  } catch {
    return true
  }
}
