// Equations that are computed with: what is written must be what is done.
import type { Item, Line } from '../../packages/monitor/src/internal/equations/outline.js'
import type { Sym, Term } from '../../packages/monitor/src/internal/equations/terms.js'

/** The value of each symbol, by its name and its leaf. */
export type Values = Map<string, number>

const keyOf = ({ family, when }: Sym, leaf: string | null): string => `${family.key}|${when}|${leaf ?? ''}`

/** What a formula says that nobody can compute: an opaque function, numbers that are drawn. */
export class NotComputable extends Error {}

/** What stands on the right of lines, on params whose leaves have one element each. */
export const evaluated = (root: Term, values: Values, leaves: readonly string[], around: string | null): number => {
  const at = (term: Term, leaf: string | null): number => {
    const of = (inner: Term): number => at(inner, leaf)
    switch (term.kind) {
      case 'number':
        return term.value
      case 'symbol': {
        const { symbol } = term
        const value =
          values.get(keyOf(symbol, symbol.leaf === null ? null : leaf)) ?? values.get(keyOf(symbol, symbol.leaf))
        if (value === undefined) throw new NotComputable(`there is no value of ${keyOf(symbol, leaf)}`)
        return value
      }
      case 'part':
        return of(term.inner)
      case 'sum':
        return term.terms.reduce((total, inner) => total + of(inner), 0)
      case 'product':
        return term.factors.reduce((total, { base, exponent }) => total * of(base) ** exponent, term.coefficient)
      case 'power':
        return of(term.base) ** of(term.exponent)
      case 'call': {
        const { name, args, scope } = term
        const [x, y, z] = args as readonly [Term, Term, Term]
        const each = scope === 'all' ? leaves : [leaf]
        const over = (f: (one: string | null) => number): number => each.reduce((total, one) => total + f(one), 0)
        switch (name) {
          case 'norm':
            return Math.sqrt(over((one) => at(x, one) ** 2))
          case 'rms':
          case 'abs':
            return Math.abs(of(x))
          case 'sum':
          case 'sumOfLeaves':
            return over((one) => at(x, one))
          case 'mean':
          case 'transpose':
          // Of one rank.
          case 'allReduceMean':
          case 'meanOverRanks':
            return of(x)
          case 'dot':
            return over((one) => at(x, one) * at(y, one))
          case 'largest':
            return Math.max(...each.map((one) => at(x, one)))
          case 'least':
            return Math.min(...each.map((one) => at(x, one)))
          case 'min':
            return Math.min(...args.map(of))
          case 'max':
            return Math.max(...args.map(of))
          case 'where':
            return of(x) !== 0 ? of(y) : of(z)
          case 'less':
            return Number(of(x) < of(y))
          case 'lessEqual':
            return Number(of(x) <= of(y))
          case 'equal':
            return Number(of(x) === of(y))
          case 'notEqual':
            return Number(of(x) !== of(y))
          case 'isFinite':
            return Number(Number.isFinite(of(x)))
          case 'sign':
            return Math.sign(of(x))
          case 'matmul':
            return of(x) * of(y)
          case 'floor':
          case 'exp':
          case 'log':
          case 'log1p':
          case 'tanh':
          case 'sin':
          case 'cos':
            return Math[name](of(x))
          case 'atan2':
            return Math.atan2(of(x), of(y))
          default:
            throw new NotComputable(`there is no ${name}`)
        }
      }
    }
  }
  return at(root, around)
}

/** Whether something is done at a step, by what is written of it. */
const isNow = (when: string, t: number, isOtherDone: boolean): boolean => {
  if (when === 'otherwise') return !isOtherDone
  const numbers = [...when.matchAll(/\d+/g)].map(Number)
  const [first = 0, second] = numbers
  if (when.startsWith('for t ≤')) return t <= first
  if (when.startsWith('for t ≥')) return t >= first
  if (second === undefined) return t === first
  return when.endsWith('…') ? t >= first && (t - first) % (second - first) === 0 : numbers.includes(t)
}

const isOfLeaf = (line: Line): boolean => line.left.some((term) => term.kind === 'symbol' && term.symbol.leaf !== null)

/** Does what is written of a step, in order. */
export const run = (items: readonly Item[], t: number, values: Values, leaves: readonly string[]): void => {
  let isOtherDone = false
  for (const item of items) {
    if (item.what === 'note') {
      const [symbol] = item.parts
      if (item.schedule === undefined || typeof symbol !== 'object' || symbol.kind !== 'symbol') continue
      values.set(keyOf(symbol.symbol, null), item.schedule(t - 1))
      continue
    }
    if (item.what === 'block') run(item.items, t, values, leaves)
    else if (item.what === 'case') {
      if (!isNow(item.when, t, isOtherDone)) continue
      isOtherDone = true
      run(item.items, t, values, leaves)
    } else if (!item.isStart || t === 1) {
      const about = isOfLeaf(item) ? (item.leaves ?? leaves) : [null]
      const found = about.flatMap((leaf) =>
        item.left.map((left) => [left, leaf, evaluated(item.right, values, leaves, leaf)] as const)
      )
      for (const [left, leaf, value] of found) {
        if (left.kind === 'symbol') values.set(keyOf(left.symbol, left.symbol.leaf === null ? null : leaf), value)
      }
    }
  }
}

/** What is remembered is what there was, in the next step. */
export const next = (values: Values): void => {
  for (const [key, value] of values) {
    const [name = '', when = '', leaf = ''] = key.split('|')
    if (when === 'after') values.set(`${name}|before|${leaf}`, value)
  }
}
