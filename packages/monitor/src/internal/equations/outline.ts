// What was seen in many steps, put together: which lines there are, when, and for which leaves.
import type { AnyGradientTransformation, Expr, Origin } from '@gradchain/core'
import { originOf } from '@gradchain/core/engine'
import { Converter, isCondition, type Kind } from './convert.js'
import { type Atom, fit } from './fit.js'
import type { Equation, Frame, Recording, Sample } from './record.js'
import { shownCall, shownValue } from './shown.js'
import { bare, type Part, type Sym, type Term, type TermOf, Terms } from './terms.js'

/** A line: what stands on the left is what stands on the right. */
export interface Line {
  readonly what: 'line'
  readonly left: readonly Term[]
  readonly right: Term
  /** The leaves that it is about; `null` where it is about all that there are. */
  readonly leaves: readonly string[] | null
  /** Whether it is what there is before the first step. */
  readonly isStart: boolean
}

/** A sentence, with formulas in it. */
export interface Note {
  readonly what: 'note'
  readonly parts: readonly (string | Term)[]
  /** Where it is about the value of a schedule, that. */
  readonly schedule?: ((step: number) => number) | undefined
}

/** What goes on in a transformation. */
export interface Block {
  readonly what: 'block'
  /** The same for the same calls. */
  readonly key: string
  readonly title: string
  readonly leaves: readonly string[] | null
  readonly items: readonly Item[]
}

/** What is done at some steps. */
export interface Case {
  readonly what: 'case'
  readonly when: string
  readonly items: readonly Item[]
}

/** A part of an explanation. */
export type Item = Line | Note | Block | Case

/** Used more often, and this much to write: worth a name. */
const WORTH_A_NAME = 4

/** The calls of one transformation at one place, over all samples. */
interface Group {
  readonly frames: readonly Frame[]
  readonly steps: readonly number[]
  readonly outer: readonly Origin[]
}

/** Calls that differ in their numbers alone. */
interface Alike {
  readonly frames: readonly Frame[]
  readonly steps: readonly number[]
  /** The place of what counts the steps. */
  readonly count: string | undefined
}

/** All there is to say about what was recorded. */
export const outline = (tx: AnyGradientTransformation, recording: Recording): readonly Item[] => {
  const terms = new Terms()
  const { samples } = recording
  const all = new Set(samples.flatMap(({ root }) => [...root.leaves]))
  const writer = new Outliner(recording, terms, all)
  const top = writer.block(
    { frames: samples.map(({ root }) => root), steps: samples.map(({ step }) => step), outer: [] },
    originOf(tx.update)
  )
  return [top, ...writer.applied(samples)]
}

class Outliner {
  readonly #recording: Recording
  readonly #terms: Terms
  readonly #all: ReadonlySet<string>
  readonly #begun = new Set<string>()
  readonly #schedulesMet = new Map<object, number>()
  /** All calls at one place, whenever they were made. */
  readonly #calls = new Map<string, { readonly frames: Frame[]; readonly steps: number[] }>()
  readonly #blocks = new Map<string, Block>()

  constructor(recording: Recording, terms: Terms, all: ReadonlySet<string>) {
    this.#recording = recording
    this.#terms = terms
    this.#all = all
    const look = (frame: Frame, step: number): void => {
      const known = this.#calls.get(frame.key) ?? { frames: [], steps: [] }
      this.#calls.set(frame.key, known)
      known.frames.push(frame)
      known.steps.push(step)
      for (const event of frame.events) if ('key' in event) look(event, step)
    }
    for (const { root, step } of recording.samples) look(root, step)
  }

