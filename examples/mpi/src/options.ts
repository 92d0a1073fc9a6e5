import { Command, InvalidArgumentError } from 'commander'

/** What a rank is told. */
export interface RunOptions {
  /** How often each digit is seen. */
  readonly epochs: number
  /** How many digits make a batch, of all ranks together. */
  readonly batch: number
  /** How many units the hidden layer has. */
  readonly hidden: number
  /** The file that rank 0 writes after each epoch. */
  readonly save?: string
  /** The file that rank 0 goes on from. */
  readonly resume?: string
}

/** What the program is told: that, and how ranks are started. */
export interface Request extends RunOptions {
  /** How many ranks. */
  readonly ranks: number
  /** Whether they are threads of one process. */
  readonly local: boolean
  /** The launcher, when it is not to be looked for. */
  readonly mpirun?: string
}

const count = (text: string): number => {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number ≥ 1.')
  return Number(text)
}

/** Reads a command line. */
export const requestOf = (argv: readonly string[]): Request =>
  new Command('npm run example:mpi --')
    .description('Ranks that learn the handwritten digits together, each from its part of every batch.')
    .option('--ranks <n>', 'how many ranks', count, 2)
    .option('--local', 'threads of one process, without MPI', false)
    .option('--mpirun <command>', 'the launcher of MPI; looked for when left out')
    .option('--epochs <n>', 'how often each digit is seen', count, 12)
    .option('--batch <n>', 'digits in a batch of all ranks', count, 64)
    .option('--hidden <n>', 'units of the hidden layer', count, 64)
    .option('--save <file>', 'written after each epoch')
    .option('--resume <file>', 'a file of --save to go on from')
    .allowExcessArguments(false)
    .parse(argv as string[], { from: 'user' })
    .opts<Request>()
