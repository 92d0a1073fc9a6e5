import { type Data, Kind } from './dtype.js'

/** So many elements at an address of a memory. */
export const viewOf = (kind: Kind, buffer: ArrayBufferLike, address: number, size: number): Data =>
  kind === Kind.F32
    ? new Float32Array(buffer, address, size)
    : kind === Kind.F64
      ? new Float64Array(buffer, address, size)
      : new Uint16Array(buffer, address, size)
