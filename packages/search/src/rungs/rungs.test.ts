import { random } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { everyKind, plane } from '../internal/trialTesting.js'
import { space } from '../spaces/space.js'
import type { Space } from '../spaces/types.js'
import { uniform } from '../spaces/uniform.js'
import type { ConfigSearch } from '../trials/types.js'
import { asha } from './asha.js'
import { hyperband } from './hyperband.js'
import { medianStopping } from './medianStopping.js'
import { type SuccessiveHalvingOptions, successiveHalving } from './successiveHalving.js'
import type { ResourceTrial } from './types.js'

interface Place {
  readonly x: number
  readonly y: number
}

/** All that a search asks for until it stops, and its end. */
const whole = <Config, State>(
  search: ConfigSearch<Config, ResourceTrial<Config>, State>,
  loss: (trial: ResourceTrial<Config>) => number,
  seed = 0,
  most = 500
): readonly [asked: readonly ResourceTrial<Config>[], state: State] => {
  let state = search.init()
  const all: ResourceTrial<Config>[] = []
  for (let t = 0; t < most && search.stopped(state) === null; t++) {
    const [candidates, asked] = search.ask(state, random.foldIn(random.key(seed), t))
    all.push(...candidates)
    state = search.tell(asked, candidates, candidates.map(loss))
  }
  return [all, state]
}

/** How many candidates there were with each resource, in the order in which they came. */
const counted = (asked: readonly ResourceTrial<unknown>[]): string => {
  const counts: [resource: number, count: number][] = []
  for (const { resource } of asked) {
    const last = counts.at(-1)
    if (last?.[0] === resource) last[1]++
    else counts.push([resource, 1])
  }
  return counts.map(([resource, count]) => `${count}×${resource}`).join(' ')
}

const byX = ({ config }: ResourceTrial<Place>): number => config.x

describe('successiveHalving', () => {
  test.each([
    [{ maxResource: 1000, candidates: 9 }, '9×111 3×333 1×999'],
    [{ maxResource: 1000, candidates: 10 }, '10×111 4×333 2×999'],
    [{ maxResource: 1000, candidates: 28 }, '28×37 10×111 4×333 2×999'],
    [{ maxResource: 1000, candidates: 2 }, '2×1000'],
    [{ maxResource: 1000, candidates: 9, factor: 2 }, '9×125 5×250 3×500 2×1000'],
    [{ maxResource: 1000, candidates: 50, minResource: 20 }, '50×20 17×60 6×180 2×540'],
    [{ maxResource: 5 }, '27×1 9×3'],
    [{ maxResource: 1, candidates: 3 }, '3×1']
  ] satisfies readonly (readonly [SuccessiveHalvingOptions, string])[])('%j has the rungs %s', (options, rungs) => {
    expect(counted(whole(successiveHalving(plane, options), byX)[0])).toBe(rungs)
  })

  test('the best go on, with their numbers', () => {
    const [asked, state] = whole(successiveHalving(plane, { maxResource: 9, candidates: 9 }), byX)
    const order = [...asked.slice(0, 9)].sort((a, b) => a.config.x - b.config.x).map(({ trial }) => trial)
    expect(
      asked
        .slice(9, 12)
        .map(({ trial }) => trial)
        .join()
    ).toBe(order.slice(0, 3).join())
    expect(asked[12]?.trial).toBe(order[0])
    expect(state.best?.candidate.trial).toBe(order[0])
  })

  test('a question may give part of a rung, and none while others are waited for', () => {
    const search = successiveHalving(plane, { maxResource: 9, candidates: 3, batch: 2 })
    const [two, first] = search.ask(search.init(), random.key(0))
    const [one, second] = search.ask(first, random.key(1))
    const [none, third] = search.ask(second, random.key(2))
    expect([two.length, one.length, none.length].join()).toBe('2,1,0')
    const state = search.tell(search.tell(third, one, [3]), two, [1, 2])
    expect(search.ask(state, random.key(3))[0][0]?.trial).toBe(0)
  })

  test('trials that failed do not go on, and a rung of nothing else is the last', () => {
    const some = whole(successiveHalving(plane, { maxResource: 9, candidates: 9 }), ({ trial }) =>
      trial < 8 ? NaN : 1
    )
    expect(counted(some[0])).toBe('9×1 1×3 1×9')
    const none = whole(successiveHalving(plane, { maxResource: 9, candidates: 9 }), () => -Infinity)
    expect(counted(none[0])).toBe('9×1')
    expect(none[1].best).toBe(null)
  })
})

