import { InvalidOption } from '@gradchain/core'
import type { AsyncEngine } from '@gradchain/core/engine'
import fc from 'fast-check'
import { LawBroken } from '../law.js'
import { chosen, type RunOptions, TIMEOUT_MS, theTest } from '../run.js'
import type { EngineLaw, engineLaws } from './engineLaws.js'

/** The laws of engines. */
export type EngineLaws = ReturnType<typeof engineLaws>

/** How laws of an engine that is waited for are checked. */
export type AsyncRunOptions = Pick<RunOptions<EngineLaws, unknown>, 'runs' | 'seed' | 'without' | 'test'>

type Later = EngineLaw & { readonly later: NonNullable<EngineLaw['later']> }

const laterOf = (laws: EngineLaws, { without }: AsyncRunOptions): Later[] =>
  chosen<EngineLaw>(laws, without).filter((law): law is Later => law.later !== null)

const assertLater = async (
  { cases, later, name, sentence }: Later,
  engine: AsyncEngine,
  { runs, seed }: AsyncRunOptions
): Promise<void> => {
  const property = fc.asyncProperty(cases({}), async (given) => {
    const found = await later(engine, given)
    if (found !== null) throw new LawBroken(name, `${sentence}: ${found}`)
  })
  await fc.assert(property, {
    includeErrorInReport: true,
    ...(runs === undefined ? {} : { numRuns: runs }),
    ...(seed === undefined ? {} : { seed })
  })
}

/**
 * Checks the laws of engines on one that is waited for, such as a device, without a test runner.
 *
 * What only makes sense where a value is there at once is left out.
 *
 * @example
 * import type { AsyncEngine } from '@gradchain/core/engine'
 *
 * const late: AsyncEngine = { name: 'late', isAsync: true, evaluate: async (roots) => reference.evaluate(roots) }
 * await checkAsyncEngine(engineLaws({ dtypes: ['float32'] }), late, { runs: 1, without: { computesEdges: 'it takes seconds' } })
 *
 * @throws Error of fast-check with the seed, the smallest counterexample and the sentence of the law that is broken.
 */
export const checkAsyncEngine = async (
  laws: EngineLaws,
  engine: AsyncEngine,
  options: AsyncRunOptions = {}
): Promise<void> => {
  if (engine.isAsync !== true) throw new InvalidOption('checkAsyncEngine: engine must be one that says `isAsync`')
  for (const law of laterOf(laws, options)) await assertLater(law, engine, options)
}

/** Registers a test for each law, named by its sentence. */
export const registerAsyncEngine = (laws: EngineLaws, engine: AsyncEngine, options: AsyncRunOptions): void => {
  const test = theTest(options.test)
  for (const law of laterOf(laws, options)) test(law.sentence, () => assertLater(law, engine, options), TIMEOUT_MS)
}
