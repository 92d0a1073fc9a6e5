import type { Metadata } from 'h5wasm'

/** What an array of HDF5 is, as far as it is looked at. */
export interface FoundArray {
  readonly kind: 'array'
  readonly shape: readonly number[] | null
  readonly metadata: Pick<Metadata, 'type' | 'size' | 'signed' | 'enum_type'>
  /** Its attribute `dtype`, and what HDF5 calls its dtype. */
  readonly named: unknown
  readonly dtype: unknown
  /** Its bytes, or the only number of an array without axes; nothing of one that is too long or of another type. */
  readonly value: Uint8Array | number | bigint | undefined
}

/** A group of HDF5. */
export interface FoundGroup {
  readonly kind: 'group'
  readonly entries: [key: string, found: Found][]
  /** The attribute `name` of a group that is called `vars`. */
  readonly name?: unknown
}

/** What ends the reading where it is found: a link, too many things, too many groups in each other, or something of another type. */
export interface FoundFlaw {
  readonly kind: 'link' | 'many' | 'deep' | 'other'
  readonly type?: string
}

/** What is in a file of HDF5. */
export type Found = FoundArray | FoundGroup | FoundFlaw

/** A file that is to be read. */
export interface Asked {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** How many bytes all arrays may take, how many things there may be, and how deep. */
  readonly limits: { readonly bytes: number; readonly items: number; readonly depth: number }
}

/** What the worker says: that it is ready, that it cannot be, what was found, or that HDF5 gave up, and whether it can be asked again. */
export type Said =
  | { readonly kind: 'ready' }
  | { readonly kind: 'absent'; readonly why: string }
  | { readonly kind: 'found'; readonly root: FoundGroup }
  | { readonly kind: 'failed'; readonly isBroken: boolean }
