import { type Bytes, unsigned } from '../bytes.js'

export const load = (offset: number): Bytes => [0x2a, 2, ...unsigned(offset)]
export const store = (offset: number): Bytes => [0x38, 2, ...unsigned(offset)]
export const add: Bytes = [0x92]
