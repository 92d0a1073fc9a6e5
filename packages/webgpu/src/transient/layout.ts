import { InvalidOption, InvalidTree } from '@gradchain/core'
import type { Resident } from '@gradchain/core/engine'
import type { Device, DeviceBuffer } from '../device/types.js'
import { COPY_DST, COPY_SRC, STORAGE } from '../device/usage.js'
import type { DeviceDType, Slot } from '../internal/runner.js'

/** Bytes at whose multiples arrays begin: what every device takes for the beginning of a binding. */
const ALIGNMENT = 256

const BYTES: Readonly<Record<DeviceDType, number>> = { float32: 4, float16: 2, bfloat16: 2 }

/** How many elements a shape has. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1)

/** How many bytes the elements of a slot take. */
export const bytesOf = ({ dtype, length }: Pick<Slot, 'dtype' | 'length'>): number => BYTES[dtype] * length

/** Arrays that lie side by side. */
interface Block {
  readonly key: string
  bytes: number
}

/** Where each array lies in which block. */
interface Plan {
  readonly blocks: readonly Block[]
  readonly places: readonly (Pick<Slot, 'offset' | 'dtype' | 'room'> & { readonly block: number })[]
}

const isDeviceDType = (dtype: string): dtype is DeviceDType => dtype in BYTES

/** What a buffer may have, and how much of one may be bound at a time. */
interface Most {
  readonly inBuffer: number
  readonly bound: number
}

const planOf = (owner: string, arrays: readonly Resident[], most: Most): Plan => {
  const blocks: Block[] = []
  const open = new Map<string, number>()
  const places = arrays.map(({ tree, path, dtype, shape }) => {
    const place = `${owner}: ${tree}${path}`
    if (!isDeviceDType(dtype)) {
      throw new InvalidTree(`${place} must be of float32, float16 or bfloat16, which devices have, got ${dtype}`)
    }
    const bytes = Math.max(ALIGNMENT, Math.ceil(bytesOf({ dtype, length: sizeOf(shape) }) / ALIGNMENT) * ALIGNMENT)
    if (bytes > most.inBuffer) {
      throw new InvalidOption(
        `${place} must fit one buffer of the device, of ${most.inBuffer} bytes, and takes ${bytes}`
      )
    }
    const key = `${tree} ${dtype}`
    let block = open.get(key)
    if (block === undefined || (blocks[block] as Block).bytes + bytes > most.bound) {
      block = blocks.push({ key, bytes: 0 }) - 1
      open.set(key, block)
    }
    const own = blocks[block] as Block
    const offset = own.bytes
    own.bytes += bytes
    return { block, offset, dtype, room: bytes }
  })
  return { blocks, places }
}

/** Buffers with arrays in them. */
export interface Layout {
  readonly slots: readonly Slot[]
  readonly buffers: readonly DeviceBuffer[]
}

/**
 * Places for arrays: those of one tree and one dtype lie in one buffer, or, where that would be larger than the device takes, in
 * several.
 *
 * @throws InvalidTree for a dtype that devices have not; InvalidOption for an array that is too large; nothing was taken then.
 */
export const layOut = (owner: string, device: Device, arrays: readonly Resident[]): Layout => {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits
  const inBuffer = Math.floor(maxBufferSize / ALIGNMENT) * ALIGNMENT
  const bound = Math.min(inBuffer, Math.floor(maxStorageBufferBindingSize / ALIGNMENT) * ALIGNMENT)
  const { blocks, places } = planOf(owner, arrays, { inBuffer, bound })
  const usage = STORAGE | COPY_SRC | COPY_DST
  const buffers = blocks.map(({ bytes, key }) => device.createBuffer({ size: bytes, usage, label: `${owner} ${key}` }))
  const slots = places.map(({ block, ...place }, i): Slot => {
    const { shape } = arrays[i] as Resident
    return { buffer: buffers[block] as DeviceBuffer, ...place, length: sizeOf(shape) }
  })
  return { slots, buffers }
}
