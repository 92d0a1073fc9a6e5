import { random } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { axesOf, pointOf } from '../internal/axes.js'
import { bowl, everyKind, type Maker, medianOf, plane, tried } from '../internal/trialTesting.js'
import { search } from '../loop/search.js'
import { choice } from '../spaces/choice.js'
import { integer } from '../spaces/integer.js'
import { logUniform } from '../spaces/logUniform.js'
import { space } from '../spaces/space.js'
import type { Space } from '../spaces/types.js'
import { uniform } from '../spaces/uniform.js'
import { bayesianOptimization } from './bayesianOptimization.js'
import { gridSearch } from './gridSearch.js'
import { latinHypercube } from './latinHypercube.js'
import { randomSearch } from './randomSearch.js'
import { tpe } from './tpe.js'

const makers: Readonly<Record<string, Maker>> = {
  randomSearch: (over) => randomSearch(over, { batch: 2 }),
  gridSearch: (over) => gridSearch(over, { points: 2, batch: 3 }),
  latinHypercube: (over) => latinHypercube(over, { size: 3 }),
  tpe: (over) => tpe(over, { startupTrials: 4, candidates: 6 }),
  'tpe of each for itself': (over) => tpe(over, { startupTrials: 4, candidates: 6, multivariate: false }),
  bayesianOptimization: (over) => bayesianOptimization(over, { startupTrials: 4, candidates: 12 })
}

const seeds = fc.integer({ min: -(2 ** 31), max: 2 ** 31 })
const few = { numRuns: 3 }

describe.each(Object.entries(makers))('%s', (_, make) => {
  test('asks for configurations of the space, whatever the losses are', () => {
    const search = make(everyKind)
    const axes = axesOf('test', everyKind)
    const losses = fc.constantFrom(0, 1, NaN, Infinity, -Infinity, 1e308, -1e308, 5e-324, -0)
    fc.assert(
      fc.property(seeds, fc.infiniteStream(losses), (seed, stream) => {
        const [configs, state] = tried(search, () => stream.next().value as number, 8, seed)
        for (const config of configs) expect(pointOf('test', axes, config)).toHaveLength(axes.length)
        expect(JSON.stringify(JSON.parse(JSON.stringify(state)))).toBe(JSON.stringify(state))
        expect(state.pending).toHaveLength(0)
      }),
      few
    )
  })

  test.each([
    ['the same', () => 1],
    ['NaN', () => NaN],
    ['infinite', () => -Infinity]
  ])('survives losses that are all %s', (_name, f) => {
    const search = make(everyKind)
    const [configs, state] = tried(search, f, 8, 0)
    expect(configs.length).toBeGreaterThan(7)
    expect(search.best(state) === null).toBe(!Number.isFinite(f()))
  })

  test('the same key and state give the same, and a state read from JSON goes on the same', () => {
    const search = make(everyKind)
    const loss = ({ rate, model }: { readonly rate: number; readonly model: { readonly drop: number } }) =>
      rate + model.drop
    const [, state] = tried(search, loss, 7, 3)
    const before = JSON.stringify(state)
    const [first] = search.ask(state, random.key(5))
    const [again] = search.ask(state, random.key(5))
    const [read] = search.ask(JSON.parse(before), random.key(5))
    expect(JSON.stringify(again)).toBe(JSON.stringify(first))
    expect(JSON.stringify(read)).toBe(JSON.stringify(first))
    expect(JSON.stringify(state)).toBe(before)
  })

  test('what is told in any order is the same', () => {
    const search = make(plane)
    const [configs] = tried(randomSearch(plane, { batch: 12 }), bowl, 1, 9)
    const told = (order: readonly number[]) => {
      const all = order.map((i) => configs[i] as { x: number; y: number })
      return search.tell(search.init(), all, all.map(bowl))
    }
    const [one, other] = [told(configs.map((_, i) => i)), told(configs.map((_, i) => configs.length - 1 - i))]
    const [[a], [b]] = [search.ask(one, random.key(1))[0], search.ask(other, random.key(1))[0]]
    expect(a?.x).toBeCloseTo(b?.x as number, 6)
    expect(a?.y).toBeCloseTo(b?.y as number, 6)
    expect(search.best(one)?.loss).toBe(search.best(other)?.loss)
  })

  test('a range scaled and a choice renamed are searched alike', () => {
    const one = space({ x: uniform(0, 1), n: integer(0, 7), c: choice(['a', 'b']), r: logUniform(1, 10) })
    const other = space({ x: uniform(-8, 8), n: integer(10, 17), c: choice([true, null]), r: logUniform(100, 1000) })
    const [a] = tried(make(one), ({ x, n, c, r }) => x * x + n + (c === 'a' ? 1 : 0) + r / 10, 9, 4)
    const back = (x: number) => (x + 8) / 16
    const [b] = tried(
      make(other),
      ({ x, n, c, r }) => back(x) * back(x) + (n - 10) + (c === true ? 1 : 0) + r / 1000,
      9,
      4
    )
    a.forEach((config, i) => {
      const like = b[i]
      expect(back(like?.x as number)).toBeCloseTo(config.x, 6)
      expect((like?.n as number) - 10).toBe(config.n)
      expect(like?.c === true).toBe(config.c === 'a')
      expect((like?.r as number) / 100).toBeCloseTo(config.r, 6)
    })
  })

  test('a start is tried first, and once', () => {
    const search = make(plane)
    const [configs, asked] = search.ask(search.init({ x: 1.25, y: -0.5 }), random.key(0))
    expect(configs[0]?.x).toBe(1.25)
    const [next] = search.ask(search.tell(asked, configs, configs.map(bowl)), random.key(1))
    expect(next[0]?.x).not.toBe(1.25)
  })

  test('best is the lowest finite loss that was told, the first of several', () => {
    const search = make(plane)
    const configs = [3, 1, 2, 4].map((x) => ({ x, y: 0 }))
    const state = search.tell(search.init(), configs, [NaN, 2, 2, -Infinity])
    expect(search.best(state)?.candidate.x).toBe(1)
    expect(search.best(search.init())).toBe(null)
  })

  test('what is told twice from one state is the same, and the state is as it was', () => {
    const search = make(plane)
    const [configs, asked] = search.ask(search.init(), random.key(0))
    const before = JSON.stringify(asked)
    const [one, other] = [0, 1].map(() => search.tell(asked, configs, configs.map(bowl)))
    expect(JSON.stringify(one)).toBe(JSON.stringify(other))
    expect(JSON.stringify(asked)).toBe(before)
  })

  test.each([
    [[{ x: 6, y: 0 }], [1], /candidate\.x must be a number from -5 to 5, got 6$/],
    [[{ x: 0 }], [1], /candidate\.y must be a number from -5 to 5, got undefined$/],
    [[{ x: 0, y: 0 }], [], /losses must be a number for each of the 1 candidates, got \[\]$/],
    [[{ x: 0, y: 0 }], ['1'], /losses must be a number for each of the 1 candidates, got \["1"\]$/]
  ])('refuses to be told %j %j', (candidates, losses, message) => {
    const search = make(plane)
    expect(() => search.tell(search.init(), candidates as never, losses as never)).toThrow(message)
  })
})

