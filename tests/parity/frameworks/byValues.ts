import type { GradientTransformation, Schedule } from 'gradchain'

/** The values that `generate_frameworks.py` tells to what looks at them. */
const METRICS = [5, 4, 4, 4, 3, 2.9999, 2.9998, 2, ...Array<number>(10).fill(2), 1, ...Array<number>(11).fill(1.5)]

/** The learning rate that follows each of these values, where a transformation scales the updates of an optimizer by them. */
export const byValues = <State>(
  learningRate: number,
  tx: GradientTransformation<State, { readonly value: number }>
): Schedule => {
  let state = tx.init({ w: 0 })
  const rates = METRICS.map((value) => {
    const [updates, next] = tx.update({ w: learningRate }, state, { w: 0 }, { value })
    state = next
    return updates.w
  })
  return (step) => rates[step] ?? Number.NaN
}
