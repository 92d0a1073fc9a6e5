import { Kind } from '../../array/dtype.js'
import type { ProductModule } from '../../expression/product.js'
import { SUM_BLOCK } from '../../expression/sum.js'
import { type Bytes, PREAMBLE, section, text, unsigned, vector } from '../../wasm/bytes.js'
import { breakIf, call, END, get, I32, loopWhile, set, V128, when } from '../../wasm/instructions/control.js'
import * as f32 from '../../wasm/instructions/f32.js'
import * as f32x4 from '../../wasm/instructions/f32x4.js'
import * as f64 from '../../wasm/instructions/f64.js'
import * as f64x2 from '../../wasm/instructions/f64x2.js'
import * as i32 from '../../wasm/instructions/i32.js'
import * as v128 from '../../wasm/instructions/v128.js'
import { MOST_PAGES } from '../wasm/kernel.js'
import { PANEL } from './multiply.js'

// A product is computed in tiles of the result, each of which stays in registers while a panel of k is added to it. For that
// the operands are packed: panel by panel of k, in it tile by tile, in it k by k, the elements of one k side by side. Tiles
// that stand over the edge are packed with repetitions of the last row, and what comes of these is not stored.

/** What a module does. */
export const Role = { PackA: 0, PackB: 1, Multiply: 2, Mirror: 3 } as const

/**
 * The rows of a tile. With its two vectors of columns there are eight sums; with the six vectors that are loaded for one k, and
 * one for what is being computed, these are the fifteen registers there are, in whichever order an engine puts loads and arithmetic.
 */
export const TILE_ROWS = 4

/** The columns of a tile: two vectors. */
export const tileColumns = (kind: number): number => (kind === Kind.F64 ? 4 : 8)

/** How many tiles of rows are multiplied while their panel stays in the second-level cache. */
const BLOCK_TILES = 32

/** Tiles are counted like the blocks of a sum, so that threads share them as they share other launches. */
export const TILE_SIZE = SUM_BLOCK
const TILE_SHIFT = /* @__PURE__ */ Math.log2(TILE_SIZE)

/** The words of the table of a packing. */
export const PACK = {
  source: 0,
  to: 1,
  tiles: 2,
  rows: 3,
  k: 4,
  rowStep: 5,
  kStep: 6,
  sourceStep: 7,
  toStep: 8
} as const

/** The words of the table of a multiplication, and of what mirrors its result. */
export const MULTIPLY = {
  a: 0,
  b: 1,
  c: 2,
  rowTiles: 3,
  columnTiles: 4,
  m: 5,
  n: 6,
  k: 7,
  stepA: 8,
  stepB: 9,
  stepC: 10,
  isSymmetric: 11
} as const

const TABLE_BYTES = 48

/** What differs between the dtypes. */
interface Format {
  readonly bytes: number
  readonly vector: { readonly add: Bytes; readonly mul: Bytes; readonly lane: (lane: number) => Bytes }
  readonly scalar: {
    readonly load: (offset: number) => Bytes
    readonly store: (offset: number) => Bytes
    readonly add: Bytes
  }
  readonly splat: (offset: number) => Bytes
}

// Written out, as a module that stands for an object is one of which nothing can be dropped.
const formatOf = (kind: number): Format =>
  kind === Kind.F64
    ? {
        bytes: 8,
        vector: { add: f64x2.add, mul: f64x2.mul, lane: f64x2.lane },
        scalar: { load: f64.load, store: f64.store, add: f64.add },
        splat: v128.loadSplat64
      }
    : {
        bytes: 4,
        vector: { add: f32x4.add, mul: f32x4.mul, lane: f32x4.lane },
        scalar: { load: f32.load, store: f32.store, add: f32.add },
        splat: v128.loadSplat32
      }

const range = (length: number): number[] => Array.from({ length }, (_, i) => i)

// The three parameters of every module.
const TABLE = 0
const FROM = 1
const TO = 2

