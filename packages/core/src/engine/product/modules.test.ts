import { describe, expect, test } from 'vitest'
import { Kind } from '../../array/dtype.js'
import { instantiate } from '../wasm/kernel.js'
import { PACK, productModule, Role, TILE_ROWS, TILE_SIZE, tileColumns } from './modules.js'

const PAGE = 65_536

describe.each([
  ['rows, float32', Role.PackA, Kind.F32, TILE_ROWS, Float32Array],
  ['columns, float32', Role.PackB, Kind.F32, tileColumns(Kind.F32), Float32Array],
  ['rows, float64', Role.PackA, Kind.F64, TILE_ROWS, Float64Array],
  ['columns, float64', Role.PackB, Kind.F64, tileColumns(Kind.F64), Float64Array]
])('packing of %s', (_name, role, kind, width, array) => {
  const bytes = array.BYTES_PER_ELEMENT

  /** Packs one tile of fewer rows than it has, of a matrix that ends where the memory does. */
  const packed = (rows: number, k: number, isSideBySide: boolean): number[] => {
    const memory = new WebAssembly.Memory({ initial: 1 })
    const source = PAGE - rows * k * bytes
    new array(memory.buffer, source, rows * k).forEach((_, i, all) => {
      all[i] = i + 1
    })
    const words: number[] = []
    words[PACK.source] = source
    words[PACK.to] = 1024
    words[PACK.tiles] = 1
    words[PACK.rows] = rows
    words[PACK.k] = k
    words[PACK.rowStep] = (isSideBySide ? 1 : k) * bytes
    words[PACK.kStep] = (isSideBySide ? rows : 1) * bytes
    words[PACK.sourceStep] = 0
    words[PACK.toStep] = 0
    new Int32Array(memory.buffer).set(words, 16)
    instantiate(productModule(role, kind, false).bytes, memory)(64, 0, TILE_SIZE)
    return [...new array(memory.buffer, 1024, width * k)]
  }

  const expected = (rows: number, k: number, isSideBySide: boolean): number[] =>
    Array.from({ length: width * k }, (_, at) => {
      const [row, l] = [Math.min(at % width, rows - 1), Math.floor(at / width)]
      return 1 + (isSideBySide ? l * rows + row : row * k + l)
    })

  test.each([1, 2, 3])('of %s rows reads nothing beyond the matrix and repeats its last row', (rows) => {
    for (const isSideBySide of [false, true])
      expect(packed(rows, 5, isSideBySide)).toStrictEqual(expected(rows, 5, isSideBySide))
  })

  test('of a whole tile', () => {
    for (const isSideBySide of [false, true])
      expect(packed(width, 3, isSideBySide)).toStrictEqual(expected(width, 3, isSideBySide))
  })
})
