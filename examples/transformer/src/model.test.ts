import { defaultDevice, init, numpy as np, tree } from '@jax-js/jax'
import { beforeAll, expect, test } from 'vitest'
import { answerScores, countOf, crossEntropy, initialParams, type Params, scores } from './model.js'
import { CONTEXT, LENGTH, SORT, TOKENS } from './task.js'

beforeAll(async () => {
  await init('wasm')
  defaultDevice('wasm')
})

const tokensOf = (...tokens: readonly number[]): np.Array =>
  np.array(Int32Array.from(tokens), { shape: [1, CONTEXT], dtype: np.int32 })
const some = [3, 1, 4, 1, 5, SORT, 1, 1, 3, 4]

/** Params with larger blocks than those of the beginning, which hardly do anything. */
const lively = (): Params => tree.map((leaf: np.Array) => leaf.add(0.1), initialParams(1)) as Params
const rowsOf = (params: Params, tokens: readonly number[]): number[][] => scores(params, tokensOf(...tokens)).js()[0]

test('no place sees what comes after it, and each sees all that comes before', () => {
  const before = rowsOf(lively(), some)
  const after = rowsOf(lively(), some.with(7, 7))
  expect(before.length).toBe(CONTEXT)
  expect(after.slice(0, 7)).toStrictEqual(before.slice(0, 7))
  for (let place = 7; place < CONTEXT; place++) expect(after[place]).not.toStrictEqual(before[place])
})

test('the scores of the answer are those from SORT on', () => {
  const whole = rowsOf(initialParams(2), some)
  const [answer] = answerScores(initialParams(2), tokensOf(...some)).js()
  expect(answer).toStrictEqual(whole.slice(LENGTH))
})

test('a model that knows nothing has nearly the loss of guessing', () => {
  const answers = np.array(Int32Array.of(1, 1, 3, 4, 5), { shape: [1, LENGTH], dtype: np.int32 })
  const loss: number = crossEntropy(initialParams(3), tokensOf(...some), answers).item()
  expect(Math.abs(loss - Math.log(TOKENS))).toBeLessThan(0.2)
})

test('there are as many params as the README says, and counting them consumes none', () => {
  const params = initialParams(1)
  expect(countOf(params)).toBe(26_187)
  expect(countOf(params)).toBe(26_187)
})
