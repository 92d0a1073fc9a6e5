import { readFile } from 'node:fs/promises'
import { load, type SavedTree } from '@gradchain/checkpoint'
import { saveFile } from '@gradchain/checkpoint/node'
import { commandLine, parse, type RunOptions } from './options.js'
import type { Start, Step } from './train.js'

/** A run as it stands in a file. */
export interface SavedRun {
  /** The options that it was started with. */
  readonly options: RunOptions
  /** The loss of each step so far. */
  readonly losses: readonly number[]
  /** Where it goes on. */
  readonly start: Start
}

/** Writes a run to a file, after a step of it. */
export const saveRun = (
  path: string,
  options: RunOptions,
  losses: readonly number[],
  { params, state }: Step
): Promise<void> => {
  const { optimizer, steps, batchSize, learningRate, seed } = options
  const about = { optimizer, steps, batchSize, learningRate, seed }
  return saveFile(path, { about, losses: Float64Array.from(losses), run: { params, state } })
}

/**
 * Reads a run out of a file.
 *
 * @throws Error that says what is wrong with the file.
 */
export const readRun = async (path: string): Promise<SavedRun> => {
  const bytes = await readFile(path)
  const saved = load(bytes)
  if (saved._tag === 'Left') throw saved.left
  const { about, losses } = fieldsOf(saved.right)
  if (!(losses instanceof Float64Array)) throw new Error(`${path} holds no run of this program`)
  const restored = <T>(fresh: T): T => {
    // All that was read but the run is what it is; of the run the form is known now.
    const like: { about: unknown; losses: unknown; run: T } = { about, losses, run: fresh }
    const loaded = load(bytes, like)
    if (loaded._tag === 'Left') throw loaded.left
    return loaded.right.run
  }
  return { options: optionsOf(path, about), losses: [...losses], start: { step: losses.length, restored } }
}

type Fields = Readonly<Record<string, SavedTree>>

const fieldsOf = (tree: SavedTree | undefined): Fields =>
  typeof tree === 'object' && tree !== null && !Array.isArray(tree) ? (tree as Fields) : {}

/** The options out of a file, checked as those of a command line are. */
const optionsOf = (path: string, about: SavedTree | undefined): RunOptions => {
  const request = parse(commandLine(fieldsOf(about) as unknown as RunOptions))
  if (request.kind === 'run') return request.options
  throw new Error(`${path} holds no run of this program${request.kind === 'refused' ? `: ${request.sentence}` : ''}`)
}
