import { type Data, Kind } from '../../array/dtype.js'
import { decode, encode, roundTo } from '../../array/half.js'
import { viewOf } from '../../array/view.js'
import { ruleOf } from '../../expression/compute.js'
import { isElementwise, isReduction, Op } from '../../expression/op.js'
import { reducing } from '../../expression/reducing.js'
import { SUM_BLOCK } from '../../expression/sum.js'
import { entriesIn, isPacked, kindOfStorage, packings } from '../../packing/packing.js'
import { Code, instructionsOf, NONE } from '../program.js'
import type { Kernel } from '../wasm/kernel.js'
import { wordOf } from './arena.js'

/** What is added to a sum, or compared, by a reduction. */
const termOf = (op: number, a: number, b: number): number => (op === Op.SumSquares ? a * a : op === Op.Dot ? a * b : a)

const combine = (op: number, a: number, b: number): number =>
  op === Op.MinOf ? Math.min(a, b) : op === Op.MaxOf ? Math.max(a, b) : a + b

/**
 * A program as a kernel that is not compiled but read, element by element: for what is beyond a limit of WebAssembly, and
 * for where there is no WebAssembly. It gives the same bits from the same table, slowly.
 */
export const interpreted = (code: readonly number[], buffer: ArrayBufferLike): Kernel => {
  const instructions = instructionsOf(code).map(({ op, kind, operands: [a = NONE, b = NONE, c = NONE] }) => ({
    ...{ op, kind, a, b, c }
  }))
  const inputs = instructions.filter(({ op }) => op === Code.Input)
  const outputs = instructions.filter(({ op }) => op === Code.Output)
  const reductions = instructions.filter(({ op }) => isReduction(op))
  const scalarCount = instructions.filter(({ op }) => op === Code.Scalar).length
  const packs = [...inputs, ...outputs].some(({ kind }) => isPacked(kind)) ? 2 : 0
  const scalars = (4 * (inputs.length + outputs.length + reductions.length + packs) + 7) & ~7

  const run = (address: number, from: number, to: number): void => {
    const table = wordOf(address)
    const pointers = new Uint32Array(buffer, table, inputs.length + outputs.length + reductions.length)
    const pointer = (i: number): number => pointers[i] as number
    const stored = (kind: number, i: number): Data =>
      viewOf(kindOfStorage(kind), buffer, pointer(i), entriesIn(kind, to))
    const sources = inputs.map(({ kind }, i) => {
      const data = stored(kind, i)
      return isPacked(kind) ? packings().unpacked(kind, data as Uint16Array, to) : data
    })
    // What is packed is put together first.
    const targets = outputs.map(({ kind }, i) =>
      isPacked(kind) ? new Float32Array(to) : stored(kind, inputs.length + i)
    )
    const blocks = reductions.map((_, i) => {
      const address = pointer(inputs.length + outputs.length + i)
      return new Float64Array(buffer, address, Math.ceil(to / SUM_BLOCK))
    })
    const given = new DataView(buffer, table + scalars, 8 * scalarCount)
    const registers = new Float64Array(instructions.length)
    const stores = new Float64Array(outputs.length)
    const lanes = reductions.map(() => new Float64Array(4))
    const register = (i: number): number => (i === NONE ? 0 : (registers[i] as number))

    const compute = (element: number): void => {
      let at = 0
      let input = 0
      let scalar = 0
      let output = 0
      let reduction = 0
      for (const { op, kind, a, b, c } of instructions) {
        if (op === Code.Input) registers[at++] = decode(kind as Kind, (sources[input++] as Data)[element] as number)
        else if (op === Code.Scalar) {
          const place = 8 * scalar++
          registers[at++] = kind === Kind.F64 ? given.getFloat64(place, true) : given.getFloat32(place, true)
        } else if (op === Code.Output) stores[output++] = register(a)
        else if (isElementwise(op)) {
          registers[at++] = roundTo(kind as Kind, ruleOf(op)(register(a), register(b), register(c)))
        } else {
          const row = lanes[reduction++] as Float64Array
          row[element % 4] = combine(op, row[element % 4] as number, termOf(op, register(a), register(b)))
        }
      }
      for (let i = 0; i < targets.length; i++) {
        const { kind } = outputs[i] as (typeof outputs)[number]
        ;(targets[i] as Data)[element] = encode(kind as Kind, stores[i] as number)
      }
    }

    for (let start = from; start < to; start += SUM_BLOCK) {
      reductions.forEach(({ op }, i) => (lanes[i] as Float64Array).fill(reducing().idleOf(op)))
      for (let element = start; element < Math.min(start + SUM_BLOCK, to); element++) compute(element)
      reductions.forEach(({ op }, i) => {
        const [l0, l1, l2, l3] = lanes[i] as unknown as [number, number, number, number]
        ;(blocks[i] as Float64Array)[Math.floor(start / SUM_BLOCK)] = combine(
          op,
          combine(op, l0, l1),
          combine(op, l2, l3)
        )
      })
    }
    outputs.forEach(({ kind }, i) => {
      if (!isPacked(kind)) return
      const words = packings().packed(kind, (targets[i] as Float32Array).subarray(from))
      stored(kind, inputs.length + i).set(words, entriesIn(kind, from))
    })
  }

  return { run, bytes: null, scalars, tableBytes: scalars + 8 * scalarCount }
}
