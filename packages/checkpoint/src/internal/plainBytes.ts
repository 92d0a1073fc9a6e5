import { InvalidOption, show } from '@gradchain/core'

/** Bytes as a plain `Uint8Array`, over the same memory: the `slice` of a Buffer of Node is a view, not a copy. */
export const plainBytes = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** The bytes that a reader was given, as plain ones. What is none is no damaged file but a mistake. */
export const givenBytes = (owner: string, given: Uint8Array): Uint8Array => {
  if (Object.prototype.toString.call(given) !== '[object Uint8Array]') {
    throw new InvalidOption(`${owner}: bytes must be a Uint8Array, got ${show(given)}`)
  }
  try {
    return plainBytes(given)
  } catch {
    throw new InvalidOption(`${owner}: bytes must be there, got memory that was transferred to someone else`)
  }
}
