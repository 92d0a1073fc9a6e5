import { readFileSync } from 'node:fs'
import {
  type AnyGradientTransformation,
  chain,
  ndarray,
  scale,
  sparseAdam,
  sparseRows,
  step,
  transient
} from 'gradchain'
import { describe, expect, test } from 'vitest'
import { TOLERANCE } from './compare.js'

type Numbers = readonly number[]
interface Case {
  readonly name: string
  readonly expression: string
  readonly params: Readonly<Record<'float64' | 'float32', readonly Numbers[]>>
}
const data = JSON.parse(readFileSync(new URL('./data/sparseRows.json', import.meta.url), 'utf8')) as {
  readonly shape: Numbers
  readonly params: Numbers
  readonly steps: readonly { readonly indices: Numbers; readonly values: Numbers }[]
  readonly cases: readonly Case[]
}

/** Ours for what PyTorch is given: `generate_sparse_rows.py` has the same names. */
const ours: Readonly<Record<string, () => AnyGradientTransformation>> = {
  SparseAdam: () => sparseAdam(0.1),
  'SparseAdam/eps': () => sparseAdam(0.05, { b1: 0.8, b2: 0.95, eps: 0.01 }),
  'SparseAdam/maximize': () => chain(scale(-1), sparseAdam(0.1))
}

test('every case has its row', () => {
  expect(Object.keys(ours)).toStrictEqual(data.cases.map(({ name }) => name))
})

describe.each(['float64', 'float32'] as const)('%s', (dtype) => {
  const arrayOf = (numbers: Numbers) =>
    dtype === 'float64'
      ? ndarray(Float64Array.from(numbers), data.shape)
      : ndarray(Float32Array.from(numbers), data.shape)
  const valuesOf = (numbers: Numbers) => (dtype === 'float64' ? Float64Array.from(numbers) : Float32Array.from(numbers))

  test.each(data.cases)('the params of PyTorch after every step: $expression', ({ name, params }) => {
    const tx = (ours[name] as (typeof ours)[string])() as ReturnType<typeof sparseAdam>
    let own = { embedding: arrayOf(data.params) }
    let state = tx.init(own)
    const run = transient(tx, own)
    const scales = Math.max(...data.params.map(Math.abs))
    data.steps.forEach(({ indices, values }, at) => {
      const before = own.embedding.data
      const grads = { embedding: sparseRows(indices, valuesOf(values), data.shape) }
      ;[own, state] = step(tx, grads, state, own)
      run.step(grads)
      expect(run.snapshot().params).toStrictEqual(own)
      own.embedding.data.forEach((x, i) => {
        expect(Math.abs(x - (params[dtype][at]?.[i] as number)) / scales).toBeLessThanOrEqual(TOLERANCE[dtype])
        const row = Math.floor(i / (data.shape[1] as number))
        if (!indices.includes(row)) expect(x).toBe(before[i])
      })
    })
    run.dispose()
  })
})
