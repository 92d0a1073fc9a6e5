import { type Bytes, unsigned } from '../bytes.js'

/** Types of values. */
export const I32 = 0x7f
export const F64 = 0x7c
export const V128 = 0x7b

/** Local variables and control. */
export const get = (local: number): Bytes => [0x20, ...unsigned(local)]
export const set = (local: number): Bytes => [0x21, ...unsigned(local)]
export const tee = (local: number): Bytes => [0x22, ...unsigned(local)]
export const getGlobal = (index: number): Bytes => [0x23, ...unsigned(index)]
export const call = (index: number): Bytes => [0x10, ...unsigned(index)]
export const END: Bytes = [0x0b]

/** Runs the body while the condition holds. */
export const loopWhile = (condition: Bytes, body: Bytes): Bytes => [
  ...[0x02, 0x40],
  ...condition,
  ...[0x45, 0x0d, 0x00, 0x03, 0x40],
  ...body,
  ...condition,
  ...[0x0d, 0x00, 0x0b, 0x0b]
]

/** Ends the loop, directly in its body, if the condition holds. */
export const breakIf = (condition: Bytes): Bytes => [...condition, 0x0d, 0x01]

/** Runs the body if the condition holds. */
export const when = (condition: Bytes, body: Bytes): Bytes => [...condition, 0x04, 0x40, ...body, 0x0b]
