import type { OpaqueFunction } from '@gradchain/core'

/** A function under a name that minifiers leave alone: that by which equations and messages speak of it. */
export const called = (name: string, f: OpaqueFunction): OpaqueFunction =>
  Object.defineProperty(f, 'name', { value: name })