const word = (index: number): Bytes => [...get(TABLE), ...i32.load(4 * index)]
const times = (...factors: Bytes[]): Bytes =>
  factors.flatMap((factor, i) => (i === 0 ? factor : [...factor, ...i32.mul]))
const plus = (...terms: Bytes[]): Bytes => terms.flatMap((term, i) => (i === 0 ? term : [...term, ...i32.add]))
const minus = (a: Bytes, b: Bytes): Bytes => [...a, ...b, ...i32.sub]
const least = (a: Bytes, b: Bytes): Bytes => [...a, ...b, ...a, ...b, ...i32.ltU, ...i32.select]
const most = (a: Bytes, b: Bytes): Bytes => [...b, ...a, ...a, ...b, ...i32.ltU, ...i32.select]
const isLess = (a: Bytes, b: Bytes): Bytes => [...a, ...b, ...i32.ltU]
const move = (local: number, by: Bytes): Bytes => [...plus(get(local), by), ...set(local)]
const many = (n: number): Bytes => i32.const(n)

/** A function of three numbers, as it stands in the code section. */
const functionOf = (ints: number, vectors: number, code: Bytes): Bytes => {
  const locals = vector([
    [...unsigned(ints), I32],
    [...unsigned(vectors), V128]
  ])
  return [...locals, ...code, ...END]
}

const moduleOf = (
  functions: readonly { readonly parameters: number; readonly code: Bytes }[],
  isShared: boolean
): ProductModule => {
  const types = functions.map(
    ({ parameters }): Bytes => [0x60, parameters, ...new Array<number>(parameters).fill(I32), 0]
  )
  const bytes = [
    ...PREAMBLE,
    ...section(1, vector(types)),
    ...section(
      2,
      vector([[...text('e'), ...text('memory'), 2, ...(isShared ? [3, 1, ...unsigned(MOST_PAGES)] : [0, 1])]])
    ),
    ...section(3, vector(functions.map((_, i) => unsigned(i)))),
    ...section(7, vector([[...text('run'), 0, 0]])),
    ...section(10, vector(functions.map(({ code }) => [...unsigned(code.length), ...code])))
  ]
  return { bytes: Uint8Array.from(bytes), scalars: TABLE_BYTES, tableBytes: TABLE_BYTES }
}

/**
 * Runs something for every tile from `FROM` to `TO`: `tile` is its number among those of its matrix, of which there are
 * `tiles`, and `matrix` is which matrix that is.
 */
const eachTile = (tiles: Bytes, matrix: number, tile: number, body: Bytes): Bytes => [
  ...[...get(FROM), ...many(TILE_SHIFT), ...i32.shrU, ...set(FROM)],
  ...[...get(TO), ...many(TILE_SHIFT), ...i32.shrU, ...set(TO)],
  ...loopWhile(isLess(get(FROM), get(TO)), [
    ...[...get(FROM), ...tiles, ...i32.divU, ...set(matrix)],
    ...[...get(FROM), ...tiles, ...i32.remU, ...set(tile)],
    ...body,
    ...move(FROM, many(1))
  ])
]

