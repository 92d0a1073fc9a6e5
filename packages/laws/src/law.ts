import { type Engine, withEngine } from '@gradchain/core'
import fc from 'fast-check'
import { snapshot } from './internal/snapshot.js'

/** How a law is checked. */
export interface LawOptions {
  /** The params that the law is tried on, any arbitrary of trees. @defaultValue `arbitrary.params()` */
  readonly params?: fc.Arbitrary<unknown>
  /** What `update` needs beyond gradients, state and params, drawn anew for every step. */
  readonly extra?: fc.Arbitrary<unknown>
  /** The most steps that laws of transformations are tried on; most cases have at most four. @defaultValue `20` */
  readonly maxSteps?: number
  /** The steps that the laws of schedules are tried on. @defaultValue `arbitrary.step()` */
  readonly steps?: fc.Arbitrary<number>
  /** Relative error that laws with a tolerance accept; 64 units in the last place always are. @defaultValue `1e-6` */
  readonly tolerance?: number
  /** Whether laws about a change of the gradients change the params alike. @defaultValue `'gradients'` */
  readonly of?: 'gradients' | 'both'
  /** What evaluates expressions. @defaultValue the engine of the day */
  readonly engine?: Engine
}

/**
 * A statement about every `Subject`, e.g. every transformation, in every case: a sentence, what it is tried on, and what
 * tells where it fails.
 */
export interface Law<Subject, Case> {
  /** A short name, by which it can be left out. */
  readonly name: string
  /** What holds, as a sentence. */
  readonly sentence: string
  /** The cases it is tried on. */
  readonly cases: (options: LawOptions) => fc.Arbitrary<Case>
  /** Where it does not hold in a case, in words; `null` when it does. */
  readonly flaw: (subject: Subject, given: Case, options: LawOptions) => string | null
}

/** A law that does not hold: its sentence, and where it fails. */
export class LawBroken extends Error {
  /** The tag to branch on. */
  readonly _tag = 'LawBroken'
  /** The name of the law. */
  readonly law: string

  constructor(law: string, message: string) {
    super(message)
    this.name = 'LawBroken'
    this.law = law
  }
}

/**
 * A law as a property of fast-check, to be given to `fc.assert` or `fc.check` without any test runner.
 *
 * @example
 * import fc from 'fast-check'
 *
 * fc.assert(property(universal.deterministic, identity()), { numRuns: 10 })
 */
export const property = <Subject, Case>(
  law: Law<Subject, Case>,
  subject: Subject,
  options: LawOptions = {}
): fc.IProperty<[Case]> =>
  fc.property(law.cases(options), (given) => {
    // A subject that writes to its arguments must not reach the case, which is shrunk and printed.
    const flaw = () => law.flaw(subject, snapshot(given), options)
    const found = options.engine === undefined ? flaw() : withEngine(options.engine, flaw)
    if (found !== null) throw new LawBroken(law.name, `${law.sentence}: ${found}`)
  })
