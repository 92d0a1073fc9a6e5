import { expect, test } from 'vitest'
import { loose, starred, undocumented, unexplained, unlisted, unsteady, untested } from './house.js'
import { brokenLinks, unreached } from './links.js'

const folder = 'tests/docs/fixtures/package'

test('what has no docs is told by name', () => {
  const index = `${folder}/src/index.ts`
  expect(undocumented([index])).toEqual([
    `${index}: undocumentedConstant has no doc block`,
    `${index}: PoorOptions.b has no doc sentence`,
    `${index}: PoorState.count has no doc sentence`,
    `${index}: the function withoutExample has no @example`,
    `${index}: tools.undocumentedTool has no doc block`
  ])
})

test('a file nobody exports and a function without a row in the catalogue are told by name', () => {
  const rows = [{ name: 'WellDocumented' }, { name: 'undocumentedTool' }]
  expect(unlisted(folder, rows)).toEqual([
    `${folder}/src/forgotten.ts is not exported by index.ts`,
    `${folder}/src/poor.ts: withoutExample is not in the catalogue`,
    `${folder}/src/star.ts is not exported by index.ts`
  ])
})

test('a function that no test beside its source speaks of is told', () => {
  expect(untested([`${folder}/src/index.ts`])).toEqual([
    `${folder}/src/listed.ts: WellDocumented`,
    `${folder}/src/poor.ts: withoutExample`,
    `${folder}/src/tools.ts: tools.undocumentedTool`
  ])
})

test('a suppression without a reason is told with its line', () => {
  const file = 'tests/docs/fixtures/suppressions.ts'
  expect(unexplained([file])).toEqual([`${file}:4`])
})

test('a star export is told, a namespace is not', () => {
  expect(starred([`${folder}/src/index.ts`, `${folder}/src/star.ts`])).toEqual([`${folder}/src/star.ts`])
})

test('functions whose digits differ between JavaScript engines are told, texts and powers of two are not', () => {
  const file = 'tests/docs/fixtures/unsteady.ts'
  expect(unsteady([file])).toEqual([`${file}: x ** 1.5`, `${file}: Math.cosh`, `${file}: Math.exp`])
})

test('numbers that are compared loosely are told, texts and places in a list are not', () => {
  const file = 'tests/docs/fixtures/loose.ts'
  expect(loose([file])).toEqual([`${file}:5`])
})

test('links that lead nowhere are told with their line, and pages that none leads to', () => {
  const [from, ...others] = ['links', 'linked', 'alone'].map((name) => `tests/docs/fixtures/${name}.md`)
  expect(brokenLinks([from ?? ''])).toEqual([
    `${from}:7: nowhere.md`,
    `${from}:8: linked.md#absent`,
    `${from}:9: #absent`
  ])
  expect(unreached(from ?? '', [from ?? '', ...others])).toEqual(['tests/docs/fixtures/alone.md'])
})