describe('hyperband', () => {
  test.each([
    [{ maxResource: 81 }, [81, 34, 15, 8, 5]],
    [{ maxResource: 27 }, [27, 12, 6, 4]],
    [{ maxResource: 1000 }, [729, 284, 114, 48, 21, 11, 7]],
    [{ maxResource: 100 }, [81, 34, 15, 8, 5]],
    [{ maxResource: 1 }, [1]],
    [{ maxResource: 3, factor: 4 }, [1]],
    [{ maxResource: 100, factor: 4 }, [64, 22, 8, 4]]
  ])('%j has brackets of %j configurations', (options, sizes) => {
    let largest = 0
    const [asked, state] = whole(hyperband(plane, options), byX)
    const news = asked.filter(({ trial }) => {
      const isNew = trial >= largest
      largest = Math.max(largest, trial + 1)
      return isNew
    })
    expect(news).toHaveLength(sizes.reduce((a, b) => a + b, 0))
    expect(state.bracket).toBe(sizes.length)
    expect(Math.max(...asked.map(({ resource }) => resource))).toBe(options.maxResource)
  })

  test('each bracket is successive halving', () => {
    expect(counted(whole(hyperband(plane, { maxResource: 9 }), byX)[0])).toBe('9×1 3×3 1×9 5×3 4×9')
  })
})

describe('asha', () => {
  test.each([
    [1.5, [1, 2, 3, 5, 7]],
    [1.1, [1, 2, 3, 4, 5, 6, 7]]
  ])(
    'with a factor of %d, rungs that come to the same resource are one, and no trial is asked for twice',
    (factor, resources) => {
      const [asked] = whole(asha(plane, { maxResource: 8, factor, trials: 9 }), byX)
      expect([...new Set(asked.map(({ resource }) => resource))].sort((a, b) => a - b)).toStrictEqual(resources)
      expect(new Set(asked.map(({ trial, resource }) => `${trial} ${resource}`)).size).toBe(asked.length)
    }
  )

  test('one of three goes on, at once', () => {
    const [asked] = whole(asha(plane, { maxResource: 9, trials: 9 }), ({ trial }) => trial)
    expect(asked.filter(({ resource }) => resource === 1)).toHaveLength(9)
    expect(asked.filter(({ resource }) => resource === 3)).toHaveLength(3)
    expect(asked.filter(({ resource }) => resource === 9)).toHaveLength(1)
    expect(asked[3]?.resource).toBe(3)
  })

  test('no worker waits: a question always gives something, and nothing twice', () => {
    const search = asha(plane, { maxResource: 27, batch: 5 })
    let state = search.init()
    const asked: ResourceTrial<Place>[] = []
    const waiting: ResourceTrial<Place>[] = []
    for (let t = 0; t < 30; t++) {
      const [candidates, next] = search.ask(state, random.key(t))
      expect(candidates).toHaveLength(5)
      asked.push(...candidates)
      waiting.push(...candidates)
      // Some of them come back late.
      const done = waiting.splice(t % 3, 4)
      state = search.tell(next, done, done.map(byX))
    }
    expect(new Set(asked.map(({ trial, resource }) => `${trial} ${resource}`)).size).toBe(asked.length)
    expect(asked.some(({ resource }) => resource === 27)).toBe(true)
  })

  test('trials that failed never go on', () => {
    const [asked] = whole(asha(plane, { maxResource: 9, trials: 12 }), () => NaN)
    expect(counted(asked)).toBe('12×1')
  })
})

/** A search whose state nobody looks into. */
type Opaque<C> = ConfigSearch<C, ResourceTrial<C>, unknown>

const searches: Readonly<Record<string, <C>(over: Space<C>) => Opaque<C>>> = {
  successiveHalving: <C>(over: Space<C>) => successiveHalving(over, { maxResource: 9, candidates: 9 }) as Opaque<C>,
  hyperband: <C>(over: Space<C>) => hyperband(over, { maxResource: 9 }) as Opaque<C>,
  asha: <C>(over: Space<C>) => asha(over, { maxResource: 9, trials: 9, batch: 3 }) as Opaque<C>
}

describe.each(Object.entries(searches))('%s', (_, make) => {
  test('ends, whatever the losses are, and its state survives JSON', () => {
    const losses = fc.constantFrom(0, 1, NaN, Infinity, -Infinity, 1e308, -0)
    fc.assert(
      fc.property(fc.integer(), fc.infiniteStream(losses), (seed, stream) => {
        const search = make(everyKind)
        const [, state] = whole(search, () => stream.next().value as number, seed)
        expect(search.stopped(state)).toBe('exhausted')
        expect(JSON.stringify(JSON.parse(JSON.stringify(state)))).toBe(JSON.stringify(state))
      }),
      { numRuns: 10 }
    )
  })

  test('what is told in any order is the same', () => {
    const search = make(plane)
    const [candidates, asked] = search.ask(search.init(), random.key(3))
    const reversed = [...candidates].reverse()
    const one = search.tell(asked, candidates, candidates.map(byX))
    const other = search.tell(asked, reversed, reversed.map(byX))
    expect(JSON.stringify(search.ask(other, random.key(0))[0])).toBe(JSON.stringify(search.ask(one, random.key(0))[0]))
    expect(JSON.stringify(search.best(other))).toBe(JSON.stringify(search.best(one)))
  })

  test('only the order of losses counts, and a range scaled is searched alike', () => {
    const one = whole(make(space({ x: uniform(0, 1) })), ({ config }) => config.x)[0]
    const other = whole(make(space({ x: uniform(0, 8) })), ({ config }) => Math.exp(config.x))[0]
    expect(other.map(({ trial }) => trial).join()).toBe(one.map(({ trial }) => trial).join())
    one.forEach(({ config }, i) => expect(other[i]?.config.x).toBeCloseTo(8 * config.x, 9))
  })

  test('a start is the first', () => {
    const search = make(plane)
    expect(search.ask(search.init({ x: 1, y: 2 }), random.key(0))[0][0]?.config.y).toBe(2)
    expect(() => search.init({ x: 9, y: 2 })).toThrow('candidate.x must be a number from -5 to 5, got 9')
  })

  test('refuses to be told what was not asked for, and losses that do not fit', () => {
    const search = make(plane)
    const [candidates, asked] = search.ask(search.init(), random.key(0))
    const strange = { trial: 99, config: { x: 0, y: 0 }, resource: 1 }
    expect(() => search.tell(asked, [strange], [1])).toThrow(
      'candidates must be waited for, got trial 99 with resource 1'
    )
    expect(() => search.tell(asked, candidates, [])).toThrow('losses must be a number for each')
  })
})

