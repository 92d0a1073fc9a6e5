import type { Family, Sym } from './terms.js'

/** How a symbol is written. */
export interface Name {
  /** A letter, or a word. */
  readonly base: string
  readonly hasHat: boolean
  readonly primes: number
  /** A number below. */
  readonly index: number | null
  /** Which moment it is of. */
  readonly time: 'before' | 'after' | 'start' | null
  /** The leaf that it is of, where that is not plain. */
  readonly leaf: string | null
}

/** Letters of what is remembered. */
const LETTERS: Readonly<Record<string, string>> = {
  mu: 'm',
  nu: 'v',
  trace: 'b',
  ema: 'm',
  average: 'a',
  velocity: 'v',
  expAvg: 'm',
  expAvgSq: 'v',
  slow: 's'
}

/** Letters of what is used more often. */
const SPARE = ['a', 'b', 'd', 'e', 'h', 'k', 'q', 'r', 'w', 'x', 'y', 'z']

/** Which symbol has which name: no two the same. */
export class Names {
  readonly #bases = new Map<string, Pick<Name, 'base' | 'primes' | 'index'>>()
  readonly #taken = new Set<string>()
  readonly #changing: ReadonlySet<string>
  readonly #isOneUpdate: boolean
  #updates = 0
  #numbered = 0

  /** Of all symbols there are, in the order in which they are met. */
  constructor(symbols: readonly Sym[]) {
    this.#changing = new Set(symbols.filter(({ when }) => when === 'after').map(({ family }) => family.key))
    this.#isOneUpdate =
      new Set(symbols.flatMap(({ family }) => (family.kind === 'updates' ? [family.key] : []))).size < 2
    // Those that have a name of their own come before those that may have any.
    const last = ({ kind }: Family): number => (kind === 'part' ? 2 : kind === 'gradient' || kind === 'param' ? 0 : 1)
    for (const { family } of [...symbols].sort((a, b) => last(a.family) - last(b.family))) this.#allocate(family)
  }

  #allocate(family: Family): void {
    if (this.#bases.has(family.key) || family.hatOf !== undefined) return
    if (family.kind === 'updates') {
      this.#updates += 1
      this.#bases.set(family.key, { base: 'u', primes: 0, index: this.#isOneUpdate ? null : this.#updates })
      return
    }
    const isFixed = family.kind === 'state' && !this.#changing.has(family.key)
    const wanted = LETTERS[family.field] ?? (isFixed ? family.field.replace(/(?<=.)0$/, '') : family.field)
    const spare = wanted === '' ? SPARE.find((letter) => !this.#taken.has(letter)) : undefined
    if (wanted === '' && spare === undefined) {
      this.#numbered += 1
      this.#bases.set(family.key, { base: 'f', primes: 0, index: this.#numbered })
      return
    }
    const base = spare ?? wanted
    let primes = 0
    while (this.#taken.has(base + '′'.repeat(primes))) primes += 1
    this.#taken.add(base + '′'.repeat(primes))
    this.#bases.set(family.key, { base, primes, index: null })
  }

  /** The name of a symbol, where a leaf is spoken of already. */
  of({ family, leaf, when }: Sym, around: string | null, isStart: boolean): Name {
    const { hatOf } = family
    const known = hatOf === undefined ? undefined : this.#bases.get(hatOf.family.key)
    const own = known ?? this.#bases.get(family.key) ?? { base: family.field, primes: 0, index: null }
    const isTimed = family.kind === 'state' || family.kind === 'rate' || family.kind === 'number'
    const time = !isTimed
      ? null
      : isStart || !this.#changing.has(family.key)
        ? 'start'
        : when === 'before'
          ? 'before'
          : 'after'
    return {
      ...own,
      hasHat: hatOf !== undefined,
      time: family.key.startsWith('host ') && when === 'before' ? 'before' : time,
      leaf: leaf === null || leaf === '' || leaf === around ? null : leaf
    }
  }
}
