// What is exported from `@gradchain/core/bytes`, for packages beside this one: what several formats of files need.
export { Checksum } from './checksum.js'
export { crc32c } from './crc32c.js'
export { joined } from './joined.js'
