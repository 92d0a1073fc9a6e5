import { ndarray } from '@gradchain/core'
import { expect, test } from 'vitest'
import { muon } from './muon.js'

/** Whether a leaf of that shape goes to Muon: it has a momentum there. */
const isMatrix = (shape: readonly number[]): boolean => {
  const size = shape.reduce((n, length) => n * length, 1)
  const { innerStates } = muon().init({ w: ndarray(new Float32Array(size), shape) })
  return JSON.stringify(innerStates.muon[0].mu).includes('shape')
}

test.each([[[4, 4]], [[8, 3, 3, 3]], [[4, 512]]])('%j is a matrix', (shape) => {
  expect(isMatrix(shape)).toBe(true)
})

test.each([[[4, 3]], [[3, 2, 2, 2]], [[8, 1]], [[1, 8]], [[8, 1, 3, 3]], [[4, 1024]], [[16]]])(
  '%j goes to AdamW',
  (shape) => {
    expect(isMatrix(shape)).toBe(false)
  }
)

test('a group decides otherwise', () => {
  const { innerStates } = muon(0.1, { useMuon: (path) => path === '.w' }).init({
    w: ndarray(new Float32Array(6), [3, 2])
  })
  expect(JSON.stringify(innerStates.muon[0].mu)).toContain('shape')
})
