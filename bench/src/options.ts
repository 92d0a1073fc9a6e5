import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { type ChainName, chainNames, type SizeName, sizeNames } from './cases.js'
import type { Effort } from './contest.js'
import { type RivalName, rivalNames } from './rivals.js'

/** What a run is told. */
export interface Options extends Effort {
  readonly sizes: readonly SizeName[]
  readonly chains: readonly ChainName[]
  readonly rivals: readonly RivalName[]
  /** Whether first steps and the cost of leaves are measured too. */
  readonly probes: boolean
  /** Numbers of leaves whose cost is measured. */
  readonly leafCounts: readonly number[]
  /** The file to write; nothing to print only. */
  readonly output: string | undefined
}

/** What the command line asks for: a run, the help text, or something refused. */
export type Asked =
  | { readonly kind: 'run'; readonly options: Options }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'refused'; readonly sentence: string }

type Defaults = Omit<Options, 'output' | 'probes'>

const WHOLE: Defaults = {
  sizes: sizeNames,
  chains: chainNames,
  rivals: rivalNames,
  leafCounts: [1, 10, 100, 1000, 10_000, 100_000],
  rounds: 9,
  turn: 80,
  warmUp: 400
}

const QUICK: Defaults = {
  sizes: ['10k', '1m'],
  chains: ['adamw'],
  // Without the slowest to start or to run.
  rivals: rivalNames.filter((name) => !['torchForeach1', 'torchForeach2', 'tfjsCpu'].includes(name)),
  leafCounts: [100],
  rounds: 3,
  turn: 20,
  warmUp: 40
}

const list =
  <T extends string>(names: readonly T[]) =>
  (text: string): T[] => {
    const wanted = text.split(',')
    const unknown = wanted.filter((name) => !names.includes(name as T))
    if (unknown.length > 0) throw new InvalidArgumentError(`There are ${names.join(', ')}.`)
    return names.filter((name) => wanted.includes(name))
  }

const whole = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number ≥ 1.')
  return value
}

const command = (): Command =>
  new Command('pnpm bench')
    .description('gradchain side by side with its peers: the same steps, interleaved in one run.')
    .option('--quick', 'a smoke run of about 30 s: few rounds of AdamW at small sizes, not all rivals')
    .option('--sizes <names>', sizeNames.join(','), list(sizeNames))
    .option('--chains <names>', chainNames.join(','), list(chainNames))
    .option('--rivals <names>', rivalNames.join(','), list(rivalNames))
    .option('--rounds <n>', `how many turns each rival has (default: ${WHOLE.rounds})`, whole)
    .option('--turn <ms>', `about how long a turn takes (default: ${WHOLE.turn})`, whole)
    .option(
      '--warm-up <ms>',
      `for how long a rival runs at least before its first turn (default: ${WHOLE.warmUp})`,
      whole
    )
    .option('--no-probes', 'leave out the first steps and the cost of leaves')
    .option('--output <file>', 'the report; without it, a run of everything writes bench/RESULTS.md, any other prints')
    .helpOption('-h, --help', 'show this and stop')
    .addHelpText('after', '\nGRADCHAIN_PYTHON names the Python that has torch, optax and jax (default: python3).')

type Given = Partial<Omit<Options, 'leafCounts'>> & { readonly quick?: true; readonly probes: boolean }

/**
 * Reads the command line. A pure function: it prints nothing and never exits.
 *
 * @param results - the file that a run of everything writes.
 */
export const parse = (args: readonly string[], results: string): Asked => {
  let text = ''
  const program = command()
    .exitOverride()
    .configureOutput({
      writeOut: (part) => {
        text += part
      },
      writeErr: () => {}
    })
  try {
    program.parse(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return { kind: 'help', text }
    return { kind: 'refused', sentence: error.message.replace(/^error: /, '') }
  }
  const { quick, ...given } = program.opts<Given>()
  const options = { ...(quick === true ? QUICK : WHOLE), output: undefined, ...given }
  const isWhole =
    quick === undefined && [given.sizes, given.chains, given.rivals, given.rounds].every((x) => x === undefined)
  return {
    kind: 'run',
    options: { ...options, output: options.output ?? (isWhole && given.probes ? results : undefined) }
  }
}