describe('randomSearch', () => {
  test('draws uniformly what is uniform, and the logarithm of what is not', () => {
    const [configs] = tried(randomSearch(everyKind, { batch: 2000 }), () => 0, 1, 0)
    const shareOf = (holds: (config: (typeof configs)[number]) => boolean) => configs.filter(holds).length / 2000
    expect(shareOf(({ rate }) => rate < 1e-2)).toBeCloseTo(0.5, 1)
    expect(shareOf(({ model }) => model.layers <= 3)).toBeCloseTo(0.5, 1)
    expect(shareOf(({ model }) => model.width < 64)).toBeCloseTo(0.5, 1)
    expect(shareOf(({ act }) => act === 'gelu')).toBeCloseTo(1 / 3, 1)
    expect(shareOf(({ rule }) => rule.name === 'adam')).toBeCloseTo(0.5, 1)
  })

  test('a question for more begins with the same', () => {
    const [[one], [first]] = [
      tried(randomSearch(plane), () => 0, 1, 2)[0],
      tried(randomSearch(plane, { batch: 5 }), () => 0, 1, 2)[0]
    ]
    expect(first?.x).toBe(one?.x)
  })
})

describe('gridSearch', () => {
  test('has each combination once, and then is exhausted', () => {
    const search = gridSearch(everyKind, { points: 2, batch: 7 })
    // 2 rates, 2 numbers of layers, 2 widths, 2 drops, 3 functions, 2 values of b1 and one rule without.
    const total = 2 * 2 * 2 * 2 * 3 * 3
    const [configs, state] = tried(search, () => 1, Math.ceil(total / 7), 0)
    expect(new Set(configs.map((config) => JSON.stringify(config))).size).toBe(total)
    expect(search.stopped(state)).toBe('exhausted')
    expect(search.ask(state, random.key(0))[0]).toHaveLength(0)
    expect(search.stopped(search.init())).toBe(null)
  })

  test('spaces numbers evenly, those of a logarithm by factors, and takes both ends', () => {
    const search = gridSearch(space({ x: uniform(0, 8), r: logUniform(1, 16), n: integer(0, 8), m: integer(0, 2) }), {
      points: 3,
      batch: 81
    })
    const [configs] = tried(search, () => 1, 1, 0)
    const valuesOf = (f: (config: (typeof configs)[number]) => number) => [...new Set(configs.map(f))].join()
    expect(valuesOf(({ x }) => x)).toBe('0,4,8')
    expect(valuesOf(({ r }) => Math.round(r * 1e9) / 1e9)).toBe('1,4,16')
    expect(valuesOf(({ n }) => n)).toBe('0,4,8')
    expect(valuesOf(({ m }) => m)).toBe('0,1,2')
  })

  test('a single point is the middle', () => {
    const [[only]] = tried(gridSearch(plane, { points: 1 }), () => 1, 1, 0)
    expect(only?.x).toBe(0)
  })
})

