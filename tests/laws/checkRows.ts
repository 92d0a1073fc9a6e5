import { arbitrary, checkLaws, families, type LawOptions, laws, universal } from '@gradchain/laws'
import { type AnyGradientTransformation, identity, tree } from 'gradchain'
import { describe, test } from 'vitest'
import type { CatalogueRow, FamilyEntry, LawfulRow } from '../catalogue/index.js'
import { examples } from './examples.js'
import { runs, seedOf } from './settings.js'

// Few for each row, as there are hundreds of rows with cases of their own; the stage `thorough` tries more, and other ones.
const RUNS = runs(5)
const FEW = runs(2)

type Seed = ReturnType<typeof seedOf>
type Given = Seed & Pick<LawOptions, 'params'>

/** Which of the counterexamples a row is tried on: they are not about rows, so that each has its turn where runs are few. */
const examplesFor = ({ seed = 0 }: Seed): typeof examples =>
  RUNS > 2 * examples.length ? examples : examples.filter((_, i) => i === (seed >>> 0) % examples.length)

/** How a row is called in the output. */
export const titleOf = ({ name, variant }: CatalogueRow): string =>
  variant === undefined ? name : `${name}, ${variant}`

/** Every law of a family. */
const checkFamily = (tx: AnyGradientTransformation, entry: FamilyEntry, given: Given): void => {
  if (typeof entry === 'string') {
    laws[entry](tx, { test, runs: RUNS, ...given })
  } else if (entry[0] === 'bounded') {
    const [, bound, measure] = entry
    laws.bounded(tx, bound, { test, runs: RUNS, ...given, ...(measure === undefined ? {} : { measure }) })
  } else {
    laws[entry[0]](tx, { test, runs: RUNS, ...given, ...entry[1] })
  }
}

// What goes through a chain is float32 where the params have 16 bits, and rounded at its end.
const rounds = 'arrays that are handed over in the middle of a chain are rounded to 16 bits there'
const halves = arbitrary.params({ dtypes: ['bfloat16', 'float16', 'float32'] })

type Params = ReturnType<typeof arbitrary.params>

/** Params among these whose leaves are no longer than a row can bear. */
const within = (params: Params, longest = Number.POSITIVE_INFINITY): Params =>
  params.filter((some) => tree.leaves(some).every((leaf) => tree.size(leaf) <= longest))

/**
 * Declares the tests of the universal laws, and of those of its families, for every one of these rows. That the reference engine gives
 * the same bits is one of them, so none needs to be tried there again.
 */
export const checkRows = (rows: readonly LawfulRow[]): void => {
  for (const row of rows) describe(titleOf(row), () => checkRow(row))
}

const checkRow = (row: LawfulRow): void => {
  const seed = seedOf(titleOf(row))
  if (row.kind === 'schedule') {
    laws.schedule(row.make(), { test, range: row.range, ...seed })
    return
  }
  if (row.kind === 'wrapper') {
    const wrap = row.make()
    const { without = {} } = row
    laws.wrapper(wrap, { test, runs: RUNS, ...seed, examples: examplesFor(seed), without })
    for (const entry of row.laws) checkFamily(wrap(identity()), entry, seed)
    test('the same laws hold in 16 bits', () => {
      checkLaws(families.wrapper, wrap, {
        params: halves,
        runs: FEW,
        ...seed,
        without: { lazyIsConcrete: rounds, wrapsBarePairs: rounds, ...row.notInHalves }
      })
    })
    return
  }
  const tx = row.make()
  const { without = {} } = row
  const given = row.longest === undefined ? seed : { ...seed, params: within(arbitrary.params(), row.longest) }
  laws.gradientTransformation(tx, { test, runs: RUNS, ...given, examples: examplesFor(seed), without })
  for (const entry of row.laws) checkFamily(tx, entry, given)
  test('the same laws hold in 16 bits', () => {
    checkLaws(universal, tx, {
      ...seed,
      params: within(halves, row.longest),
      runs: FEW,
      without: { lazyIsConcrete: rounds, ...without, ...row.notInHalves }
    })
  })
}
