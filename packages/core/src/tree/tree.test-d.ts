import { expectTypeOf } from 'vitest'
import type { Operand } from '../expression/expr.js'
import { mul } from '../expression/operations.js'
import type { Tree } from '../transformation/types.js'
import { expandPrefix, leaves, map, mapWithPath, type TreeOf, unflatten } from './tree.js'

// The tree type is one of leaves; the function says which.
expectTypeOf(map((x: number) => `${x}`, { a: 1, b: [2, null] })).toEqualTypeOf<{ a: string; b: (string | null)[] }>()
expectTypeOf(map((x: number, y: string) => y.length > x, { a: 1 }, { a: 'b' })).toEqualTypeOf<{ a: boolean }>()
expectTypeOf(map((...row: number[]) => row, [1], [2], [3], [4])).toEqualTypeOf<TreeOf<number[]>>()
expectTypeOf(mapWithPath((path: string, x: number) => `${path}${x}`, [1])).toEqualTypeOf<string[]>()
expectTypeOf(mapWithPath((path) => path, {} as TreeOf<number>)).toEqualTypeOf<TreeOf<string>>()
expectTypeOf(leaves({} as TreeOf<number>)).toEqualTypeOf<number[]>()
expectTypeOf(unflatten({ a: 1 }, ['x'])).toEqualTypeOf<TreeOf<string>>()
expectTypeOf(expandPrefix({ a: true as boolean }, { a: [1] })).toEqualTypeOf<TreeOf<boolean>>()
// @ts-expect-error -- the function takes numbers, the tree has words
map((x: number) => x, { a: 'b' })

// Trees of operands, as definitions of transformations use them.
const operands = {} as Tree
expectTypeOf(map((x) => mul(x, 2), operands)).toExtend<Tree>()
expectTypeOf(map((x, y) => mul(x, y), operands, operands)).toExtend<Tree>()
expectTypeOf(
  map((x: Operand, y: Operand, z: Operand) => mul(mul(x, y), z), operands, operands, operands)
).toExtend<Tree>()
