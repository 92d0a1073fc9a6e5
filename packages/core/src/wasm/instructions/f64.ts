import { type Bytes, unsigned } from '../bytes.js'

export const load = (offset: number): Bytes => [0x2b, 3, ...unsigned(offset)]
export const store = (offset: number): Bytes => [0x39, 3, ...unsigned(offset)]
export const add: Bytes = [0xa0]
export const min: Bytes = [0xa4]
export const max: Bytes = [0xa5]
export const promote: Bytes = [0xbb]
export const toF32: Bytes = [0xb6]
