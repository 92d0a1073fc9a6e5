import { InvalidOption, show } from '@gradchain/core'
import type { Fields, Variants } from './types.js'

/**
 * One of several sets of hyperparameters: which one is a choice, and only those of the chosen one are in the configuration. The
 * name of the choice stands in the field `tag`, so that the type of a configuration is a union that can be told apart by it.
 *
 * @param tag - the field that the name of the chosen set stands in.
 * @param cases - the sets by name, at least one; none has a field of the name of the tag.
 *
 * @example
 * const optimizers = space(variants('name', {
 *   adam: { learningRate: logUniform(1e-4, 1e-1), b1: uniform(0.8, 0.99) },
 *   sgd: { learningRate: logUniform(1e-3, 1), momentum: choice([0, 0.9]) }
 * }))
 * const strategy = gridSearch(optimizers, { points: 2 })
 * const [[first]] = strategy.ask(strategy.init(), random.key(0))
 * first // => { name: 'adam', learningRate: 0.0001, b1: 0.8 }
 *
 * @throws InvalidOption for no sets, and for one that has a field of the name of the tag.
 */
export const variants = <const Tag extends string, const Cases extends { readonly [name: string]: Fields }>(
  tag: Tag,
  cases: Cases
): Variants<Tag, Cases> => {
  if (typeof tag !== 'string') throw new InvalidOption(`variants: tag must be a text, got ${show(tag)}`)
  const isGiven = typeof cases === 'object' && cases !== null && Object.keys(cases).length > 0
  if (!isGiven) throw new InvalidOption(`variants: cases must be an object of at least one set, got ${show(cases)}`)
  for (const name of Object.keys(cases)) {
    if (Object.hasOwn(cases[name] ?? {}, tag)) {
      throw new InvalidOption(`variants: ${name} must not have a field ${show(tag)}, which is that of the choice`)
    }
  }
  return { kind: 'variants', tag, cases: { ...cases } }
}
