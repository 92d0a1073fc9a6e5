// The rows of the catalogue on a device, and those that cannot be there as they are.
import { type AnyGradientTransformation, chain, ndarray, trace } from 'gradchain'
import { aliases } from '../catalogue/aliases.js'
import { matrix } from '../catalogue/matrix.js'
import { orthogonal } from '../catalogue/orthogonal.js'
import { transformations } from '../catalogue/transformations.js'
import { wrappers } from '../catalogue/wrappers.js'
import { titleOf } from '../laws/checkRows.js'

/** A transformation by its title. */
export type DeviceRow = readonly [title: string, make: () => AnyGradientTransformation]

/** Every row; wrappers around one that keeps something. */
export const rows: readonly DeviceRow[] = [
  ...[...aliases, ...transformations, ...matrix, ...orthogonal].map((row): DeviceRow => [titleOf(row), row.make]),
  ...wrappers.map((row): DeviceRow => [titleOf(row), () => row.make()(chain(trace(0.5)))])
]

const READS = {
  'a number in the middle of a step': ['applyIfFinite', 'skipNotFinite', 'skipLargeUpdates', 'dynamicLossScale'],
  'gradients of single examples': [
    'dpsgd',
    'differentiallyPrivateAggregate',
    'differentiallyPrivateAggregate, without noise'
  ],
  'params, to call a function of the user on them': ['averagedParams'],
  'matrices, to decompose them': [
    'scaleByGalore',
    'scaleByGalore, both sides of stacks',
    'galore',
    'galore, the short side, with decay',
    'scaleBySoap',
    'scaleBySoap, one-sided, vectors too',
    'soap',
    'scaleByShampoo',
    'scaleByShampoo, blocks, grafting',
    'shampoo',
    'scaleByKron',
    'scaleByKron, one diagonal, balanced, raw gradients',
    'psgdKron',
    'scaleByApollo, singular vectors, one factor for a matrix',
    'scaleByConda',
    'conda',
    'scaleByFira',
    'fira',
    'scaleBySplus',
    'splus',
    'scaleByLdadam',
    'scaleByLdadam, stacks, without error feedback',
    'ldadam',
    'scaleByMuon, of signs, exactly',
    'scaleByDion',
    'dion'
  ],
  'all arrays, to put them into one': ['flatten'],
  'arrays of the state, to round them to few bits': ['quantizedState, of all arrays', 'quantizedState, stochastic'],
  'a vector, for a function of its own': ['trac']
} as const

const FLOAT64 = 'has a state in float64'

/** What reads back, by what it reads. */
export const readBack: ReadonlyMap<string, string> = new Map(
  Object.entries(READS).flatMap(([what, titles]) => titles.map((title) => [title, what] as const))
)

/** What cannot be on a device at all, and why. */
export const impossible: ReadonlyMap<string, string> = new Map([
  ['scaleByLion, refined, with its momentum in float64', FLOAT64],
  ['trace, Nesterov, in float64', FLOAT64],
  ['scaleByNovograd, all options', FLOAT64],
  ['multiSteps, sums of growing batches, in float64', FLOAT64],
  ['trac', FLOAT64],
  ['qkClip', 'is told its logits in float64']
])

/** The names of the exports that read back, as the README of the package lists them. */
export const readBackPage = (): string =>
  Object.entries(READS)
    .map(([what, titles]) => {
      const names = [...new Set(titles.map((title) => title.replace(/,.*/, '')))]
      const own = names.filter((name) => !impossible.has(name))
      return own.length === 0 ? '' : `- ${own.map((name) => `\`${name}\``).join(', ')}: ${what}`
    })
    .filter((line) => line !== '')
    .join('\n')

const wave = (t: number, length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(1.7 * t + 2.3 * i + 0.4))

/** Params, and gradients at a step. */
export const treeAt = (t: number) => ({
  kernel: ndarray(wave(t, 12), [3, 4]),
  bias: wave(t + 5, 5),
  scale: ndarray(wave(t + 9, 3), [3])
})
