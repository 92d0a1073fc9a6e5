import { describe, expect, test } from 'vitest'
import { optimizers } from './optimizers.js'
import { commandLine, parse } from './options.js'

const defaults = { optimizer: 'chain', steps: 1000, batchSize: 64, learningRate: 0.01, seed: 0 }

describe('parse', () => {
  test.each([
    ['nothing', '', {}],
    [
      'long options',
      '--optimizer sgd --steps 5 --batch-size 8 --learning-rate 1e-3 --seed 4294967295',
      {
        optimizer: 'sgd',
        steps: 5,
        batchSize: 8,
        learningRate: 0.001,
        seed: 4294967295
      }
    ],
    [
      'short options',
      '-o lion -s 5 -b 1024 -l .5',
      { optimizer: 'lion', steps: 5, batchSize: 1024, learningRate: 0.5 }
    ],
    ['an equals sign', '--steps=7', { steps: 7 }],
    ['files', '--save a.safetensors --stop-after 3', { save: 'a.safetensors', stopAfter: 3 }],
    ['a page', '--report run.html', { report: 'run.html' }],
    ['a run to go on with', '--resume a --save b', { resume: 'a', save: 'b' }],
    ["the optimizer's own learning rate", '-o rmsprop', { optimizer: 'rmsprop', learningRate: 0.005 }]
  ])('takes %s', (_, line, options) => {
    expect(parse(line.split(' ').filter(Boolean))).toStrictEqual({ kind: 'run', options: { ...defaults, ...options } })
  })

  test.each([
    [['--steps', '-3'], '--steps must be a whole number from 1 to 1000000, got -3'],
    [['--steps', '0'], '--steps must be a whole number from 1 to 1000000, got 0'],
    [['--steps', '2.5'], '--steps must be a whole number from 1 to 1000000, got 2.5'],
    [['--steps', 'NaN'], '--steps must be a whole number from 1 to 1000000, got NaN'],
    [['--steps', '1e3'], '--steps must be a whole number from 1 to 1000000, got 1e3'],
    [['--steps='], '--steps must be a whole number from 1 to 1000000, got nothing'],
    [['--steps', ' '], '--steps must be a whole number from 1 to 1000000, got nothing'],
    [['--steps'], "option '-s, --steps <n>' argument missing (--help lists the options)"],
    [['--batch-size', '1025'], '--batch-size must be a whole number from 1 to 1024, got 1025'],
    [['--seed', '1.5'], '--seed must be a whole number from 0 to 4294967295, got 1.5'],
    [['--seed', '-1'], '--seed must be a whole number from 0 to 4294967295, got -1'],
    [['--seed', '4294967296'], '--seed must be a whole number from 0 to 4294967295, got 4294967296'],
    [['--learning-rate', '0'], '--learning-rate must be a finite number above 0, got 0'],
    [['--learning-rate', '-0.1'], '--learning-rate must be a finite number above 0, got -0.1'],
    [['--learning-rate', 'NaN'], '--learning-rate must be a finite number above 0, got NaN'],
    [['--learning-rate', 'Infinity'], '--learning-rate must be a finite number above 0, got Infinity'],
    [['--learning-rate', '1e999'], '--learning-rate must be a finite number above 0, got 1e999'],
    [['--learning-rate', '1.2.3'], '--learning-rate must be a finite number above 0, got 1.2.3'],
    [['--learning-rate', '0x10'], '--learning-rate must be a finite number above 0, got 0x10'],
    [
      ['--optimizer', 'magic'],
      '--optimizer must be one of chain, sgd, adam, adamw, lion, rmsprop, lookahead, got magic'
    ],
    [
      ['--optimizer', 'toString'],
      '--optimizer must be one of chain, sgd, adam, adamw, lion, rmsprop, lookahead, got toString'
    ],
    [['--step', '3'], "unknown option '--step' (--help lists the options)"],
    [['--save', ''], '--save must be the name of a file, got nothing'],
    [['--report', ''], '--report must be the name of a file, got nothing'],
    [['--resume', ' '], '--resume must be the name of a file, got nothing'],
    [['--save', 'a', '--stop-after', '0'], '--stop-after must be a whole number from 1 to 1000000, got 0'],
    [['--stop-after', '2'], '--stop-after needs --save, or the run is lost (--help lists the options)'],
    [
      ['--resume', 'a', '--seed', '0'],
      '--resume goes on with the options that the run was started with: leave out --seed (--help lists the options)'
    ],
    [['-x'], "unknown option '-x' (--help lists the options)"],
    [['adam'], "unexpected argument 'adam' (--help lists the options)"]
  ])('refuses %j', (args, sentence) => {
    expect(parse(args)).toStrictEqual({ kind: 'refused', sentence })
  })

  test('options that were taken are taken again from their command line', () => {
    const options = { ...defaults, optimizer: 'lion' as const, learningRate: 0.1 + 0.2, seed: 7 }
    expect(parse(commandLine(options))).toStrictEqual({ kind: 'run', options })
  })

  test.each([['--help'], ['-h'], ['--steps=3', '--help']])('%j asks for help', (...args) => {
    const request = parse(args)
    if (request.kind !== 'help') throw new Error(`got ${request.kind}`)
    const words = request.text.replaceAll(/\s+/g, ' ')
    for (const option of [
      '--optimizer <name>',
      '--steps <n>',
      '--batch-size <n>',
      '--learning-rate <x>',
      '--seed <n>',
      '--save <file>',
      '--stop-after <epochs>',
      '--resume <file>',
      '--report <file>'
    ]) {
      expect(words).toContain(option)
    }
    for (const [name, { learningRate }] of Object.entries(optimizers))
      expect(words).toContain(`${learningRate} for ${name}`)
    for (const shown of ['(default: chain)', '(default: 1000)', '(default: 64)', '(default: 0)'])
      expect(words).toContain(shown)
  })
})
