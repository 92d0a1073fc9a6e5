import type { Device, DeviceBuffer } from '../device/types.js'
import { COPY_DST, COPY_SRC, STORAGE } from '../device/usage.js'
import type { Slot } from '../internal/runner.js'

const BYTES = 4096
const EACH = 16

/** Places for single numbers, which come one by one; `buffers` grows with them. */
export const numberPlaces = (device: Device, buffers: DeviceBuffer[]): (() => Slot) => {
  let [buffer, offset]: [DeviceBuffer | null, number] = [null, BYTES]
  return () => {
    if (buffer === null || offset === BYTES) {
      buffer = device.createBuffer({ size: BYTES, usage: STORAGE | COPY_SRC | COPY_DST })
      buffers.push(buffer)
      offset = 0
    }
    const slot: Slot = { buffer, offset, dtype: 'float32', length: 1 }
    offset += EACH
    return slot
  }
}
