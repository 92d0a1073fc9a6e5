import { random } from '@gradchain/core'
import { expect, test } from 'vitest'
import { choice } from '../spaces/choice.js'
import { integer } from '../spaces/integer.js'
import { logUniform } from '../spaces/logUniform.js'
import { space } from '../spaces/space.js'
import type { ConfigOf } from '../spaces/types.js'
import { uniform } from '../spaces/uniform.js'
import {
  type PopulationBasedTrainingOptions,
  type PopulationMember,
  populationBasedTraining
} from './populationBasedTraining.js'

const fields = { rate: logUniform(1e-4, 1), n: integer(1, 50), kind: choice(['a', 'b']) }
const over = space(fields)
type Config = ConfigOf<typeof fields>
type Member = PopulationMember<Config, number>

const make = (options: Partial<PopulationBasedTrainingOptions<number>> = {}) =>
  populationBasedTraining(over, { start: (member) => 100 + member, ...options })

/** A population that was told once: member i has the loss of number i, and the carry 200 + i. */
const toldOnce = (losses: readonly number[], options: Partial<PopulationBasedTrainingOptions<number>> = {}) => {
  const strategy = make({ population: losses.length, ...options })
  const [members, asked] = strategy.ask(strategy.init(), random.key(0))
  const trained = members.map((one) => ({ ...one, carry: 200 + one.member }))
  return { strategy, members, trained, asked, state: strategy.tell(asked, trained, losses) }
}

const ten = [5, 3, 8, 1, 9, 2, 7, 4, 6, 0]

test('begins with what every member has, and asks for all of them', () => {
  const { members } = toldOnce(ten)
  expect(members.map(({ carry }) => carry).join()).toBe('100,101,102,103,104,105,106,107,108,109')
  expect(new Set(members.map(({ config }) => (config as Config).rate)).size).toBe(10)
})

test('the worst fifth takes over the carry of the best fifth, and the others go on as they are', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { strategy, state, trained } = toldOnce(ten)
    const [members] = strategy.ask(state, random.key(seed))
    for (const one of members) {
      const isWorst = one.member === 4 || one.member === 2
      const source = isWorst ? one.from : one.member
      if (isWorst) expect([3, 9]).toContain(one.from)
      expect(one.carry).toBe(200 + source)
      expect(one.round).toBe(1)
      if (!isWorst) expect(JSON.stringify(one.config)).toBe(JSON.stringify(trained[one.member]?.config))
      else expect(JSON.stringify(one.config)).not.toBe(JSON.stringify(trained[one.from]?.config))
    }
  }
})

test('what is not drawn anew is multiplied by one of the factors, whole numbers go one further at least, choices stay', () => {
  const seen = new Set<string>()
  for (let seed = 0; seed < 40; seed++) {
    const { strategy, state, trained } = toldOnce(ten, { resampleProbability: 0, factors: [0.5, 1.01] })
    const [members] = strategy.ask(state, random.key(seed))
    const { config, from } = members[4] as Member
    const before = trained[from]?.config as Config
    const ratio = config.rate / before.rate
    seen.add(ratio.toFixed(2))
    expect(Math.min(Math.abs(ratio - 0.5), Math.abs(ratio - 1.01))).toBeLessThan(1e-9)
    expect(config.n).not.toBe(before.n)
    expect(config.kind).toBe(before.kind)
  }
  expect([...seen].sort().join()).toBe('0.50,1.01')
})

test('numbers stay within their ends', () => {
  const strategy = populationBasedTraining(space({ x: uniform(0.9, 1) }), {
    start: () => 0,
    population: 2,
    exploitShare: 0.5,
    resampleProbability: 0,
    factors: [4]
  })
  const [members, asked] = strategy.ask(strategy.init(), random.key(0))
  const [next] = strategy.ask(strategy.tell(asked, members, [1, 2]), random.key(1))
  expect(next[1]?.config.x).toBe(1)
})

test('with probability 1 all is drawn anew, with a share of 0 nobody takes over', () => {
  const anew = toldOnce(ten, { resampleProbability: 1 })
  const [members] = anew.strategy.ask(anew.state, random.key(1))
  const { config, from } = members[4] as Member
  const before = anew.trained[from]?.config as Config
  expect([0.8, 1, 1.2].every((factor) => Math.abs(config.rate / before.rate - factor) > 1e-9)).toBe(true)
  const still = toldOnce(ten, { exploitShare: 0 })
  expect(still.strategy.ask(still.state, random.key(1))[0].every(({ from, member }) => from === member)).toBe(true)
})

test('a member that failed is the worst, and never best', () => {
  const { strategy, state } = toldOnce([1, NaN, 2, 3, -Infinity])
  const [members] = strategy.ask(state, random.key(0))
  expect(
    members
      .filter(({ from, member }) => from !== member)
      .map(({ member }) => member)
      .join()
  ).toBe('4')
  expect(strategy.best(state)?.loss).toBe(1)
  const none = toldOnce([NaN, NaN, NaN])
  expect(none.strategy.best(none.state)).toBe(null)
  expect(none.strategy.ask(none.state, random.key(0))[0]).toHaveLength(3)
})

test('members may be told one by one, in any order', () => {
  const { strategy, asked, trained, state } = toldOnce(ten)
  const reversed = [...trained].reverse()
  const other = reversed.reduce((now, one) => strategy.tell(now, [one], [ten[one.member] as number]), asked)
  expect(JSON.stringify(strategy.ask(other, random.key(2))[0])).toBe(
    JSON.stringify(strategy.ask(state, random.key(2))[0])
  )
  // One that is free goes on while the others are being trained.
  const [alone, next] = strategy.ask(strategy.tell(asked, [trained[3] as Member], [1]), random.key(0))
  expect(alone.map(({ member }) => member).join()).toBe('3')
  expect(strategy.ask(next, random.key(1))[0]).toHaveLength(0)
})

test('stops after its rounds', () => {
  const { strategy, state } = toldOnce(ten, { rounds: 1 })
  expect(strategy.stopped(state)).toBe('exhausted')
  expect(strategy.ask(state, random.key(0))[0]).toHaveLength(0)
  expect(strategy.stopped(strategy.init())).toBe(null)
})

test('the state survives JSON, and the same key gives the same', () => {
  const { strategy, state } = toldOnce(ten)
  const first = JSON.stringify(strategy.ask(state, random.key(7)))
  expect(JSON.stringify(strategy.ask(JSON.parse(JSON.stringify(state)), random.key(7)))).toBe(first)
})

test.each([
  [{ population: 1 }, 'population must be a whole number ≥ 2, got 1'],
  [{ exploitShare: 0.6 }, 'exploitShare must be in [0, 1/2], got 0.6'],
  [{ resampleProbability: 2 }, 'resampleProbability must be in [0, 1], got 2'],
  [{ factors: [] }, 'factors must be a list of at least one number > 0, got []'],
  [{ factors: [0] }, 'factors must be a list of at least one number > 0, got [0]'],
  [{ rounds: 0 }, 'rounds must be a whole number ≥ 1, got 0'],
  [{ start: 1 as never }, 'start must be a function, got 1']
])('refuses %j', (options, message) => {
  expect(() => make(options)).toThrow(`populationBasedTraining: ${message}`)
})

test('refuses to be told of a member that is not being trained', () => {
  const { strategy, state, trained } = toldOnce(ten)
  expect(() => strategy.tell(state, trained, ten)).toThrow('candidates must be in training, got member 0')
})
