import type { Name, Names } from './names.js'
import type { Factor, Scope, Term, TermOf } from './terms.js'
import { isNegative } from './terms.js'

/** How formulas are set: pieces are texts of the notation. */
export interface Style {
  readonly number: (x: number) => string
  readonly name: (name: Name) => string
  /** A word, such as the name of a function. */
  readonly word: (text: string) => string
  /** Pieces one after the other; a sign such as `+` has room around it. */
  readonly row: (pieces: readonly string[]) => string
  readonly sign: (text: string) => string
  /** What stands before something, without room. */
  readonly prefix: (text: string) => string
  readonly group: (inner: string) => string
  /** A pair of delimiters around something. */
  readonly fence: (open: string, inner: string, close: string, below: string | null) => string
  readonly fraction: (above: string, below: string, isLongAbove: boolean, isLongBelow: boolean) => string
  readonly root: (inner: string, isLong: boolean) => string
  readonly power: (base: string, exponent: string) => string
  /** A word with something below it, and what it is of. */
  readonly over: (symbol: string, below: string | null, inner: string) => string
  readonly cases: (condition: string, yes: string, no: string) => string
}

// How tightly things hold together.
const SUM = 1
const PRODUCT = 2
const POWER = 3
const ATOM = 4

const tightness = (term: Term): number => {
  if (term.kind === 'sum') return SUM
  if (term.kind === 'number') return term.value < 0 ? PRODUCT : ATOM
  if (term.kind === 'power') return POWER
  if (term.kind === 'product') {
    const [only] = term.factors
    const isPower = term.coefficient === 1 && term.factors.length === 1 && only !== undefined && only.exponent > 0
    return isPower ? POWER : PRODUCT
  }
  if (term.kind === 'call') return term.name === 'matmul' || term.name in COMPARISONS ? PRODUCT : ATOM
  return ATOM
}

const COMPARISONS: Readonly<Record<string, string>> = { less: '<', lessEqual: '≤', equal: '=', notEqual: '≠' }

const FENCES: Readonly<Record<string, readonly [string, string]>> = {
  abs: ['|', '|'],
  floor: ['⌊', '⌋'],
  norm: ['‖', '‖']
}

const WORDS: Readonly<Record<string, string>> = {
  log: 'ln',
  log1p: 'ln1p',
  isFinite: 'finite',
  largest: 'max',
  least: 'min'
}

const scopeOf = (scope: Scope): string | null =>
  scope === 'leaf' ? null : scope === 'all' ? 'all' : scope.length === 0 ? null : `axis ${scope.join(', ')}`

