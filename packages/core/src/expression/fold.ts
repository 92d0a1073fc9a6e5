import { compute } from './compute.js'
import { type Child, Expr, type FoldedParts, type Folding } from './expr.js'
import { Op } from './op.js'

/** The number that a fold gives, once the values of its groups are known. */
export const foldOf = ({ op, start, order, places, values }: FoldedParts): number => {
  let total = start
  for (let i = 0; i < order.length; i++) {
    const value = numberAt(values[order[i] as number] as Child | null, places[i] as number)
    if (value === null) continue
    total = op === Op.Add ? total + value : compute(op, total, value, 0)
  }
  return total
}

const numberAt = (value: Child | null, place: number): number | null => {
  if (!(value instanceof Expr)) return value
  return value.form === null ? value.value : (value.data?.[place] as number)
}

/** {@link Folding.isLike}. */
export const isFoldLike = (parts: FoldedParts, single: Expr, isTerm: Parameters<Folding['isLike']>[1]): boolean => {
  const { op, order, values } = parts
  const chain: Child[] = []
  // From the last leaf to the first.
  let rest: Child = single
  const leaves = [...order.keys()].filter((leaf) => values[order[leaf] as number] !== null)
  let at = leaves.length - 1
  for (; at >= 0 && rest instanceof Expr && rest.op === op && rest.b !== null; at--) {
    chain[at] = rest.b
    rest = rest.a as Child
  }
  if (typeof rest !== 'number') return false
  // Numbers at the beginning were put together at once.
  const known = leaves.slice(0, at + 1)
  const valueOf = (leaf: number): Child => values[order[leaf] as number] as Child
  if (known.some((leaf) => typeof valueOf(leaf) !== 'number')) return false
  const isKnown = new Set(known)
  const first = foldOf({
    ...parts,
    values: values.map((value) => (typeof value === 'number' ? value : null)),
    order: order.filter((_, leaf) => isKnown.has(leaf))
  })
  if (!Object.is(first, rest)) return false
  return leaves.slice(at + 1).every((leaf, i) => isTerm(valueOf(leaf), chain[at + 1 + i] as Child, leaf))
}