test.each([
  [
    () => successiveHalving(plane, { maxResource: 0 }),
    'successiveHalving: maxResource must be a whole number ≥ 1, got 0'
  ],
  [
    () => successiveHalving(plane, {} as never),
    'successiveHalving: maxResource must be a whole number ≥ 1, got undefined'
  ],
  [() => successiveHalving(plane, { maxResource: 9, factor: 1 }), 'factor must be a finite number > 1, got 1'],
  [
    () => successiveHalving(plane, { maxResource: 9, minResource: 10 }),
    'minResource must be at most maxResource, 9, got 10'
  ],
  [
    () => successiveHalving(plane, { maxResource: 9, minResource: 'all' as never }),
    `must be a whole number ≥ 1 or 'exhaust', got "all"`
  ],
  [
    () => hyperband(plane, { maxResource: 9, minResource: 0 }),
    'hyperband: minResource must be a whole number ≥ 1, got 0'
  ],
  [() => hyperband(plane, { maxResource: 9, factor: NaN }), 'hyperband: factor must be a finite number > 1, got NaN'],
  [() => asha(plane, { maxResource: 9, trials: 0 }), 'asha: trials must be a whole number ≥ 1, got 0'],
  [() => asha(plane, { maxResource: 9, factor: 1 }), 'asha: factor must be a finite number > 1, got 1'],
  [() => medianStopping({ startupTrials: -1 }), 'medianStopping: startupTrials must be a whole number ≥ 0, got -1'],
  [
    () => medianStopping().tell({ trials: {} }, { trial: 0, step: 0.5, loss: 1 }),
    'step must be a whole number ≥ 0, got 0.5'
  ],
  [
    () => medianStopping().tell({ trials: {} }, { trial: 0, step: 1, loss: '1' as never }),
    'loss must be a number, got "1"'
  ]
])('refuses %s', (make, message) => {
  expect(make).toThrow(message)
})

describe('medianStopping', () => {
  const after = (losses: readonly number[], options = {}) => {
    const rule = medianStopping({ startupTrials: 2, ...options })
    let state = rule.init()
    losses.forEach((loss, trial) => {
      ;[, state] = rule.tell(state, { trial, step: 5, loss })
    })
    return (loss: number, step = 5) => rule.tell(state, { trial: 'own', step, loss })[0]
  }

  test.each([
    [[1, 2, 3], 2, false],
    [[1, 2, 3], 2.1, true],
    [[1, 2], 1.5, false],
    [[1, 2], 1.6, true],
    [[1], 9, false],
    [[1, NaN, Infinity], 9, false],
    [[1, 2, NaN], 3, true],
    [[NaN, NaN, NaN], NaN, true],
    [[NaN, NaN, NaN], 1e300, false],
    [[2, 2, 2], 2, false],
    [[1e308, 1.2e308], 1.15e308, true]
  ])('after %j a loss of %d is given up: %s', (losses, loss, stop) => {
    expect(after(losses)(loss)).toBe(stop)
  })

  test('needs five others by default, and goes on up to the warm-up', () => {
    expect(after([1, 1, 1, 1], { startupTrials: 5 })(9)).toBe(false)
    expect(after([1, 1, 1, 1, 1], { startupTrials: 5 })(9)).toBe(true)
    expect(after([1, 1, 1], { warmupSteps: 5 })(9)).toBe(false)
    expect(after([1, 1, 1], { warmupSteps: 4 })(9)).toBe(true)
  })

  test('counts the lowest loss of a trial so far, and others at the same step alone', () => {
    const rule = medianStopping({ startupTrials: 1 })
    let [, state] = rule.tell(rule.init(), { trial: 0, step: 2, loss: 1 })
    ;[, state] = rule.tell(state, { trial: 1, step: 1, loss: 0.5 })
    expect(rule.tell(state, { trial: 1, step: 2, loss: 9 })[0]).toBe(false)
    expect(rule.tell(state, { trial: 2, step: 3, loss: 9 })[0]).toBe(false)
    expect(rule.tell(state, { trial: 2, step: 2, loss: 9 })[0]).toBe(true)
  })
})
