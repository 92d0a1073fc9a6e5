import type { Expr, Given, Gradients, Leaf, NdArray, Same } from '@gradchain/core'
import type { Device, DeviceBuffer } from '../device/types.js'
import type { DeviceArray } from './deviceArray.js'

/** A device that says what went wrong, and ends. */
export interface GpuDevice extends Device {
  pushErrorScope(filter: 'validation' | 'out-of-memory'): unknown
  popErrorScope(): Promise<{ readonly message: string } | null>
}

/** A part of a buffer, from an offset in bytes on, which is a multiple of 4. */
export interface BufferRange {
  readonly buffer: DeviceBuffer
  /** @defaultValue `0` */
  readonly offset?: number | undefined
}

/** A tree like `P` with the places of its arrays; numbers are numbers. */
export type DeviceTree<P> = P extends number
  ? number
  : P extends Leaf | Expr
    ? DeviceArray
    : P extends null
      ? null
      : { -readonly [K in keyof P]: DeviceTree<P[K]> }

/** Gradients for `P`: arrays, or buffers of the device in their place. */
export type GpuGradients<P> =
  | Gradients<P>
  | Given<P>
  | (P extends number
      ? number | null
      : P extends Leaf | Expr
        ? Float32Array | NdArray | DeviceBuffer | BufferRange | null
        : { readonly [K in keyof P]: GpuGradients<P[K]> })

/** The params and the state in ordinary arrays. */
export interface GpuSnapshot<P, State> {
  readonly params: Same<P>
  readonly state: State
}
