import { crc32c } from '@gradchain/core/bytes'

/** The CRC-32C of bytes, turned and shifted, so that a record of records has not the CRC of a CRC. */
export const maskedCrc = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

/** A record of an event file: its length and its bytes, each with a masked CRC behind it. */
export const tensorBoardRecord = (data: Uint8Array): Uint8Array => {
  const record = new Uint8Array(data.length + 16)
  const view = new DataView(record.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true)
  record.set(data, 12)
  view.setUint32(12 + data.length, maskedCrc(data), true)
  return record
}
