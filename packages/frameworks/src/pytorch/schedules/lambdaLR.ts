import { callable, check, finite } from '@gradchain/core'
import { mapSchedule, type Schedule } from '@gradchain/schedules'

/**
 * PyTorch's `LambdaLR`: a share of the learning rate for each step.
 *
 * @param learningRate - what the shares are of, any finite number.
 * @param lrLambda - the share at a step.
 *
 * @example
 * pytorch.schedules.lambdaLR(8, (step) => 1 / (1 + step))(3) // => 2
 *
 * @throws InvalidOption at construction, when an argument is of another kind.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html}
 */
export const lambdaLR = (learningRate: number, lrLambda: (step: number) => number): Schedule => {
  check('pytorch.schedules.lambdaLR', { learningRate }, finite)
  check('pytorch.schedules.lambdaLR', { lrLambda }, callable)
  return Object.assign(
    mapSchedule(lrLambda, (share) => learningRate * share),
    { origin: ['pytorch.schedules.lambdaLR', learningRate, lrLambda] }
  )
}
