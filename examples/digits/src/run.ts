import { setImmediate } from 'node:timers/promises'
import { type Picture, plotRun, plotSchedule, toText } from '@gradchain/monitor/plot'
import { countRight } from './accuracy.js'
import { batches, batchesPerEpoch, split, toBatch } from './batches.js'
import { loadDigits } from './data.js'
import { gradients } from './gradients.js'
import { initialParams } from './model.js'
import { learningRate, optimizers } from './optimizers.js'
import type { Options } from './options.js'
import { type Output, progress } from './progress.js'
import { streams } from './random.js'
import { writeReport } from './report.js'
import { readRun, type SavedRun, saveRun } from './saved.js'
import { stopwatch } from './stopwatch.js'

const HELD_OUT = 0.2

/** At how many steps the accuracy is looked at, at most. */
const MOST_ACCURACIES = 50

/** A picture as the stream shows it: in colours where there are any. A terminal of unknown width says 0. */
const drawn = (picture: Picture, { isTTY, columns }: Output): string =>
  toText(picture, {
    width: Math.max(20, Math.min(columns || 80, 80)),
    height: 8,
    color: isTTY === true && process.env['NO_COLOR'] === undefined
  })

/** What a run that begins has so far. */
const nothingYet = (options: Options): Omit<SavedRun, 'start'> & { readonly start?: SavedRun['start'] } => ({
  options,
  losses: []
})

/**
 * Trains and says how it went. What is written to a file or a pipe depends on the options alone, to the last digit.
 *
 * @throws Error when the loss stops being finite, or when a saved run cannot be read or has nothing left to do; the signal's AbortError when it is aborted.
 */
export const run = async (options: Options, stream: Output, signal: AbortSignal): Promise<void> => {
  const { save, resume, report, stopAfter = Number.POSITIVE_INFINITY } = options
  const begun = resume === undefined ? nothingYet(options) : await readRun(resume)
  const { optimizer, steps, batchSize, seed } = begun.options
  const [forSplit, forWeights, forBatches] = streams(seed)
  const { training, heldOut } = split(loadDigits(), HELD_OUT, forSplit)
  const { formula, trainer } = optimizers[optimizer]
  const schedule = learningRate(begun.options.learningRate, steps)
  const trained = trainer(schedule)
  const perEpoch = batchesPerEpoch(training, batchSize)

  stream.write(`${training.length} digits to learn from, ${heldOut.length} held out (seed ${seed})\n`)
  stream.write(`${formula}\n\n`)

  const losses = [...begun.losses]
  const from = losses.length
  if (from >= steps) throw new Error(`the run in ${resume} is at its end: all of its ${steps} steps were taken`)
  const to = Math.min(steps, stopAfter * perEpoch)
  if (from >= to)
    throw new Error(`the run in ${resume} is at step ${from}, where --stop-after ${stopAfter} ends or beyond`)
  const ahead = batches(training, batchSize, to, forBatches, from)
  let params = initialParams(forWeights)
  const shown = progress(steps, stream)
  const history: Record<string, number>[] = losses.map((loss, step) => ({ step, loss }))
  const accuracies: { readonly step: number; readonly accuracy: number }[] = []
  const everySteps = Math.max(1, Math.ceil(steps / MOST_ACCURACIES))
  const { watch, times } = stopwatch()
  const accuracyNow = (): number => watch('accuracy', () => countRight(params, heldOut)) / heldOut.length
  try {
    for (const taken of trained.steps(params, ahead, begun.start, watch)) {
      const { step, loss, gradientNorm, ratios } = taken
      if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss} at step ${step}: try a smaller --learning-rate`)
      params = taken.params
      losses.push(loss)
      const done = step + 1
      if (report !== undefined) {
        history.push({ step, loss, ...ratios })
        if (done % everySteps === 0 || done === steps) accuracies.push({ step: done, accuracy: accuracyNow() })
      }
      watch('progress', () => shown.report({ done, loss, gradientNorm, learningRate: schedule(step) }))
      if (save !== undefined && (done % perEpoch === 0 || done === steps))
        await saveRun(save, begun.options, losses, taken)
      // Lets the bar draw itself and Ctrl-C be heard.
      await setImmediate(undefined, { signal })
    }
  } finally {
    shown.close()
  }
  if (losses.length < steps) {
    stream.write(`\nstopped at step ${losses.length} of ${steps}; npm start -- --resume ${save} goes on\n`)
    if (report !== undefined)
      stream.write(`no ${report} yet: a page is about a whole run, give --report where it ends\n`)
    return
  }

  const right = countRight(params, heldOut)
  const { loss: trainingLoss, grads } = gradients(params, toBatch(training))
  const rows = losses.map((loss, step) => ({ step, loss }))
  const curve = plotRun(rows, { title: 'loss, on a logarithmic scale', scale: 'log', smoothing: 0.9 })
  stream.write(`\n${drawn(curve, stream)}\n`)
  stream.write(`\n${drawn(plotSchedule(schedule, { title: 'learning rate', steps }), stream)}\n\n`)
  stream.write(`training loss      ${trainingLoss.toFixed(6)}\n`)
  stream.write(`held-out accuracy  ${(right / heldOut.length).toFixed(4)} (${right} of ${heldOut.length})\n`)
  if (report === undefined) return
  const { optimizer: made } = trained
  const facts = {
    formula,
    optimizer: made,
    schedule,
    params,
    gradients: grads,
    history,
    accuracies,
    trainingLoss,
    times
  }
  await writeReport(report, { options: begun.options, ...facts })
  stream.write(`\n${report} has more to look at\n`)
}
