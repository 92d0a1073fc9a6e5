// What every strategy over trees of params obeys, as tests.
import * as random from '@gradchain/core/random'
import { expect, test } from 'vitest'
import { search } from '../../loop/search.js'
import type { SearchStrategy } from '../../loop/searchStrategy.js'
import type { SearchBounds } from '../box.js'

/** The params that laws are tried on. */
export interface Params {
  readonly a: number
  readonly w: Float64Array
}

/** What a strategy obeys besides what all do. */
export interface Obeys<S> {
  /** The strategy, with the bounds given. */
  readonly make: (bounds: SearchBounds | null) => SearchStrategy<Params, S>
  /** The same over params of any kind. */
  readonly makeAny: (bounds: SearchBounds | null) => SearchStrategy<{ readonly w: Float32Array }, S>
  /** Whether only the order of the losses counts. */
  readonly isRankBased: boolean
  /** Whether a translated problem is searched alike. */
  readonly isTranslated: boolean
  /** Whether it draws. */
  readonly isRandom: boolean
  /** Bounds without which it does not search. */
  readonly needs?: SearchBounds
}

const START: Params = { a: 1, w: new Float64Array([2, -1]) }

const bowl = ({ a, w: [b, c] }: Params): number =>
  (a - 3) * (a - 3) + 10 * ((b as number) + a) * ((b as number) + a) + Math.abs(c as number)

interface Course {
  readonly asked: readonly (readonly Params[])[]
  readonly state: string
}

interface Ways {
  readonly steps?: number
  readonly seed?: number
  readonly saved?: boolean
  readonly order?: (i: number, count: number) => number
}

/** What is asked for in some steps, and the last state as a text. */
const course = <S>(
  strategy: SearchStrategy<Params, S>,
  f: (params: Params) => number,
  start: Params,
  { steps = 12, seed = 0, saved = false, order = (i) => i }: Ways = {}
): Course => {
  let state = strategy.init(start)
  const asked: (readonly Params[])[] = []
  for (let t = 0; t < steps; t++) {
    if (strategy.stopped(state) !== null) break
    if (saved) state = JSON.parse(JSON.stringify(state)) as S
    const [candidates, waiting] = strategy.ask(state, random.foldIn(random.key(seed), t))
    asked.push(candidates)
    const told = candidates.map((_, i) => candidates[order(i, candidates.length)] as Params)
    state = strategy.tell(saved ? (JSON.parse(JSON.stringify(waiting)) as S) : waiting, told, told.map(f))
  }
  return { asked, state: JSON.stringify(state) }
}

const elements = ({ a, w }: Params): number[] => [a, ...w]

