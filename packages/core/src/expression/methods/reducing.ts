import type { Bytes } from '../../wasm/bytes.js'
import { hasMadd } from '../../wasm/hasMadd.js'
import { get, loopWhile, set, tee, when } from '../../wasm/instructions/control.js'
import * as f64 from '../../wasm/instructions/f64.js'
import * as f64x2 from '../../wasm/instructions/f64x2.js'
import * as i32 from '../../wasm/instructions/i32.js'
import * as i32x4 from '../../wasm/instructions/i32x4.js'
import * as v128 from '../../wasm/instructions/v128.js'
import { AT, BLOCK, END_AT, type Mask, STEP, TO } from '../../wasm/locals.js'
import { Op } from '../op.js'
import type { Reducing } from '../reducing.js'
import { addBlocks, idleOf, reductionOf, SUM_BLOCK } from '../sum.js'
import { StagedTotals } from './totals.js'

/** What takes two results into one: the smaller, the larger, or their sum. */
const either = <T>(op: number, least: T, most: T, sum: T): T => (op === Op.MinOf ? least : op === Op.MaxOf ? most : sum)

const write: Reducing['write'] = (reductions, { twoVectors, widePair, isWide, results }) => {
  const masks: Mask = twoVectors()
  const [same] = twoVectors()
  const lanes = reductions.map(({ op, operands }) => ({ op, operands, accumulators: twoVectors() }))
  const each = (code: (lane: (typeof lanes)[number], index: number) => Bytes): Bytes => lanes.flatMap(code)
  return {
    accumulate: (index, mask) => {
      const { op, operands, accumulators } = lanes[index] as (typeof lanes)[number]
      const [x, y = x] = operands as [number, number?]
      return accumulators.flatMap((into, half) => {
        const a = widePair(x, half)
        const isProduct = op === Op.SumSquares || op === Op.Dot
        const factors = y === x ? [...a, ...tee(same), ...get(same)] : [...a, ...widePair(y, half)]
        // An exact product has nothing to round before it is added: the bits are the same, with one instruction fewer.
        if (isProduct && mask === null && !isWide(x) && !isWide(y) && hasMadd()) {
          return [...factors, ...get(into), ...f64x2.relaxedMadd, ...set(into)]
        }
        const term = isProduct ? [...factors, ...f64x2.mul] : a
        const existing =
          mask === null ? term : [...term, ...v128.constF64(idleOf(op)), ...get(mask[half] as number), ...v128.select]
        return [...get(into), ...existing, ...either(op, f64x2.min, f64x2.max, f64x2.add), ...set(into)]
      })
    },
    // Block by block: whole steps, then the rest under a mask, then the lanes to the result.
    loop: (stepsTo, lastStep) =>
      loopWhile(
        [...get(AT), ...get(TO), ...i32.ltU],
        [
          ...[...get(AT), ...i32.const(Math.log2(SUM_BLOCK)), ...i32.shrU, ...i32.const(3), ...i32.shl, ...set(BLOCK)],
          ...each(({ op, accumulators }) =>
            accumulators.flatMap((into) => [...v128.constF64(idleOf(op)), ...set(into)])
          ),
          // END_AT = min(AT + block, TO)
          ...[...get(AT), ...i32.const(SUM_BLOCK), ...i32.add, ...tee(END_AT), ...get(TO)],
          ...[...get(END_AT), ...get(TO), ...i32.ltU, ...i32.select, ...set(END_AT)],
          ...stepsTo([...get(END_AT), ...i32.const(-STEP), ...i32.and]),
          ...when(
            [...get(AT), ...get(END_AT), ...i32.ltU],
            [
              ...[...v128.constLanes([0, 1, 2, 3]), ...get(END_AT), ...get(AT), ...i32.sub, ...i32x4.splat],
              ...[...i32x4.ltS, ...tee(masks[0]), ...i32x4.toI64High, ...set(masks[1])],
              ...[...get(masks[0]), ...i32x4.toI64Low, ...set(masks[0])],
              ...lastStep(masks)
            ]
          ),
          ...each(({ op, accumulators }, i) => {
            const combine = either(op, f64.min, f64.max, f64.add)
            return [
              ...[...get(results + i), ...get(BLOCK), ...i32.add],
              ...accumulators.flatMap((from) => [
                ...[...get(from), ...f64x2.lane(0), ...get(from), ...f64x2.lane(1), ...combine]
              ]),
              ...[...combine, ...f64.store(0)]
            ]
          })
        ]
      )
  }
}

const totals: Reducing['totals'] = (reductions, domain) => new StagedTotals(reductions, domain)

/** How whole arrays are reduced, on every engine. */
export const REDUCING: Reducing = { of: reductionOf, idleOf, addBlocks, totals, write }
