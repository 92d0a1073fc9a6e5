import type { ConfigSearch, Space, TrialsState } from '../index.js'
import { choice, integer, logUniform, randomSearch, space, uniform, variants } from '../index.js'

const nested = space({
  rate: logUniform(1e-4, 1),
  model: { layers: integer(1, 4), act: choice(['relu', 'tanh', null]) }
})

// The type of the space gives that of its configurations.
interface Config {
  readonly rate: number
  readonly model: { readonly layers: number; readonly act: 'relu' | 'tanh' | null }
}
export const same: Space<Config> = nested
export const search: ConfigSearch<Config, Config, TrialsState<Config>> = randomSearch(nested)

// @ts-expect-error -- the space has no momentum
export const other: Space<Config & { readonly momentum: number }> = nested
// @ts-expect-error -- a start is a configuration of the space
search.init({ rate: 1, model: { layers: 2, act: 'gelu' } })
// @ts-expect-error -- a number is no hyperparameter
space({ rate: 1 })

// What is chosen tells which hyperparameters there are.
const rules = randomSearch(
  space(variants('name', { adam: { b1: uniform(0, 1) }, sgd: { momentum: choice([0, 0.9]) } }))
)
export const told = (state: ReturnType<typeof rules.init>): number => {
  const config = state.pending[0]
  if (config === undefined) return 0
  // @ts-expect-error -- it may be that of sgd
  config.b1
  return config.name === 'adam' ? config.b1 : config.momentum
}
