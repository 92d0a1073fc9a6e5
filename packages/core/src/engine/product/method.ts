import { bytesOf, type Kind } from '../../array/dtype.js'
import type { NdArray } from '../../array/ndarray.js'
import type { Product, ProductLaunch, ProductMethod } from '../../expression/product.js'
import { MULTIPLY, PACK, productModule, Role, TILE_ROWS, TILE_SIZE, tileColumns } from './modules.js'
import { multiply } from './multiply.js'
import { resident } from './resident.js'
import { staged } from './staged.js'

/** What every code of a product begins with; no operation and no other code has this number. */
const PRODUCT = 110

const launch = (
  role: number,
  kind: Kind,
  tiles: number,
  table: readonly (readonly [number, number])[]
): ProductLaunch => {
  const words: number[] = []
  for (const [index, value] of table) words[index] = value
  return { code: [PRODUCT, role, kind], words, size: tiles * TILE_SIZE }
}

const tilesOf = ({ m, n }: Product, kind: Kind): readonly [rows: number, columns: number] => [
  Math.ceil(m / TILE_ROWS),
  Math.ceil(n / tileColumns(kind))
]

/** How many bytes one packed matrix takes, for each of the operands. */
const packedSteps = (product: Product, kind: Kind): readonly [number, number] => {
  const [rows, columns] = tilesOf(product, kind)
  const row = product.k * bytesOf(kind)
  return [rows * TILE_ROWS * row, columns * tileColumns(kind) * row]
}

/** The way in which matrices are multiplied. */
export const productMethod: ProductMethod = {
  compute: ({ detail, kind }, operands) => {
    const [a, b] = operands as readonly [NdArray, NdArray]
    return multiply(detail as Product, kind, a.data, b.data)
  },

  launch: staged,

  resident,

  packedBytes: (product, kind) => {
    const { batch, isOneA, isOneB } = product
    const [a, b] = packedSteps(product, kind)
    return [isOneA ? a : a * batch, isOneB ? b : b * batch]
  },

  plan: (product, kind, isOneArray, { a, b, c, packedA, packedB }) => {
    const { batch, m, n, k, isOneA, isOneB, transposeA, transposeB, symmetric } = product
    const bytes = bytesOf(kind)
    const [rowTiles, columnTiles] = tilesOf(product, kind)
    // The numbers of their places would not fit 31 bits.
    if (batch * Math.max(rowTiles, columnTiles) * TILE_SIZE > 2 ** 31) return null
    const [stepA, stepB] = packedSteps(product, kind)
    // Of one array and its transpose the products on both sides of the diagonal are the same.
    const isSymmetric = symmetric || (isOneArray && transposeA !== transposeB)
    const words: readonly (readonly [number, number])[] = [
      [MULTIPLY.a, packedA],
      [MULTIPLY.b, packedB],
      [MULTIPLY.c, c],
      [MULTIPLY.rowTiles, rowTiles],
      [MULTIPLY.columnTiles, columnTiles],
      [MULTIPLY.m, m],
      [MULTIPLY.n, n],
      [MULTIPLY.k, k],
      [MULTIPLY.stepA, isOneA ? 0 : stepA],
      [MULTIPLY.stepB, isOneB ? 0 : stepB],
      [MULTIPLY.stepC, m * n * bytes],
      [MULTIPLY.isSymmetric, isSymmetric ? 1 : 0]
    ]
    const pack = (role: number, tiles: number, matrices: number, table: readonly number[]): ProductLaunch => {
      const [source, to, rows, rowStep, kStep, toStep] = table as [number, number, number, number, number, number]
      return launch(role, kind, tiles * matrices, [
        [PACK.source, source],
        [PACK.to, to],
        [PACK.tiles, tiles],
        [PACK.rows, rows],
        [PACK.k, k],
        [PACK.rowStep, rowStep * bytes],
        [PACK.kStep, kStep * bytes],
        [PACK.sourceStep, rows * k * bytes],
        [PACK.toStep, toStep]
      ])
    }
    const [rowA, columnA] = transposeA ? [1, m] : [k, 1]
    const [rowB, columnB] = transposeB ? [1, k] : [n, 1]
    const units = isSymmetric ? Math.ceil(rowTiles / 2) : rowTiles
    return [
      pack(Role.PackA, rowTiles, isOneA ? 1 : batch, [a, packedA, m, rowA, columnA, stepA]),
      pack(Role.PackB, columnTiles, isOneB ? 1 : batch, [b, packedB, n, columnB, rowB, stepB]),
      launch(Role.Multiply, kind, batch * units, words),
      ...(isSymmetric ? [launch(Role.Mirror, kind, batch * rowTiles, words)] : [])
    ]
  },

  assemble: ([, role = 0, kind = 0], isShared) => productModule(role, kind, isShared)
}
