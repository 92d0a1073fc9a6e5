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
}

const plain = fc.constantFrom(
  ...[...transformations, ...aliases].map((row): Part => ({ title: titleOf(row), make: row.make }))
)
const wrapped = fc
  .tuple(fc.constantFrom(...wrappers), plain)
  .map(([row, { title, make }]): Part => ({ title: `${titleOf(row)} of ${title}`, make: () => row.make()(make()) }))
const parts = fc.array(fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: wrapped }), {
  minLength: 2,
  maxLength: MOST_PARTS
})

describe.each(fc.sample(parts, CHAINS).map((some) => [some.map(({ title }) => title).join(' · '), some] as const))(
  '%s',
  (_title, some) => {
    test('obeys the universal laws', () => {
      checkLaws(universal, chain(...some.map(({ make }) => make())), {
        runs: RUNS,
        without: { finiteStaysFinite: 'what multiplies by norms overflows when there are several' }
      })
    })
  }
)
