// Evaluations made again and again by one transformation: each against the same step on the reference engine, which
// remembers nothing.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { defaultEngine, read, withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import { createWasmEngine } from '../engine/wasm/engine.js'
import { LazyValue } from '../errors.js'
import { add, max, mul, norm, opaque, sqrt, sub, sum } from '../expression/operations.js'
import { leaves, map } from '../tree/tree.js'
import { applyUpdates } from './applyUpdates.js'
import { chain } from './chain.js'
import { collect } from './heapTesting.js'
import { Repeated } from './repeated.js'
import { step } from './step.js'
import { clipped, remembering, scaled, traced } from './testing.js'
import { transformation } from './transformation.js'
import type { AnyGradientTransformation, EmptyState, Tree } from './types.js'

const numbers = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.fround(Math.sin(seed * 12.9898 + i * 78.233) * 3))

const params = (seed: number) => ({
  kernel: ndarray(numbers(12, seed), [3, 4]),
  bias: numbers(5, seed + 1),
  half: ndarray([seed, 1 / 3, -2], [3], 'bfloat16'),
  wide: Float64Array.from(numbers(4, seed + 2)),
  scale: Math.sin(seed)
})

/** Steps of `update` and of `step` in turn, each checked against the reference engine. */
const checkSteps = (tx: AnyGradientTransformation, steps: number, make: (seed: number) => unknown = params): void => {
  const run = step as unknown as (...args: unknown[]) => readonly [unknown, unknown]
  const update = tx.update as unknown as (...args: unknown[]) => readonly [unknown, unknown]
  const plain = <T>(f: () => T): T => withEngine(reference, f)
  let p = make(0)
  let state = (tx.init as (p: unknown) => unknown)(p)
  for (let i = 1; i <= steps; i++) {
    const grads = make(i)
    if (i % 3 === 0) {
      const expected = plain(() => update(grads, state, p))
      const actual = update(grads, state, p)
      expect(actual).toStrictEqual(expected)
      const next = applyUpdates(p as never, actual[0] as never)
      expect(next).toStrictEqual(plain(() => applyUpdates(p as never, actual[0] as never)))
      ;[p, state] = [next, actual[1]]
    } else {
      const expected = plain(() => run(tx, grads, state, p))
      const actual = run(tx, grads, state, p)
      expect(actual).toStrictEqual(expected)
      ;[p, state] = actual
    }
  }
}

/** A transformation of one state tree `m`, by a rule that is told the number of the step. */
const byRule = (rule: (g: Tree, m: Tree, p: Tree, count: number) => readonly [Tree, Tree]) =>
  transformation<{ readonly count: number; readonly m: Tree }>({
    init: (p) => ({ count: 0, m: map((x) => mul(x, 0), p) }),
    update: (g, { count, m }, p) => {
      const [updates, next] = rule(g, m, p, count)
      return [updates, { count: count + 1, m: next }]
    }
  })

const asArray = (x: unknown): boolean =>
  typeof x !== 'number' && (x as { readonly value?: unknown }).value !== undefined

