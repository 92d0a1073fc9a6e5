// Packed words are no numbers, though their dtype has some: what passes them through an operation changes those that look like
// NaN. So a wrapper may keep the state of what it wraps, or take another, and nothing else; one that selects elements of it, or
// averages them, gives other updates than around a pair whose state it cannot see.
import {
  type AnyGradientTransformation,
  add,
  cast,
  castLike,
  definitionOf,
  force,
  InvalidOption,
  InvalidState,
  type Leaf,
  mul,
  type Operand,
  quantizedState,
  reshape,
  shapeOf,
  step,
  type Tree,
  trace,
  transformation,
  transient,
  tree,
  where
} from 'gradchain'
import { describe, expect, test } from 'vitest'
import { wrappers } from '../catalogue/wrappers.js'
import { titleOf } from './checkRows.js'

const STEPS = 6

/** Half of the elements are the largest: their codes, beside other ones, make words look like NaN. */
const wave = (t: number, length = 700): Float32Array =>
  Float32Array.from({ length }, (_, i) => (i % 4 === 0 || i % 4 === 3 ? 0.2 : 0.11 + 0.08 * Math.sin(1.7 * i + t)))
const params = { w: wave(0), v: wave(2, 701), b: Float32Array.of(1, 2, 3) }
/** Gradients, of which one is not finite. */
const gradsAt = (t: number): typeof params => {
  const w = wave(t)
  if (t === 3) w.fill(Number.NaN, 0, 3)
  return { w, v: wave(-t, 701), b: Float32Array.of(t, -1, 0.5) }
}
/** What sharpness-aware and other wrappers ask for. */
const extraAt = (t: number): unknown => ({ value: 1, valueFn: () => 1, gradFn: () => gradsAt(t) })

interface Erased {
  readonly init: (params: unknown) => unknown
  readonly update: (...given: readonly unknown[]) => readonly [unknown, unknown]
}
const erased = (tx: AnyGradientTransformation): Erased => tx as unknown as Erased

const isPacked = (leaf: unknown): leaf is { readonly data: Uint16Array } =>
  typeof leaf === 'object' && leaf !== null && 'dtype' in leaf && leaf.dtype === 'bfloat16'
const looksLikeNaN = (word: number): boolean => (word & 0x7fff) > 0x7f80

/** A state as no tree. */
class Hidden {
  readonly #state: unknown

  constructor(state: unknown) {
    this.#state = state
  }

  get state(): unknown {
    return this.#state
  }
}

/** The same as a pair of functions, whose state nobody can look into; it tells what it is given. */
const bare = (tx: AnyGradientTransformation, tell: (state: Tree<Leaf>) => void): AnyGradientTransformation => ({
  init: (p) => new Hidden(tx.init(p)),
  update: (updates, hidden, p, extra) => {
    const { state } = hidden as Hidden
    tell((state as { readonly innerState: Tree<Leaf> }).innerState)
    const [u, next] = tx.update(updates, state, p, extra)
    return [u, new Hidden(next)]
  }
})

const rows = wrappers.filter(({ without }) => without?.['wrapsBarePairs'] === undefined)

describe.each(rows.map((row) => [titleOf(row), row] as const))('%s', (_, row) => {
  const inner = (): AnyGradientTransformation => quantizedState(trace(0.9), { atLeast: 4 })

  test('hands on the words of its inner state as they are', () => {
    let found = 0
    const count = (state: Tree<Leaf>): void => {
      for (const leaf of tree.leaves(state)) if (isPacked(leaf)) found += leaf.data.filter(looksLikeNaN).length
    }
    const [ours, theirs] = [erased(row.make()(inner())), erased(row.make()(bare(inner(), count)))]
    let [state, hidden] = [ours.init(params), theirs.init(params)]
    for (let t = 1; t <= STEPS; t++) {
      const [updates, next] = ours.update(gradsAt(t), state, params, extraAt(t))
      const [wanted, nextHidden] = theirs.update(gradsAt(t), hidden, params, extraAt(t))
      expect(updates).toStrictEqual(wanted)
      ;[state, hidden] = [next, nextHidden]
    }
    expect(found).toBeGreaterThan(10)
  })

  test('does so in every way of taking a step', () => {
    const optimizer = row.make()(inner())
    const run = transient(optimizer, params as never)
    let [at, state]: readonly [unknown, unknown] = [params, erased(optimizer).init(params)]
    for (let t = 1; t <= STEPS; t++) {
      const given = [gradsAt(t), state, at, extraAt(t)] as const
      ;[at, state] = (step as unknown as Erased['update'])(optimizer, ...given)
      run.step(gradsAt(t) as never, extraAt(t) as never)
    }
    const last = run.snapshot()
    expect(last).toStrictEqual({ params: at, state })
    run.dispose()
  })
})

