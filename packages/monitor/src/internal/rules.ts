import { gradientFlow } from '../diagnosis/gradientFlow.js'
import type { Finding, HistoryRow } from '../diagnosis/types.js'

/** How a problem shows, and what helps. */
export interface Rule extends Pick<Finding, 'problem' | 'remedies'> {
  readonly find: (history: readonly HistoryRow[]) => Pick<Finding, 'at' | 'evidence'> | null
}

/** The problems in the order in which one explains another. */
export const rules = (): readonly Rule[] => [
  {
    problem: 'notFinite',
    find: (history) => {
      const at = history.findIndex(
        ({ loss, gradientNorm = 0 }) => !Number.isFinite(loss) || !Number.isFinite(gradientNorm)
      )
      const row = history[at]
      if (row === undefined) return null
      const [what, value] = Number.isFinite(row.loss) ? ['norm of the gradients', row.gradientNorm] : ['loss', row.loss]
      return { at, evidence: `the ${what} is ${value}` }
    },
    remedies: [
      'clip the gradients: clipByGlobalNorm(1)',
      'lower the learning rate',
      'leave out steps that are not finite: applyIfFinite',
      'in 16 bits, scale the loss'
    ]
  },
  {
    problem: 'diverging',
    find: (history) =>
      overQuarters(history, (first, _second, _third, last) =>
        last > first + Math.abs(first)
          ? { at: lowestAt(history), evidence: `the loss went from ${short(first)} to ${short(last)}` }
          : null
      ),
    remedies: [
      'lower the learning rate',
      'warm it up: warmupCosineDecaySchedule',
      'clip the gradients: clipByGlobalNorm(1)'
    ]
  },
  {
    problem: 'oscillating',
    find: (history) =>
      overQuarters(history, () => {
        const middle = history.length >> 1
        const losses = lossesOf(history).slice(middle)
        const changes = losses.slice(1).map((loss, i) => loss - (losses[i] as number))
        const turns = changes.slice(1).filter((change, i) => change * (changes[i] as number) < 0).length
        const size = median(changes.map(Math.abs))
        const share = turns / (changes.length - 1)
        // Losses of random batches turn, too: at two of three steps, and with this variance (Bienaymé 1874).
        const usual = (2 * (losses.length - 2)) / 3
        const isMore = turns > usual + 2 * Math.sqrt((16 * losses.length - 29) / 90)
        const isLarge = size >= 0.05 * Math.abs(median(losses)) && size > 0
        // Means, as the median of an odd number of losses that go up and down is one of the two.
        const gone = Math.abs(mean(quarter(lossesOf(history), 3)) - mean(quarter(lossesOf(history), 2)))
        return isMore && isLarge && gone < size
          ? { at: middle, evidence: `the loss turns at ${percent(share)} of the steps, by ${short(size)}` }
          : null
      }),
    remedies: [
      'lower the learning rate, or let it decay: cosineDecaySchedule',
      'make the batches larger',
      'lower the momentum'
    ]
  },
  {
    problem: 'plateau',
    find: (history) =>
      overQuarters(history, (first, _second, third, last) => {
        const isFlat = Math.abs(third - last) < 0.01 * Math.abs(third)
        const isSolved = Math.abs(last) <= 0.01 * Math.abs(first)
        return isFlat && !isSolved
          ? { at: history.length >> 1, evidence: `the loss stays at ${short(last)}, having been ${short(first)}` }
          : null
      }),
    remedies: [
      'raise the learning rate where steps are small, or lower it on the way: reduceOnPlateau, cosineAnnealingWarmRestarts',
      'try another optimizer: adamw',
      'start from other params'
    ]
  },
  {
    problem: 'spikes',
    find: (history) => {
      const seen: number[] = []
      for (const [at, { gradientNorm }] of history.entries()) {
        if (gradientNorm === undefined || !Number.isFinite(gradientNorm)) continue
        const usual = median(seen.slice(-20))
        if (seen.length >= 5 && gradientNorm > 10 * usual && usual > 0) {
          return { at, evidence: `the norm of the gradients is ${short(gradientNorm)}, usually ${short(usual)}` }
        }
        seen.push(gradientNorm)
      }
      return null
    },
    remedies: [
      'clip the gradients: clipByGlobalNorm(1), adaptiveGradClip(0.01), clipSpikes',
      'look at the examples of that batch',
      'lower the learning rate'
    ]
  },
  {
    problem: 'vanishing',
    find: (history) => inMostRows(history, 'vanishing'),
    remedies: [
      'start from params that keep the size of activations',
      'connect layers past others, or normalise between them',
      'use activations that do not saturate'
    ]
  },
  {
    problem: 'exploding',
    find: (history) => inMostRows(history, 'exploding'),
    remedies: [
      'clip the gradients: clipByGlobalNorm(1)',
      'start from params that keep the size of activations',
      'lower the learning rate'
    ]
  },
  {
    problem: 'largeSteps',
    find: (history) => ratios(history, (ratio) => ratio > 1e-2),
    remedies: ['lower the learning rate, by about as much', 'warm it up: warmupCosineDecaySchedule']
  },
  {
    problem: 'smallSteps',
    find: (history) => ratios(history, (ratio) => ratio < 1e-4),
    remedies: ['raise the learning rate, by about as much', 'look for the largest that works: learningRateFinder']
  },
  {
    problem: 'overfitting',
    find: (history) => {
      const validated = history.flatMap(({ validationLoss }, row) =>
        validationLoss !== undefined && Number.isFinite(validationLoss) ? [{ row, loss: validationLoss }] : []
      )
      if (validated.length < 8) return null
      const lowest = validated.reduce((low, one) => (one.loss < low.loss ? one : low))
      const end = median(quarter(validated, 3).map(({ loss }) => loss))
      const trained = median(quarter(lossesOf(history), 3))
      const isWorse = end > lowest.loss + 0.1 * Math.abs(lowest.loss)
      return isWorse && trained < (history[lowest.row] as HistoryRow).loss
        ? {
            at: lowest.row,
            evidence: `the validation loss rose from ${short(lowest.loss)} to ${short(end)}, while the loss fell to ${short(trained)}`
          }
        : null
    },
    remedies: [
      'stop there: earlyStopping',
      'decay the weights: adamw with weightDecay 1e-4 or more',
      'lower the learning rate',
      'more data, dropout, augmentation'
    ]
  }
]

