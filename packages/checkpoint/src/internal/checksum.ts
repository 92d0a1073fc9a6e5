import { Checksum } from '@gradchain/core/bytes'

/** The checksum of bytes, as eight digits. */
export const checksumOf = (bytes: Uint8Array): string => digits(new Checksum().add(bytes).value)

/** A checksum as it is written: eight digits. */
export const digits = (checksum: number): string => checksum.toString(16).padStart(8, '0')
