import type { NdArray } from '@gradchain/core'
import type { Device } from '../device/types.js'
import type { Slot } from '../internal/runner.js'
import { bytesOf } from './layout.js'

/** Elements that are to be where a slot begins. */
export interface Written {
  readonly to: Slot
  readonly data: NdArray['data']
}

/** A larger array is written by itself: to copy it would cost more than the call. */
const SMALL = 2 ** 14
/** So many bytes are written together. */
const TOGETHER = 2 ** 18

/** Memory for what is written together, once there is anything. */
let staging: { readonly floats: Float32Array<ArrayBuffer>; readonly halves: Uint16Array<ArrayBuffer> } | null = null

const isSmall = ({ to }: Written): boolean => bytesOf(to) <= SMALL

/** Whether an array begins where the room of the one before it ends. */
const follows = ({ to }: Written, { to: before }: Written): boolean =>
  to.buffer === before.buffer && before.room !== undefined && to.offset === before.offset + before.room

/**
 * Writes elements to where slots begin; the device takes whole words, and the rest of the last one is the slot's own. Small arrays
 * that lie one after the other are written together; what is between them is nobody's.
 */
export const upload = (device: Device, writes: readonly Written[]): void => {
  for (let from = 0; from < writes.length; ) {
    const first = writes[from] as Written
    let end = from + 1
    for (; end < writes.length && isSmall(first); end++) {
      const next = writes[end] as Written
      const isNear = next.to.offset + bytesOf(next.to) - first.to.offset <= TOGETHER - 4
      if (!isNear || !isSmall(next) || !follows(next, writes[end - 1] as Written)) break
    }
    if (end === from + 1) alone(device, first)
    else together(device, writes.slice(from, end))
    from = end
  }
}

const together = ({ queue }: Device, writes: readonly Written[]): void => {
  if (staging === null) {
    const memory = new ArrayBuffer(TOGETHER)
    staging = { floats: new Float32Array(memory), halves: new Uint16Array(memory) }
  }
  const { floats, halves } = staging
  const { buffer, offset } = (writes[0] as Written).to
  let bytes = 0
  for (const { to, data } of writes) {
    const at = to.offset - offset
    if (to.dtype === 'float32') floats.set(data, at / 4)
    else halves.set(data, at / 2)
    bytes = at + bytesOf(to)
  }
  queue.writeBuffer(buffer, offset, floats, 0, Math.ceil(bytes / 4))
}

const alone = ({ queue }: Device, { to: { buffer, offset }, data }: Written): void => {
  if (data.length === 0) return
  const isWhole = data.byteLength % 4 === 0 && data.buffer instanceof ArrayBuffer
  queue.writeBuffer(buffer, offset, isWhole ? (data as NdArray['data'] & ArrayBufferView<ArrayBuffer>) : padded(data))
}

/** The bytes of an array in memory of their own, up to a whole word. */
const padded = ({ buffer, byteOffset, byteLength }: NdArray['data']): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(Math.ceil(byteLength / 4) * 4)
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength))
  return bytes
}
