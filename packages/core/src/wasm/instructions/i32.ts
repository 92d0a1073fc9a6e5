import { type Bytes, signed, unsigned } from '../bytes.js'

const constant = (value: number): Bytes => [0x41, ...signed(value)]

export { constant as const }
export const load = (offset: number): Bytes => [0x28, 2, ...unsigned(offset)]
export const add: Bytes = [0x6a]
export const sub: Bytes = [0x6b]
export const mul: Bytes = [0x6c]
export const divU: Bytes = [0x6e]
export const remU: Bytes = [0x70]
export const and: Bytes = [0x71]
export const shl: Bytes = [0x74]
export const shrU: Bytes = [0x76]
export const eqz: Bytes = [0x45]
export const eq: Bytes = [0x46]
export const ltU: Bytes = [0x49]
export const geU: Bytes = [0x4f]
export const geS: Bytes = [0x4e]
export const select: Bytes = [0x1b]
