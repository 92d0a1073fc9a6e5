import { writeFile } from 'node:fs/promises'
import { decades, histogramOf, measured } from '@gradchain/monitor'
import { type PlottedHistogram, plotHistograms, plotRun, plotSchedule } from '@gradchain/monitor/plot'
import { type PagePart, toHtml } from '@gradchain/monitor/svg'
import { type AnyGradientTransformation, identity, type Leaf, type Schedule } from 'gradchain'
import type { Params } from './model.js'
import { commandLine, type RunOptions } from './options.js'

/** What a run has left behind, for those who want to look at it. */
export interface Recorded {
  readonly options: RunOptions
  /** The optimizer as one would write it. */
  readonly formula: string
  readonly optimizer: AnyGradientTransformation
  readonly schedule: Schedule
  readonly params: Params
  /** The gradients of all that was learnt from, at the end. */
  readonly gradients: Params
  /** What was seen at the steps: the loss, and of those that were taken here the ratio of each layer under its path. */
  readonly history: readonly Readonly<Record<string, number>>[]
  /** The share of held-out digits that was read rightly, at some steps. */
  readonly accuracies: readonly { readonly step: number; readonly accuracy: number }[]
  readonly trainingLoss: number
  /** How many milliseconds each part took. */
  readonly times: Readonly<Record<string, number>>
}

/** Writes a page about a run to a file: curves, the schedule, equations, what was measured of each layer, and where time went. */
export const writeReport = async (file: string, recorded: Recorded): Promise<void> =>
  writeFile(file, await toHtml('Handwritten digits', partsOf(recorded)))

const partsOf = (recorded: Recorded): readonly PagePart[] => {
  const { options, formula, optimizer, schedule, params, gradients, history, accuracies, trainingLoss, times } =
    recorded
  const layers = [...new Set(history.flatMap((row) => Object.keys(row)))].filter(
    (name) => name !== 'step' && name !== 'loss'
  )
  return [
    { code: `npm start -- ${commandLine(options).join(' ')}` },
    {
      table: [
        ['steps', 'training loss', 'held-out accuracy'],
        [history.length, trainingLoss.toFixed(6), percent(accuracies.at(-1)?.accuracy ?? 0)]
      ]
    },
    { heading: 'Curves' },
    { picture: plotRun(history, { title: 'loss of each batch', y: ['loss'], scale: 'log', smoothing: 0.9 }) },
    { picture: plotRun(accuracies, { title: 'share of held-out digits read rightly', y: ['accuracy'] }) },
    { heading: 'Optimizer' },
    { code: formula },
    { picture: plotSchedule(schedule, { title: 'learning rate', steps: options.steps }) },
    { explained: optimizer, params: { dense1: { ...params.dense1 }, dense2: { ...params.dense2 } } },
    { heading: 'Layers' },
    { text: 'How large a step is beside the params that it changes, ‖u‖ / ‖p‖: about 0.001 is usual.' },
    { picture: plotRun(history, { title: 'update ratio', y: layers, scale: 'log', smoothing: 0.9 }) },
    { picture: plotHistograms(histogramsOf(params), { title: 'params at the end', quantity: 'magnitude' }) },
    { picture: plotHistograms(histogramsOf(gradients), { title: 'gradients at the end', quantity: 'magnitude' }) },
    { heading: 'Time' },
    { table: [['part', 'seconds', 'share'], ...timeRows(times)] }
  ]
}

const EDGES = decades(-8, 0)

/** How large the elements of each layer are. */
const histogramsOf = ({ dense1, dense2 }: Params): Readonly<Record<string, PlottedHistogram>> => ({
  'dense1.kernel': histogramOfLayer(dense1.kernel),
  'dense1.bias': histogramOfLayer(dense1.bias),
  'dense2.kernel': histogramOfLayer(dense2.kernel),
  'dense2.bias': histogramOfLayer(dense2.bias)
})

const histogramOfLayer = (layer: Leaf): PlottedHistogram => {
  const tx = measured(identity(), { sizes: histogramOf('params', { edges: EDGES, ofMagnitudes: true }) })
  const [, { measurements }] = tx.update({ layer }, tx.init({ layer }), { layer })
  return { edges: EDGES, counts: measurements.sizes.map(Number) }
}

const timeRows = (times: Readonly<Record<string, number>>): readonly (readonly (string | number)[])[] => {
  const total = Object.values(times).reduce((sum, time) => sum + time, 0)
  return Object.entries(times)
    .sort(([, a], [, b]) => b - a)
    .map(([name, time]) => [name, (time / 1000).toFixed(2), percent(total > 0 ? time / total : 0)])
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
