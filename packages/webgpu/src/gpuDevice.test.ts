import { InvalidOption } from '@gradchain/core'
import { expect, test } from 'vitest'
import { gpuDevice } from './gpuDevice.js'
import { adapterOrNull, testDevice, testGpu } from './testing.js'

test('gpuDevice asks for the largest buffers that the adapter has', async (context) => {
  await testDevice(context)
  const adapter = await adapterOrNull()
  const device = await gpuDevice({ gpu: testGpu() })
  for (const name of ['maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage'] as const) {
    expect(device.limits[name]).toBe(adapter?.limits[name])
  }
  device.destroy()
})

test('gpuDevice says where there is no WebGPU, and no adapter', async () => {
  await expect(gpuDevice()).rejects.toThrow(InvalidOption)
  await expect(gpuDevice()).rejects.toThrow('gpuDevice: gpu must be what `navigator.gpu` is, which a page has')
  await expect(gpuDevice({ gpu: { requestAdapter: async () => null } })).rejects.toThrow(
    'gpuDevice: gpu must have an adapter, and found none on this machine'
  )
  await expect(gpuDevice({ gpu: {} as never })).rejects.toThrow('got an object')
  await expect(gpuDevice({ powerPreference: 'most' as never })).rejects.toThrow(
    'gpuDevice: powerPreference must be one'
  )
})
