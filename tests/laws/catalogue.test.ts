import * as exported from '@gradchain/optimizers'
import { identity, optimizers } from 'gradchain'
import { expect, test } from 'vitest'
import { type CatalogueRow, catalogue } from '../catalogue/index.js'
import { titleOf } from './checkRows.js'

const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

test("the names are Optax's, in camelCase", () => {
  const renamed = catalogue.flatMap(({ name, optax }) => {
    const own = optax?.split('.').at(-1)
    return own === undefined || camelCase(own[0]?.toLowerCase() + own.slice(1)) === name ? [] : `${optax} is ${name}`
  })
  // A function that Optax has nothing but a class for, and one that is in a package of matrices.
  const irregular = ['optax.stateless is stateless', 'optax.matrix_inverse_pth_root is inversePthRoot']
  expect(renamed.filter((line) => !irregular.includes(line))).toEqual([])
})

test('the registry has every alias that stands on no wing', () => {
  const own = new Set(Object.keys(exported))
  const aliases = catalogue.filter(({ kind, name }) => kind === 'alias' && own.has(name)).map(({ name }) => name)
  expect([...new Set<string>(aliases)].sort()).toEqual(Object.keys(optimizers).sort())
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
