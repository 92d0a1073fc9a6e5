// What the two halves of this package agree on: who keeps params, gradients and state in buffers builds graphs over what lies there,
// and a runner has the device compute them.
import type { NdArray } from '@gradchain/core'
import type { Expr } from '@gradchain/core/engine'
import type { DeviceBuffer } from '../device/types.js'

/** The dtypes that devices have room for; they compute in float32. */
export type DeviceDType = 'float32' | 'float16' | 'bfloat16'

/**
 * Elements of one dtype that lie side by side in a buffer of a device.
 *
 * What is read lies at a multiple of 4 bytes. What is written lies at a multiple of 16 bytes, and the bytes up to the next multiple of
 * 16 after its end are its own: they may be overwritten. Its buffer has the usage `STORAGE`.
 */
export interface Slot {
  readonly buffer: DeviceBuffer
  /** Where it begins, in bytes. */
  readonly offset: number
  readonly dtype: DeviceDType
  /** How many elements. */
  readonly length: number
  /** How many bytes from its beginning on are its own, where they are more: of what is written. */
  readonly room?: number
}

/** A node and the slot to which its value goes: that of an array in its dtype, that of a number as one float32. */
export interface Assignment {
  readonly node: Expr
  readonly to: Slot
}

/** Computes graphs over slots of a device; `runnerOn(device)`, beside this file, makes one. */
export interface Runner {
  /**
   * The node of an array that lies in a slot. Nobody else can evaluate it: that throws a LazyValue which says so.
   *
   * The node is for good, and stands for what lies there when it is computed with.
   */
  readonly leaf: (slot: Slot, shape: readonly number[]) => Expr
  /** The node of one number that lies in a slot of one float32. */
  readonly number: (slot: Slot) => Expr
  /**
   * Enqueues all that the nodes need, and writes each to its slot. Whatever is read is what lay there before, though the same slots
   * are written to. The device is never waited for.
   *
   * Graphs of the same structure over the same slots are planned once; only the numbers that the host knows are uploaded again. What
   * the host knows of a graph — arrays that are no slots, too — is read before this returns. Nodes of float64 are computed in float32.
   *
   * What is refused leaves everything as it was.
   *
   * @throws InvalidOption for a slot that does not fit its node, for a function that works on whole arrays (`opaque`), for a float64
   * array of the host, and for a device that is lost.
   */
  readonly enqueue: (assignments: readonly Assignment[]) => void
  /** What lies in slots, once all that was enqueued before is done. */
  readonly read: (slots: readonly Slot[]) => Promise<readonly NdArray['data'][]>
  /** Lets go of what it has of its own for graphs over slots in some buffers, which are about to be no more. */
  readonly forget: (buffers: readonly DeviceBuffer[]) => void
  /** Lets go of everything of its own; slots are their owner's. */
  readonly dispose: () => void
}
