import type { Bytes } from '../wasm/bytes.js'
import { choose, get, loopWhile, set, tee, when } from '../wasm/instructions/control.js'
import * as f32 from '../wasm/instructions/f32.js'
import * as f32x4 from '../wasm/instructions/f32x4.js'
import * as i32 from '../wasm/instructions/i32.js'
import * as i32x4 from '../wasm/instructions/i32x4.js'
import * as v128 from '../wasm/instructions/v128.js'
import { AT, END_AT, STEP, TO } from '../wasm/locals.js'
import { BLOCK, type Format } from './format.js'
import type { Packer, PackingParts } from './packing.js'

// The formulas of codes.ts on four lanes. The numbers of a block are computed first, into a room of its own; then its scale is
// known, and they are written in 16 codes at a time.

/** How many bytes the codes of so many elements take, a whole number of steps. */
const codeBytes = ({ bits }: Format, elements: number): number => (elements * bits) / 8
const blockBytes = (format: Format): number => 4 + codeBytes(format, BLOCK)

/** What is added to small whole numbers, whose bits are then those of an integer beside those of this. */
const WHOLE = 1.5 * 2 ** 23
const WHOLE_BITS = 0x4b400000
/** How many lines there are, the uppermost ones, for numbers from here on. */
const FAST = 3
const UPPER = 1.5e-3
/** From here on a number may be nearest to the largest. */
const NEAR = 0.99
const SIXTEEN = 16

const sixOf = (make: () => number) => [make(), make(), make(), make(), make(), make()] as const

const chained = (terms: readonly Bytes[], by: Bytes): Bytes =>
  terms.flatMap((term, i) => (i === 0 ? term : [...term, ...by]))

