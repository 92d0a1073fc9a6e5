// What is exported from `@gradchain/core/bytes`, for packages beside this one: the checksums that several formats have.
export { Checksum } from './checksum.js'
export { crc32c } from './crc32c.js'