describe('every step has the bits of the reference', () => {
  test.each<readonly [string, AnyGradientTransformation]>([
    ['a chain with a norm', chain(clipped(1), traced(0.9), remembering(), scaled(-0.1))],
    ['the same leaf many times', byRule((g, m) => [map((x, y) => sub(mul(x, x), mul(y, x)), g, m), g])],
    [
      'a number that is read in the middle',
      byRule((g, m) => {
        const total = leaves(g).reduce<number>((t, x) => t + read(sum(x)), 0)
        return [map((x) => mul(x, total > 0 ? 2 : 0.5), g), m]
      })
    ],
    [
      'a number that is read in some steps',
      byRule((g, m, _p, count) => {
        const size = leaves(g).map((x) => norm(x))[0] ?? 1
        const factor = count % 3 === 1 ? read(size) : size
        return [map((x) => mul(x, factor), g), map((x, y) => add(x, y), g, m)]
      })
    ],
    [
      'a number that is known before its time in some steps',
      byRule((g, m, _p, count) => {
        const size = norm(leaves(g)[1] as never)
        if (count % 3 === 1) read(size)
        return [map((x) => mul(x, size), g), map((x, y) => add(mul(x, size), y), g, m)]
      })
    ],
    [
      'another course every third step',
      byRule((g, m, p, count) =>
        count % 3 === 2 ? [p, map((x) => sqrt(max(x, 0)), g)] : [map((x, y) => add(x, y), g, m), g]
      )
    ],
    ['a constant state', byRule((g) => [g, map((x) => add(mul(x, 0), 1), g)])],
    [
      'a function on whole arrays',
      byRule((g, m) => {
        const turn = (x: unknown): unknown =>
          asArray(x) && (x as { dtype: string }).dtype === 'float32'
            ? opaque((a) => a.data.slice().reverse() as Float32Array, [x as never], {
                dtype: 'float32',
                shape: (x as { shape: number[] | null; size: number }).shape ?? [(x as { size: number }).size]
              })
            : x
        return [map((x) => turn(x) as never, g), map((x, y) => add(x, y), g, m)]
      })
    ]
  ])('%s', (_name, tx) => checkSteps(tx, 12))

  test('trees of several structures in turn', () => {
    const tx = chain(clipped(1), scaled(-0.5))
    const shapes = [[4], [2, 3], [4, 4, 4], []]
    for (let i = 0; i < 24; i++) {
      const tree = (seed: number) => (shapes[i % 4] as number[]).map((size, j) => numbers(size, seed + j))
      checkSteps(tx, 2, tree)
    }
  })

  test('random chains on random sizes', () => {
    const part = fc.constantFrom(clipped(1), clipped(0.1), scaled(-2), traced(0.5), remembering())
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 5 }),
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 4 }),
        (parts, sizes) => {
          checkSteps(chain(...(parts as [])), 6, (seed) => sizes.map((size, i) => numbers(size, seed + i)))
        }
      ),
      { numRuns: 60 }
    )
  })
})

describe('what differs from step to step is noticed', () => {
  test('one array for gradients and params, and two', () => {
    const tx = byRule((g, m, p) => [map((x, y, z) => add(mul(x, y), z), g, p, m), g])
    const state = tx.init({ w: numbers(9, 0) })
    const at = (i: number) => {
      const p = { w: numbers(9, i) }
      const g = i % 4 < 2 ? p : { w: numbers(9, 100 + i) }
      return [tx.update(g, state, p), withEngine(reference, () => tx.update(g, state, p))]
    }
    for (let i = 0; i < 12; i++) {
      const [actual, expected] = at(i)
      expect(actual).toStrictEqual(expected)
    }
  })

  test('a lazy number from outside', () => {
    const tx = transformation<EmptyState, { readonly by: unknown }>({
      init: () => ({}),
      update: (g, state, _p, { by }) => [map((x) => mul(x, by as never), g), state]
    })
    const p = { w: Float32Array.of(1, 2) }
    for (let i = 0; i < 50; i++) {
      const by = sum(Float32Array.of(i, 1))
      expect(tx.update(p, {}, p, { by })[0]).toStrictEqual({ w: Float32Array.of(i + 1, 2 * i + 2) })
      expect(read(by)).toBe(i + 1)
    }
  })

  test('an array that a definition changes behind our back', () => {
    const held = Float32Array.of(1, 1)
    const tx = transformation<EmptyState>({ init: () => ({}), update: (g, s) => [map((x) => mul(x, held), g), s] })
    const p = [Float32Array.of(2, 3)]
    for (let i = 1; i < 5; i++) {
      held.fill(i)
      expect(tx.update(p, {}, p)[0]).toStrictEqual([Float32Array.of(2 * i, 3 * i)])
    }
  })
})

