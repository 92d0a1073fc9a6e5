import { Command, CommanderError, Option } from 'commander'
import { type OptimizerName, optimizers } from './optimizers.js'
import { named, oneOf, positive, REFUSED, whole } from './values.js'

/** What decides every number of a run. */
export interface RunOptions {
  readonly optimizer: OptimizerName
  readonly steps: number
  readonly batchSize: number
  /** The peak of the schedule. */
  readonly learningRate: number
  readonly seed: number
}

/** What the program is told. */
export interface Options extends RunOptions {
  /** The file that the run is saved to, after each epoch and at its end. */
  readonly save?: string
  /** After how many epochs to stop. */
  readonly stopAfter?: number
  /** The file of a saved run that goes on, with the options that it was started with. */
  readonly resume?: string
  /** The file that a page about the run is written to. */
  readonly report?: string
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
    .addOption(option('--save <file>', 'save the run, after each epoch and at its end').argParser(named('--save')))
    .addOption(
      option('--stop-after <epochs>', 'stop after so many epochs; --resume goes on').argParser(
        whole('--stop-after', 1, MOST_STEPS)
      )
    )
    .addOption(
      option('--resume <file>', 'go on with a saved run, with the options it was started with').argParser(
        named('--resume')
      )
    )
    .addOption(option('--report <file>', 'write a page about the run, such as run.html').argParser(named('--report')))
    .helpOption('-h, --help', 'show this and stop')

/** Refuses options that say nothing together. */
const checkTogether = (program: Command): void => {
  const { resume, stopAfter, save } = program.opts<Partial<Options>>()
  const given = DECIDING.find((name) => program.getOptionValueSource(name) === 'cli')
  if (resume !== undefined && given !== undefined) {
    program.error(`--resume goes on with the options that the run was started with: leave out ${FLAGS[given]}`)
  }
  if (stopAfter !== undefined && save === undefined) program.error('--stop-after needs --save, or the run is lost')
}

/** The options that decide every number of a run. */
const FLAGS: Readonly<Record<keyof RunOptions, string>> = {
  optimizer: '--optimizer',
  steps: '--steps',
  batchSize: '--batch-size',
  learningRate: '--learning-rate',
  seed: '--seed'
}
const DECIDING = Object.keys(FLAGS) as (keyof RunOptions)[]

/** The command line that starts a run with these options. */
export const commandLine = (options: RunOptions): readonly string[] =>
  DECIDING.flatMap((name) => [FLAGS[name], String(options[name])])

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
    checkTogether(program)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return { kind: 'help', text }
    const hint = error.code === REFUSED ? '' : ' (--help lists the options)'
    return { kind: 'refused', sentence: error.message.replace(/^error: /, '') + hint }
  }
  const { learningRate, ...rest } = program.opts<Omit<Options, 'learningRate'> & Partial<Options>>()
  return { kind: 'run', options: { ...rest, learningRate: learningRate ?? optimizers[rest.optimizer].learningRate } }
}
