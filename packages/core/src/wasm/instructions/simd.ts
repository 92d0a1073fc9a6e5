import { type Bytes, unsigned } from '../bytes.js'

/** An instruction on vectors, by its code. */
export const simd = (code: number, ...immediates: number[]): Bytes => [0xfd, ...unsigned(code), ...immediates]
