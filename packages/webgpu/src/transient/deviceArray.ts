import type { DeviceBuffer } from '../device/types.js'
import type { DeviceDType, Slot } from '../internal/runner.js'

/** Where an array lies: the elements of its dtype, row by row, from `offset` on; those of 16 bits two to a word. A leaf of trees. */
export class DeviceArray {
  readonly buffer: DeviceBuffer
  /** In bytes; a multiple of 256, for a single number of 16. */
  readonly offset: number
  readonly dtype: DeviceDType
  readonly shape: readonly number[]

  constructor({ buffer, offset, dtype }: Slot, shape: readonly number[]) {
    this.buffer = buffer
    this.offset = offset
    this.dtype = dtype
    this.shape = Object.freeze([...shape])
    Object.freeze(this)
  }
}
