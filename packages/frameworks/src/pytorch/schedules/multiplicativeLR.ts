import { callable, check, finite } from '@gradchain/core'
import type { Schedule } from '@gradchain/schedules'

/**
 * PyTorch's `MultiplicativeLR`: a factor at each step, on what there was before.
 *
 *     α(0) = learningRate          α(t) = α(t − 1) · lrLambda(t)
 *
 * The factor of step 0 is never asked for. A value far on costs as many calls of `lrLambda` as there are steps, unless the steps before it were
 * asked for in their order.
 *
 * @param learningRate - the first value, any finite number.
 * @param lrLambda - the factor at a step.
 *
 * @example
 * pytorch.schedules.multiplicativeLR(8, (step) => 1 / step)(3) // => 1.333…
 *
 * @throws InvalidOption at construction, when an argument is of another kind.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiplicativeLR.html}
 */
export const multiplicativeLR = (learningRate: number, lrLambda: (step: number) => number): Schedule => {
  check('pytorch.schedules.multiplicativeLR', { learningRate }, finite)
  check('pytorch.schedules.multiplicativeLR', { lrLambda }, callable)
  const first = { step: 0, value: learningRate }
  let last = first
  const product: Schedule = (step) => {
    const whole = Math.floor(step)
    let { step: at, value } = last.step <= whole ? last : first
    while (at < whole) {
      at += 1
      value *= lrLambda(at)
    }
    last = { step: at, value }
    return value
  }
  return Object.assign(product, { origin: ['pytorch.schedules.multiplicativeLR', learningRate, lrLambda] })
}