test('an expression of an earlier call says so, and the next calls are as ever', () => {
  let kept: Tree = null
  const tx = transformation<EmptyState>({
    init: () => ({}),
    update: (g, state) => {
      kept = map((x) => mul(x, 2), g)
      return [kept, state]
    }
  })
  const p = [Float32Array.of(1, 2)]
  for (let i = 0; i < 4; i++) expect(tx.update(p, {}, p)[0]).toStrictEqual([Float32Array.of(2, 4)])
  const [stale] = leaves(kept)
  expect(() => read(sum(stale as never))).toThrow(LazyValue)
  expect(() => read(sum(stale as never))).toThrow('an expression belongs to the call of init or update that made it')
  expect(read(sum(mul(Float32Array.of(3), 2)))).toBe(6)
  expect(tx.update(p, {}, p)[0]).toStrictEqual([Float32Array.of(2, 4)])
})

test('a step that fails leaves the next ones alone', () => {
  let isBroken = false
  const tx = transformation<EmptyState>({
    init: () => ({}),
    update: (g, state) => [
      map(
        (x) =>
          add(
            mul(x, 2),
            opaque(
              (a) => {
                if (isBroken) throw new Error('broken')
                return a.data.slice() as Float32Array
              },
              [mul(x, 3)],
              { dtype: 'float32', shape: [2] }
            )
          ),
        g
      ),
      state
    ]
  })
  const p = [Float32Array.of(1, 2)]
  for (let i = 0; i < 8; i++) {
    isBroken = i % 3 === 2
    if (isBroken) expect(() => tx.update(p, {}, p)).toThrow('broken')
    else expect(tx.update(p, {}, p)[0]).toStrictEqual([Float32Array.of(5, 10)])
  }
})

const updatesOf = (tx: AnyGradientTransformation, grads: readonly Float32Array[]): readonly Float32Array[] =>
  (tx.update as unknown as (...args: unknown[]) => readonly [readonly Float32Array[], unknown])(grads, {}, grads)[0]

test('a function that evaluates, with nodes of the graph and with the very transformation', () => {
  const inner = transformation<EmptyState>({ init: () => ({}), update: (g, s) => [map((x) => mul(x, 2), g), s] })
  const tx: AnyGradientTransformation = transformation<EmptyState>({
    init: () => ({}),
    update: (g, state) => {
      const [x] = leaves(g)
      const total = sum(mul(x as never, 10))
      const own = opaque(
        (a) => {
          const data = a.data as Float32Array
          const nested = data.length > 1 ? updatesOf(tx, [data.subarray(1)])[0] : data
          const doubled = inner.update([data], {}, [data])[0][0] as Float32Array
          return doubled.map((y) => y + read(total) + (nested?.length ?? 0))
        },
        [x as never],
        { dtype: 'float32', shape: [(x as { size: number }).size] }
      )
      return [[add(own, total)], state]
    }
  })
  checkSteps(tx, 8, (seed) => [numbers(3, seed)])
})

test('a function that runs the very transformation on the default engine', () => {
  const tx: AnyGradientTransformation = transformation<EmptyState>({
    init: () => ({}),
    update: (g, state) => {
      const [x] = leaves(g)
      const rest = (a: Float32Array): Float32Array =>
        a.length > 1 ? (withEngine(defaultEngine(), () => updatesOf(tx, [a.subarray(1)]))[0] as Float32Array) : a
      const turned = opaque(
        (a) =>
          Float32Array.from({ length: a.data.length }, (_, i) => a.data.at(i) ?? 0).fill(
            rest(a.data as Float32Array)[0] as number,
            1
          ),
        [x as never],
        { dtype: 'float32', shape: [(x as { size: number }).size] }
      )
      return [[add(turned, mul(x as never, 2))], state]
    }
  })
  checkSteps(tx, 6, (seed) => [numbers(4, seed)])
})

test('what is given out is not touched by later steps, and shares nothing', () => {
  const tx = chain(traced(0.9), remembering())
  const p = { w: numbers(6, 1) }
  let state = tx.init(p)
  const kept: (readonly [unknown, unknown])[] = []
  for (let i = 0; i < 6; i++) {
    const [updates, next] = tx.update({ w: numbers(6, i) }, state, p)
    kept.push([[updates, next], structuredClone([updates, next])])
    state = next
  }
  for (const [given, copy] of kept) expect(given).toStrictEqual(copy)
})