describe('latinHypercube', () => {
  test('has one value in each part of each range', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 20 }), (seed, size) => {
        const unit = space({ x: uniform(0, 1), y: uniform(0, 1) })
        const [design] = tried(latinHypercube(unit, { size }), () => 0, 1, seed)
        for (const axis of ['x', 'y'] as const) {
          expect(new Set(design.map((config) => Math.floor(config[axis] * size))).size).toBe(size)
        }
      }),
      few
    )
  })

  test('pairs the ranges at random', () => {
    const [design] = tried(latinHypercube(plane, { size: 8 }), () => 0, 1, 0)
    const orderOf = (axis: 'x' | 'y') => [...design].sort((a, b) => a[axis] - b[axis])
    expect(
      orderOf('x')
        .map((config) => design.indexOf(config))
        .join()
    ).not.toBe(
      orderOf('y')
        .map((config) => design.indexOf(config))
        .join()
    )
  })
})

const losses = (make: <Config>(over: Space<Config>) => ReturnType<typeof tpe<Config>>, trials: number) =>
  Array.from({ length: 3 }, (_, seed) => {
    const search = make(plane)
    return search.best(tried(search, bowl, trials, seed)[1])?.loss as number
  })

describe('tpe', () => {
  test('finds the bottom of a bowl, where random search finds nothing as low', () => {
    const learnt = medianOf(losses((over) => tpe(over), 100))
    // Optuna's comes to 0.0018 on this bowl, random search to 0.284.
    expect(learnt).toBeLessThan(0.01)
    expect(medianOf(losses((over) => randomSearch(over), 100))).toBeGreaterThan(10 * learnt)
  })

  test('only the order of losses counts', () => {
    const [one] = tried(tpe(plane), bowl, 20, 1)
    const [other] = tried(tpe(plane), (config) => Math.log(bowl(config)) - 5, 20, 1)
    expect(other[19]?.x).toBe(one[19]?.x)
  })

  test('trials at the start are those of random search; a trial that failed is none', () => {
    const loss = (config: { x: number; y: number }) => (config.x > 0 ? NaN : bowl(config))
    const [drawn] = tried(randomSearch(plane), loss, 12, 5)
    const [learnt] = tried(tpe(plane), loss, 12, 5)
    const failed = drawn.slice(0, 11).filter(({ x }) => x > 0).length
    expect(failed).toBeGreaterThan(1)
    drawn.forEach(({ x }, i) => expect(learnt[i]?.x).toBe(x))
  })

  test('of two good places it tries the one that has fewer bad trials around', () => {
    const line = space({ x: uniform(0, 1) })
    const bad = Array.from({ length: 18 }, (_, i) => ({ x: 0.65 + (0.1 * i) / 17 }))
    const search = tpe(line)
    const state = search.tell(search.init(), [{ x: 0.3 }, { x: 0.7 }, ...bad], [1, 0, ...bad.map(() => 9)])
    const next = Array.from({ length: 20 }, (_, seed) => search.ask(state, random.key(seed))[0][0]?.x ?? 1)
    expect(next.filter((x) => x < 0.5).length).toBeGreaterThan(18)
  })

  test('what is waited for counts among the others: it is not tried again', () => {
    const line = space({ x: uniform(0, 1) })
    const bad = Array.from({ length: 18 }, (_, i) => ({ x: i / 17 }))
    const search = tpe(line)
    const told = search.tell(search.init(), [{ x: 0.3 }, { x: 0.7 }, ...bad], [1, 0, ...bad.map(() => 9)])
    const state = { ...told, pending: Array.from({ length: 12 }, (_, i) => ({ x: 0.65 + (0.1 * i) / 11 })) }
    const next = Array.from({ length: 20 }, (_, seed) => search.ask(state, random.key(seed))[0][0]?.x ?? 1)
    expect(next.filter((x) => x < 0.5).length).toBeGreaterThan(16)
    const several = tpe(line, { batch: 6 }).ask(told, random.key(0))[0]
    expect(new Set(several.map(({ x }) => x)).size).toBe(6)
  })

  test('learns which choice and which variant is best', () => {
    const [configs] = tried(
      tpe(everyKind, { startupTrials: 20 }),
      ({ act, rule }) => (act === 'gelu' ? 0 : 1) + (rule.name === 'adam' ? 1 - rule.b1 : 3),
      40,
      0
    )
    const late = configs.slice(25)
    expect(late.filter(({ act }) => act === 'gelu').length).toBeGreaterThan(late.length / 2)
    expect(late.filter(({ rule }) => rule.name === 'adam').length).toBeGreaterThan((2 * late.length) / 3)
  })
})

