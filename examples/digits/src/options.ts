import { Command, CommanderError, Option } from 'commander'
import { type OptimizerName, optimizers } from './optimizers.js'
import { oneOf, positive, REFUSED, whole } from './values.js'

/** What a run is told. */
export interface Options {
  readonly optimizer: OptimizerName
  readonly steps: number
  readonly batchSize: number
  /** The peak of the schedule. */
  readonly learningRate: number
  readonly seed: number
}

/** What the command line asks for: a run, the help text, or something refused, said in one sentence. */
export type Request =
  | { readonly kind: 'run'; readonly options: Options }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'refused'; readonly sentence: string }

const MOST_STEPS = 1_000_000
/** Fewer than the images to learn from, so that every epoch has a full batch. */
const LARGEST_BATCH = 1024
const LARGEST_SEED = 2 ** 32 - 1

const names = Object.keys(optimizers) as OptimizerName[]
const peaks = names.map((name) => `${optimizers[name].learningRate} for ${name}`).join(', ')

const option = (flags: string, words: string) => new Option(flags, words)

const command = () =>
  new Command('npm start --')
    .description('Trains a small network on handwritten digits: jax-js differentiates, gradchain updates.')
    .addOption(
      option('-o, --optimizer <name>', names.join(', '))
        .argParser(oneOf('--optimizer', names))
        .default('chain', 'chain')
    )
    .addOption(
      option('-s, --steps <n>', 'how many steps to train')
        .argParser(whole('--steps', 1, MOST_STEPS))
        .default(1000)
    )
    .addOption(
      option('-b, --batch-size <n>', `images in a batch, at most ${LARGEST_BATCH}`)
        .argParser(whole('--batch-size', 1, LARGEST_BATCH))
        .default(64)
    )
    .addOption(
      option('-l, --learning-rate <x>', `the learning rate at its peak (default: ${peaks})`).argParser(
        positive('--learning-rate')
      )
    )
    .addOption(
      option('--seed <n>', 'decides the split, the first weights and the order of the images')
        .argParser(whole('--seed', 0, LARGEST_SEED))
        .default(0)
    )
    .helpOption('-h, --help', 'show this and stop')

/**
 * Reads the command line. A pure function: it prints nothing and never exits.
 *
 * @example
 * parse(['--seed', '1.5']) // => { kind: 'refused', sentence: '--seed must be a whole number from 0 to 4294967295, got 1.5' }
 */
export const parse = (args: readonly string[]): Request => {
  let text = ''
  const program = command()
    .exitOverride()
    .allowExcessArguments()
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (part) => {
        text += part
      },
      writeErr: () => {}
    })
  try {
    program.parse(args, { from: 'user' })
    if (program.args[0] !== undefined) program.error(`unexpected argument '${program.args[0]}'`)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return { kind: 'help', text }
    const hint = error.code === REFUSED ? '' : ' (--help lists the options)'
    return { kind: 'refused', sentence: error.message.replace(/^error: /, '') + hint }
  }
  const { learningRate, ...rest } = program.opts<Omit<Options, 'learningRate'> & Partial<Options>>()
  return { kind: 'run', options: { ...rest, learningRate: learningRate ?? optimizers[rest.optimizer].learningRate } }
}
