import { InvalidOption, show } from '@gradchain/core'
import type { Choice, Choosable } from './types.js'

/**
 * A hyperparameter that is one of some values that have no order: texts, numbers, `true`, `false` or `null`.
 *
 * @param values - the values, at least one and no two alike.
 *
 * @example
 * choice(['cosine', 'linear', null]).values // => ['cosine', 'linear', null]
 *
 * @throws InvalidOption for no values, for two that are alike and for values of other kinds.
 */
export const choice = <const T extends Choosable>(values: readonly T[]): Choice<T> => {
  if (!Array.isArray(values) || values.length === 0) {
    throw new InvalidOption(`choice: values must be a list of at least one value, got ${show(values)}`)
  }
  values.forEach((value: unknown, i) => {
    const isKnown = value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)
    if (!isKnown) {
      throw new InvalidOption(
        `choice: values[${i}] must be a text, a finite number, true, false or null, got ${show(value)}`
      )
    }
    if (values.indexOf(value as T) !== i)
      throw new InvalidOption(`choice: values must differ, got ${show(value)} twice`)
  })
  return { kind: 'choice', values: [...values] }
}
