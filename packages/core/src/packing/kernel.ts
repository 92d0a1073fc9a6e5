import type { Bytes } from '../wasm/bytes.js'
import { get, loopWhile, set, tee, when } from '../wasm/instructions/control.js'
import * as f32 from '../wasm/instructions/f32.js'
import * as f32x4 from '../wasm/instructions/f32x4.js'
import * as i32 from '../wasm/instructions/i32.js'
import * as i32x4 from '../wasm/instructions/i32x4.js'
import * as v128 from '../wasm/instructions/v128.js'
import { AT, END_AT, STEP, TO } from '../wasm/locals.js'
import { CUT, HALF } from './codes.js'
import { BLOCK, type Format } from './format.js'
import type { Packer, PackingParts } from './packing.js'
import { placesOf, VALUES } from './tables.js'

// What codes.ts says, on four lanes. The numbers of a block are computed first, into a room of its own; then its scale is known, each is
// turned into the address of its code, and the codes are fetched one by one: the units that load have nothing else to do, where arithmetic
// would take several times as long.

/** How many bytes the codes of so many elements take, a whole number of steps. */
const codeBytes = ({ bits }: Format, elements: number): number => (elements * bits) / 8
const blockBytes = (format: Format): number => 4 + codeBytes(format, BLOCK)

/** How many elements each turn of a loop over a block goes on by. */
const TURN = 16

