// For tests: WebGPU in Node, by Dawn on SwiftShader or on whatever Vulkan driver there is. Everything of it is kept for as long as the process
// lives, as Dawn wants it.
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import process from 'node:process'
import type { TestContext } from 'vitest'
import { create } from 'webgpu'
import { leftOut } from '../../../tests/packed/leftOut.js'

/** What Debian's Chromium brings. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json'

const kept: unknown[] = []
let adapter: Promise<GPUAdapter | null> | undefined
let device: Promise<GPUDevice> | undefined

// At once, as others may ask for an adapter before us.
if (process.env['VK_ICD_FILENAMES'] === undefined && existsSync(SWIFTSHADER)) {
  process.env['VK_ICD_FILENAMES'] = SWIFTSHADER
}
process.env['XDG_RUNTIME_DIR'] ??= tmpdir()

const findAdapter = async (): Promise<GPUAdapter | null> => {
  const gpu = testGpu()
  const found = await gpu.requestAdapter()
  kept.push(found)
  return found
}

let gpu: GPU | undefined

/** What `navigator.gpu` is in a page. */
export const testGpu = (): GPU => {
  gpu ??= create([])
  return gpu
}

/** The adapter of this machine; `null` where there is none. */
export const adapterOrNull = (): Promise<GPUAdapter | null> => {
  adapter ??= findAdapter().catch(() => null)
  return adapter
}

/** The device that the tests of a process share; without an adapter the test is left out, and says so. */
export const testDevice = async (context?: TestContext): Promise<GPUDevice> => {
  const found = await adapterOrNull()
  if (found !== null) {
    device ??= found.requestDevice()
    return device
  }
  const why = 'there is no WebGPU here (apt-get install chromium libvulkan1)'
  if (context === undefined) throw new Error(why)
  return leftOut(context, why)
}

/** Another device of the same adapter. */
export const otherDevice = async (): Promise<GPUDevice> => {
  await adapterOrNull()
  // An adapter gives one device.
  const another = await testGpu().requestAdapter()
  if (another === null) throw new Error('there is no adapter')
  kept.push(another)
  return another.requestDevice()
}
