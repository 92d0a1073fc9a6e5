/** Castagnoli's polynomial, its lowest bit first. */
const POLYNOMIAL = 0x82f63b78

const table = (): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    return crc
  })

let known: Uint32Array | undefined

/**
 * CRC-32C, which guards the records of TensorBoard, the nodes of OCDBT and the indices of Zarr: they are short, so that a byte at a time will do.
 *
 * @example
 * crc32c(new TextEncoder().encode('123456789')).toString(16) // => 'e3069283'
 */
export const crc32c = (bytes: Uint8Array): number => {
  known ??= table()
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (known[(crc ^ byte) & 255] as number)
  return ~crc >>> 0
}
