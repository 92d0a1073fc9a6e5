import { compute } from './compute.js'
import { type Child, Expr, type Folding } from './expr.js'
import { Op } from './op.js'

/** The number that a fold gives, once the values of its groups are known. */
export const foldOf = ({ op, start, order, places, values }: Folding): number => {
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
