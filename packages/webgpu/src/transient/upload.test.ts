import type { NdArray } from '@gradchain/core'
import { expect, test } from 'vitest'
import type { Device, DeviceBuffer } from '../device/types.js'
import type { DeviceDType, Slot } from '../internal/runner.js'
import { upload } from './upload.js'

/** Buffers of bytes, and how often something was written to them. */
const machine = () => {
  const contents = new Map<DeviceBuffer, Uint8Array>()
  let calls = 0
  const bufferOf = (size: number): DeviceBuffer => {
    const buffer = { size, usage: 0, mapState: 'unmapped' } as DeviceBuffer
    contents.set(buffer, new Uint8Array(size).fill(255))
    return buffer
  }
  const queue: Pick<Device['queue'], 'writeBuffer'> = {
    writeBuffer: (buffer, offset, data, from = 0, size) => {
      calls += 1
      const each = (data as Uint8Array<ArrayBuffer>).BYTES_PER_ELEMENT ?? 1
      const bytes = size === undefined ? data.byteLength - from * each : size * each
      expect(bytes % 4).toBe(0)
      expect(data.buffer ?? data).toBeInstanceOf(ArrayBuffer)
      contents.get(buffer)?.set(new Uint8Array(data.buffer, data.byteOffset + from * each, bytes), offset)
    }
  }
  const slotOf = (buffer: DeviceBuffer, offset: number, length: number, dtype: DeviceDType = 'float32'): Slot => ({
    ...{ buffer, offset, dtype, length },
    room: Math.max(256, Math.ceil((length * (dtype === 'float32' ? 4 : 2)) / 256) * 256)
  })
  const held = ({ buffer, offset, dtype, length }: Slot): NdArray['data'] => {
    const bytes = contents.get(buffer)?.slice(offset) as Uint8Array<ArrayBuffer>
    return dtype === 'float32' ? new Float32Array(bytes.buffer, 0, length) : new Uint16Array(bytes.buffer, 0, length)
  }
  return { device: { queue } as Device, bufferOf, slotOf, held, calls: () => calls }
}

const counted = (length: number, from: number): Float32Array => Float32Array.from({ length }, (_, i) => from + i)

test('small arrays that lie one after the other are written together', () => {
  const { device, bufferOf, slotOf, held, calls } = machine()
  const buffer = bufferOf(4096)
  const lengths = [64, 1, 65, 3, 0, 2]
  let offset = 0
  const writes = lengths.map((length, i) => {
    const to = slotOf(buffer, offset, length)
    offset += to.room as number
    return { to, data: counted(length, 100 * i) }
  })
  upload(device, writes)
  for (const { to, data } of writes) expect(held(to)).toStrictEqual(data)
  expect(calls()).toBe(1)
})

test('what is shared with threads is copied, as a device need not take it', () => {
  const { device, bufferOf, slotOf, held } = machine()
  const data = new Float32Array(new SharedArrayBuffer(8)).fill(3)
  const to = slotOf(bufferOf(256), 0, 2)
  upload(device, [{ to, data }])
  expect(held(to)).toStrictEqual(Float32Array.of(3, 3))
})

test('those of 16 bits too, up to a whole word', () => {
  const { device, bufferOf, slotOf, held, calls } = machine()
  const buffer = bufferOf(1024)
  const writes = [3, 1].map((length, i) => ({
    to: slotOf(buffer, 256 * i, length, 'float16'),
    data: Uint16Array.from({ length }, (_, k) => 7 * i + k + 1)
  }))
  upload(device, writes)
  for (const { to, data } of writes) expect(held(to)).toStrictEqual(data)
  expect(calls()).toBe(1)
})

test.each<
  readonly [string, number, (buffers: readonly DeviceBuffer[]) => readonly (readonly [DeviceBuffer, number, number])[]]
>([
  [
    'large ones',
    2,
    ([a]) => [
      [a as DeviceBuffer, 0, 5000],
      [a as DeviceBuffer, 20224, 5000]
    ]
  ],
  [
    'a large one behind a small one',
    2,
    ([a]) => [
      [a as DeviceBuffer, 0, 4],
      [a as DeviceBuffer, 256, 5000]
    ]
  ],
  [
    'those that lie in other buffers',
    2,
    ([a, b]) => [
      [a as DeviceBuffer, 0, 4],
      [b as DeviceBuffer, 256, 4]
    ]
  ],
  [
    'those with something in between',
    2,
    ([a]) => [
      [a as DeviceBuffer, 0, 4],
      [a as DeviceBuffer, 512, 4]
    ]
  ],
  [
    'those in another order',
    2,
    ([a]) => [
      [a as DeviceBuffer, 256, 4],
      [a as DeviceBuffer, 0, 4]
    ]
  ],
  ['none at all', 0, () => []],
  ['an empty one', 0, ([a]) => [[a as DeviceBuffer, 0, 0]]]
])('%s are written by themselves', (_, wanted, placesOf) => {
  const { device, bufferOf, slotOf, held, calls } = machine()
  const writes = placesOf([bufferOf(2 ** 16), bufferOf(2 ** 16)]).map(([buffer, offset, length], i) => ({
    to: slotOf(buffer, offset, length),
    data: counted(length, 10 * i)
  }))
  upload(device, writes)
  for (const { to, data } of writes) expect(held(to)).toStrictEqual(data)
  expect(calls()).toBe(wanted)
})

test('more than there is room for goes in several pieces', () => {
  const { device, bufferOf, slotOf, held, calls } = machine()
  const buffer = bufferOf(2 ** 19)
  const writes = Array.from({ length: 100 }, (_, i) => ({
    to: slotOf(buffer, 4096 * i, 1001),
    data: counted(1001, i)
  }))
  upload(device, writes)
  for (const { to, data } of writes) expect(held(to)).toStrictEqual(data)
  expect(calls()).toBe(2)
})
