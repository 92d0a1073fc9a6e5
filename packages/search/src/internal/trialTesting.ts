// What tests of searches over hyperparameters share.
import { random } from '@gradchain/core'
import { choice } from '../spaces/choice.js'
import { integer } from '../spaces/integer.js'
import { logUniform } from '../spaces/logUniform.js'
import { space } from '../spaces/space.js'
import type { Space } from '../spaces/types.js'
import { uniform } from '../spaces/uniform.js'
import { variants } from '../spaces/variants.js'
import type { ConfigSearch, TrialsState } from '../trials/types.js'

/** A search made for a space. */
export type Maker = <Config>(space: Space<Config>) => ConfigSearch<Config, Config, TrialsState<Config>>

/** The configurations that a search tries, one question after the other, with the state after. */
export const tried = <Config>(
  search: ConfigSearch<Config, Config, TrialsState<Config>>,
  f: (config: Config) => number,
  questions: number,
  seed: number,
  tell: (
    state: TrialsState<Config>,
    configs: readonly Config[],
    losses: readonly number[]
  ) => TrialsState<Config> = search.tell
): readonly [configs: readonly Config[], state: TrialsState<Config>] => {
  let state = search.init()
  const all: Config[] = []
  for (let t = 0; t < questions; t++) {
    const [configs, asked] = search.ask(state, random.foldIn(random.key(seed), t))
    all.push(...configs)
    state = tell(asked, configs, configs.map(f))
  }
  return [all, state]
}

/** A space of every kind of hyperparameter. */
export const everyKind = space({
  rate: logUniform(1e-4, 1),
  model: { layers: integer(1, 6), width: integer(8, 512, { log: true }), drop: uniform(0, 0.5) },
  act: choice(['relu', 'tanh', 'gelu']),
  rule: variants('name', { adam: { b1: uniform(0.8, 1) }, sgd: {} })
})

/** A plane around 0. */
export const plane = space({ x: uniform(-5, 5), y: uniform(-5, 5) })

/** A bowl whose least loss is 0. */
export const bowl = ({ x, y }: { readonly x: number; readonly y: number }): number =>
  (x - 1.3) * (x - 1.3) + (y + 0.7) * (y + 0.7)

/** The middle of some numbers. */
export const medianOf = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] as number
