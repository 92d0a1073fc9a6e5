import { type Bytes, float32, unsigned } from '../bytes.js'

export const load = (offset: number): Bytes => [0x2a, 2, ...unsigned(offset)]
export const store = (offset: number): Bytes => [0x38, 2, ...unsigned(offset)]
export const add: Bytes = [0x92]
export const mul: Bytes = [0x94]
export const div: Bytes = [0x95]
export const ge: Bytes = [0x60]
export const constant = (value: number): Bytes => [0x43, ...float32(value)]
/** A number as its bits, and the other way round. */
export const toBits: Bytes = [0xbc]
export const fromBits: Bytes = [0xbe]
