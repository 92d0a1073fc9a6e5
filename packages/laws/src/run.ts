import { type AnyGradientTransformation, type ExtraOf, InvalidOption } from '@gradchain/core'
import fc from 'fast-check'
import { type Law, type LawOptions, property } from './law.js'

/** What registers a test, as of Vitest, Jest, Mocha, Bun and Node. */
export type TestFunction = (name: string, run: () => void, timeout?: number) => unknown

/** Which laws are left out, by name, and why. */
export type Without<Laws> = { readonly [Name in keyof Laws]?: string }

/** Options of the one-line runners. */
export interface RunOptions<Laws = Record<string, never>, Case = never> extends LawOptions {
  /** What registers a test. @defaultValue the global `test` */
  readonly test?: TestFunction
  /** How many cases each law is tried on. @defaultValue fast-check's `numRuns`, 100 unless configured */
  readonly runs?: number
  /** The seed that the cases are drawn with. @defaultValue fast-check's `seed`, a new one unless configured */
  readonly seed?: number
  /** Laws that do not hold here, by name, each with the reason. */
  readonly without?: Without<Laws>
  /** Cases that are always tried, first: counterexamples of the past. A law passes over numbers it does not speak of. */
  readonly examples?: readonly Case[]
}

// Of a transformation whose type is erased it is not known what `update` needs.
type ExtraOption<Extra> = [Extra] extends [never]
  ? unknown
  : object extends Extra
    ? unknown
    : { readonly extra: fc.Arbitrary<Extra> }

/** The options for a transformation: `extra` is asked for when `update` needs it. */
export type OptionsFor<T extends AnyGradientTransformation, Laws, Case> = RunOptions<Laws, Case> &
  ExtraOption<ExtraOf<T>>

/** Laws take longer than the patience of test runners on a slow machine. */
export const TIMEOUT_MS = 120_000

/** Some laws of one kind of subject, by name. */
export type Laws<Subject, Case> = Readonly<Record<string, Law<Subject, Case>>>

/** Some laws but those that are left out. */
export const chosen = <L extends { readonly name: string }>(
  laws: Readonly<Record<string, L>>,
  without: Without<Readonly<Record<string, L>>> = {}
): L[] => {
  for (const [name, reason] of Object.entries(without)) {
    if (laws[name] === undefined) {
      throw new InvalidOption(`laws: there is no law ${name} to leave out; there are ${Object.keys(laws).join(', ')}`)
    }
    if (typeof reason !== 'string' || reason.trim() === '') {
      throw new InvalidOption(`laws: without.${name} must be the reason why it is left out`)
    }
  }
  return Object.values(laws).filter(({ name }) => without[name] === undefined)
}

const assertLaw = <Subject, Case>(
  law: Law<Subject, Case>,
  subject: Subject,
  { runs, seed, examples = [], ...options }: RunOptions<Laws<Subject, Case>, Case>
): void =>
  fc.assert(property(law, subject, options), {
    // What is broken, and where, belongs in the report.
    includeErrorInReport: true,
    ...(runs === undefined ? {} : { numRuns: runs }),
    ...(seed === undefined ? {} : { seed }),
    examples: examples.map((example): [Case] => [example])
  })

/** What registers a test: what is given, or the global one. */
export const theTest = (test: TestFunction | undefined): TestFunction => {
  const found = test ?? (globalThis as { readonly test?: TestFunction }).test
  if (typeof found === 'function') return found
  throw new InvalidOption(
    "laws: test must be the function that registers a test; there is no global one, so pass it: { test }, from 'vitest'"
  )
}

/** Registers one test for each law, named by its sentence. */
export const registerLaws = <Subject, Case>(
  laws: Laws<Subject, Case>,
  subject: Subject,
  options: RunOptions<Laws<Subject, Case>, Case> = {}
): void => {
  const test = theTest(options.test)
  for (const law of chosen(laws, options.without))
    test(law.sentence, () => assertLaw(law, subject, options), TIMEOUT_MS)
}

/**
 * Checks laws at once, without a test runner.
 *
 * @example
 * checkLaws(universal, identity(), { runs: 5 })
 * checkLaws(families.odd, stateless((g) => tree.map((x) => square(x), g))) // => throws Error: Property failed after …
 *
 * @throws Error of fast-check with the seed, the smallest counterexample and the sentence of the law that is broken.
 */
export const checkLaws = <Subject, Case>(
  laws: Laws<Subject, Case>,
  subject: Subject,
  options: RunOptions<Laws<Subject, Case>, Case> = {}
): void => {
  for (const law of chosen(laws, options.without)) assertLaw(law, subject, options)
}
