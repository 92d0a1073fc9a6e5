// A device for the tests of runners, where one is to be had.
import { existsSync } from 'node:fs'
import type { NdArray } from '@gradchain/core'
import { create } from 'webgpu'
import type { Device } from '../device/types.js'
import { COPY_DST, COPY_SRC, STORAGE } from '../device/usage.js'
import type { DeviceDType, Slot } from './runner.js'

const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json'

// What Dawn hands out lives no longer than what it came from.
const kept: unknown[] = []

const found = async (): Promise<Device | null> => {
  if (process.env['VK_ICD_FILENAMES'] === undefined && existsSync(SWIFTSHADER)) {
    process.env['VK_ICD_FILENAMES'] = SWIFTSHADER
  }
  process.env['XDG_RUNTIME_DIR'] ??= '/tmp'
  const gpu = create([])
  const adapter = await gpu.requestAdapter()
  if (adapter === null) return null
  const device = await adapter.requestDevice()
  device.addEventListener('uncapturederror', ({ error }) => failures.push(error.message))
  kept.push(gpu, adapter, device)
  return device
}

/** What the device complained of so far. */
export const failures: string[] = []

/** The device; `null` where there is none, and then the tests are left out. */
export const device = await found()

const BITS = { float32: 4, float16: 2, bfloat16: 2 } as const

/** A slot in a buffer of its own, with elements in it, so many bytes after its beginning. */
export const slotOf = (data: NdArray['data'], dtype: DeviceDType = 'float32', offset = 0): Slot => {
  if (device === null) throw new Error('there is no device')
  const size = Math.ceil((offset + BITS[dtype] * data.length) / 16) * 16 + 16
  const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST })
  const bytes = new Uint8Array(size)
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset)
  device.queue.writeBuffer(buffer, 0, bytes)
  return { buffer, offset, dtype, length: data.length }
}
