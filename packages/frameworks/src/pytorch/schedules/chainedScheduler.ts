import { callable, check, finite } from '@gradchain/core'
import type { Schedule } from '@gradchain/schedules'

/**
 * PyTorch's `ChainedScheduler`: several schedules at the same time, whose factors multiply. It is `mulSchedules`.
 *
 * The schedules are made with a learning rate of 1, as shares. So it is for those that multiply what there is at each step: `constantLR`, `linearLR`,
 * `stepLR`, `multiStepLR`, `exponentialLR`, `polynomialLR`, `multiplicativeLR`. A cosine is another thing in a chain in PyTorch, as its
 * step depends on where the others have left the learning rate, and `LambdaLR` overwrites what came before it.
 *
 * @param learningRate - what the shares are of, any finite number.
 * @param shares - schedules that were made with a learning rate of 1.
 *
 * @example
 * const schedule = pytorch.schedules.chainedScheduler(8, [
 *   pytorch.schedules.constantLR(1, { factor: 0.5, totalIters: 2 }),
 *   pytorch.schedules.exponentialLR(1, { gamma: 0.5 })
 * ])
 * schedule(0) // => 4
 * schedule(1) // => 2
 * schedule(2) // => 2
 *
 * @throws InvalidOption at construction, when an argument is of another kind.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html}
 */
export const chainedScheduler = (learningRate: number, shares: readonly Schedule[]): Schedule => {
  check('pytorch.schedules.chainedScheduler', { learningRate }, finite)
  check('pytorch.schedules.chainedScheduler', { shares }, someSchedules)
  // Not `mulSchedules`, which brings along a library of monoids.
  const product: Schedule = (step) => shares.reduce((rate, share) => rate * share(step), learningRate)
  return Object.assign(product, { origin: ['pytorch.schedules.chainedScheduler', learningRate, [...shares]] })
}

const someSchedules = {
  what: 'an array of schedules',
  holds: (value: unknown) => Array.isArray(value) && value.every((one) => callable.holds(one))
}
