import type { Bytes } from '../wasm/bytes.js'
import { get, loopWhile, set, tee, when } from '../wasm/instructions/control.js'
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

const { fround } = Math

/** How many bytes the codes of so many elements take, a whole number of steps. */
const codeBytes = ({ bits }: Format, elements: number): number => (elements * bits) / 8
const blockBytes = (format: Format): number => 4 + codeBytes(format, BLOCK)

/** What a float32 from 2²³ on is, as an integer, beside its last digits. */
const WHOLE = 2 ** 23
const WHOLE_BITS = 0x4b000000
const SIXTEEN = 16

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
    ...{ pointer, format: formatOf(kind) },
    ...{ scale: newVector(), times: newVector(), minus: newVector(), plus: newVector() }
  }))
  const packing = outputs.map(({ pointer, kind }, i) => ({ pointer, format: formatOf(kind), at: 4 * BLOCK * i }))
  const [x, y, q] = [newVector(), newVector(), newVector()] as const
  const [highs, lows] = [newVector(), newVector()] as const
  const [factor, rate, start, perStep, floor, top] = [
    ...[newVector(), newVector(), newVector()],
    ...[newVector(), newVector(), newVector()]
  ] as [number, number, number, number, number, number]
  const [zero, all] = [newVector(), newVector()] as const
  const [spot, high, low, most, bits, flag, from, to] = [
    ...[newWord(), newWord(), newWord(), newWord()],
    ...[newWord(), newWord(), newWord(), newWord()]
  ] as [number, number, number, number, number, number, number, number]
  const mask = all

  /** One of two constants, by the mask at hand. */
  const either = (signed: number, unsigned: number): Bytes => [
    ...[...lanesOf(signed), ...lanesOf(unsigned), ...get(mask), ...v128.select]
  ]

  /** Reads the scale of the next block of an input. */
  const readScale = ({ pointer, format, scale, times, minus, plus }: (typeof unpacking)[number]): Bytes => [
    ...[...get(pointer), ...i32.load(0), ...tee(bits), ...i32x4.splat, ...set(scale)],
    ...[...i32.const(0), ...get(bits), ...i32.const(1), ...i32.and, ...i32.sub, ...i32x4.splat, ...set(mask)],
    ...[...either(9, 4.5), ...set(times)],
    ...[...either(9 * (format.largest - 1), 0), ...set(minus)],
    ...[...either(4.5, 6.75), ...set(plus)],
    ...[...get(pointer), ...i32.const(4), ...i32.add, ...set(pointer)]
  ]

  const load: Packer['load'] = (input, into, step) => {
    const { pointer, format, scale, times, minus, plus } = unpacking[input] as (typeof unpacking)[number]
    const at = codeBytes(format, STEP) * step
    const codes =
      format.bits === 8
        ? [...get(pointer), ...v128.load32Zero(at), ...i32x4.fromU8, ...f32x4.fromI32]
        : [
            ...[...get(pointer), ...v128.loadSplat16(at), ...v128.constLanes([0xf, 0xf0, 0xf00, 0xf000]), ...v128.and],
            ...f32x4.fromI32,
            ...[...v128.constF32Lanes([1, 1 / 16, 1 / 256, 1 / 4096]), ...f32x4.mul]
          ]
    const lines = format.slopes.map((slope, i) => [
      ...[...get(y), ...lanesOf(8 * 2 ** i), ...f32x4.sub, ...lanesOf(slope), ...f32x4.mul]
    ])
    return [
      ...[...codes, ...get(times), ...f32x4.mul, ...get(minus), ...f32x4.sub, ...tee(x)],
      ...[...f32x4.abs, ...get(plus), ...f32x4.add, ...set(y)],
      ...chained([lanesOf(0), ...lines], f32x4.pmax),
      ...[...lanesOf(1), ...f32x4.pmin],
      ...[...get(x), ...bitsOf(0x80000000 | 0), ...v128.and, ...v128.or, ...get(scale), ...f32x4.mul],
      ...[...lanesOf(0), ...f32x4.add, ...set(into)]
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

  /** The code of each of four numbers. */
  const codes = ({ rates, starts }: Format, at: number): Bytes => {
    const lines = rates.map((each, i) => [
      ...[...get(y), ...lanesOf(each), ...f32x4.mul, ...lanesOf(starts[i] as number), ...f32x4.add]
    ])
    return [
      ...[...get(spot), ...v128.load(at), ...get(factor), ...f32x4.mul, ...tee(x), ...f32x4.abs, ...set(y)],
      ...[...chained(lines, f32x4.pmin), ...get(perStep), ...f32x4.mul],
      ...[...get(y), ...get(rate), ...f32x4.mul, ...get(start), ...f32x4.add, ...f32x4.pmin],
      ...[...get(floor), ...f32x4.pmax, ...tee(q)],
      // What is less than a fifth above a power of two is nearer to what is below.
      ...[...get(q), ...get(q), ...bitsOf(0x7f800000), ...v128.and, ...f32x4.sub],
      ...[...lanesOf(fround(0.2)), ...f32x4.lt, ...lanesOf(fround(0.2)), ...v128.and, ...f32x4.sub],
      ...[...get(q), ...get(top), ...f32x4.ge, ...lanesOf(1), ...v128.and, ...f32x4.add],
      ...[...f32x4.floor, ...lanesOf(WHOLE), ...f32x4.add, ...bitsOf(WHOLE_BITS), ...i32x4.sub],
      ...[...get(x), ...lanesOf(0), ...f32x4.gt, ...get(all), ...v128.or, ...v128.and],
      // Negated where the number is.
      ...[...get(x), ...i32.const(31), ...i32x4.shrS, ...tee(x), ...v128.xor, ...get(x), ...i32x4.sub],
      ...[...get(zero), ...i32x4.add, ...bitsOf(0), ...i32x4.maxS]
    ]
  }

  /** Packs a block, and goes on to the next. */
  const pack = ({ pointer, format, at }: (typeof packing)[number]): Bytes => {
    const { largest, least, signed, unsigned } = format
    const four = (i: number): Bytes => codes(format, at + 16 * i)
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
      ...[...either(1, 2), ...set(perStep), ...either(0, 2.25), ...set(floor)],
      ...[...either(largest - 0.25, 2 * largest - 0.25), ...set(top)],
      ...[...bitsOf(largest - 1), ...bitsOf(-1), ...get(all), ...v128.select, ...set(zero)],
      ...[...get(pointer), ...i32.const(4), ...i32.add, ...set(pointer)],
      ...over(4 * SIXTEEN, [
        ...get(pointer),
        ...[...four(0), ...four(1), ...i32x4.narrowS16, ...four(2), ...four(3), ...i32x4.narrowS16, ...v128.narrowU8],
        // Nothing but zeros where there is nothing to be told apart.
        ...[...i32.const(-1), ...get(to), ...i32.add, ...i32x4.splat, ...v128.and],
        ...(format.bits === 8
          ? v128.store(0)
          : [
              ...[...tee(q), ...get(q), ...i32.const(4), ...v128.shrU16, ...v128.or],
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

  const begin: Packer['begin'] = () => [
    ...[...unpacking, ...packing].flatMap(({ pointer, format }) => [
      ...[...get(AT), ...i32.const(Math.log2(BLOCK)), ...i32.shrU, ...i32.const(blockBytes(format)), ...i32.mul],
      ...[...get(pointer), ...i32.add, ...set(pointer)]
    ]),
    ...[...constants].flatMap(([value, local]) => [
      ...[...get(room), ...i32.const(value), ...i32.store(0), ...get(room), ...v128.loadSplat32(0), ...set(local)]
    ])
  ]
  return { load, store, next, loop, begin }
}

const moved = (local: number, by: number): Bytes => [...get(local), ...i32.const(by), ...i32.add, ...set(local)]
