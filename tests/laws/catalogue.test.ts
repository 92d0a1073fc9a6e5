import { arbitrary, checkLaws, families, laws, universal } from '@gradchain/laws'
import { type AnyGradientTransformation, identity, reference } from 'gradchain'
import { describe, expect, test } from 'vitest'
import { type CatalogueRow, catalogue, type FamilyEntry } from '../catalogue.js'
import { examples } from './examples.js'
import { runs } from './settings.js'

const RUNS = runs(25)
const FEW = runs(6)

const titleOf = ({ name, variant }: CatalogueRow): string => (variant === undefined ? name : `${name}, ${variant}`)

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

for (const row of catalogue) {
  describe(titleOf(row), () => {
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
          without: { lazyIsConcrete: rounds, wrapsBarePairs: rounds }
        })
      })
      return
    }
    const tx = row.make()
    laws.gradientTransformation(tx, { test, runs: RUNS, examples })
    for (const entry of row.laws) checkFamily(tx, entry)
    test('the same laws hold on the reference engine, and in 16 bits', () => {
      checkLaws(universal, tx, { engine: reference, runs: FEW })
      checkLaws(universal, tx, { params: halves, runs: FEW, without: { lazyIsConcrete: rounds } })
    })
  })
}

const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

test("the names are Optax's, in camelCase", () => {
  const renamed = catalogue.flatMap(({ name, optax }) => {
    const own = optax?.split('.').at(-1)
    return own === undefined || camelCase(own[0]?.toLowerCase() + own.slice(1)) === name ? [] : `${optax} is ${name}`
  })
  // A function that Optax has nothing but a class for.
  const irregular = ['optax.stateless is stateless']
  expect(renamed.filter((line) => !irregular.includes(line))).toEqual([])
})

test('no two rows are the same', () => {
  const titles = catalogue.map(titleOf)
  expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([])
})

test('a row that is wrong does not compile', () => {
  const make = identity
  const wrong: readonly CatalogueRow[] = [
    { name: 'identity', kind: 'transformation', make, laws: ['odd', ['odd', { of: 'both' }]], optax: null },
    // @ts-expect-error -- nothing of that name is exported
    { name: 'scaleByNobody', kind: 'transformation', make, laws: [], optax: null },
    // @ts-expect-error -- there is no such family
    { name: 'identity', kind: 'transformation', make, laws: ['even'], optax: null },
    // @ts-expect-error -- a bound is needed
    { name: 'clip', kind: 'transformation', make, laws: ['bounded'], optax: 'optax.clip' },
    // @ts-expect-error -- a wrapper makes a function of a transformation
    { name: 'masked', kind: 'wrapper', make, laws: [], optax: 'optax.masked' },
    // @ts-expect-error -- a schedule has a range
    { name: 'constantSchedule', kind: 'schedule', make: () => () => 1, optax: null }
  ]
  expect(wrong.length).toBe(6)
})