/** Packs the rows (or columns: what differs are the steps) of tiles that are `width` wide. */
const packing = (width: number, { bytes, scalar }: Format, isShared: boolean): ProductModule => {
  const [matrix, tile, start, length, to, end, base] = [3, 4, 5, 6, 7, 8, 9] as const
  const rows = range(width).map((i) => 10 + i)
  const row = many(bytes * width)
  /** Where the panel at `start` of the tile is. */
  const panel: Bytes = [
    ...[...least(minus(word(PACK.k), get(start)), many(PANEL)), ...set(length)],
    ...plus(
      ...[word(PACK.to), times(get(matrix), word(PACK.toStep))],
      times(plus(times(get(start), word(PACK.tiles)), times(get(tile), get(length))), row)
    ),
    ...set(to),
    ...[...plus(get(to), times(get(length), row)), ...set(end)]
  ]
  const panels = (copy: Bytes): Bytes => [
    ...[...many(0), ...set(start)],
    ...loopWhile(isLess(get(start), word(PACK.k)), [
      ...panel,
      ...loopWhile(isLess(get(to), get(end)), [...copy, ...move(to, row)]),
      ...move(start, many(PANEL))
    ])
  ]
  /** The elements of one k lie side by side: whole vectors, then the rest. */
  const whole = Math.floor((width * bytes) / 16)
  const sideBySide: Bytes = [
    ...range(whole).flatMap((i) => [...get(to), ...get(base), ...v128.load(16 * i), ...v128.store(16 * i)]),
    ...range(width - (whole * 16) / bytes).flatMap((i) => {
      const at = 16 * whole + bytes * i
      return [...get(to), ...get(base), ...scalar.load(at), ...scalar.store(at)]
    }),
    ...move(base, word(PACK.kStep))
  ]
  const apart: Bytes = rows.flatMap((from, i) => [
    ...[...get(to), ...get(from), ...scalar.load(0), ...scalar.store(bytes * i)],
    ...move(from, word(PACK.kStep))
  ])
  const first = times(get(tile), many(width))
  const isSideBySide: Bytes = [
    ...[...word(PACK.rowStep), ...many(bytes), ...i32.eq],
    ...[...word(PACK.rows), ...plus(first, many(width)), ...i32.geU, ...i32.and]
  ]
  const code = eachTile(word(PACK.tiles), matrix, tile, [
    ...[...plus(word(PACK.source), times(get(matrix), word(PACK.sourceStep))), ...set(base)],
    ...isSideBySide,
    ...[0x04, 0x40],
    ...[...move(base, times(first, many(bytes))), ...panels(sideBySide)],
    0x05,
    ...rows.flatMap((local, i) => {
      const index = least(plus(first, many(i)), minus(word(PACK.rows), many(1)))
      return [...plus(get(base), times(index, word(PACK.rowStep))), ...set(local)]
    }),
    ...panels(apart),
    ...END
  ])
  return moduleOf([{ parameters: 3, code: functionOf(7 + width, 0, code) }], isShared)
}

/** The product of one panel of a tile of rows by one of a tile of columns, added to a tile of the result. */
const tileProduct = ({ bytes, vector: is, scalar, splat }: Format, columns: number): Bytes => {
  const [a, b, c, end, rowBytes, rows, width, isFirst] = [0, 1, 2, 3, 4, 5, 6, 7] as const
  const sums = range(TILE_ROWS).map((r) => [8 + 2 * r, 9 + 2 * r] as const)
  const x = 8 + 2 * TILE_ROWS
  const y = [x + 1, x + 2] as const
  const lanes = columns / 2
  /** Adds the products of one k, `ahead` of where the pointers are. */
  const add = (ahead: number): Bytes => [
    ...y.flatMap((local, i) => [...get(b), ...v128.load(32 * ahead + 16 * i), ...set(local)]),
    ...sums.flatMap((pair, r) => [
      ...[...get(a), ...splat(bytes * (TILE_ROWS * ahead + r)), ...set(x)],
      ...pair.flatMap((sum, i) => [...get(sum), ...get(x), ...get(y[i] as number), ...is.mul, ...is.add, ...set(sum)])
    ])
  ]
  const step = bytes * TILE_ROWS
  // Two in each turn, with a way out between them. Without that engines may move the arithmetic of both behind their loads, which
  // do not fit the registers together.
  const turn: Bytes = [
    ...add(0),
    ...breakIf([...plus(get(a), many(step)), ...get(end), ...i32.geU]),
    ...add(1),
    ...[...move(a, many(2 * step)), ...move(b, many(64))]
  ]
  const ifRow = (r: number, code: Bytes): Bytes => (r === 0 ? code : when(isLess(many(r), get(rows)), code))
  const wholeRow = (pair: readonly number[]): Bytes => [
    ...when(
      [...get(isFirst), ...i32.eqz],
      pair.flatMap((sum, i) => [...get(c), ...v128.load(16 * i), ...get(sum), ...is.add, ...set(sum)])
    ),
    ...pair.flatMap((sum, i) => [...get(c), ...get(sum), ...v128.store(16 * i)])
  ]
  const partOfRow = (pair: readonly number[]): Bytes =>
    range(columns).flatMap((column) => {
      const lane = [...get(pair[Math.floor(column / lanes)] as number), ...is.lane(column % lanes)]
      const at = bytes * column
      return when(isLess(many(column), get(width)), [
        ...get(isFirst),
        ...[0x04, 0x40],
        ...[...get(c), ...lane, ...scalar.store(at)],
        0x05,
        ...[...get(c), ...get(c), ...scalar.load(at), ...lane, ...scalar.add, ...scalar.store(at)],
        ...END
      ])
    })
  const rowsOf = (row: (pair: readonly number[]) => Bytes): Bytes =>
    sums.flatMap((pair, r) => ifRow(r, [...row(pair), ...move(c, get(rowBytes))]))
  return functionOf(0, 2 * TILE_ROWS + 3, [
    ...loopWhile(isLess(get(a), get(end)), turn),
    ...isLess(get(width), many(columns)),
    ...[0x04, 0x40],
    ...rowsOf(partOfRow),
    0x05,
    ...rowsOf(wholeRow),
    ...END
  ])
}

