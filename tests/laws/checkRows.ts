import { arbitrary, checkLaws, families, laws, universal } from '@gradchain/laws'
import { type AnyGradientTransformation, identity, reference } from 'gradchain'
import { describe, test } from 'vitest'
import type { CatalogueRow, FamilyEntry, LawfulRow } from '../catalogue/index.js'
import { examples } from './examples.js'
import { runs } from './settings.js'

const RUNS = runs(10)
const FEW = runs(3)

/** How a row is called in the output. */
export const titleOf = ({ name, variant }: CatalogueRow): string =>
  variant === undefined ? name : `${name}, ${variant}`

/** Every law of a family. */
const checkFamily = (tx: AnyGradientTransformation, entry: FamilyEntry): void => {
  if (typeof entry === 'string') {
    laws[entry](tx, { test, runs: RUNS })
  } else if (entry[0] === 'bounded') {
    const [, bound, measure] = entry
    laws.bounded(tx, bound, { test, runs: RUNS, ...(measure === undefined ? {} : { measure }) })
  } else {
    laws[entry[0]](tx, { test, runs: RUNS, ...entry[1] })
  }
}

// What goes through a chain is float32 where the params have 16 bits, and rounded at its end.
const rounds = 'arrays that are handed over in the middle of a chain are rounded to 16 bits there'
const halves = arbitrary.params({ dtypes: ['bfloat16', 'float16', 'float32'] })

/** Declares the tests of the universal laws, and of those of its families, for every one of these rows. */
export const checkRows = (rows: readonly LawfulRow[]): void => {
  for (const row of rows) describe(titleOf(row), () => checkRow(row))
}

const checkRow = (row: LawfulRow): void => {
  if (row.kind === 'schedule') {
    laws.schedule(row.make(), { test, range: row.range })
    return
  }
  if (row.kind === 'wrapper') {
    const wrap = row.make()
    laws.wrapper(wrap, { test, runs: RUNS, examples })
    for (const entry of row.laws) checkFamily(wrap(identity()), entry)
    test('the same laws hold on the reference engine, and in 16 bits', () => {
      checkLaws(families.wrapper, wrap, { engine: reference, runs: FEW })
      checkLaws(families.wrapper, wrap, {
        params: halves,
        runs: FEW,
        without: { lazyIsConcrete: rounds, wrapsBarePairs: rounds, ...row.notInHalves }
      })
    })
    return
  }
  const tx = row.make()
  laws.gradientTransformation(tx, { test, runs: RUNS, examples })
  for (const entry of row.laws) checkFamily(tx, entry)
  test('the same laws hold on the reference engine, and in 16 bits', () => {
    checkLaws(universal, tx, { engine: reference, runs: FEW })
    checkLaws(universal, tx, { params: halves, runs: FEW, without: { lazyIsConcrete: rounds, ...row.notInHalves } })
  })
}