/** Writes the parts of a kernel that pack and unpack. */
export const writePacker = (
  { newVector, newWord, inputs, outputs, room }: PackingParts,
  formatOf: (kind: number) => Format
): Packer => {
  // Constants come out of memory, once: written where they are used, each would be put together again for every vector.
  const constants = new Map<number, number>()
  const bitsOf = (value: number): Bytes => {
    const local = constants.get(value) ?? newVector()
    constants.set(value, local)
    return get(local)
  }
  const lanesOf = (value: number): Bytes => bitsOf(new Int32Array(Float32Array.of(value).buffer)[0] as number)

  const unpacking = inputs.map(({ pointer, kind }) => ({
    ...{ pointer, format: formatOf(kind), scale: newVector(), table: newWord() }
  }))
  const packing = outputs.map(({ pointer, kind }, i) => ({ pointer, format: formatOf(kind), at: 4 * BLOCK * i }))
  const tables = [...new Set(unpacking.map(({ format }) => format))]
  const [x, y, q, highs, lows, all] = sixOf(newVector)
  const [factor, rate, start, floor, top, zero] = sixOf(newVector)
  const [first, second, third, fourth, codesAt] = sixOf(newVector)
  const [spot, high, low, most, bits, flag] = sixOf(newWord)
  const [from, to] = [newWord(), newWord()] as const
  const mask = all
  const lines = Array.from({ length: packing.length === 0 ? 0 : FAST }, () => [newVector(), newVector()] as const)

  /** One of two constants, by the mask at hand. */
  const either = (signed: number, unsigned: number): Bytes => [
    ...[...lanesOf(signed), ...lanesOf(unsigned), ...get(mask), ...v128.select]
  ]

  /** Where the table of a format begins, behind the room for blocks: that of one sign, then that of both. */
  const tableOf = ({ bits }: Format): number => 4 * BLOCK * packing.length + (bits === 8 ? 0 : 2 * 4 * BLOCK)

  /** Writes the value of each code. */
  const fillTable = (format: Format): Bytes => {
    const size = 4 * 2 ** format.bits
    return [false, true].flatMap((isSigned) => {
      const values = format.slopes.map((slope, i) => [
        ...[...get(y), ...lanesOf(8 * 2 ** i), ...f32x4.sub, ...lanesOf(slope), ...f32x4.mul]
      ])
      return [
        ...[...i32.const(0), ...set(spot)],
        ...loopWhile(
          [...get(spot), ...i32.const(size), ...i32.ltU],
          [
            ...[...get(room), ...get(spot), ...i32.add],
            ...[...get(spot), ...i32.const(2), ...i32.shrU, ...i32x4.splat, ...v128.constLanes([0, 1, 2, 3])],
            ...[...i32x4.add, ...f32x4.fromI32, ...lanesOf(isSigned ? 9 : 4.5), ...f32x4.mul],
            ...[...lanesOf(isSigned ? 9 * (format.largest - 1) : 0), ...f32x4.sub, ...tee(x)],
            ...[...f32x4.abs, ...lanesOf(isSigned ? 4.5 : 6.75), ...f32x4.add, ...set(y)],
            ...chained([lanesOf(0), ...values], f32x4.pmax),
            ...[...lanesOf(1), ...f32x4.pmin],
            ...[...get(x), ...bitsOf(0x80000000 | 0), ...v128.and, ...v128.or],
            ...v128.store(tableOf(format) + (isSigned ? size : 0)),
            ...moved(spot, 16)
          ]
        )
      ]
    })
  }

  /** Reads the scale of the next block of an input. */
  const readScale = ({ pointer, format, scale, table }: (typeof unpacking)[number]): Bytes => [
    ...[...get(pointer), ...i32.load(0), ...tee(bits), ...i32x4.splat, ...set(scale)],
    ...[...get(room), ...get(bits), ...i32.const(1), ...i32.and, ...i32.const(4 * 2 ** format.bits), ...i32.mul],
    ...[...i32.add, ...i32.const(tableOf(format)), ...i32.add, ...set(table)],
    ...moved(pointer, 4)
  ]

  // The table is looked up by four loads: their units have nothing else to do, and arithmetic would take twice the time.
  const load: Packer['load'] = (input, into, step) => {
    const { pointer, format, scale, table } = unpacking[input] as (typeof unpacking)[number]
    const at = codeBytes(format, STEP) * step
    const entries = i32.const(4 * (2 ** format.bits - 1))
    const placeOf = (lane: number): Bytes => {
      const by = lane * format.bits - 2
      const code = [...get(bits), ...i32.const(Math.abs(by)), ...(by < 0 ? i32.shl : i32.shrU)]
      return [...code, ...entries, ...i32.and, ...get(table), ...i32.add]
    }
    return [
      ...[...get(pointer), ...(format.bits === 8 ? i32.load(at) : i32.loadU16(at)), ...set(bits)],
      ...[...placeOf(3), ...placeOf(2), ...placeOf(1), ...placeOf(0)],
      ...[...v128.load32Zero(0), ...v128.load32Lane(0, 1), ...v128.load32Lane(0, 2), ...v128.load32Lane(0, 3)],
      ...[...get(scale), ...f32x4.mul, ...lanesOf(0), ...f32x4.add, ...set(into)]
    ]
  }

  const store: Packer['store'] = (output, value, step) => {
    const { at } = packing[output] as (typeof packing)[number]
    return [...get(spot), ...get(value), ...v128.store(at + 4 * STEP * step)]
  }

  const next = (elements: number): Bytes => [
    ...unpacking.flatMap(({ pointer, format }) => moved(pointer, codeBytes(format, elements))),
    ...(packing.length === 0 ? [] : moved(spot, 4 * elements))
  ]

  /** Fills the room behind the last element with zeros. */
  const fillUp: Bytes = when(
    [...get(END_AT), ...get(from), ...i32.sub, ...i32.const(BLOCK), ...i32.ltU],
    packing.flatMap(({ at }) => [
      ...[
        ...get(END_AT),
        ...get(from),
        ...i32.sub,
        ...i32.const(2),
        ...i32.shl,
        ...get(room),
        ...i32.add,
        ...set(spot)
      ],
      ...loopWhile(
        [...get(spot), ...get(room), ...i32.const(4 * BLOCK), ...i32.add, ...i32.ltU],
        [...get(spot), ...f32.constant(0), ...f32.store(at), ...moved(spot, 4)]
      )
    ])
  )

  /** The largest of the four lanes of a vector, as a signed or an unsigned number. */
  const largestLane = (vector: number, word: number, greater: Bytes): Bytes => [
    ...[...get(vector), ...i32x4.lane(0), ...set(word)],
    ...[1, 2, 3].flatMap((lane) => [
      ...[...get(vector), ...i32x4.lane(lane), ...tee(bits), ...get(word), ...get(bits), ...get(word), ...greater],
      ...[...i32.select, ...set(word)]
    ])
  ]

  /** Over the room of an output, so many bytes at a time. */
  const over = (bytes: number, body: Bytes): Bytes => [
    ...[...get(room), ...set(spot)],
    ...loopWhile(
      [...get(spot), ...get(room), ...i32.const(4 * BLOCK), ...i32.add, ...i32.ltU],
      [...body, ...moved(spot, bytes)]
    )
  ]

  /**
   * The code of each of four numbers, beside that of 0. Where all are in the uppermost decades and none is near the largest, these alone are looked at.
   */
  const codes = ({ rates, starts }: Format, number: number, isFast: boolean): Bytes => {
    const nearest = isFast
      ? chained(
          lines.map(([each, from]) => [...get(y), ...get(each), ...f32x4.mul, ...get(from), ...f32x4.add]),
          f32x4.pmin
        )
      : [
          ...chained(
            rates.map((each, i) => [
              ...[...get(y), ...lanesOf(each), ...f32x4.mul, ...lanesOf(starts[i] as number), ...f32x4.add]
            ]),
            f32x4.pmin
          ),
          ...[...either(1, 2), ...f32x4.mul],
          ...[...get(y), ...get(rate), ...f32x4.mul, ...get(start), ...f32x4.add, ...f32x4.pmin],
          ...[...get(floor), ...f32x4.pmax]
        ]
    return [
      ...[...get(number), ...f32x4.abs, ...set(y), ...nearest, ...tee(q)],
      // What is less than a fifth above a power of two is nearer to what is below.
      ...[...get(q), ...get(q), ...bitsOf(0x7f800000), ...v128.and, ...f32x4.sub],
      ...[...lanesOf(Math.fround(0.2)), ...f32x4.lt, ...lanesOf(Math.fround(0.2)), ...v128.and, ...f32x4.sub],
      ...(isFast ? [] : [...get(q), ...get(top), ...f32x4.ge, ...lanesOf(1), ...v128.and, ...f32x4.add]),
      ...f32x4.floor,
      ...(isFast ? [] : [...get(number), ...lanesOf(0), ...f32x4.gt, ...get(all), ...v128.or, ...v128.and]),
      // With the sign of the number, and as an integer.
      ...[...get(number), ...bitsOf(0x80000000 | 0), ...v128.and, ...v128.or],
      ...[...lanesOf(WHOLE), ...f32x4.add, ...bitsOf(WHOLE_BITS), ...i32x4.sub]
    ]
  }

  /** 16 codes, a byte each. */
  const sixteen = (format: Format, isFast: boolean): Bytes => {
    const eight = (a: number, b: number): Bytes => [
      ...[...codes(format, a, isFast), ...codes(format, b, isFast), ...i32x4.narrowS16, ...get(zero), ...v128.add16]
    ]
    return [...eight(first, second), ...eight(third, fourth), ...v128.narrowU8]
  }

  /** Packs a block, and goes on to the next. */
  const pack = ({ pointer, format, at }: (typeof packing)[number]): Bytes => {
    const { largest, least, signed, unsigned } = format
    const numbers = [first, second, third, fourth]
    const magnitudes = numbers.map((number) => [...get(number), ...f32x4.abs])
    const upper = format.rates.length - FAST
    const isQuick = upper > 0
    return [
      ...[...bitsOf(0), ...set(highs), ...bitsOf(0), ...set(lows)],
      ...over(16, [
        ...[...get(highs), ...get(spot), ...v128.load(at), ...tee(x), ...i32x4.maxS, ...set(highs)],
        ...[...get(lows), ...get(x), ...i32x4.maxU, ...set(lows)]
      ]),
      ...largestLane(highs, high, i32.gtS),
      ...largestLane(lows, low, i32.gtU),
      // The largest magnitude of what is negative: of the others there is no sign.
      ...[...get(low), ...i32.const(0x7fffffff), ...i32.and, ...i32.const(0)],
      ...[...get(low), ...i32.const(0), ...i32.ltS, ...i32.select, ...set(low)],
      ...[...get(high), ...get(low), ...get(high), ...get(low), ...i32.gtS, ...i32.select, ...set(most)],
      ...[...get(high), ...get(low), ...get(high), ...get(low), ...i32.ltS, ...i32.select, ...set(flag)],
      // Whether the other sign is kept, and which of them is negative.
      ...[
        ...get(flag),
        ...f32.fromBits,
        ...get(most),
        ...f32.fromBits,
        ...f32.constant(least),
        ...f32.mul,
        ...f32.ge,
        ...set(flag)
      ],
      ...[...get(most), ...i32.const(-2), ...i32.and, ...get(flag), ...i32.or, ...set(bits)],
      ...[...get(low), ...get(high), ...i32.gtS, ...i32.const(31), ...i32.shl, ...set(low)],
      // No reciprocal, or no number.
      ...[...get(most), ...i32.const(0x00800000), ...i32.ltS, ...set(to)],
      ...[...i32.const(0), ...get(bits), ...get(low), ...i32.or, ...get(to), ...i32.select, ...set(high)],
      ...[
        ...i32.const(0x7fc00000),
        ...get(high),
        ...get(most),
        ...i32.const(0x7f800000),
        ...i32.geS,
        ...i32.select,
        ...set(high)
      ],
      ...[...get(pointer), ...get(high), ...i32.store(0)],
      ...[...get(to), ...get(most), ...i32.const(0x7f800000), ...i32.geS, ...i32.or, ...set(to)],
      ...[...i32.const(0), ...get(flag), ...i32.sub, ...i32x4.splat, ...set(all)],
      ...[...f32.constant(1), ...get(bits), ...f32.fromBits, ...f32.div, ...f32.toBits, ...get(low), ...i32.or],
      ...[...i32x4.splat, ...set(factor)],
      ...[...either(signed.rate, unsigned.rate), ...set(rate), ...either(signed.start, unsigned.start), ...set(start)],
      ...[...either(0, 2.25), ...set(floor), ...either(largest - 0.25, 2 * largest - 0.25), ...set(top)],
      ...[...bitsOf((largest - 1) * 0x10001), ...bitsOf(-1), ...get(all), ...v128.select, ...set(zero)],
      ...lines.flatMap(([each, from], i) => {
        const [r, s] = [format.rates[i + upper], format.starts[i + upper]]
        if (r === undefined || s === undefined) return []
        return [...either(r, 2 * r), ...set(each), ...either(s, 2 * s), ...set(from)]
      }),
      ...moved(pointer, 4),
      ...over(4 * SIXTEEN, [
        ...numbers.flatMap((number, i) => [
          ...[...get(spot), ...v128.load(at + 16 * i), ...get(factor), ...f32x4.mul, ...set(number)]
        ]),
        ...(isQuick
          ? [
              ...chained(magnitudes, f32x4.pmin),
              ...[...lanesOf(UPPER), ...f32x4.lt, ...chained(magnitudes, f32x4.pmax), ...lanesOf(NEAR), ...f32x4.gt],
              ...[...v128.or, ...v128.anyTrue],
              ...choose(sixteen(format, false), sixteen(format, true))
            ]
          : sixteen(format, false)),
        // Nothing but zeros where there is nothing to be told apart.
        ...[...i32.const(-1), ...get(to), ...i32.add, ...i32x4.splat, ...v128.and, ...set(codesAt)],
        ...get(pointer),
        ...(format.bits === 8
          ? [...get(codesAt), ...v128.store(0)]
          : [
              ...[...get(codesAt), ...get(codesAt), ...i32.const(4), ...v128.shrU16, ...v128.or],
              ...[...bitsOf(0x00ff00ff), ...v128.and, ...tee(q), ...get(q), ...v128.narrowU8, ...v128.store64(0)]
            ]),
        ...moved(pointer, codeBytes(format, SIXTEEN))
      ])
    ]
  }

  // Block by block: whole steps, then what they gave is packed.
  const loop: Packer['loop'] = (stepsTo) =>
    loopWhile(
      [...get(AT), ...get(TO), ...i32.ltU],
      [
        ...[...get(AT), ...set(from)],
        ...[...get(AT), ...i32.const(BLOCK), ...i32.add, ...tee(END_AT), ...get(TO)],
        ...[...get(END_AT), ...get(TO), ...i32.ltU, ...i32.select, ...set(END_AT)],
        ...unpacking.flatMap(readScale),
        ...(packing.length === 0 ? [] : [...get(room), ...set(spot)]),
        ...stepsTo(get(END_AT)),
        ...(packing.length === 0 ? [] : [...fillUp, ...packing.flatMap(pack)])
      ]
    )

  const begin: Packer['begin'] = () => {
    const filled = tables.flatMap(fillTable)
    return [
      ...[...unpacking, ...packing].flatMap(({ pointer, format }) => [
        ...[...get(AT), ...i32.const(Math.log2(BLOCK)), ...i32.shrU, ...i32.const(blockBytes(format)), ...i32.mul],
        ...[...get(pointer), ...i32.add, ...set(pointer)]
      ]),
      ...[...constants].flatMap(([value, local]) => [
        ...[...get(room), ...i32.const(value), ...i32.store(0), ...get(room), ...v128.loadSplat32(0), ...set(local)]
      ]),
      ...filled
    ]
  }
  return { load, store, next, loop, begin }
}

const moved = (local: number, by: number): Bytes => [...get(local), ...i32.const(by), ...i32.add, ...set(local)]
