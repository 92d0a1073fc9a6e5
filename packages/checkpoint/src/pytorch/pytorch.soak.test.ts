import { adam } from '@gradchain/optimizers'
import { zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { paramsAt0 } from '../../fixtures/pytorchRuns.js'
import { fixture, rightOf } from '../foreign/fixtureTesting.js'
import { refuseFor } from '../internal/attempt.js'
import { survivors } from '../internal/mutateTesting.js'
import { readZip } from '../internal/zip.js'
import { decodePytorch } from './decodePytorch.js'
import { encodePytorch } from './encodePytorch.js'
import { fromPytorch } from './fromPytorch.js'

const files = ['values', 'adamw_groups', 'sgd_momentum', 'adagrad.before'].map((name) => fixture(`pytorch/${name}.pt`))

test('files in which anything is damaged are refused, or read as what was written', () => {
  // What is read all the same had its wounds where nothing is looked for: between the entries.
  for (const { original, value } of survivors(decodePytorch, files, { runs: 60_000, seed: 2 })) {
    expect(value).toStrictEqual(rightOf(decodePytorch(original)))
  }
})

test('pickles in which anything is damaged, with checksums that fit, are read or refused; so is the state in them', () => {
  const names = ['body.weight', 'head.weight', 'body.bias', 'head.bias']
  const params = paramsAt0('float32')
  files.forEach((file, i) => {
    const entries = [...readZip(refuseFor('test'), 'the file', file, 0)].map(
      ([name, { read }]) => [name, read()] as const
    )
    const pickle = entries.find(([name]) => name.endsWith('/data.pkl'))?.[1] as Uint8Array
    const read = (bytes: Uint8Array) => {
      const changed = entries.map(([name, content]) => [name, content === pickle ? bytes : content] as const)
      return decodePytorch(zipSync(Object.fromEntries(changed), { level: 0 }))
    }
    for (const { value } of survivors(read, [pickle], { runs: 15_000, seed: 3 + i })) {
      encodePytorch(value)
      fromPytorch(value)
      fromPytorch(value, { at: ['model'], like: params })
      fromPytorch(value, { at: ['optimizer'], optimizer: adam(0.1), params, names })
    }
  })
})
