import type { Bytes } from '../../wasm/bytes.js'
import { call, get, set } from '../../wasm/instructions/control.js'
import * as f32x4 from '../../wasm/instructions/f32x4.js'
import * as f64 from '../../wasm/instructions/f64.js'
import * as f64x2 from '../../wasm/instructions/f64x2.js'
import { type ByLane, callBy } from '../byLane.js'
import { define, type Rule } from '../compute.js'

/** In float64, one lane after the other. */
const write: ByLane['write'] = (index, isWide, operands, local) => {
  const [lane, setLane] = isWide ? [f64x2.lane, f64x2.setLane] : [f32x4.lane, f32x4.setLane]
  const each = Array.from(
    { length: isWide ? 2 : 4 },
    (_, i): Bytes => [
      ...get(local),
      ...operands.flatMap((operand) => [...operand, ...lane(i), ...(isWide ? [] : f64.promote)]),
      ...[...call(index), ...(isWide ? [] : f64.toF32), ...setLane(i), ...set(local)]
    ]
  )
  return [...each.flat(), ...get(local)]
}

const functions: Record<number, Rule> = {}

const BY_LANE: ByLane = { functions, write }

/** Says what a function without an instruction does: who makes nodes of it does so first, that nobody else need carry it. */
export const called = (op: number, rule: Rule): number => {
  define(op, rule)
  functions[op] = rule
  callBy(BY_LANE)
  return op
}