/** Tests that a strategy obeys the laws. */
export const searchLaws = <S>({ make, makeAny, isRankBased, isTranslated, isRandom, needs }: Obeys<S>): void => {
  const free = make(needs ?? null)

  test('a permutation of what is told changes nothing', () => {
    const straight = course(free, bowl, START)
    expect(course(free, bowl, START, { order: (i, count) => count - 1 - i })).toStrictEqual(straight)
    expect(course(free, bowl, START, { order: (i, count) => (i + 1) % count })).toStrictEqual(straight)
    // Nor where losses are equal.
    const rounded = (params: Params): number => Math.round(bowl(params))
    expect(course(free, rounded, START, { order: (i, count) => count - 1 - i })).toStrictEqual(
      course(free, rounded, START)
    )
  })

  test('a search that was saved as a text goes on with the same bits', () => {
    const odd = (params: Params): number => (params.a > 1.2 ? NaN : bowl(params))
    for (const f of [bowl, odd]) expect(course(free, f, START, { saved: true })).toStrictEqual(course(free, f, START))
  })

  test('asking and telling change nothing they are given, and give the same twice', () => {
    let state = free.init(START)
    for (let t = 0; t < 6; t++) {
      const key = random.foldIn(random.key(5), t)
      const before = JSON.stringify(state)
      const [candidates, waiting] = free.ask(state, key)
      expect(free.ask(state, key)).toStrictEqual([candidates, waiting])
      expect(JSON.stringify(state)).toBe(before)
      const asked = JSON.stringify([candidates, waiting])
      state = free.tell(waiting, candidates, candidates.map(bowl))
      expect(free.tell(waiting, candidates, candidates.map(bowl))).toStrictEqual(state)
      expect(JSON.stringify([candidates, waiting])).toBe(asked)
    }
    expect(START.w).toStrictEqual(new Float64Array([2, -1]))
  })

  test('the best is the lowest of all that was told, the start among it, and never a trial that failed', () => {
    let state = free.init(START)
    let least = Infinity
    let hasStart = false
    expect(free.best(state)).toBe(null)
    for (let t = 0; t < 10; t++) {
      const [candidates, waiting] = free.ask(state, random.foldIn(random.key(1), t))
      hasStart ||= candidates.some(({ a, w }) => a === START.a && w[0] === START.w[0] && w[1] === START.w[1])
      const odd = [NaN, -Infinity, Infinity]
      const losses = candidates.map((params, i) => ((t + i) % 3 === 1 ? (odd[i % 3] as number) : bowl(params)))
      state = free.tell(waiting, candidates, losses)
      for (const loss of losses) if (Number.isFinite(loss) && loss < least) least = loss
      expect(free.best(state)?.loss ?? Infinity).toBe(least)
    }
    expect(hasStart).toBe(true)
    const { candidate, loss } = free.best(state) as { candidate: Params; loss: number }
    expect(bowl(candidate)).toBe(loss)
  })

  test.each([
    ['all are equal', () => 1],
    ['none is a number', () => NaN],
    ['all are −∞', () => -Infinity],
    ['one side fails', ({ a }: Params) => (a > 1.5 ? NaN : (a - 3) * (a - 3))],
    ['one side is −∞', ({ a }: Params) => (a > 1.5 ? -Infinity : (a - 3) * (a - 3))]
  ])('losses of which %s are survived', (_, f) => {
    const tried: Params[] = []
    const kept = (params: Params): number => {
      tried.push(params)
      return f(params)
    }
    const found = search(kept, START, free, { key: 0, maxEvaluations: 3000 })
    expect(tried.flatMap(elements).every(Number.isFinite)).toBe(true)
    const finite = tried.map(f).filter(Number.isFinite)
    expect(found.loss).toBe(finite.length === 0 ? NaN : Math.min(...finite))
    if (finite.length === 0) {
      expect(found.reason).toBe('notFinite')
      expect(found.candidate).toStrictEqual(START)
    }
    if (finite.length === 0 || new Set(finite).size === 1) expect(found.success).toBe(false)
  })

  test('what is evaluated is inside the bounds, in the dtype of the params', () => {
    const bounds = { lower: { w: new Float32Array([-0.1, 0.3]) }, upper: 0.7 }
    const strategy = makeAny(bounds)
    const tried: number[][] = []
    const f = ({ w }: { readonly w: Float32Array }): number => {
      expect(w).toBeInstanceOf(Float32Array)
      tried.push(Array.from(w))
      return -(w[0] as number) + (w[1] as number)
    }
    // The start is outside.
    const found = search(f, { w: new Float32Array([2, 0]) }, strategy, { key: 0, maxEvaluations: 400 })
    for (const [x, y] of tried as [number, number][]) {
      expect(x).toBeGreaterThanOrEqual(-0.1)
      expect(x).toBeLessThanOrEqual(0.7)
      expect(y).toBeGreaterThanOrEqual(Math.fround(0.3))
      expect(y).toBeLessThanOrEqual(0.7)
    }
    expect(found.loss).toBeLessThan(-0.39)
  })

  test('any seed is one', () => {
    const of = (seed: number): string => JSON.stringify(course(free, bowl, START, { seed, steps: 4 }).asked)
    expect(of(0)).toBe(of(0))
    const different = new Set([0, 1, -1, 2 ** 40].map(of)).size
    expect(different).toBe(isRandom ? 4 : 1)
  })

  if (isRankBased) {
    test('what keeps the order of the losses changes nothing', () => {
      const plain = course(free, bowl, START).asked
      expect(course(free, (params) => 8 * bowl(params) - 100, START).asked).toStrictEqual(plain)
      expect(course(free, (params) => bowl(params) * bowl(params) * bowl(params), START).asked).toStrictEqual(plain)
    })
  }

  if (isTranslated) {
    test('a translated problem is searched alike', () => {
      const moved = (by: number, { a, w }: Params): Params => ({ a: a + by, w: w.map((x) => x + by) })
      const plain = course(free, bowl, START).asked
      const other = make(needs === undefined ? null : movedBounds(needs, 16))
      const far = course(other, (params) => bowl(moved(-16, params)), moved(16, START)).asked
      expect(far.length).toBe(plain.length)
      far.forEach((candidates, t) => {
        candidates.forEach((candidate, i) => {
          const wanted = elements(moved(16, plain[t]?.[i] as Params))
          elements(candidate).forEach((x, j) => expect(x).toBeCloseTo(wanted[j] as number, 9))
        })
      })
    })
  }

  test('an empty tree and a single number are searched', () => {
    const empty = search(() => 1, {} as never, makeAny(null) as never, { key: 0, maxEvaluations: 100 })
    expect(empty.loss).toBe(1)
    expect(empty.reason).toBe('exhausted')
  })

  test.each([
    ['params of NaN', () => free.init({ ...START, a: NaN }), 'params must be finite where a search starts, got NaN'],
    [
      'params that are none',
      () => free.init({ ...START, a: 'x' as never }),
      'params.a is "x"; a leaf must be a number or an array of numbers'
    ],
    [
      'bounds in the wrong order',
      () => make({ lower: 2, upper: 1 }).init(START),
      'bounds.lower must not be above bounds.upper, got 2 and 1'
    ],
    [
      'a bound of NaN',
      () => make({ lower: NaN, upper: 1 }).init(START),
      'bounds.lower must hold a number for each param, got NaN'
    ],
    ['to be told without being asked', () => free.tell(free.init(START), [], []), 'tell needs a state that ask gave'],
    [
      'losses that are too few',
      () => {
        const [candidates, state] = free.ask(free.init(START), random.key(0))
        return free.tell(state, candidates, [])
      },
      'tell must have a loss for each of the'
    ],
    [
      'candidates it did not ask for',
      () => {
        const [candidates, state] = free.ask(free.init(START), random.key(0))
        const others = candidates.map((candidate, i) => (i === 0 ? { ...candidate, a: 77 } : candidate))
        return free.tell(
          state,
          others,
          others.map(() => 1)
        )
      },
      'candidates must be those that were asked for, got others'
    ],
    [
      'candidates of another structure',
      () => {
        const [candidates, state] = free.ask(free.init(START), random.key(0))
        return free.tell(
          state,
          candidates.map(() => ({ a: 1 }) as never),
          candidates.map(() => 1)
        )
      },
      'candidates must have the structure of the params'
    ]
  ])('refuses %s', (_, act, message) => {
    expect(act).toThrow(message)
  })
}

const movedBounds = ({ lower, upper }: SearchBounds, by: number): SearchBounds => ({
  lower: (lower as number) + by,
  upper: (upper as number) + by
})
