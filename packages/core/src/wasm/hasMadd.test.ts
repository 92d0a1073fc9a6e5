import { expect, test } from 'vitest'
import { Kind } from '../array/dtype.js'
import { Code, NONE } from '../engine/program.js'
import { assemble } from '../engine/wasm/kernel.js'
import { REDUCING } from '../expression/methods/reducing.js'
import { Op } from '../expression/op.js'
import { reduceBy } from '../expression/reducing.js'
import { hasMadd } from './hasMadd.js'
import { relaxedMadd } from './instructions/f64x2.js'

/** Whether a kernel that reduces two arrays multiplies and adds at once. */
const addsAtOnce = (op: number, first: number, second: number): boolean => {
  reduceBy(REDUCING)
  const inputs = [first, second].flatMap((kind) => [Code.Input, kind, NONE, NONE, NONE])
  const { bytes } = assemble([...inputs, op, Kind.Scalar, 0, op === Op.Dot ? 1 : NONE, NONE], false)
  return bytes.join().includes(relaxedMadd.join())
}

test('where a host multiplies and adds at once, exact products are added so, and no others', () => {
  expect(addsAtOnce(Op.Dot, Kind.F32, Kind.BF16)).toBe(hasMadd())
  expect(addsAtOnce(Op.SumSquares, Kind.F32, Kind.F32)).toBe(hasMadd())
  expect(addsAtOnce(Op.SumSquares, Kind.F64, Kind.F64)).toBe(false)
  expect(addsAtOnce(Op.Dot, Kind.F32, Kind.F64)).toBe(false)
  expect(addsAtOnce(Op.Dot, Kind.F64, Kind.F32)).toBe(false)
  expect(addsAtOnce(Op.Sum, Kind.F32, Kind.F32)).toBe(false)
})
