import { InvalidOption, show } from '@gradchain/core'
import { nearest } from './internal/nearest.js'
import { type OptimizerName, optimizers } from './optimizers.js'

/** An optimizer as a program takes it. */
type Maker<N extends OptimizerName> = (typeof optimizers)[N]

/** What the arguments of an optimizer are as one object: the learning rate by its name, and the options. */
type Settings<Arguments extends readonly unknown[]> = Arguments extends readonly [
  learningRate: infer Rate,
  options: infer Options
]
  ? { readonly learningRate: Rate } & Options
  : Arguments extends readonly [learningRate: infer Rate, options?: infer Options]
    ? { readonly learningRate: Rate } & Options
    : Arguments extends readonly [learningRate?: infer Rate, options?: infer Options]
      ? { readonly learningRate?: Rate } & Options
      : never

/** Which optimizer, and its arguments by their names: what {@link createOptimizer} takes. */
export type OptimizerConfig<N extends OptimizerName = OptimizerName> = N extends 'polyakSgd'
  ? { readonly name: N } & NonNullable<Parameters<Maker<N>>[0]>
  : N extends 'signSgd'
    ? { readonly name: N; readonly learningRate: Parameters<Maker<N>>[0] }
    : { readonly name: N } & Settings<Parameters<Maker<N>>>

/**
 * The optimizer of a name, from one object: for command lines and configuration files.
 *
 *     createOptimizer({ name: 'adamw', learningRate, ...options })  =  adamw(learningRate, options)
 *
 * The options are those of the optimizer, and their types too. What comes from a file is checked as it is at run time: a name
 * that does not exist, an option that the optimizer does not have or a value outside its range is refused by what there is.
 *
 * @example
 * const tx = createOptimizer({ name: 'sgd', learningRate: 0.5, momentum: 0.9 })
 * const params = { w: 4 }
 * step(tx, { w: 2 }, tx.init(params), params)[0] // => { w: 3 }
 *
 * @example
 * const config = JSON.parse('{ "name": "AdamW", "learningRate": 0.001 }')
 * createOptimizer(config) // => throws InvalidOption: createOptimizer: name must be one of "accSgd", …
 *
 * @throws InvalidOption for a name that there is not, and what the optimizer throws.
 * @see optimizers
 */
export const createOptimizer = <const N extends OptimizerName>(config: OptimizerConfig<N>): ReturnType<Maker<N>> => {
  const given: unknown = config
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new InvalidOption(`createOptimizer: the configuration must be an object, got ${show(given)}`)
  }
  const { name, ...rest }: { readonly name?: unknown; readonly learningRate?: unknown } = given
  const known = Object.keys(optimizers)
  if (typeof name !== 'string' || !Object.hasOwn(optimizers, name)) {
    const near = typeof name === 'string' ? nearest(name, known) : undefined
    const hint = near === undefined ? '' : `; did you mean ${show(near)}?`
    throw new InvalidOption(
      `createOptimizer: name must be one of ${known.map(show).join(', ')}, got ${show(name)}${hint}`
    )
  }
  const { learningRate, ...options } = rest
  const arguments_ = name === 'polyakSgd' ? [rest] : name === 'signSgd' ? [learningRate] : [learningRate, options]
  const [surplus] = name === 'signSgd' ? Object.keys(options) : []
  if (surplus !== undefined) {
    throw new InvalidOption(`signSgd: there is no option ${surplus}; there is learningRate`)
  }
  // What the types promised is checked by the optimizer itself, like all that is given to it.
  const make = optimizers[name as N] as unknown as (...given: readonly unknown[]) => ReturnType<Maker<N>>
  return make(...arguments_)
}
