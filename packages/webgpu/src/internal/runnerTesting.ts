// What the tests of runners share.
import type { NdArray } from '@gradchain/core'
import type { Expr } from '@gradchain/core/engine'
import { expect, type TestContext } from 'vitest'
import type { Device } from '../device/types.js'
import { COPY_DST, COPY_SRC, STORAGE } from '../device/usage.js'
import { testDevice } from '../testing.js'
import type { Assignment, DeviceDType, Runner, Slot } from './runner.js'
import { runnerOn } from './runnerOn.js'

/** A runner under test. */
export interface TestRunner {
  readonly runner: Runner
  /** A slot in a buffer of its own, with elements in it, so many bytes after its beginning. */
  readonly slotOf: (data: NdArray['data'], dtype?: DeviceDType, offset?: number) => Slot
  readonly leafOf: (slot: Slot, shape?: readonly number[]) => Expr
  /** What lies in slots after some assignments, of which the device had nothing to complain. */
  readonly run: (assignments: readonly Assignment[], read: readonly Slot[]) => Promise<readonly NdArray['data'][]>
}

const failures: string[] = []
const watched = new WeakSet<GPUDevice>()

/** The same device, said to be otherwise. */
const otherwise = (device: GPUDevice, facts: Pick<Device, 'adapterInfo'> & Partial<Device['limits']>): Device => {
  const { adapterInfo = {}, ...limits } = facts
  const { minStorageBufferOffsetAlignment, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } =
    device.limits
  const { maxBufferSize, maxComputeWorkgroupsPerDimension } = device.limits
  return {
    adapterInfo,
    limits: {
      minStorageBufferOffsetAlignment,
      maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage,
      maxBufferSize,
      maxComputeWorkgroupsPerDimension,
      ...limits
    },
    lost: device.lost,
    queue: device.queue,
    createBuffer: (descriptor: GPUBufferDescriptor) => device.createBuffer(descriptor),
    createShaderModule: (descriptor: GPUShaderModuleDescriptor) => device.createShaderModule(descriptor),
    createBindGroup: (descriptor: GPUBindGroupDescriptor) => device.createBindGroup(descriptor),
    createComputePipeline: (descriptor: GPUComputePipelineDescriptor) => device.createComputePipeline(descriptor),
    createCommandEncoder: () => device.createCommandEncoder()
  }
}

/** A runner of the device that tests share, or of one like it that has other facts; without a device the test is left out. */
export const testRunner = async (
  context: TestContext,
  facts?: Pick<Device, 'adapterInfo'> & Partial<Device['limits']>
): Promise<TestRunner> => {
  const device = await testDevice(context)
  if (!watched.has(device)) device.addEventListener('uncapturederror', ({ error }) => failures.push(error.message))
  watched.add(device)
  const runner = runnerOn(facts === undefined ? device : otherwise(device, facts))
  return {
    runner,
    slotOf: (data, dtype = 'float32', offset = 0) => {
      const size = Math.ceil((offset + data.byteLength) / 16) * 16 + 16
      const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST })
      const bytes = new Uint8Array(size)
      bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset)
      device.queue.writeBuffer(buffer, 0, bytes)
      return { buffer, offset, dtype, length: data.length }
    },
    leafOf: (slot, shape = [slot.length]) => runner.leaf(slot, shape),
    run: async (assignments, read) => {
      runner.enqueue(assignments)
      const values = await runner.read(read)
      expect(failures.splice(0)).toStrictEqual([])
      return values
    }
  }
}
