export type { Device, DeviceBuffer } from './device/types.js'
export { type Adapter, type AdapterSource, type GpuDeviceOptions, gpuDevice } from './gpuDevice.js'
export { type GpuTransient, type GpuTransientOptions, gpuTransient } from './gpuTransient.js'
export { DeviceArray } from './transient/deviceArray.js'
export type {
  BufferRange,
  DeviceTree,
  GpuDevice,
  GpuGradients,
  GpuSnapshot
} from './transient/types.js'