/** Writes the parts of a kernel that pack and unpack. */
export const writePacker = (
  { newVector, newWord, inputs, outputs, room, tables }: PackingParts,
  formatOf: (kind: number) => Format
): Packer => {
  const unpacking = inputs.map(({ pointer, kind }) => ({
    ...{ pointer, format: formatOf(kind), scale: newVector(), values: newWord() }
  }))
  const packing = outputs.map(({ pointer, kind }, i) => ({
    ...{ pointer, format: formatOf(kind), at: 4 * BLOCK * i, highs: newVector(), lows: newVector() },
    ...{ factor: newVector(), first: newVector() }
  }))
  // Two at a time: there are registers for no more.
  const pairs = Array.from({ length: Math.ceil(packing.length / 2) }, (_, i) => packing.slice(2 * i, 2 * i + 2))
  const x = newVector()
  const [spot, high, low, most, sign] = [newWord(), newWord(), newWord(), newWord(), newWord()] as const
  const [bits, from, isNumber] = [newWord(), newWord(), newWord()] as const
  const flag = from

  /** Reads the scale of the next block of an input. */
  const readScale = ({ pointer, format, scale, values }: (typeof unpacking)[number]): Bytes => [
    ...[...get(pointer), ...i32.load(0), ...tee(bits), ...i32.const(0x7fffffff), ...i32.and],
    ...[...i32x4.splat, ...set(scale), ...moved(pointer, 4)],
    // The last bit and the sign say which values the codes have.
    ...[...get(bits), ...i32.const(1), ...i32.and, ...get(bits), ...i32.const(31), ...i32.shrU, ...i32.const(1)],
    ...[...i32.shl, ...i32.or, ...i32.const(VALUES), ...i32.mul, ...i32.const(placesOf(format).values), ...i32.add],
    ...[...get(tables), ...i32.add, ...set(values)]
  ]

  const load: Packer['load'] = (input, into, step) => {
    const { pointer, format, scale, values } = unpacking[input] as (typeof unpacking)[number]
    const at = codeBytes(format, STEP) * step
    const valueAt = (lane: number): Bytes => {
      const byte = [...get(pointer), ...i32.loadU8(at + Math.floor((lane * format.bits) / 8))]
      const shift = (lane * format.bits) % 8
      const code =
        format.bits === 8
          ? byte
          : shift > 0
            ? [...byte, ...i32.const(4), ...i32.shrU]
            : [...byte, ...i32.const(15), ...i32.and]
      return [...code, ...i32.const(2), ...i32.shl, ...get(values), ...i32.add]
    }
    return [
      ...[...valueAt(3), ...valueAt(2), ...valueAt(1), ...valueAt(0)],
      ...[...v128.load32Zero(0), ...v128.load32Lane(0, 1), ...v128.load32Lane(0, 2), ...v128.load32Lane(0, 3)],
      ...[...get(scale), ...f32x4.mul, ...set(into)]
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
    [
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
        [...packing.flatMap(({ at }) => [...get(spot), ...i32.const(0), ...i32.store(at)]), ...moved(spot, 4)]
      )
    ]
  )

  /** The largest of the four lanes of a vector, by an instruction that takes the larger lane by lane. */
  const largestLane = (vector: number, larger: Bytes): Bytes => [
    ...[...get(vector), ...get(vector), ...get(vector), ...v128.highHalf, ...larger, ...tee(x)],
    ...[...get(x), ...get(x), ...v128.secondLane, ...larger, ...i32x4.lane(0)]
  ]

  /** Over the rooms of some outputs, some elements at a time; `vector` is written for every four of them, `then` for each turn. */
  const over = (vector: (at: number) => Bytes, then: Bytes): Bytes => [
    ...[...get(room), ...set(spot)],
    ...loopWhile(
      [...get(spot), ...get(room), ...i32.const(4 * BLOCK), ...i32.add, ...i32.ltU],
      [
        ...Array.from({ length: TURN / STEP }, (_, i) => vector(4 * STEP * i)).flat(),
        ...[...then, ...moved(spot, 4 * TURN)]
      ]
    )
  ]

  /** Finds the scale of a block, and what its numbers are multiplied by. */
  const scaled = ({ pointer, format, highs, lows, factor, first }: (typeof packing)[number]): Bytes => {
    const { up, both } = placesOf(format)
    const larger = (greater: Bytes): Bytes => [
      ...[...get(high), ...get(low), ...get(high), ...get(low), ...greater, ...i32.select]
    ]
    return [
      ...[...largestLane(highs, i32x4.maxS), ...set(high)],
      // The largest magnitude of what is negative: of the others there is no sign.
      ...[...largestLane(lows, i32x4.maxU), ...tee(low), ...i32.const(0x7fffffff), ...i32.and, ...i32.const(0)],
      ...[...get(low), ...i32.const(0), ...i32.ltS, ...i32.select, ...set(low)],
      ...[...larger(i32.gtS), ...set(most)],
      // Whether the other sign is kept, which is for numbers with a reciprocal alone.
      ...[...larger(i32.ltS), ...f32.fromBits, ...get(most), ...f32.fromBits, ...f32.constant(format.least)],
      ...[...f32.mul, ...f32.ge, ...get(most), ...i32.const(0x00800000), ...i32.sub, ...i32.const(0x7f000000)],
      ...[...i32.ltU, ...tee(isNumber), ...i32.and, ...set(flag)],
      // What is mirrored has the sign of the largest number.
      ...[...get(low), ...get(high), ...i32.gtS, ...i32.const(31), ...i32.shl, ...set(sign)],
      ...[...get(most), ...i32.const(-2), ...i32.and, ...get(flag), ...i32.or, ...set(bits)],
      ...[...get(pointer), ...get(bits), ...get(sign), ...i32.or],
      ...[...i32.const(0x7fc00000), ...i32.const(0), ...get(most), ...i32.const(0x7f800000), ...i32.geS, ...i32.select],
      ...[...get(isNumber), ...i32.select, ...i32.store(0), ...moved(pointer, 4)],
      ...[...f32.constant(1), ...get(bits), ...f32.fromBits, ...f32.div, ...f32.toBits, ...get(sign), ...i32.or],
      ...[...i32.const(0), ...get(isNumber), ...i32.select, ...i32x4.splat, ...set(factor)],
      ...[...get(tables), ...i32.const(both), ...i32.const(up), ...get(flag), ...i32.select, ...i32.add],
      ...[...i32x4.splat, ...set(first)]
    ]
  }

  /** Packs a block of some outputs, and goes on to the next. */
  const pack = (some: typeof packing): Bytes => [
    ...some.flatMap(({ highs, lows }) => [...v128.constF32(0), ...tee(highs), ...set(lows)]),
    ...over(
      (i) =>
        some.flatMap(({ at, highs, lows }) => [
          ...[...get(highs), ...get(spot), ...v128.load(at + i), ...tee(x), ...i32x4.maxS, ...set(highs)],
          ...[...get(lows), ...get(x), ...i32x4.maxU, ...set(lows)]
        ]),
      []
    ),
    ...some.flatMap(scaled),
    // Where the code of each number is.
    ...over(
      (i) =>
        some.flatMap(({ at, factor, first }) => [
          ...[...get(spot), ...get(spot), ...v128.load(at + i), ...get(factor), ...f32x4.mul],
          ...[...v128.constI32(HALF), ...i32x4.add, ...i32.const(CUT), ...i32x4.shrS],
          ...[...get(first), ...i32x4.add, ...v128.store(at + i)]
        ]),
      []
    ),
    ...over(
      () => [],
      some.flatMap(({ pointer, format, at, highs }) => {
        /** So many codes, from one on, a byte each. */
        const codes = (from: number, by: number): Bytes =>
          Array.from({ length: TURN / by }, (_, i) => {
            const place = [...get(spot), ...i32.load(at + 4 * (from + by * i))]
            return [...place, ...(i === 0 ? v128.loadSplat8(0) : [...get(x), ...v128.load8Lane(0, i)]), ...set(x)]
          }).flat()
        return [
          ...(format.bits === 8
            ? [...codes(0, 1), ...get(pointer), ...get(x), ...v128.store(0)]
            : [
                ...[...codes(1, 2), ...get(x), ...i32.const(4), ...v128.shl16, ...set(highs), ...codes(0, 2)],
                ...[...get(pointer), ...get(x), ...get(highs), ...v128.or, ...v128.store64(0)]
              ]),
          ...moved(pointer, codeBytes(format, TURN))
        ]
      })
    )
  ]

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
        ...(packing.length === 0 ? [] : [...fillUp, ...pairs.flatMap(pack)])
      ]
    )

  const begin: Packer['begin'] = () =>
    [...unpacking, ...packing].flatMap(({ pointer, format }) => [
      ...[...get(AT), ...i32.const(Math.log2(BLOCK)), ...i32.shrU, ...i32.const(blockBytes(format)), ...i32.mul],
      ...[...get(pointer), ...i32.add, ...set(pointer)]
    ])
  return { load, store, next, loop, begin }
}

const moved = (local: number, by: number): Bytes => [...get(local), ...i32.const(by), ...i32.add, ...set(local)]
