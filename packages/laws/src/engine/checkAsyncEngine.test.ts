import { reference } from '@gradchain/core'
import { type AsyncEngine, nodeOf, pendingOrder } from '@gradchain/core/engine'
import { expect, test } from 'vitest'
import { laws } from '../laws.js'
import { checkAsyncEngine } from './checkAsyncEngine.js'
import { engineLaws } from './engineLaws.js'

const late = (evaluate: AsyncEngine['evaluate']): AsyncEngine => ({ name: 'late', isAsync: true, evaluate })

const right = late(async (roots) => {
  await Promise.resolve()
  reference.evaluate(roots)
})

const options = { runs: 3, seed: 1, without: { computesEdges: 'it takes seconds', computesLargeArrays: 'so do these' } }

test('an engine that is waited for obeys the laws, or is found out', async () => {
  await checkAsyncEngine(engineLaws(), right, options)
  const forgetful = late(async (roots) => reference.evaluate(roots.slice(0, 1)))
  await expect(checkAsyncEngine(engineLaws(), forgetful, options)).rejects.toThrow()
  const hides = late(async (roots) => {
    if (pendingOrder(roots).some((node) => nodeOf(node).name === 'opaque')) return
    reference.evaluate(roots)
  })
  await expect(checkAsyncEngine(engineLaws(), hides, options)).rejects.toThrow()
})

test('one that does not say that it is waited for is told to', async () => {
  const silent = { name: 'late', evaluate: right.evaluate }
  expect(() => engineLaws().goesDeep.flaw(silent, 1, {})).toThrow('isAsync')
  await expect(checkAsyncEngine(engineLaws(), silent as never)).rejects.toThrow('isAsync')
})

test('laws.engine registers those that make sense', () => {
  const names: string[] = []
  laws.engine(right, { test: (name) => names.push(name) })
  expect(names).toHaveLength(Object.keys(engineLaws()).length - 1)
})
