import { InvalidOption, show } from '@gradchain/core'
import { rules } from '../internal/rules.js'
import type { Finding, HistoryRow } from './types.js'

/**
 * What is wrong with a run, by its history: a table of problems, how each shows, and what helps.
 *
 * | problem       | how it shows                                                                                          |
 * | ------------- | ----------------------------------------------------------------------------------------------------- |
 * | `notFinite`   | a loss or a norm of gradients that is NaN or infinite                                                 |
 * | `diverging`   | the loss at the end is above that at the start by more than its size                                  |
 * | `oscillating` | in the second half the loss turns more often than by chance, by 5 % of its size, and goes nowhere      |
 * | `plateau`     | in the second half the loss falls by less than 1 % of its size, and is more than 1 % of the first     |
 * | `spikes`      | a norm of gradients is more than 10 times the median of the 20 before it                              |
 * | `vanishing`   | in half of the rows or more the gradient of a layer is below 1e-3 of the last one's                   |
 * | `exploding`   | in half of them it is above 1e3 times the last one's                                                  |
 * | `largeSteps`  | the median of updates beside params is above 1e-2, where 1e-3 is usual                                |
 * | `smallSteps`  | it is below 1e-4                                                                                      |
 * | `overfitting` | the validation loss is 10 % above its lowest at the end, while the loss went on falling               |
 *
 * At the start and at the end means the median of a quarter of the rows; what is said of these needs eight rows, and of spikes five before
 * one. Losses of random batches turn at two of three steps by themselves: oscillating takes two standard deviations more, and so 18
 * rows. A run may have several problems; the first in this order explains the others most often. None found is no promise.
 *
 * Laws: losses and gradients times a number > 0 give the same problems; a row that is not finite is always found.
 *
 * @example
 * const findings = diagnose([3, 2, NaN].map((loss) => ({ loss })))
 * findings.map(({ problem, at }) => [problem, at]) // => [['notFinite', 2]]
 * findings[0]?.evidence // => 'the loss is NaN'
 * findings[0]?.remedies[0] // => 'clip the gradients: clipByGlobalNorm(1)'
 *
 * @throws InvalidOption for a history that is no list of rows with a loss.
 * @see gradientFlow, fitLoop
 */
export const diagnose = (history: readonly HistoryRow[]): readonly Finding[] => {
  if (!Array.isArray(history)) throw new InvalidOption(`diagnose: history must be a list of rows, got ${show(history)}`)
  for (const [i, row] of history.entries()) {
    const loss = (row as Partial<HistoryRow> | null | undefined)?.loss
    if (typeof loss !== 'number') {
      throw new InvalidOption(`diagnose: history[${i}].loss must be a number, got ${show(loss)}`)
    }
  }
  return rules().flatMap(({ problem, find, remedies }) => {
    const found = find(history)
    return found === null ? [] : [{ problem, ...found, remedies }]
  })
}
