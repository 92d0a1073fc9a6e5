export { type Adapter, type AdapterSource, type GpuDeviceOptions, gpuDevice } from './gpuDevice.js'
