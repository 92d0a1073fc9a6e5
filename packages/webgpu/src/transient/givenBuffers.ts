import { InvalidTree, shapeOf, show, type Tree } from '@gradchain/core'
import { Expr } from '@gradchain/core/engine'
import type { DeviceBuffer } from '../device/types.js'
import { STORAGE } from '../device/usage.js'
import type { Slot } from '../internal/runner.js'
import { DeviceArray } from './deviceArray.js'
import { bytesOf } from './layout.js'
import type { BufferRange } from './types.js'

const isBuffer = (value: unknown): value is DeviceBuffer =>
  typeof value === 'object' &&
  value !== null &&
  'mapState' in value &&
  'usage' in value &&
  'destroy' in value &&
  typeof value.destroy === 'function'

/** A buffer of a device, or a part of one, as a part; `null` for anything else. */
export const rangeOf = (value: unknown): BufferRange | null => {
  if (isBuffer(value)) return { buffer: value, offset: 0 }
  if (typeof value !== 'object' || value === null || !('buffer' in value) || ArrayBuffer.isView(value)) return null
  return isBuffer(value.buffer) ? (value as BufferRange) : null
}

/** The slot of a part of a buffer that stands for an array, where it may be one. */
export const slotOf = (
  { buffer, offset = 0 }: BufferRange,
  like: Omit<Slot, 'buffer' | 'offset'>,
  place: string
): Slot => {
  if ((buffer.usage & STORAGE) === 0)
    throw new InvalidTree(`${place} must be a buffer of the usage STORAGE, and is of none`)
  if (buffer.mapState !== 'unmapped')
    throw new InvalidTree(`${place} must be a buffer that is not mapped, and is ${buffer.mapState}`)
  if (buffer.size % 4 !== 0) {
    throw new InvalidTree(`${place} must be a buffer of whole words of 4 bytes, and has ${buffer.size} bytes`)
  }
  if (!Number.isSafeInteger(offset) || offset < 0 || offset % 4 !== 0) {
    throw new InvalidTree(`${place} must begin at a multiple of 4 bytes, got the offset ${show(offset)}`)
  }
  const end = offset + bytesOf(like)
  if (end > buffer.size) {
    throw new InvalidTree(
      `${place} must have ${bytesOf(like)} bytes from ${offset} on, and its buffer has ${buffer.size} in all`
    )
  }
  return { buffer, offset, dtype: like.dtype, length: like.length }
}

/**
 * Gradients in which each buffer of the device is what `take` makes of it and of the place of its gradient; `null` where there is no
 * buffer among them.
 */
export const withBuffers = (
  grads: unknown,
  places: Tree,
  take: (range: BufferRange, like: Expr, place: string) => Expr
): Tree | null => {
  let isAny = false
  const visit = (given: unknown, place: unknown, path: string): unknown => {
    // Where there are params below, one of them may be called `buffer`.
    const isLeaf = typeof place !== 'object' || place === null || place instanceof Expr
    const range = isLeaf || isBuffer(given) ? rangeOf(given) : null
    if (range !== null) {
      isAny = true
      const where = `step: grads${path}`
      if (place instanceof Expr) {
        if (given instanceof DeviceArray) refuseOther(given, place, where)
        return take(range, place, where)
      }
      throw new InvalidTree(`${where} is a buffer, params has ${typeof place === 'number' ? 'a number' : 'none there'}`)
    }
    if (!isTree(given) || typeof place !== 'object' || place === null || place instanceof Expr) return given
    if (Array.isArray(given)) {
      return given.map((child, i) => visit(child, (place as readonly unknown[])[i], `${path}[${i}]`))
    }
    const children = place as Readonly<Record<string, unknown>>
    return Object.fromEntries(
      Object.entries(given).map(([key, child]) => [
        key,
        visit(child, Object.hasOwn(children, key) ? children[key] : undefined, `${path}.${key}`)
      ])
    )
  }
  const taken = visit(grads, places, '')
  return isAny ? (taken as Tree) : null
}

/** What is known of an array of a run is not to be taken for something else. */
const refuseOther = ({ dtype, shape }: DeviceArray, like: Expr, place: string): void => {
  const wanted = shapeOf(like)
  if (dtype === like.dtype && `${shape}` === `${wanted}`) return
  throw new InvalidTree(`${place} must be an array of ${like.dtype} [${wanted}], got one of ${dtype} [${shape}]`)
}

const isTree = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === null || prototype === Object.prototype
}
