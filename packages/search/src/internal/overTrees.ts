import { InvalidOption, InvalidState, InvalidTree, type Key, show } from '@gradchain/core'
import type { SearchStrategy, StopReason } from '../loop/searchStrategy.js'
import { boxOf, clipped, type SearchBounds, type SearchBox } from './box.js'
import { fits, flattened, formOf, leavesOf, type ParamsForm, type SearchVector, unflattened } from './flat.js'
import { lexical, rankOf } from './ranked.js'

/** State of a search over a tree of params: what all of them keep, and what the strategy keeps besides. */
export interface TreeSearchState<Inner> {
  /** What the params look like: a text for each leaf. */
  readonly form: ParamsForm
  /** The bounds of each element, `null` without any. */
  readonly box: SearchBox | null
  /** The start, until it was told; `null` from then on. */
  readonly start: SearchVector | null
  /** What was asked for and is to be told, a list of elements each; `null` when nothing is. */
  readonly asked: readonly SearchVector[] | null
  /** The best that was told, by its elements, and its loss; `null` before there is a finite one. */
  readonly best: { readonly x: SearchVector; readonly loss: number } | null
  /** How many times in a row no loss was finite. */
  readonly failures: number
  /** Whether what was to be asked for next is no finite number; nothing is asked for from then on. */
  readonly isDiverged: boolean
  /** What the strategy keeps. */
  readonly inner: Inner
}

/** A strategy over lists of numbers; losses of trials that failed are ∞. */
export interface FlatStrategy<Inner> {
  /** The state at a start, which is inside the bounds. */
  readonly init: (start: SearchVector, box: SearchBox | null, form: ParamsForm) => Inner
  /** What to evaluate next. */
  readonly ask: (
    inner: Inner,
    key: Key,
    box: SearchBox | null
  ) => readonly [points: readonly SearchVector[], inner: Inner]
  /** The state after the losses of the points, which are as they were evaluated: inside the bounds, rounded. */
  readonly tell: (inner: Inner, points: readonly SearchVector[], losses: SearchVector, box: SearchBox | null) => Inner
  /** Why it makes no sense to go on. */
  readonly stopped: (inner: Inner) => StopReason | null
  /** Whether what it asks for first holds the start; otherwise the start is added to that. */
  readonly asksStart: boolean
}

/** So many times no loss may be finite before a search that never had one gives up. */
const MOST_FAILURES = 20

/** A strategy over trees of params out of one over lists of numbers. */
export const overTrees = <P, Inner>(
  owner: string,
  bounds: SearchBounds | null,
  flat: FlatStrategy<Inner>
): SearchStrategy<P, TreeSearchState<Inner>> => {
  type State = TreeSearchState<Inner>
  const treeOf = (form: ParamsForm, x: SearchVector): P => unflattened(form, x) as P

  return {
    init: (params) => {
      const form = formOf(owner, params)
      const given = flattened(params)
      if (!given.every((x) => Number.isFinite(x))) {
        throw new InvalidTree(
          `${owner}: params must be finite where a search starts, got ${show(given.find((x) => !Number.isFinite(x)))}`
        )
      }
      const box = boxOf(owner, form, bounds)
      const start = flattened(unflattened(form, clipped(given, box)))
      return {
        form,
        box,
        start,
        asked: null,
        best: null,
        failures: 0,
        isDiverged: false,
        inner: flat.init(start, box, form)
      }
    },
    ask: (state, key) => {
      const [points, inner] = sizeOf(state) === 0 ? [[], state.inner] : flat.ask(state.inner, key, state.box)
      const all = state.start === null || (flat.asksStart && points.length > 0) ? points : [state.start, ...points]
      const candidates = all.map((x) => treeOf(state.form, clipped(x, state.box)))
      const asked = candidates.map(flattened)
      if (!asked.every((x) => x.every(Number.isFinite))) return [[], { ...state, asked: [], isDiverged: true }]
      return [candidates, { ...state, asked, inner }]
    },
    tell: (state, candidates, losses) => {
      const { asked } = state
      if (asked === null)
        throw new InvalidState(`${owner}: tell needs a state that ask gave, got one that waits for nothing`)
      const found = lossesOf(owner, state.form, asked, candidates, losses)
      let best = state.best
      asked.forEach((x, i) => {
        const loss = found[i] as number
        if (loss === Infinity || (best !== null && loss >= best.loss)) return
        best = { x, loss }
      })
      const failures = found.some((loss) => loss < Infinity) ? 0 : state.failures + 1
      const withStart = state.start !== null && !(flat.asksStart && sizeOf(state) > 0)
      const [points, own] = withStart ? [asked.slice(1), found.slice(1)] : [asked, found]
      const inner = points.length === 0 ? state.inner : flat.tell(state.inner, points, own, state.box)
      return { ...state, start: null, asked: null, best, failures, inner }
    },
    best: ({ form, best }) => (best === null ? null : { candidate: treeOf(form, best.x), loss: best.loss }),
    stopped: (state: State) => {
      const { start, best, failures, inner, isDiverged } = state
      if (isDiverged) return 'diverged'
      if (best === null && failures >= MOST_FAILURES) return 'notFinite'
      if (sizeOf(state) === 0) return start === null ? 'exhausted' : null
      const reason = flat.stopped(inner)
      return reason !== null && best === null && failures > 0 ? 'notFinite' : reason
    }
  }
}

const sizeOf = ({ form }: TreeSearchState<unknown>): number =>
  leavesOf(form).reduce((total, { size }) => total + size, 0)

/** The loss of each point asked for: what was told is told apart by what it is, in whatever order it came. */
const lossesOf = (
  owner: string,
  form: ParamsForm,
  asked: readonly SearchVector[],
  candidates: readonly unknown[],
  losses: readonly number[]
): number[] => {
  if (candidates.length !== asked.length || losses.length !== asked.length) {
    throw new InvalidOption(
      `${owner}: tell must have a loss for each of the ${asked.length} candidates asked for, got ${candidates.length} candidates and ${losses.length} losses`
    )
  }
  const told = candidates.map((candidate) => {
    if (!fits(form, candidate)) throw new InvalidTree(`${owner}: candidates must have the structure of the params`)
    return flattened(candidate)
  })
  const ranks = Array.from(losses, (loss) => {
    if (typeof loss !== 'number') throw new InvalidOption(`${owner}: losses must be numbers, got ${show(loss)}`)
    return rankOf(loss)
  })
  const indices = (points: readonly SearchVector[]): number[] => points.map((_, i) => i)
  const places = indices(asked).sort((i, j) => lexical(asked[i] as SearchVector, asked[j] as SearchVector) || i - j)
  // The same point twice: the lower loss is that of the first, whichever was told first.
  const order = indices(told).sort(
    (i, j) =>
      lexical(told[i] as SearchVector, told[j] as SearchVector) || compared(ranks[i] as number, ranks[j] as number)
  )
  const found = new Array<number>(asked.length)
  places.forEach((place, k) => {
    const i = order[k] as number
    if (lexical(asked[place] as SearchVector, told[i] as SearchVector) !== 0) {
      throw new InvalidOption(`${owner}: candidates must be those that were asked for, got others`)
    }
    found[place] = ranks[i] as number
  })
  return found
}

const compared = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0)
