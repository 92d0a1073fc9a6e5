import { expect, test } from 'vitest'
import { chainNames, sizeNames } from './cases.js'
import { type Options, parse } from './options.js'
import { rivalNames } from './rivals.js'

const optionsOf = (...args: string[]): Options => {
  const asked = parse(args, 'RESULTS.md')
  if (asked.kind !== 'run') throw new Error(`expected a run, got ${asked.kind}`)
  return asked.options
}

test('without arguments everything is run, and written', () => {
  expect(optionsOf()).toMatchObject({
    sizes: sizeNames,
    chains: chainNames,
    rivals: rivalNames,
    probes: true,
    output: 'RESULTS.md'
  })
})

test.each([['--quick'], ['--sizes=10k'], ['--rivals=copy'], ['--chains=lion'], ['--no-probes'], ['--rounds=3']])(
  'a run with %s does not overwrite the results',
  (arg) => {
    expect(optionsOf(arg).output).toBeUndefined()
  }
)

test('names come in the order of the tables, whatever their order', () => {
  expect(optionsOf('--rivals', 'loopInPlace,copy', '--sizes', '1m,10k')).toMatchObject({
    rivals: ['copy', 'loopInPlace'],
    sizes: ['10k', '1m']
  })
})

test('what is said goes before what --quick means', () => {
  expect(optionsOf('--quick', '--rounds', '7')).toMatchObject({ rounds: 7, chains: ['adamw'] })
})

test.each([
  [['--sizes', '2k'], 'There are 10k, 1000x64, 4000x64, 20000x1, 1m, 10m.'],
  [['--rounds', '0'], 'It must be a whole number ≥ 1.'],
  [['--slow'], "unknown option '--slow'"],
  [['more'], 'too many arguments']
])('%j is refused', (args, sentence) => {
  expect(parse(args, 'RESULTS.md')).toMatchObject({ kind: 'refused', sentence: expect.stringContaining(sentence) })
})

test('--help says what there is', () => {
  expect(parse(['--help'], 'RESULTS.md')).toMatchObject({ kind: 'help', text: expect.stringContaining('--quick') })
})
