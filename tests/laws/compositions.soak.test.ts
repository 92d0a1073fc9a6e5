// Chains of anything with anything: what holds of every transformation holds of them.
import { checkLaws, universal } from '@gradchain/laws'
import fc from 'fast-check'
import { type AnyGradientTransformation, chain } from 'gradchain'
import { describe, test } from 'vitest'
import { aliases } from '../catalogue/aliases.js'
import { transformations } from '../catalogue/transformations.js'
import { wrappers } from '../catalogue/wrappers.js'
import { titleOf } from './checkRows.js'
import { runs } from './settings.js'

const CHAINS = runs(60)
const RUNS = 3
const MOST_PARTS = 10

interface Part {
  readonly title: string
  readonly make: () => AnyGradientTransformation
  /** The laws that it does not obey. */
  readonly without: Readonly<Record<string, string>>
}

const plain = fc.constantFrom(
  ...[...transformations, ...aliases].map(
    (row): Part => ({ title: titleOf(row), make: row.make, without: row.without ?? {} })
  )
)
const wrapped = fc.tuple(fc.constantFrom(...wrappers), plain).map(
  ([row, { title, make, without }]): Part => ({
    title: `${titleOf(row)} of ${title}`,
    make: () => row.make()(make()),
    without: { ...row.without, ...without }
  })
)
const parts = fc.array(fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: wrapped }), {
  minLength: 2,
  maxLength: MOST_PARTS
})

/** The universal laws that not all parts obey; those of wrappers are no laws of chains. */
const lawsLeftOutOf = (some: readonly Part[]): Readonly<Record<string, string>> =>
  Object.fromEntries(some.flatMap(({ without }) => Object.entries(without).filter(([name]) => name in universal)))

describe.each(fc.sample(parts, CHAINS).map((some) => [some.map(({ title }) => title).join(' · '), some] as const))(
  '%s',
  (_title, some) => {
    test('obeys the universal laws', () => {
      checkLaws(universal, chain(...some.map(({ make }) => make())), {
        runs: RUNS,
        without: {
          ...lawsLeftOutOf(some),
          finiteStaysFinite: 'what multiplies by norms overflows when there are several'
        }
      })
    })
  }
)