describe('a state that a user computed with', () => {
  const tx = quantizedState(trace(0.9), { atLeast: 4 })
  const [, state] = tx.update(params, tx.init(params), params)
  const { innerState } = state
  /** The state with other words. */
  const withWords = (f: (x: Operand) => Operand): never =>
    ({ ...state, innerState: force(tree.map(f, innerState as unknown as Tree) as Tree) }) as never
  const ways: Readonly<Record<string, (state: never) => unknown>> = {
    update: (given) => tx.update(params, given, params),
    step: (given) => step(tx, params, given, params),
    transient: (given) => transient(tx, params, { state: given }).dispose()
  }

  test.each(Object.keys(ways))('is refused by %s, as what comes out of arithmetic is float32', (way) => {
    const run = ways[way] as (state: never) => unknown
    for (const f of [
      (x: Operand) => where(1, x, 0),
      (x: Operand) => add(mul(0.5, x), mul(0.5, x)),
      (x: Operand) => cast(x, 'float32')
    ]) {
      expect(() => run(withWords(f))).toThrow(InvalidState)
      expect(() => run(withWords(f))).toThrow(
        'state.innerState.trace.w has dtype float32, a fresh one has dtype bfloat16'
      )
    }
  })

  test('means 0 where it is zeros', () => {
    const [fresh] = tx.update(params, tx.init(params), params)
    const zeros = { ...state, innerState: force(tree.zerosLike(innerState as unknown as Tree) as Tree) } as never
    expect(tx.update(params, zeros, params)[0]).toStrictEqual(fresh)
  })

  test('is refused inside of a transformation, though it be rounded to words again', () => {
    type State = { readonly last: Tree }
    const inner = definitionOf('packed', tx as AnyGradientTransformation)
    const having = (other: (now: Operand, last: Operand) => Operand, isBefore: boolean): AnyGradientTransformation =>
      transformation<State>({
        init: (p) => ({ last: inner.init(p) as Tree }),
        update: (updates, { last }, p) => {
          const mixed = (now: Tree): Tree => tree.map((x: Operand, y: Operand): Operand => other(x, y), now, last)
          const [u, next] = inner.update(updates, isBefore ? mixed(last) : last, p, undefined) as readonly [Tree, Tree]
          return [u, { last: isBefore ? next : mixed(next) }]
        }
      })
    const run = (by: AnyGradientTransformation): unknown => erased(by).update(params, erased(by).init(params), params)
    const others: Readonly<Record<string, (now: Operand, last: Operand) => Operand>> = {
      where: (now, last) => castLike(where(0, now, last), last),
      'a mean': (now, last) => castLike(add(mul(0.5, now), mul(0.5, last)), last),
      reshape: (now) => (typeof now === 'number' ? now : reshape(now, shapeOf(now)))
    }
    for (const [name, other] of Object.entries(others)) {
      expect(() => run(having(other, false)), name).toThrow(
        new InvalidOption('quantize: words are no numbers and no operand of an operation; dequantize them first')
      )
      expect(() => run(having(other, true)), name).toThrow(
        new InvalidOption('dequantize: words must be what quantize gave, as it is, got what an operation made of some')
      )
    }
    expect(() => run(having((now) => now, false))).not.toThrow()
    expect(() => run(having((_, last) => tree.zerosLike(last) as Operand, true))).not.toThrow()
  })
})
