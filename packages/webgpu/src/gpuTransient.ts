import {
  type AnyGradientTransformation,
  type Asked,
  boolean,
  check,
  type ExtraArguments,
  type ExtraOf,
  type Requirement,
  required,
  type StateOf,
  type Valid,
  withDefaults
} from '@gradchain/core'
import { GpuRun } from './transient/run.js'
import type { DeviceTree, GpuDevice, GpuGradients, GpuSnapshot } from './transient/types.js'

/** Options of {@link gpuTransient}. */
export interface GpuTransientOptions<State> {
  /** Where params, gradients and state lie: a `GPUDevice`, such as that of {@link gpuDevice}, of jax-js or of TensorFlow.js. */
  readonly device: GpuDevice
  /** The state to go on from; its arrays are copied. @defaultValue a fresh one */
  readonly state?: State | undefined
  /** Whether what an optimizer wants on the host in the middle of a step may be read back. @defaultValue `false` */
  readonly allowReadback?: boolean | undefined
}

/** The key of what `using` calls, where the types of the runtime know it. */
type DisposeKey = SymbolConstructor extends { readonly dispose: infer Key extends symbol } ? Key : never

/** Params, gradients and state on a device, updated where they stand: what {@link gpuTransient} gives. */
export interface GpuTransient<P, State, Extra> extends Readonly<Record<DisposeKey, () => void>> {
  /** Where the params lie, for kernels of your own to read. A number that comes out of arrays lies on the device, too. */
  readonly params: DeviceTree<P>
  /** Where gradients are taken from, for kernels of your own to write to; numbers are assigned (`run.grads.b = 3`). */
  readonly grads: DeviceTree<P>
  /**
   * One step: with arrays, which are uploaded, with buffers of the device, which are read where they are, or with what was written to
   * `grads`. It is enqueued, not waited for: what is submitted to the queue before is read by it, what comes after finds the new
   * params. Where a gradient is `null`, the param rests.
   *
   * Arrays and numbers that were given stay in `grads` until they are written over, as in `transient`: a `step()` that follows takes them
   * again. Buffers are not copied there: after a step with buffers, `grads` is to be written anew.
   */
  readonly step: <E extends ExtraArguments<Extra> = ExtraArguments<Extra>>(
    this: Asked<E, Extra>,
    grads?: GpuGradients<P>,
    ...extra: E
  ) => void
  /** Fulfilled when all steps are done; rejected with what went wrong in one of them. */
  readonly ready: () => Promise<void>
  /** The params and the state after the steps so far, in ordinary arrays. */
  readonly snapshot: () => Promise<GpuSnapshot<P, State>>
  /** The last snapshot, `null` before there is one; it stays when the device is lost. */
  readonly last: GpuSnapshot<P, State> | null
  /** Goes on from another state, such as that of a snapshot with another number in it. What does not fit is refused. */
  readonly setState: (state: State) => void
  /** Whether values are read back in the middle of steps, which are made one after the other then. */
  readonly readsBack: boolean
  /** How many bytes of the device are taken. */
  readonly bytes: number
  /** Gives the memory back. `using run = gpuTransient(…)` calls it at the end of the block, where the runtime has `Symbol.dispose`. */
  readonly dispose: () => void
}

/**
 * The steps of `step` on a device of WebGPU: params, gradients and state stay in its buffers, and a step is a few kernels over all of
 * them. Any chain works, as it is: what it computes becomes shaders, each chain of elementwise operations one for all leaves.
 *
 * Arrays are float32, float16 or bfloat16, computed in float32; those of one dtype lie in one buffer, each at a multiple of 256 bytes.
 * Numbers that the host knows, such as counts, rates and injected hyperparameters, stay with it, in float64; those that come
 * out of arrays, such as the estimate of Prodigy, lie on the device from then on, as float32.
 *
 * What an optimizer wants on the host in the middle of a step is refused at construction, with its place: `applyIfFinite`, decompositions of
 * matrices, a `{ init, update }` of yours on arrays. With `allowReadback: true` it is read back: steps wait for one another behind the
 * scenes, {@link GpuTransient.ready} tells when they are done, and functions on arrays may be called more than once for a step.
 * Functions of the params, such as masks, that look at shapes and dtypes alone read nothing.
 *
 * A buffer of another device, or a destroyed one, is found by the device after `step` has returned: `ready`, `snapshot` and the next
 * step say so, and the run goes no further. When the device is lost, `step` says why; the params of `last` are what is left.
 *
 * Laws: the params and states of repeated `step`, within the rounding of float32; going on from the state of a snapshot is going on; a step
 * takes no new memory.
 *
 * @example
 * import { create } from 'webgpu'
 *
 * const device = await gpuDevice({ gpu: create([]) })
 * const run = gpuTransient(scale(-0.5), { w: new Float32Array([1, 2]) }, { device })
 * run.step({ w: new Float32Array([2, 2]) })
 * const { params } = await run.snapshot()
 * params // => { w: Float32Array [0, 1] }
 * run.dispose()
 *
 * @throws InvalidTree for params that are no tree of arrays, and for float64, which devices have not; InvalidOption for what cannot be
 * computed there and may not be read back, and for an array that does not fit the device, with the sizes; InvalidState for a state of
 * another optimizer, after `dispose()`, and when the device is lost.
 * @see transient, gpuDevice
 */
export const gpuTransient = <T extends AnyGradientTransformation, P>(
  optimizer: T,
  params: Valid<P>,
  options: GpuTransientOptions<StateOf<T>>
): GpuTransient<P, StateOf<T>, ExtraOf<T>> => {
  const { device, state, allowReadback } = withDefaults<Required<GpuTransientOptions<StateOf<T>>>>(
    'gpuTransient',
    options,
    { device: required, state: undefined, allowReadback: false }
  )
  check('gpuTransient', { allowReadback }, boolean)
  check('gpuTransient', { device }, aDevice)
  const run = new GpuRun(optimizer, params, device, state, allowReadback as boolean)
  // On the outside the type of the tree is kept, inside it is erased.
  return run as unknown as GpuTransient<P, StateOf<T>, ExtraOf<T>>
}

const aDevice: Requirement = {
  what: 'a GPUDevice',
  holds: (x) => typeof x === 'object' && x !== null && 'queue' in x && 'createBuffer' in x && 'limits' in x
}
