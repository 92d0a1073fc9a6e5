import { Expr, type Operand, type Tree } from '@gradchain/core'
import { lift } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'

const BYTES = { float32: 4, float64: 8, bfloat16: 2, float16: 2 } as const

const bytesOf = (leaf: Operand): number => {
  const x = lift(leaf)
  return x instanceof Expr && !x.isScalar ? x.size * BYTES[x.dtype] : BYTES.float64
}

/**
 * Which rank has each leaf: the largest leaf first, each goes to the rank that has the fewest bytes so far, of equal leaves and equal
 * ranks the first. The same on all ranks, as it is decided by sizes alone.
 */
export const ownersOf = (params: Tree, size: number): Tree<number> => {
  const bytes = tree.leaves<Operand>(params as Tree<Operand>).map(bytesOf)
  const order = [...bytes.keys()].sort((i, j) => (bytes[j] as number) - (bytes[i] as number) || i - j)
  const loads = new Float64Array(size)
  const owners: number[] = new Array(bytes.length)
  for (const leaf of order) {
    const owner = loads.indexOf(Math.min(...loads))
    owners[leaf] = owner
    loads[owner] = (loads[owner] as number) + (bytes[leaf] as number)
  }
  return tree.unflatten(params, owners) as Tree<number>
}

/** The leaves of a rank, each in its place, with `null` in place of the others. */
export const shardOf = <T extends Tree | Tree<Operand>>(values: T, owners: Tree<number>, rank: number): T =>
  tree.map((value: Operand, owner: number) => (owner === rank ? value : null), values as Tree<Operand>, owners) as T