/** The product of some tiles of rows of one matrix: `first` to `last`. */
const blockProduct = ({ bytes }: Format, columns: number): Bytes => {
  const [matrix, first, last] = [1, 2, 3] as const
  const [start, length, column, row, packedB, step] = [4, 5, 6, 7, 8, 9] as const
  const [from, to] = [10, 11] as const
  const packed = (index: number, stride: number): Bytes => plus(word(index), times(get(matrix), word(stride)))
  const above = [...times(get(column), many(columns)), ...many(TILE_ROWS), ...i32.divU]
  const call1 = [
    // a, and where its panel ends
    ...[...plus(get(from), times(get(row), get(step)))],
    ...get(packedB),
    ...plus(
      get(to),
      times(plus(times(get(row), many(TILE_ROWS), word(MULTIPLY.n)), times(get(column), many(columns))), many(bytes))
    ),
    ...plus(get(from), times(plus(get(row), many(1)), get(step))),
    ...times(word(MULTIPLY.n), many(bytes)),
    ...minus(word(MULTIPLY.m), times(get(row), many(TILE_ROWS))),
    ...minus(word(MULTIPLY.n), times(get(column), many(columns))),
    ...[...get(start), ...i32.eqz],
    ...call(2)
  ]
  return functionOf(8, 0, [
    ...[...plus(word(MULTIPLY.c), times(get(matrix), word(MULTIPLY.stepC))), ...set(to)],
    ...loopWhile(isLess(get(start), word(MULTIPLY.k)), [
      ...[...least(minus(word(MULTIPLY.k), get(start)), many(PANEL)), ...set(length)],
      ...[...times(get(length), many(bytes * TILE_ROWS)), ...set(step)],
      ...plus(packed(MULTIPLY.a, MULTIPLY.stepA), times(get(start), word(MULTIPLY.rowTiles), many(bytes * TILE_ROWS))),
      ...set(from),
      ...plus(packed(MULTIPLY.b, MULTIPLY.stepB), times(get(start), word(MULTIPLY.columnTiles), many(bytes * columns))),
      ...set(packedB),
      ...[...many(0), ...set(column)],
      ...loopWhile(isLess(get(column), word(MULTIPLY.columnTiles)), [
        ...[...get(first), ...set(row)],
        // Tiles above the diagonal are left out.
        ...when(word(MULTIPLY.isSymmetric), [...most(get(first), above), ...set(row)]),
        ...loopWhile(isLess(get(row), get(last)), [...call1, ...move(row, many(1))]),
        ...[...move(packedB, times(get(length), many(bytes * columns))), ...move(column, many(1))]
      ]),
      ...move(start, many(PANEL))
    ])
  ])
}

