/**
 * Where the memory of a `transient` goes: one that never grows, besides which a step keeps on the heap what it has
 * planned, some kilobytes for each array.
 */
export interface TransientBytes {
  /** The params, each array with the room between two of them. */
  readonly params: number
  /** The gradients, likewise. */
  readonly grads: number
  /** The arrays of the state, likewise. */
  readonly state: number
  /** Reserved for what a step stores in between; it costs memory only where it is used. */
  readonly scratch: number
  /** How much of the scratch steps have used so far: what `scratchBytes` must be at the least. */
  readonly scratchUsed: number
  /** All that is reserved: the four above in whole pages of 64 KiB, and with threads what they are told through. */
  readonly total: number
}
