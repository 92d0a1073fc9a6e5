import type { NdArray } from '@gradchain/core'
import type { Device } from '../device/types.js'
import type { Slot } from '../internal/runner.js'

/** Writes elements to where a slot begins; the device takes whole words, and the rest of the last one is the slot's own. */
export const upload = (device: Device, { buffer, offset }: Slot, data: NdArray['data']): void => {
  if (data.length === 0) return
  const isWhole = data.byteLength % 4 === 0 && data.buffer instanceof ArrayBuffer
  device.queue.writeBuffer(
    buffer,
    offset,
    isWhole ? (data as NdArray['data'] & ArrayBufferView<ArrayBuffer>) : padded(data)
  )
}

/** The bytes of an array in memory of their own, up to a whole word. */
const padded = ({ buffer, byteOffset, byteLength }: NdArray['data']): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(Math.ceil(byteLength / 4) * 4)
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength))
  return bytes
}