const lossesOf = (history: readonly HistoryRow[]): readonly number[] => history.map(({ loss }) => loss)

/** The first, second, third or last quarter of a list. */
const quarter = <T>(list: readonly T[], which: number): readonly T[] =>
  list.slice(Math.floor((which * list.length) / 4), Math.floor(((which + 1) * list.length) / 4))

/** What is to be said of the medians of the quarters of the losses; nothing of fewer than eight. */
const overQuarters = <T>(
  history: readonly HistoryRow[],
  f: (first: number, second: number, third: number, last: number) => T | null
): T | null => {
  if (history.length < 8 || history.some(({ loss }) => !Number.isFinite(loss))) return null
  const losses = lossesOf(history)
  const [first, second, third, last] = [0, 1, 2, 3].map((i) => median(quarter(losses, i)))
  return f(first as number, second as number, third as number, last as number)
}

const lowestAt = (history: readonly HistoryRow[]): number => {
  const losses = lossesOf(history)
  return losses.indexOf(Math.min(...losses))
}

/** The layers that are so in half of the rows or more. */
const inMostRows = (history: readonly HistoryRow[], flow: 'vanishing' | 'exploding'): ReturnType<Rule['find']> => {
  const counts = new Map<string, { readonly at: number; rows: number }>()
  let known = 0
  for (const [at, { layers }] of history.entries()) {
    if (layers === undefined) continue
    known += 1
    for (const path of gradientFlow(layers)[flow]) {
      const count = counts.get(path)
      if (count === undefined) counts.set(path, { at, rows: 1 })
      else count.rows += 1
    }
  }
  const most = [...counts].filter(([, { rows }]) => rows >= known / 2)
  const [first] = most
  if (first === undefined) return null
  const beside = flow === 'vanishing' ? 'below 1e-3 of' : 'above 1e3 times'
  const paths = most.map(([path]) => path).join(', ')
  return { at: first[1].at, evidence: `the gradient of ${paths} is ${beside} that of the last layer` }
}

const ratios = (history: readonly HistoryRow[], isWrong: (ratio: number) => boolean): ReturnType<Rule['find']> => {
  const known = history.flatMap(({ updateRatio }, at) => (updateRatio === undefined ? [] : [{ at, updateRatio }]))
  if (known.length === 0) return null
  const usual = median(known.map(({ updateRatio }) => updateRatio))
  const first = known.find(({ updateRatio }) => isWrong(updateRatio))
  return first !== undefined && isWrong(usual)
    ? { at: first.at, evidence: `a step is ${short(usual)} of the params` }
    : null
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length

const short = (x: number): string => String(Number(x.toPrecision(3)))

const percent = (share: number): string => `${Math.round(100 * share)} %`