/** A formula in a notation. */
export const write = (term: Term, style: Style, names: Names, around: string | null, isStart = false): string => {
  // Within what goes over all leaves, each is as good as the next.
  let inAll = 0

  const at = (inner: Term, least: number): string => {
    const written = go(inner)
    return tightness(inner) < least ? style.group(written) : written
  }

  const go = (x: Term): string => {
    switch (x.kind) {
      case 'number':
        return style.number(x.value)
      case 'symbol':
        return style.name(names.of(x.symbol, inAll > 0 ? x.symbol.leaf : around, isStart))
      case 'part':
        return go(x.inner)
      case 'sum':
        return sum(x)
      case 'product':
        return product(x)
      case 'power':
        return style.power(at(x.base, ATOM), go(x.exponent))
      case 'call': {
        const isAll = x.scope === 'all'
        if (isAll) inAll += 1
        const written = call(x)
        if (isAll) inAll -= 1
        return written
      }
    }
  }

  const sum = ({ terms }: TermOf<'sum'>): string =>
    style.row(
      terms.flatMap((inner, i) => {
        if (!isNegative(inner)) return i === 0 ? [at(inner, SUM)] : [style.sign('+'), at(inner, SUM)]
        return [i === 0 ? style.prefix('−') : style.sign('−'), at(positive(inner), PRODUCT)]
      })
    )

  const positive = (x: Term): Term => {
    if (x.kind === 'number') return { ...x, value: -x.value }
    if (x.kind !== 'product') return x
    const [only] = x.factors
    if (x.coefficient === -1 && x.factors.length === 1 && only?.exponent === 1) return only.base
    return { ...x, coefficient: -x.coefficient }
  }

  const product = (x: TermOf<'product'>): string => {
    if (x.coefficient < 0) return style.row([style.prefix('−'), at(positive(x), PRODUCT)])
    const above = x.factors.filter(({ exponent }) => exponent > 0)
    const below = x.factors
      .filter(({ exponent }) => exponent < 0)
      .map(({ base, exponent }) => ({ base, exponent: -exponent }))
    const inverse = 1 / x.coefficient
    const isShare =
      below.length === 0 &&
      x.coefficient < 1 &&
      String(x.coefficient).length > 8 &&
      Math.abs(inverse - Math.round(inverse)) < 1e-9 * inverse
    if (isShare) {
      return style.fraction(
        above.length === 0 ? style.number(1) : factors(1, above),
        style.number(Math.round(inverse)),
        above.length > 1,
        false
      )
    }
    const numerator = factors(x.coefficient, above)
    if (below.length === 0) return numerator
    const [only] = below
    const isAtom = below.length === 1 && only !== undefined && (only.exponent === 0.5 || tightness(only.base) > PRODUCT)
    const isLongAbove =
      above.length === 1 && x.coefficient === 1 && above[0]?.exponent === 1 && tightness(above[0].base) < PRODUCT
    return style.fraction(
      isLongAbove ? factors(1, above, true) : numerator,
      factors(1, below, true),
      isLongAbove,
      !isAtom
    )
  }

  const factors = (coefficient: number, all: readonly Factor[], isAlone = false): string => {
    const pieces = all.map(({ base, exponent }) =>
      all.length === 1 && coefficient === 1 && isAlone && exponent === 1 ? go(base) : factor(base, exponent)
    )
    const number = coefficient === 1 && pieces.length > 0 ? [] : [style.number(coefficient)]
    const isPlain = all.every(
      ({ base }) => base.kind === 'symbol' || (base.kind === 'power' && base.base.kind === 'symbol')
    )
    const dotted = [...number, ...pieces].flatMap((piece, i) =>
      i === 0 ? [piece] : [style.sign(isPlain ? '' : '·'), piece]
    )
    return dotted.length === 1 ? (dotted[0] as string) : style.row(dotted)
  }

  const factor = (base: Term, exponent: number): string => {
    if (exponent === 1) return at(base, PRODUCT)
    if (exponent === 0.5) return style.root(go(base), tightness(base) < ATOM)
    return style.power(at(base, ATOM), raised(exponent))
  }

  const raised = (exponent: number): string => {
    const inverse = 1 / exponent
    const isShare =
      Math.abs(inverse) < 20 &&
      Math.abs(inverse - Math.round(inverse)) < 1e-9 &&
      Math.abs(exponent) < 0.5 &&
      String(exponent).length > 6
    return isShare
      ? style.fraction(style.number(1), style.number(Math.round(inverse)), false, false)
      : style.number(exponent)
  }

  const call = ({ name, args, scope }: TermOf<'call'>): string => {
    const [a, b, c] = args as readonly [Term, Term, Term]
    const below = scopeOf(scope)
    const comparison = COMPARISONS[name]
    if (comparison !== undefined) return style.row([at(a, PRODUCT), style.sign(comparison), at(b, PRODUCT)])
    const fence = FENCES[name]
    if (fence !== undefined) return style.fence(fence[0], go(a), fence[1], below)
    switch (name) {
      case 'where':
        return style.cases(go(a), go(b), go(c))
      case 'dot':
        return style.fence('⟨', style.row([go(a), style.sign(','), go(b)]), '⟩', below)
      case 'matmul':
        return style.row([at(a, PRODUCT), style.sign(''), at(b, POWER)])
      case 'transpose':
        return style.power(at(a, ATOM), style.word('T'))
      case 'sum':
        return style.over('Σ', below, at(a, PRODUCT))
      case 'sumOfLeaves':
        return style.over('Σ', 'leaves', at(a, PRODUCT))
      default: {
        const inner = args.flatMap((arg, i) => (i === 0 ? [go(arg)] : [style.sign(','), go(arg)]))
        const word = style.word(WORDS[name] ?? name)
        const applied = style.row([word, style.group(style.row(inner))])
        return below === null
          ? applied
          : style.row([style.over(WORDS[name] ?? name, below, style.group(style.row(inner)))])
      }
    }
  }

  return go(term)
}