  /** What goes on in a call, wherever else it is made. */
  #called({ key, origin }: Frame, outer: readonly Origin[]): Block {
    const calls = this.#calls.get(key) ?? { frames: [], steps: [] }
    const block = this.#blocks.get(key) ?? this.block({ ...calls, outer }, origin)
    this.#blocks.set(key, block)
    return block
  }

  /** What becomes of the params. */
  applied(samples: readonly Sample[]): readonly Item[] {
    const terms = this.#terms
    const [first] = samples
    if (first === undefined) return []
    const byForm = new Map<number, { readonly line: Line; readonly leaves: string[] }>()
    for (const [leaf, value] of first.updates) {
      const symbol = typeof value === 'number' ? undefined : this.#recording.symbolOf(value)
      if (symbol === undefined) continue
      const p = terms.symbol({ family: { key: 'param', kind: 'param', field: 'p' }, leaf, when: 'now' })
      const right = terms.sum([p, terms.symbol(symbol)])
      const known = byForm.get(right.generic)
      if (known !== undefined) known.leaves.push(leaf)
      else
        byForm.set(right.generic, {
          line: { what: 'line', left: [p], right, leaves: null, isStart: false },
          leaves: [leaf]
        })
    }
    return [...byForm.values()].map(({ line, leaves }) => ({ ...line, leaves: byForm.size === 1 ? null : leaves }))
  }

  block(group: Group, made: Origin | undefined): Block {
    const [first] = group.frames as readonly [Frame]
    const title = made === undefined ? 'a transformation that does not say how it was made' : shownCall(made)
    const own = new Set(group.frames.flatMap(({ leaves }) => [...leaves]))
    const outer = made === undefined ? group.outer : [made, ...group.outer]
    const kinds = this.#kinds(group)
    const steps = kinds.map(({ steps }) => steps)
    const cases = kinds.map(
      (kind, i): Case => ({ what: 'case', when: whenOf(steps, i), items: this.#items(kind, outer, own) })
    )
    const [only] = cases
    const items = cases.length === 1 ? (only as Case).items : together(cases)
    return {
      what: 'block',
      key: first.key,
      title,
      leaves: first.key !== 'top' && own.size < this.#all.size && isPart(own, this.#all) ? [...own] : null,
      items
    }
  }

  /** The steps at which the same is done, with other numbers. */
  #kinds({ frames, steps }: Group): readonly Alike[] {
    const count = placeOfCount(frames)
    const counted = count === undefined ? steps : frames.map(({ after }) => after.get(count) as number)
    const byForm = new Map<string, { frames: Frame[]; steps: number[] }>()
    frames.forEach((frame, i) => {
      const form = this.#formOf(frame)
      const kind = byForm.get(form) ?? { frames: [], steps: [] }
      kind.frames.push(frame)
      kind.steps.push(counted[i] as number)
      byForm.set(form, kind)
    })
    return [...byForm.values()].map((kind) => ({ ...kind, count }))
  }

  /** A text that is the same for graphs that differ in their numbers alone. */
  #formOf(frame: Frame): string {
    const ids = new Map<Expr, number>()
    const form = (x: Expr | number): string => {
      if (typeof x === 'number') return '#'
      const sym = this.#recording.symbolOf(x)
      if (sym !== undefined) return `${sym.family.key}@${sym.leaf}${sym.when}`
      const id = ids.get(x)
      if (id !== undefined) return `$${id}`
      ids.set(x, ids.size)
      const node = this.#recording.nodeOf(x)
      const more = node.name === 'reduce' ? `${node.by}${node.axes}` : node.name === 'permute' ? String(node.order) : ''
      return `${node.name}${more}(${node.operands.map(form).join()})`
    }
    return frame.events
      .map((event) =>
        'key' in event ? `call ${event.key}` : `${event.target.family.key}@${event.target.leaf}=${form(event.value)}`
      )
      .join(';')
  }

  #items({ frames, steps, count }: Alike, outer: readonly Origin[], own: ReadonlySet<string>): readonly Item[] {
    const terms = this.#terms
    const [first] = frames as readonly [Frame]
    const step = terms.symbol({ family: { key: 'step', kind: 'step', field: 't' }, leaf: null, when: 'now' })
    const notes = new Map<Term, Note>()
    const remembered = this.#remembered(frames, count)
    const atoms: Atom[] = [...this.#schedules(outer, steps, notes), ...this.#given(frames), ...remembered]
    const kind: Kind = {
      frames,
      steps,
      atoms,
      numbers: outer.flatMap((origin) => numbersIn(origin)),
      known: { steps, step }
    }
    const equations = first.events.flatMap((event, at) => ('key' in event ? [] : [{ event, at }]))
    const at = (frame: Frame, i: number): Equation => frame.events[i] as Equation
    const converter = new Converter(
      this.#recording,
      terms,
      kind,
      equations.map(({ event }) => event.value)
    )
    const reads = first.reads.flatMap((root, i) => {
      const roots = frames.map((frame) => frame.reads[i])
      const values = roots.map((x) => (x === undefined ? Number.NaN : valueOf(this.#recording, x)))
      if (!root.isScalar || values.some(Number.isNaN)) return []
      return [{ term: converter.convert(roots as readonly Expr[]), values }]
    })
    atoms.push(...reads)

    // For each symbol what it is for the leaves, those alike together.
    interface Variant {
      readonly line: Line
      readonly leaves: string[]
    }
    const lines = new Map<string, { readonly at: number; readonly variants: Map<number, Variant> }>()
    for (const { event, at: i } of equations) {
      const { target } = event
      const right = this.#ordered(
        converter.convert(
          frames.map((frame) => at(frame, i).value),
          true
        ),
        target
      )
      const key = `${target.family.key}|${target.when}`
      const known = lines.get(key) ?? { at: i, variants: new Map<number, Variant>() }
      lines.set(key, known)
      const variant = known.variants.get(right.generic)
      if (variant !== undefined) variant.leaves.push(target.leaf ?? '')
      else {
        const line: Line = { what: 'line', left: [terms.symbol(target)], right, leaves: null, isStart: false }
        known.variants.set(right.generic, { line, leaves: [target.leaf ?? ''] })
      }
    }
    const kept = [...lines].map(([key, { at, variants }]) => {
      const found = [...variants.values()].map(
        ({ line, leaves }): Line => ({ ...line, leaves: variants.size === 1 ? null : leaves })
      )
      return { key, at, lines: found }
    })
    const named = this.#worthNames(
      kept.flatMap(({ lines: some }) => some.map(({ right }) => right)),
      converter
    )

    const items: Item[] = []
    const pending = new Map(kept.map((entry) => [entry.key, entry]))
    const isSaid = new Set<Term>()
    const before = new Set<Term>()
    const need = (term: Term): void => {
      if (isSaid.has(term)) return
      isSaid.add(term)
      if (term.kind === 'symbol') {
        const { family, when } = term.symbol
        const entry = pending.get(`${family.key}|${when}`)
        if (entry !== undefined) say(entry)
        const hat = converter.hats.get(term)
        if (hat !== undefined) define(hat)
        const note = notes.get(term)
        if (note !== undefined) items.push(note)
        if (family.kind === 'array')
          items.push({ what: 'note', parts: [term, ': numbers that are drawn, or come from outside'] })
        const number = converter.unexplained.get(family.key)
        if (number !== undefined) items.push(listed(number.term, number.values, steps))
        if (family.kind === 'state' && when === 'before') before.add(term)
        const kept = remembered.find((one) => one.term === term)
        if (kept !== undefined) {
          const next = terms.symbol({ ...term.symbol, when: 'after' })
          const right = fit(terms, kept.after, { steps, step, decays: [], atoms })
          if (right !== null && right !== next)
            items.push({ what: 'line', left: [next], right, leaves: null, isStart: false })
        }
      }
      for (const child of childrenOf(term)) need(child)
      const part = named.get(term)
      if (part !== undefined)
        items.push({
          what: 'line',
          left: [part.symbol],
          right: this.#inlined(bare(term), named, true),
          leaves: null,
          isStart: false
        })
    }
    const saidForms = new Set<number>()
    const define = ({ symbol, value }: Part): void => {
      need(value)
      if (saidForms.has(symbol.generic)) return
      saidForms.add(symbol.generic)
      items.push({
        what: 'line',
        left: [symbol],
        right: this.#inlined(value, named, false),
        leaves: null,
        isStart: false
      })
    }
    const say = (entry: (typeof kept)[number]): void => {
      pending.delete(entry.key)
      for (const { right } of entry.lines) need(right)
      for (const line of entry.lines) items.push({ ...line, right: this.#inlined(line.right, named, false) })
    }
    first.events.forEach((event, i) => {
      if (!('key' in event)) {
        const entry = kept.find((one) => one.at === i)
        if (entry !== undefined && pending.has(entry.key)) say(entry)
        return
      }
      const block = this.#called(event, outer)
      // What does not say how it was made is part of what it was made for.
      if (event.leaves.size > 0) items.push(...(event.origin === undefined ? block.items : [block]))
    })
    const mentioned = new Set(isSaid)
    for (const { term } of reads) {
      if (!mentioned.has(term) && term.kind !== 'number')
        items.push({ what: 'note', parts: ['what the host decides by: ', this.#inlined(term, named, false)] })
    }
    return [...this.#starts(before, own), ...unique(items)]
  }

  /** What was remembered comes first in what is remembered next. */
  #ordered(right: Term, target: Sym): Term {
    if (right.kind !== 'sum' || target.family.kind !== 'state') return right
    const known = new Map<Term, boolean>()
    const mentions = (term: Term): boolean => {
      const found =
        known.get(term) ??
        (term.kind === 'symbol' ? term.symbol.family === target.family : childrenOf(term).some(mentions))
      known.set(term, found)
      return found
    }
    return this.#terms.ordered(right, (a, b) => Number(mentions(b)) - Number(mentions(a)))
  }

  /** The parts that stand in several places and are long. */
  #worthNames(roots: readonly Term[], converter: Converter): ReadonlyMap<Term, Part> {
    const uses = new Map<Term, number>()
    const visit = (term: Term): void => {
      const before = uses.get(term) ?? 0
      uses.set(term, before + 1)
      if (before > 0) return
      if (term.kind === 'symbol') {
        const hat = converter.hats.get(term)
        if (hat !== undefined) visit(hat.value)
      }
      for (const child of childrenOf(term)) visit(child)
    }
    for (const root of new Set(roots)) visit(root)
    const named = new Map<Term, Part>()
    for (const [term, count] of uses) {
      if (term.kind !== 'part' || count < 2 || term.weight < WORTH_A_NAME + 1 || isCondition(bare(term))) continue
      const { generic, leaf } = term
      const family = { key: `part ${generic}`, kind: 'part', field: '' } as const
      named.set(term, { symbol: this.#terms.symbol({ family, leaf: leaf ?? null, when: 'now' }), value: term.inner })
    }
    return named
  }

  /** A formula with names for what has one. */
  #inlined(term: Term, named: ReadonlyMap<Term, Part>, isOwn: boolean): Term {
    const terms = this.#terms
    const memo = new Map<Term, Term>()
    const go = (x: Term, isFirst: boolean): Term => {
      const known = memo.get(x)
      if (known !== undefined) return known
      const made = isFirst ? opened(x) : (named.get(x)?.symbol ?? opened(x))
      memo.set(x, made)
      return made
    }
    const opened = (x: Term): Term => {
      switch (x.kind) {
        case 'part':
          return go(x.inner, false)
        case 'sum':
          return terms.sum(x.terms.map((one) => go(one, false)))
        case 'product':
          return terms.product(
            x.coefficient,
            x.factors.map(({ base, exponent }) => ({ base: go(base, false), exponent }))
          )
        case 'power':
          return terms.power(go(x.base, false), go(x.exponent, false))
        case 'call':
          return terms.call(
            x.name,
            x.args.map((one) => go(one, false)),
            x.scope
          )
        default:
          return x
      }
    }
    return go(term, isOwn)
  }

  /** What is remembered, before the first step. */
  #starts(before: ReadonlySet<Term>, own: ReadonlySet<string>): readonly Line[] {
    const terms = this.#terms
    const families = new Set([...before].map((term) => (term as TermOf<'symbol'>).symbol.family))
    const byForm = new Map<string, { readonly left: Term[]; readonly right: Term; readonly leaves: Set<string> }>()
    const perFamily = new Map<string, Set<number>>()
    const found: { readonly target: Sym; readonly right: Term }[] = []
    for (const { target, value } of this.#recording.initial) {
      if (!families.has(target.family) || this.#begun.has(target.family.key)) continue
      const kind: Kind = {
        frames: [{ ...EMPTY, leaves: new Set(this.#all) }],
        steps: [0],
        atoms: [],
        numbers: [],
        known: { steps: [0], step: terms.number(0) }
      }
      const right = this.#inlined(
        new Converter(this.#recording, terms, kind, [value]).convert([value], true),
        new Map(),
        false
      )
      found.push({ target, right })
      perFamily.set(target.family.key, (perFamily.get(target.family.key) ?? new Set()).add(right.generic))
    }
    for (const { target, right } of found) {
      const several = (perFamily.get(target.family.key)?.size ?? 1) > 1
      const key = `${several ? target.family.key : ''} ${right.generic}`
      const known = byForm.get(key) ?? { left: [], right, leaves: new Set<string>() }
      byForm.set(key, known)
      if (!known.left.some((term) => term.kind === 'symbol' && term.symbol.family === target.family))
        known.left.push(terms.symbol(target))
      if (several && target.leaf !== null) known.leaves.add(target.leaf)
    }
    for (const { key } of families) this.#begun.add(key)
    return [...byForm.values()].map(({ left, right, leaves }) => ({
      what: 'line',
      left,
      right,
      leaves: leaves.size === 0 || leaves.size === own.size ? null : [...leaves],
      isStart: true
    }))
  }

  /** Schedules among what something was made with. */
  #schedules(outer: readonly Origin[], steps: readonly number[], notes: Map<Term, Note>): readonly Atom[] {
    return outer.flatMap((origin) =>
      functionsIn(origin).flatMap(({ f, place }) => {
        const made = originOf(f)
        if (made === undefined && !/rate|schedule|decay|^0$/i.test(place)) return []
        const values = steps.map((t) => valueAt(f, t - 1))
        if (!values.every(Number.isFinite)) return []
        const isRate =
          /scaleByLearningRate|scaleBySchedule/.test(origin[0]) ||
          /learningRate/.test(place) ||
          outer.indexOf(origin) > 0
        const id = this.#schedulesMet.get(f) ?? this.#schedulesMet.size
        this.#schedulesMet.set(f, id)
        const family = { key: `rate ${id}`, kind: 'rate', field: isRate ? 'α' : 's' } as const
        const term = this.#terms.symbol({ family, leaf: null, when: 'after' })
        const what = made === undefined ? 'a function of yours' : shownCall(made)
        notes.set(term, { what: 'note', parts: [term, ` = ${what} at step t − 1`], schedule: f })
        return [{ term, values }]
      })
    )
  }

  /** Numbers that come from outside. */
  #given(frames: readonly Frame[]): readonly Atom[] {
    const [first] = frames as readonly [Frame]
    return Object.keys(first.extra).map((field) => ({
      term: this.#terms.symbol({ family: { key: `extra ${field}`, kind: 'extra', field }, leaf: null, when: 'now' }),
      values: frames.map(({ extra }) => extra[field] ?? Number.NaN)
    }))
  }

  /** Numbers that the host remembers, but for what counts the steps. */
  #remembered(
    frames: readonly Frame[],
    count: string | undefined
  ): readonly (Atom & { readonly after: readonly number[] })[] {
    const [first] = frames as readonly [Frame]
    return [...first.before.keys()].flatMap((place) => {
      const values = frames.map(({ before }) => before.get(place) ?? Number.NaN)
      const isSame = values.every((value) => value === values[0])
      if (place === count || isSame || values.some(Number.isNaN)) return []
      const field =
        place
          .split('.')
          .reverse()
          .find((part) => !/^\d+$/.test(part)) ?? place
      const family = { key: `host ${first.key} ${place}`, kind: 'state', field } as const
      const after = frames.map((frame) => frame.after.get(place) ?? Number.NaN)
      return [{ term: this.#terms.symbol({ family, leaf: null, when: 'before' }), values, after }]
    })
  }
}

const EMPTY: Frame = {
  ...{ key: 'start', origin: undefined, events: [], before: new Map(), after: new Map(), reads: [] },
  ...{ named: new Map(), leaves: new Set<string>(), extra: {} }
}

/** What is done in all cases first, then the cases; what is done in any other comes last. */
const together = (cases: readonly Case[]): readonly Item[] => {
  const [first, ...others] = cases as readonly [Case, ...Case[]]
  const common: Item[] = []
  const varied = new Set<number>()
  const keys = others.map(({ items }) => new Set(items.map(keyOf)))
  const starts = cases.flatMap(({ items }) => items.filter((item) => item.what === 'line' && item.isStart))
  for (const item of first.items.filter((one) => one.what !== 'line' || !one.isStart)) {
    const isEverywhere = keys.every((known) => known.has(keyOf(item))) && (item.what !== 'block' || varied.size === 0)
    const needs =
      item.what === 'line'
        ? symbolsIn(item.right)
        : item.what === 'note'
          ? item.parts.flatMap((part) => (typeof part === 'string' ? [] : symbolsIn(part)))
          : []
    if (isEverywhere && !needs.some((symbol) => varied.has(symbol))) common.push(item)
    else if (item.what === 'line') for (const { generic } of item.left) varied.add(generic)
  }
  const said = new Set([...starts, ...common].map(keyOf))
  const rest = cases
    .map(({ items, ...known }): Case => ({ ...known, items: items.filter((item) => !said.has(keyOf(item))) }))
    .sort((a, b) => Number(a.when === OTHERWISE) - Number(b.when === OTHERWISE))
  const isMore = rest.some(({ items }) => items.length > 0)
  return [...unique([...starts, ...common]), ...(isMore ? rest : [])]
}

/** A text that is the same for items that say the same. */
const keyOf = (item: Item): string => {
  if (item.what === 'line') return `${item.left.map(({ generic }) => generic)}=${item.right.generic}@${item.leaves}`
  if (item.what === 'note') return item.parts.map((part) => (typeof part === 'string' ? part : part.generic)).join(' ')
  return `${item.what} ${item.what === 'block' ? item.key : item.when}`
}

const symbolsIn = (root: Term): readonly number[] => {
  const seen = new Set<Term>()
  const visit = (term: Term): void => {
    if (seen.has(term)) return
    seen.add(term)
    for (const child of childrenOf(term)) visit(child)
  }
  visit(root)
  return [...seen].flatMap((term) => (term.kind === 'symbol' ? [term.generic] : []))
}

const isPart = (some: ReadonlySet<string>, all: ReadonlySet<string>): boolean =>
  [...some].every((leaf) => all.has(leaf))

/** What stands below a formula. */
const childrenOf = (term: Term): readonly Term[] => {
  switch (term.kind) {
    case 'part':
      return [term.inner]
    case 'sum':
      return term.terms
    case 'product':
      return term.factors.map(({ base }) => base)
    case 'power':
      return [term.base, term.exponent]
    case 'call':
      return term.args
    default:
      return []
  }
}

const unique = (items: readonly Item[]): readonly Item[] => {
  const seen = new Set<string>()
  return items.filter((item) => {
    const key = keyOf(item)
    const isNew = item.what !== 'line' || !seen.has(key)
    seen.add(key)
    return isNew
  })
}

const listed = (term: Term, values: readonly number[], steps: readonly number[]): Note => {
  const few = values.slice(0, 3).map((value) => shownValue(Number(value.toPrecision(4))))
  const more = values.length > 3 ? ', …' : ''
  return {
    what: 'note',
    parts: [
      term,
      `: a number that the host computes, ${few.join(', ')}${more} for t = ${steps.slice(0, 3).join(', ')}${more}`
    ]
  }
}

/** The place of what counts the steps, and what it says after each. */
const placeOfCount = (frames: readonly Frame[]): string | undefined => {
  const [first] = frames as readonly [Frame]
  const places = [...first.before.keys()].filter((place) =>
    frames.every(({ before, after }) => after.get(place) === (before.get(place) ?? Number.NaN) + 1)
  )
  return places.find((place) => /(^|\.)count$/.test(place)) ?? places[0]
}

const OTHERWISE = 'otherwise'

/** When it is that one of several things is done. */
const whenOf = (all: readonly (readonly number[])[], i: number): string => {
  const own = all[i] as readonly number[]
  const others = all.flatMap((steps, j) => (j === i ? [] : steps))
  const [least, most] = [Math.min(...own), Math.max(...own)]
  if (others.every((step) => step > most)) return most === least ? `at t = ${least}` : `for t ≤ ${most}`
  if (others.every((step) => step < least)) return `for t ≥ ${least}`
  const period = periodOf(own, others)
  if (period !== null) return period
  const isLargest = all.every((steps, j) => j === i || steps.length < own.length)
  if (isLargest) return OTHERWISE
  return `at t = ${own.slice(0, 4).join(', ')}${own.length > 4 ? ', …' : ''}`
}

const periodOf = (own: readonly number[], others: readonly number[]): string | null => {
  const all = [...own, ...others].sort((a, b) => a - b)
  const end = all.find((step, i) => all[i + 1] !== step + 1) ?? 0
  const inRow = own.filter((step) => step <= end)
  const [first, second] = inRow
  if (first === undefined || second === undefined || second - first < 2) return null
  const k = second - first
  const isOwn = (step: number): boolean => step >= first && (step - first) % k === 0
  const fits = all.every((step) => step > end || inRow.includes(step) === isOwn(step))
  return fits ? `at t = ${first}, ${first + k}, ${first + 2 * k}, …` : null
}

const valueAt = (f: (step: number) => unknown, step: number): number => {
  try {
    const value = f(step)
    return typeof value === 'number' ? value : Number.NaN
  } catch {
    return Number.NaN
  }
}

const valueOf = ({ nodeOf }: Recording, x: Expr): number => {
  const value = x.isScalar && x.op === 0 ? x.value : nodeOf(x)
  return typeof value === 'number' ? value : Number.NaN
}

interface Place {
  readonly f: (step: number) => number
  readonly place: string
}

const functionsIn = (origin: Origin): readonly Place[] =>
  origin.slice(1).flatMap((given, i): readonly Place[] => {
    if (typeof given === 'function') return [{ f: given as Place['f'], place: String(i) }]
    if (typeof given !== 'object' || given === null || Array.isArray(given) || 'update' in given) return []
    return Object.entries(given).flatMap(([place, f]) =>
      typeof f === 'function' ? [{ f: f as Place['f'], place }] : []
    )
  })

const numbersIn = (origin: Origin): readonly number[] =>
  origin.slice(1).flatMap((given) => {
    if (typeof given === 'number') return [given]
    if (typeof given !== 'object' || given === null || ArrayBuffer.isView(given) || 'update' in given) return []
    return Object.values(given).filter((value): value is number => typeof value === 'number')
  })