/** The product, block of rows by block of rows. One that is symmetric takes a block from each end, so that shares cost the same. */
const multiplication = (format: Format, columns: number, isShared: boolean): ProductModule => {
  const [matrix, first, last, units] = [3, 4, 5, 6] as const
  const symmetric = word(MULTIPLY.isSymmetric)
  const tiles = word(MULTIPLY.rowTiles)
  const code: Bytes = [
    ...[...plus(tiles, symmetric), ...symmetric, ...i32.shrU, ...set(units)],
    ...[...get(FROM), ...many(TILE_SHIFT), ...i32.shrU, ...set(FROM)],
    ...[...get(TO), ...many(TILE_SHIFT), ...i32.shrU, ...set(TO)],
    ...loopWhile(isLess(get(FROM), get(TO)), [
      ...[...get(FROM), ...get(units), ...i32.divU, ...set(matrix)],
      ...[...get(FROM), ...get(units), ...i32.remU, ...set(first)],
      ...least(plus(get(first), minus(get(TO), get(FROM))), plus(get(first), many(BLOCK_TILES))),
      ...set(last),
      ...[...least(get(last), get(units)), ...set(last)],
      ...[...get(TABLE), ...get(matrix), ...get(first), ...get(last), ...call(1)],
      ...when(symmetric, [
        ...[...get(TABLE), ...get(matrix)],
        ...[...most(minus(tiles, get(last)), get(last)), ...minus(tiles, get(first)), ...call(1)]
      ]),
      ...move(FROM, minus(get(last), get(first)))
    ])
  ]
  return moduleOf(
    [
      { parameters: 3, code: functionOf(4, 0, code) },
      { parameters: 4, code: blockProduct(format, columns) },
      { parameters: 8, code: tileProduct(format, columns) }
    ],
    isShared
  )
}

/** Copies the elements below the diagonal to those above it, tile of rows by tile of rows. */
const mirroring = ({ bytes, scalar }: Format, isShared: boolean): ProductModule => {
  const [matrix, tile, first, column, from, to, rowBytes] = [3, 4, 5, 6, 7, 8, 9] as const
  const n = word(MULTIPLY.n)
  const code = eachTile(word(MULTIPLY.rowTiles), matrix, tile, [
    ...[...times(n, many(bytes)), ...set(rowBytes)],
    ...[...times(get(tile), many(TILE_ROWS)), ...set(first)],
    ...[...plus(get(first), many(1)), ...set(column)],
    ...[
      ...plus(word(MULTIPLY.c), times(get(matrix), word(MULTIPLY.stepC)), times(get(first), many(bytes))),
      ...set(from)
    ],
    ...[...plus(get(from), times(get(first), get(rowBytes)), many(bytes)), ...set(to)],
    ...[...plus(get(from), times(get(column), get(rowBytes))), ...set(from)],
    ...loopWhile(isLess(get(column), n), [
      ...range(TILE_ROWS).flatMap((r) =>
        when(isLess(plus(get(first), many(r)), get(column)), [
          ...plus(get(to), times(get(rowBytes), many(r))),
          ...[...get(from), ...scalar.load(bytes * r), ...scalar.store(0)]
        ])
      ),
      ...[...move(from, get(rowBytes)), ...move(to, many(bytes)), ...move(column, many(1))]
    ])
  ])
  return moduleOf([{ parameters: 3, code: functionOf(7, 0, code) }], isShared)
}

/** The module of a role for a dtype. */
export const productModule = (role: number, kind: number, isShared: boolean): ProductModule => {
  const format = formatOf(kind)
  if (role === Role.PackA) return packing(TILE_ROWS, format, isShared)
  if (role === Role.PackB) return packing(tileColumns(kind), format, isShared)
  return role === Role.Multiply ? multiplication(format, tileColumns(kind), isShared) : mirroring(format, isShared)
}
