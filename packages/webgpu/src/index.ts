export type {
  Device,
  DeviceBuffer,
  DeviceEncoder,
  DeviceLoss,
  DevicePass,
  DevicePipeline
} from './device/types.js'
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
export { webgpuEngine } from './webgpuEngine.js'
export { webgpuTolerance } from './webgpuTolerance.js'
