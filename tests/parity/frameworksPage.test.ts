import { expect, test } from 'vitest'
import { calls, chains, course, onMatrix, page } from './frameworksPage.js'

test('docs/frameworks.md is what it would be now: `npm run frameworks:page` writes it', async () => {
  await expect(page()).toMatchFileSnapshot('../../docs/frameworks.md')
})

test('every call has its chain', () => {
  expect(Object.keys(chains)).toEqual(Object.keys(calls))
})

test.each(Object.keys(calls))('%s: the chain is what the function is', (name) => {
  const [made, written] = [calls[name], chains[name]].map((make) => make && course(make(), onMatrix(name)))
  made?.forEach((w, step) => {
    expect(Math.abs(w - (written?.[step] ?? Number.NaN))).toBeLessThanOrEqual(1e-15)
  })
  expect(made?.length).toBe(10)
})
