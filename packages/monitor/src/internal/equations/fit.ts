// Numbers that the host computes: seen for several steps, it is found out how they depend on the step.
import { type Term, type Terms, tidy } from './terms.js'

/** Something that has a number in each step. */
export interface Atom {
  readonly term: Term
  readonly values: readonly number[]
}

/** What numbers may depend on. */
export interface Known {
  /** The number of the step, t = 1, 2, …, of each sample. */
  readonly steps: readonly number[]
  readonly step: Term
  /** Decays and the like: numbers between 0 and 1. */
  readonly decays: readonly number[]
  readonly atoms: readonly Atom[]
}

const FEWEST = 4

const isClose = (a: number, b: number, size: number): boolean =>
  Math.abs(a - b) <= 1e-7 * Math.abs(b) && Math.abs(a - b) <= 1e-10 * size

/** a and b of y = a + b x, when it is that. */
const line = (xs: readonly number[], ys: readonly number[]): readonly [a: number, b: number] | null => {
  let low = 0
  let high = 0
  xs.forEach((x, i) => {
    if (x < (xs[low] as number)) low = i
    if (x > (xs[high] as number)) high = i
  })
  const [x0, x1, y0, y1] = [xs[low], xs[high], ys[low], ys[high]] as [number, number, number, number]
  if (!(x1 > x0)) return null
  const size = Math.max(...ys.map(Math.abs))
  const slope = (y1 - y0) / (x1 - x0)
  const rest = y0 - slope * x0
  const rounded = (digits: number): readonly [a: number, b: number] | null => {
    const b = Number(slope.toPrecision(digits))
    const scale = Math.max(size, Math.abs(b * x0), Math.abs(b * x1))
    const a = Math.abs(rest) <= 1e-10 * scale ? 0 : Number(rest.toPrecision(digits))
    return b !== 0 && xs.every((x, i) => isClose(a + b * x, ys[i] as number, scale)) ? [a, b] : null
  }
  const found = rounded(12)
  // As few digits as will do.
  return found && (rounded(4) ?? rounded(6) ?? rounded(8) ?? rounded(10) ?? found)
}

const isConstant = (values: readonly number[]): boolean => {
  const [first = 0] = values
  return values.every((value) => isClose(value, first, Math.abs(first)) || value === first)
}

/** The formula of a number that is not the same in all steps; `null` where none of those that are tried fits. */
export const fit = (terms: Terms, values: readonly number[], known: Known): Term | null =>
  ofAll(terms, values, known) ?? afterFirst(terms, values, known)

/** What is different at the first step, and then is not. */
const afterFirst = (terms: Terms, values: readonly number[], { steps, step, decays, atoms }: Known): Term | null => {
  const [first] = values
  const [start] = steps
  if (start !== 1 || values.length < FEWEST || first === undefined || !Number.isFinite(first)) return null
  const rest = values.slice(1)
  const later = {
    ...{ steps: steps.slice(1), step, decays },
    atoms: atoms.map(({ term, values: all }) => ({ term, values: all.slice(1) }))
  }
  const isSame = rest.every((value) => value === rest[0])
  const found = isSame ? terms.number(rest[0] as number) : ofAll(terms, rest, later)
  if (found === null) return null
  return terms.call('where', [terms.call('equal', [step, terms.number(1)]), terms.number(first), found])
}

const ofAll = (terms: Terms, values: readonly number[], known: Known): Term | null => {
  if (!values.every(Number.isFinite)) return null
  const plain = [...known.atoms, ...plainOf(terms, known)]
  for (const sign of [1, -1]) {
    const same = plain.find(({ values: own }) => own.every((x, i) => sign * x === values[i]))
    if (same !== undefined) return terms.scaled(sign, same.term)
  }
  if (new Set(values).size < FEWEST) return null
  const variables = variablesOf(terms, known)
  const alone = shaped(terms, values, variables, known)
  if (alone !== null) return alone
  const companions = companionsOf(terms, known)
  const withOne = (own: readonly number[]): Term | null => {
    for (const companion of companions) {
      for (const power of [1, -1, 0.5, -0.5]) {
        const found = shaped(terms, without(own, companion, power), variables, known)
        if (found !== null) return beside(terms, found, companion, power)
      }
    }
    return null
  }
  const one = withOne(values)
  if (one !== null) return one
  // A rate of a schedule stands before the rest.
  for (const atom of companions.filter((one) => known.atoms.includes(one))) {
    const found = withOne(without(values, atom, 1))
    if (found !== null) return beside(terms, found, atom, 1)
  }
  return null
}

const without = (values: readonly number[], factor: Atom, power: number): readonly number[] =>
  values.map((value, i) => value / (factor.values[i] as number) ** power)

const beside = (terms: Terms, found: Term, { term }: Atom, exponent: number): Term =>
  terms.product(1, [
    { base: found, exponent: 1 },
    { base: term, exponent }
  ])

