import { expect, test } from 'vitest'
import { calls, chains, course, observed, onMatrix, others, page } from './frameworksPage.js'

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

test('every chain of another library has what was observed of it', () => {
  expect(Object.keys(observed)).toEqual(Object.keys(others))
})

test.each(Object.entries(others))('%s: w is where it was observed', (name, make) => {
  const steps = course(make(), false)
  observed[name]?.forEach((w, i) => {
    expect(Math.abs((steps[[0, 1, 9][i] ?? 0] ?? Number.NaN) - w)).toBeLessThanOrEqual(1e-12)
  })
})
