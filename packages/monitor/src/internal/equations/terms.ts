/** What a symbol stands for. */
export interface Family {
  /** What tells it apart. */
  readonly key: string
  readonly kind:
    | 'gradient'
    | 'param'
    | 'state'
    | 'input'
    | 'moved'
    | 'updates'
    | 'step'
    | 'rate'
    | 'extra'
    | 'array'
    | 'part'
    | 'number'
  /** The name it would like to have. */
  readonly field: string
  /** The symbol that it is an estimate of, for a letter with a hat. */
  readonly hatOf?: Sym | undefined
}

/** A symbol of one leaf, or of none. */
export interface Sym {
  readonly family: Family
  /** The leaf that it belongs to; `null` for one number. */
  readonly leaf: string | null
  /** Of what is remembered: before the step or after it. */
  readonly when: 'before' | 'after' | 'now'
}

/** Where a reduction goes over: one array, the whole tree, or axes of an array. */
export type Scope = 'leaf' | 'all' | readonly number[]

interface Common {
  /** The same for terms that are the same. */
  readonly id: number
  /** The same for terms that differ only in the leaf they speak of. */
  readonly generic: number
  /** The leaf they speak of; `null` for none, `undefined` for several. */
  readonly leaf: string | null | undefined
  /** How much there is to write. */
  readonly weight: number
}

/** A base to a power. */
export interface Factor {
  readonly base: Term
  readonly exponent: number
}

/** A formula. */
export type Term = Common &
  (
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'symbol'; readonly symbol: Sym }
    | { readonly kind: 'sum'; readonly terms: readonly Term[] }
    | { readonly kind: 'product'; readonly coefficient: number; readonly factors: readonly Factor[] }
    | { readonly kind: 'power'; readonly base: Term; readonly exponent: Term }
    | { readonly kind: 'call'; readonly name: string; readonly args: readonly Term[]; readonly scope: Scope }
    /** What is computed once and used more often. */
    | { readonly kind: 'part'; readonly inner: Term }
  )

/** A formula of one kind. */
export type TermOf<K extends Term['kind']> = Extract<Term, { readonly kind: K }>

/** A definition that was found on the way: m̂ = …, rₜ = … */
export interface Part {
  readonly symbol: TermOf<'symbol'>
  readonly value: Term
}

/** A number as people write it: what was lost by adding up is made good. */
export const tidy = (x: number): number => Number(x.toPrecision(12))

/** What is inside of what is used more often. */
export const bare = (term: Term): Term => (term.kind === 'part' ? bare(term.inner) : term)

/** Makes formulas, each once, and writes them as people would. */
export class Terms {
  readonly #known = new Map<string, number>()
  readonly #terms = new Map<number, Term>()