/** What needs no number to be found: 1/x, x + 1, … */
const plainOf = (terms: Terms, { steps, step, atoms }: Known): readonly Atom[] => {
  const one = terms.number(1)
  return [{ term: step, values: steps }, ...atoms].flatMap(({ term, values }): readonly Atom[] => {
    const next = terms.sum([term, one])
    const inverse = (of: Term): Term => terms.over(one, of)
    return [
      { term, values },
      { term: inverse(term), values: values.map((x) => 1 / x) },
      { term: next, values: values.map((x) => x + 1) },
      { term: inverse(next), values: values.map((x) => 1 / (x + 1)) },
      { term: terms.minus(term, one), values: values.map((x) => x - 1) },
      { term: terms.minus(one, term), values: values.map((x) => 1 - x) },
      { term: terms.over(term, next), values: values.map((x) => x / (x + 1)) }
    ]
  })
}

/** A formula of one variable: a line, or its root, reciprocal, square, … */
const shaped = (terms: Terms, values: readonly number[], variables: readonly Atom[], known: Known): Term | null => {
  if (!values.every(Number.isFinite)) return null
  if (isConstant(values)) return terms.number(values[0] as number)
  for (const power of [1, -1, 2, -2, 0.5, -0.5]) {
    const ys = values.map((v) => (power === 1 ? v : v ** power))
    if (!ys.every(Number.isFinite) || (values.some((v) => v < 0) && power !== 1 && power !== -1)) continue
    for (const { term, values: xs } of [...variables, ...guessed(terms, ys, known)]) {
      const found = line(xs, ys)
      if (found === null) continue
      const [a, b] = found
      // Of what is divided by, the first number is 1 where that makes the other no longer.
      const unit = power < 0 && a !== 0 && (term.kind === 'power' || Math.abs(b) !== 1) ? a : 1
      const sum = terms.sum([terms.number(a / unit), scaledPower(terms, tidy(b / unit), term)])
      return terms.product(Number((unit ** (1 / power)).toPrecision(9)), [{ base: sum, exponent: 1 / power }])
    }
  }
  return null
}

/**
 * What a line of it may be, by its first numbers: βᵗ, when each difference is β times the one before; tᵏ or (t − 1)ᵏ, when those between
 * twice as far steps are 2ᵏ times as large.
 */
const guessed = (terms: Terms, values: readonly number[], { steps, step }: Known): readonly Atom[] => {
  const at = (t: number): number => values[steps.indexOf(t)] ?? Number.NaN
  const ratio = (a: number, b: number, c: number): number => (at(c) - at(b)) / (at(b) - at(a))
  const made: Atom[] = []
  for (const from of [1, 2]) {
    const decay = Number(ratio(from, from + 1, from + 2).toPrecision(6))
    if (decay > 0 && decay < 1) {
      made.push({ term: terms.power(terms.number(decay), step), values: steps.map((t) => decay ** t) })
    }
    const before = from - 1
    const exponent = Number(Math.log2(ratio(before + 1, before + 2, before + 4)).toPrecision(6))
    if (Math.abs(exponent) < 10 && exponent !== 0) {
      const base = before === 0 ? step : terms.minus(step, terms.number(before))
      made.push({
        term: terms.product(1, [{ base, exponent }]),
        values: steps.map((t) => (t - before) ** exponent)
      })
    }
  }
  return made
}

/** A number times a variable; β βᵗ is βᵗ⁺¹, and βᵗ / β is βᵗ⁻¹. */
const scaledPower = (terms: Terms, by: number, term: Term): Term => {
  if (term.kind !== 'power' || term.base.kind !== 'number') return terms.scaled(by, term)
  const { value } = term.base
  const size = Math.abs(by)
  const shift = Math.abs(size - value) < 1e-8 ? 1 : Math.abs(size * value - 1) < 1e-8 ? -1 : 0
  if (shift === 0) return terms.scaled(by, term)
  return terms.scaled(Math.sign(by), terms.power(term.base, terms.sum([term.exponent, terms.number(shift)])))
}

const variablesOf = (terms: Terms, { steps, step, decays, atoms }: Known): readonly Atom[] => {
  const powers = decays.map(
    (decay): Atom => ({
      term: terms.power(terms.number(decay), step),
      values: steps.map((t) => decay ** t)
    })
  )
  const ofStep = [1, -1, 0.5, -0.5, 0.25, 2, ...decays.flatMap((decay) => [-decay, decay])].map(
    (exponent): Atom => ({
      term: terms.product(1, [{ base: step, exponent }]),
      values: steps.map((t) => t ** exponent)
    })
  )
  return [...powers, ...ofStep, ...atoms].filter(({ values }) => values.every(Number.isFinite))
}

/** What may be divided by: nothing that is 0 somewhere, as what it stands beside could be anything there. */
const companionsOf = (terms: Terms, { steps, step, decays, atoms }: Known): readonly Atom[] =>
  [
    ...atoms,
    { term: step, values: steps },
    ...decays.map(
      (decay): Atom => ({
        term: terms.minus(terms.number(1), terms.power(terms.number(decay), step)),
        values: steps.map((t) => 1 - decay ** t)
      })
    )
  ].filter(({ values }) => values.every((value) => value !== 0))
