/** Bytes as a plain `Uint8Array`, over the same memory: the `slice` of a Buffer of Node is a view, not a copy. */
export const plainBytes = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