  #idOf(key: string): number {
    const id = this.#known.get(key) ?? this.#known.size
    this.#known.set(key, id)
    return id
  }

  #make<K extends Term['kind']>(
    parts: Omit<TermOf<K>, keyof Common>,
    keyOf: (id: (term: Term) => number) => string,
    below: readonly Term[]
  ): TermOf<K> {
    const id = this.#idOf(keyOf((term) => term.id))
    const existing = this.#terms.get(id)
    if (existing !== undefined) return existing as TermOf<K>
    const generic = this.#idOf(`g${keyOf((term) => term.generic)}`)
    const isAll = 'scope' in parts && parts.scope === 'all'
    const leaf = isAll
      ? null
      : below.reduce<string | null | undefined>((known, term) => oneLeaf(known, term.leaf), null)
    const weight = Math.min(1 + below.reduce((total, term) => total + term.weight, 0), 1e9)
    const made = { ...parts, id, generic, leaf, weight } as unknown as TermOf<K>
    this.#terms.set(id, made)
    return made
  }

  number(value: number): TermOf<'number'> {
    const tidied = Object.is(value, -0) ? 0 : tidy(value)
    return this.#make<'number'>({ kind: 'number', value: tidied }, () => `#${tidied}`, [])
  }

  symbol(symbol: Sym): TermOf<'symbol'> {
    const { family, leaf, when } = symbol
    const at = leaf === null ? '' : `@${leaf}`
    const made = `s${family.key}|${when}`
    const id = this.#idOf(made + at)
    const existing = this.#terms.get(id)
    if (existing !== undefined) return existing as TermOf<'symbol'>
    const generic = this.#idOf(`g${made}`)
    const term: TermOf<'symbol'> = { kind: 'symbol', symbol, id, generic, leaf, weight: 1 }
    this.#terms.set(id, term)
    return term
  }

  /** A formula that is used more often, not to be taken apart by what it stands in. */
  part(inner: Term): Term {
    if (inner.kind === 'number' || inner.kind === 'symbol' || inner.kind === 'part') return inner
    return this.#make<'part'>({ kind: 'part', inner }, (id) => `p${id(inner)}`, [inner])
  }

  call(name: string, args: readonly Term[], scope: Scope = 'leaf'): TermOf<'call'> {
    return this.#make<'call'>(
      { kind: 'call', name, args, scope },
      (id) => `${name}[${String(scope)}](${args.map(id).join()})`,
      args
    )
  }

  /** A formula over all leaves, of what it is for one. */
  overAll(name: string, args: readonly Term[]): Term {
    return this.call(name, args, 'all')
  }

  power(base: Term, exponent: Term): Term {
    if (exponent.kind === 'number') return this.product(1, [{ base, exponent: exponent.value }])
    return this.#make<'power'>({ kind: 'power', base, exponent }, (id) => `^(${id(base)},${id(exponent)})`, [
      base,
      exponent
    ])
  }

  product(coefficient: number, factors: readonly Factor[]): Term {
    let number = coefficient
    const exponents = new Map<Term, number>()
    const take = ({ base, exponent }: Factor): void => {
      if (base.kind === 'number' && (base.value > 0 || Number.isInteger(exponent))) {
        number *= base.value ** exponent
      } else if (base.kind === 'product' && (exponent === 1 || exponent === -1)) {
        number *= base.coefficient ** exponent
        for (const inner of base.factors) take({ base: inner.base, exponent: inner.exponent * exponent })
      } else if (base.kind === 'product' && exponent === 0.5 && base.factors.every(isEvenNorm)) {
        number *= Math.sqrt(base.coefficient)
        for (const inner of base.factors) take({ base: inner.base, exponent: inner.exponent / 2 })
      } else {
        const total = (exponents.get(base) ?? 0) + exponent
        if (total === 0) exponents.delete(base)
        else exponents.set(base, total)
      }
    }
    for (const factor of factors) take(factor)
    number = tidy(number)
    if (exponents.size === 0 || number === 0) return this.number(number)
    const found = [...exponents].map(([base, exponent]): Factor => ({ base, exponent }))
    const [only] = found
    if (number === 1 && found.length === 1 && only?.exponent === 1) return only.base
    return this.#make<'product'>(
      { kind: 'product', coefficient: number, factors: found },
      (id) => `*${number}${found.map(({ base, exponent }) => `,${id(base)}^${exponent}`).join('')}`,
      found.map(({ base }) => base)
    )
  }

  times(...terms: readonly Term[]): Term {
    return this.product(
      1,
      terms.map((base): Factor => ({ base, exponent: 1 }))
    )
  }

  scaled(coefficient: number, term: Term): Term {
    return this.product(coefficient, [{ base: term, exponent: 1 }])
  }

  over(a: Term, b: Term): Term {
    return this.product(1, [
      { base: a, exponent: 1 },
      { base: b, exponent: -1 }
    ])
  }

  root(term: Term): Term {
    return this.product(1, [{ base: term, exponent: 0.5 }])
  }

  square(term: Term): Term {
    return this.product(1, [{ base: term, exponent: 2 }])
  }

  sum(terms: readonly Term[]): Term {
    let number = 0
    const coefficients = new Map<Term, number>()
    const take = (term: Term, times: number): void => {
      if (term.kind === 'number') number += times * term.value
      else if (term.kind === 'sum') for (const inner of term.terms) take(inner, times)
      else {
        const isProduct = term.kind === 'product'
        const rest = isProduct ? this.product(1, term.factors) : term
        const total = (coefficients.get(rest) ?? 0) + times * (isProduct ? term.coefficient : 1)
        coefficients.set(rest, total)
      }
    }
    for (const term of terms) take(term, 1)
    const found: Term[] = [...coefficients]
      .filter(([, coefficient]) => tidy(coefficient) !== 0)
      .map(([term, coefficient]) => this.scaled(coefficient, term))
    if (tidy(number) !== 0) found.push(this.number(number))
    // What is subtracted comes after what it is subtracted from.
    const firstPlus = found.findIndex((term) => !isNegative(term))
    if (firstPlus > 0) found.unshift(...found.splice(firstPlus, 1))
    return this.#summed(found)
  }

  #summed(found: readonly Term[]): Term {
    const [only] = found
    if (only === undefined) return this.number(0)
    if (found.length === 1) return only
    return this.#make<'sum'>({ kind: 'sum', terms: found }, (id) => `+${found.map(id).join()}`, found)
  }

  /** A sum in another order. */
  ordered(sum: TermOf<'sum'>, before: (a: Term, b: Term) => number): Term {
    return this.#summed([...sum.terms].sort(before))
  }

  minus(a: Term, b: Term): Term {
    return this.sum([a, this.scaled(-1, b)])
  }
}

const isEvenNorm = ({ base, exponent }: Factor): boolean =>
  exponent === 2 && base.kind === 'call' && (base.name === 'norm' || base.name === 'rms')

const oneLeaf = (a: string | null | undefined, b: string | null | undefined): string | null | undefined =>
  a === null ? b : b === null || a === b ? a : undefined

/** Whether a minus stands before it. */
export const isNegative = (term: Term): boolean =>
  (term.kind === 'number' && term.value < 0) || (term.kind === 'product' && term.coefficient < 0)