test('no array of a step is held once it is over', async () => {
  const tx = chain(clipped(1), traced(0.9))
  const registry: WeakRef<object>[] = []
  const run = (): void => {
    let p = { w: numbers(50_000, 1) }
    let state = tx.init(p)
    for (let i = 0; i < 4; i++) {
      const g = { w: numbers(50_000, i) }
      const [updates, next] = tx.update(g, state, p)
      p = applyUpdates(p, updates)
      state = next
      for (const held of [g.w, p.w, updates.w, next[1].trace])
        registry.push(new WeakRef(leaves(held as Tree)[0] as object))
    }
  }
  run()
  await new Promise((resolve) => setTimeout(resolve, 10))
  collect()
  expect(registry.filter((ref) => ref.deref() !== undefined)).toEqual([])
  // Only here: what it remembers must be alive until now.
  expect(tx).toBeDefined()
})

test('other engines, and engines in turn, are as good', () => {
  const tx = chain(clipped(1), traced(0.9))
  const own = createWasmEngine()
  const p = params(1)
  const state = tx.init(p)
  for (let i = 0; i < 12; i++) {
    const engine = [own, defaultEngine(), reference][i % 3] as typeof own
    const actual = withEngine(engine, () => tx.update(params(i), state, p))
    expect(actual).toStrictEqual(withEngine(reference, () => tx.update(params(i), state, p)))
  }
  for (let i = 0; i < 6; i++) {
    const actual = withEngine(own, () => tx.update(params(i), state, p))
    expect(actual).toStrictEqual(withEngine(reference, () => tx.update(params(i), state, p)))
  }
})

/** An engine that tells of its routines. */
const watchedEngine = () => {
  const engine = createWasmEngine()
  type Watched = { readonly isUseful: boolean; readonly plans: number } & ReturnType<NonNullable<typeof engine.routine>>
  const routines: Watched[] = []
  const routine = (): Watched => {
    const made = (engine.routine as () => Watched)()
    routines.push(made)
    return made
  }
  return { watched: { ...engine, routine }, routines }
}

describe('Repeated', () => {
  const evaluation = (data: Float32Array): number => read(sum(mul(data, 2)))

  test('plans once and repeats it, and gives up where nothing repeats', () => {
    const { watched, routines } = watchedEngine()
    const repeated = new Repeated()
    withEngine(watched, () => {
      for (let i = 0; i < 100; i++) expect(repeated.run(() => evaluation(Float32Array.of(i, 1)))).toBe(2 * i + 2)
    })
    expect(routines.map(({ isUseful, plans }) => [isUseful, plans])).toStrictEqual([[true, 1]])
    const restless = new Repeated()
    withEngine(watched, () => {
      for (let i = 0; i < 100; i++)
        expect(restless.run(() => evaluation(new Float32Array(i + 1).fill(1)))).toBe(2 * i + 2)
    })
    expect(routines[1]?.isUseful).toBe(false)
    expect(routines[1]?.plans).toBe(0)
  })

  test('repeats plans of large graphs, too, and gives up where there are several', () => {
    const { watched, routines } = watchedEngine()
    const deep = (data: Float32Array, depth: number): number => {
      let x = mul(data, 1)
      for (let i = 1; i < depth; i++) x = add(x, 0)
      return read(sum(x))
    }
    const repeated = new Repeated()
    withEngine(watched, () => {
      for (let i = 0; i < 3; i++) expect(repeated.run(() => deep(Float32Array.of(i, 1), 70_000))).toBe(i + 1)
    })
    expect(routines.map(({ isUseful, plans }) => [isUseful, plans])).toStrictEqual([[true, 1]])
    const restless = new Repeated()
    withEngine(watched, () => {
      for (let i = 0; i < 5; i++) expect(restless.run(() => deep(new Float32Array(i + 1).fill(1), 30_000))).toBe(i + 1)
    })
    expect(routines[1]?.isUseful).toBe(false)
  })
})