describe('bayesianOptimization', () => {
  test('finds the bottom of a bowl in few trials', () => {
    const search = bayesianOptimization(plane)
    expect(search.best(tried(search, bowl, 25, 0)[1])?.loss).toBeLessThan(1e-3)
  })

  test('losses scaled and shifted are searched alike', () => {
    const search = bayesianOptimization(plane, { startupTrials: 5, candidates: 20 })
    const [one] = tried(search, bowl, 8, 1)
    const [other] = tried(search, (config) => 1024 * bowl(config), 8, 1)
    one.forEach(({ x }, i) => expect(other[i]?.x).toBe(x))
  })

  test('trials that repeat each other are survived, with losses alike and not', () => {
    const search = bayesianOptimization(plane, { startupTrials: 0, candidates: 8 })
    const here = { x: 1, y: 1 }
    const state = search.tell(search.init(), [here, here, here, { x: 2, y: 1 }], [1, 1, 3, 2])
    const [[next]] = search.ask(state, random.key(0))
    expect(Number.isFinite(next?.x)).toBe(true)
  })

  test('a run that diverged does not hide what the others differ in', () => {
    const search = bayesianOptimization(plane)
    const loss = (config: { x: number; y: number }) => (config.x < -3 ? 1e300 : bowl(config))
    expect(search.best(tried(search, loss, 20, 0)[1])?.loss).toBeLessThan(0.05)
  })

  test('what is waited for is not tried again', () => {
    const search = bayesianOptimization(plane, { batch: 4 })
    const [, state] = tried(randomSearch(plane, { batch: 12 }), bowl, 1, 2)
    const [configs] = search.ask(state, random.key(0))
    configs.forEach((a, i) => {
      for (const b of configs.slice(i + 1)) expect(Math.abs(a.x - b.x) + Math.abs(a.y - b.y)).toBeGreaterThan(0.01)
    })
  })

  test('what is waited for counts as good: others are tried not far from it', () => {
    const search = bayesianOptimization(plane, { batch: 3 })
    const [, state] = tried(randomSearch(plane, { batch: 20 }), bowl, 1, 2)
    for (const config of search.ask(state, random.key(0))[0]) expect(bowl(config)).toBeLessThan(4)
  })
})

test.each([
  ['randomSearch', () => randomSearch(plane, { batch: 0 }), /batch must be a whole number ≥ 1, got 0/],
  ['gridSearch', () => gridSearch(plane, { points: 1.5 }), /points must be a whole number ≥ 1, got 1.5/],
  ['latinHypercube', () => latinHypercube(plane, { size: 0 }), /size must be/],
  ['tpe', () => tpe(plane, { startupTrials: -1 }), /startupTrials must be a whole number ≥ 0, got -1/],
  ['tpe', () => tpe(plane, { candidates: 0 }), /candidates must be/],
  ['tpe', () => tpe(plane, { goodShare: 0 }), /goodShare must be in \(0, 1\], got 0/],
  ['tpe', () => tpe(plane, { multivariate: 1 as never }), /multivariate must be true or false, got 1/],
  ['bayesianOptimization', () => bayesianOptimization(plane, { candidates: 0 }), /candidates must be/],
  ['bayesianOptimization', () => bayesianOptimization(plane, { startupTrials: NaN }), /startupTrials must be/],
  ['randomSearch', () => randomSearch({ x: uniform(0, 1) } as never), /the space must be made by space, got an object/]
])('%s refuses what is out of range', (owner, make, message) => {
  expect(make).toThrow(owner)
  expect(make).toThrow(message)
})

test('a range whose ends have the same logarithm is searched like any other', () => {
  const narrow = space({ rate: logUniform(1e10, 10000000000.000002) })
  const strategy = bayesianOptimization(narrow, { startupTrials: 2 })
  const found = search(({ rate }) => rate, undefined, strategy, { key: 0, maxEvaluations: 5 })
  expect(found.evaluations).toBe(5)
})
