import { check, InvalidOption, oneOf, type Requirement, withDefaults } from '@gradchain/core'
import type { Device } from './device/types.js'

/** What gives adapters: `navigator.gpu`, whichever typings a program has. */
export interface AdapterSource<D extends Device> {
  requestAdapter(options: { readonly powerPreference: 'high-performance' | 'low-power' }): Promise<Adapter<D> | null>
}

/** What gives a device. */
export interface Adapter<D extends Device> {
  readonly limits: Pick<Device['limits'], (typeof LIMITS)[number]>
  requestDevice(descriptor: { readonly requiredLimits: Record<string, number> }): Promise<D>
}

/** Options of {@link gpuDevice}. */
export interface GpuDeviceOptions<D extends Device> {
  /** Where adapters come from, such as what `create` of the npm package `webgpu` gives in Node. @defaultValue `navigator.gpu` */
  readonly gpu?: AdapterSource<D> | undefined
  /** What to prefer where there are several. @defaultValue `'high-performance'` */
  readonly powerPreference?: 'high-performance' | 'low-power' | undefined
}

/** Which limits are asked for as far as the adapter goes: where params are many, the usual ones end early. */
const LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage'] as const

const kept = /* @__PURE__ */ new WeakMap<Device, readonly unknown[]>()

/**
 * A device of WebGPU for params of any size: with the largest buffers that its adapter has. Any other `GPUDevice` will do, too, such as that
 * of jax-js or of TensorFlow.js; this one asks for room.
 *
 * In Node, `gpu` comes from the npm package [webgpu](https://www.npmjs.com/package/webgpu): `gpuDevice({ gpu: create([]) })`.
 *
 * @example
 * const noGpu = { requestAdapter: async () => null }
 * await gpuDevice({ gpu: noGpu }) // => throws InvalidOption: gpuDevice: gpu must have an adapter, …
 *
 * @throws InvalidOption where there is no WebGPU, or no adapter.
 */
export const gpuDevice = async <D extends Device = Device>(options: GpuDeviceOptions<D> = {}): Promise<D> => {
  const { gpu, powerPreference } = withDefaults<GpuDeviceOptions<D>>('gpuDevice', options, {
    gpu: (globalThis as { readonly navigator?: { readonly gpu?: AdapterSource<D> } }).navigator?.gpu,
    powerPreference: 'high-performance'
  })
  check('gpuDevice', { powerPreference }, oneOf('high-performance', 'low-power'))
  check('gpuDevice', { gpu }, aSource)
  const adapter = await (gpu as AdapterSource<D>).requestAdapter({ powerPreference: powerPreference as 'low-power' })
  if (adapter === null) throw new InvalidOption('gpuDevice: gpu must have an adapter, and found none on this machine')
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]))
  const device = await adapter.requestDevice({ requiredLimits })
  // Some bindings want it all kept for as long as the device is used.
  kept.set(device, [gpu, adapter])
  return device
}

const aSource: Requirement = {
  what: 'what `navigator.gpu` is, which a page has that comes by https or from localhost, and Node by the package webgpu',
  holds: (x) => typeof x === 'object' && x !== null && 'requestAdapter' in x && typeof x.requestAdapter === 'function'
}
