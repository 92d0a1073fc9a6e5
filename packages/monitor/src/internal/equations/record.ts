import {
  type AnyGradientTransformation,
  type Definition,
  definitionOf,
  Expr,
  fullLike,
  isContainer,
  type Leaf,
  mul,
  type NdArray,
  ndarray,
  type Origin,
  opaque,
  read,
  reference,
  reshape,
  sum,
  type Tree,
  withEngine
} from '@gradchain/core'
import { type GraphNode, lift, nodeOf, originOf, pendingOrder, type Trace, withTrace } from '@gradchain/core/engine'
import * as random from '@gradchain/core/random'
import type { Family, Sym } from './terms.js'

/** Something that is said to be something else: a line to be written. */
export interface Equation {
  readonly target: Sym
  readonly value: Expr | number
}

/** One call of a transformation: what it computed, and what it called. */
export interface Frame {
  readonly key: string
  readonly origin: Origin | undefined
  /** Lines and calls, in order. */
  readonly events: (Equation | Frame)[]
  /** The numbers that it remembered before, and does afterwards, by their place in its state. */
  readonly before: Map<string, number>
  readonly after: Map<string, number>
  /** What the host looked at. */
  readonly reads: Expr[]
  /** What it computed that has a name, by the expression. */
  readonly named: Map<Expr, Sym>
  /** The leaves that it was given. */
  readonly leaves: Set<string>
  /** What else it was given. */
  readonly extra: Readonly<Record<string, number>>
}

/** One step. */
export interface Sample {
  readonly step: number
  readonly root: Frame
  /** What it emits for each leaf. */
  readonly updates: readonly (readonly [leaf: string, value: Expr | number])[]
}

/** All that was seen. */
export interface Recording {
  readonly samples: readonly Sample[]
  /** What remembers is begun with. */
  readonly initial: readonly Equation[]
  readonly symbolOf: (x: Expr) => Sym | undefined
  /** The node that an expression was before it was evaluated. */
  readonly nodeOf: (x: Expr) => GraphNode
}

const GRADIENT: Family = { key: 'gradient', kind: 'gradient', field: 'g' }
const PARAM: Family = { key: 'param', kind: 'param', field: 'p' }

/** A way through a tree, as a text. */
const pathOf = (path: readonly string[]): string => path.join('.')

type Visit = (leaf: unknown, path: readonly string[]) => unknown

const mapTree = (tree: unknown, visit: Visit, path: readonly string[] = []): unknown => {
  if (!isContainer(tree)) return visit(tree, path)
  if (Array.isArray(tree)) return tree.map((child, i) => mapTree(child, visit, [...path, String(i)]))
  return Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, mapTree(child, visit, [...path, key])]))
}

/** How many steps are looked at in a row, at the least and at the most. */
const FEWEST_STEPS = 12
const MOST_STEPS = 130

/** The whole numbers among what something was made with. */
const wholeNumbersIn = (value: unknown, depth = 0): readonly number[] => {
  if (typeof value === 'number') return Number.isInteger(value) && value > 1 && value <= 1e7 ? [value] : []
  if (depth > 8) return []
  const origin = originOf(value) ?? originOf((value as { readonly update?: unknown } | null)?.update)
  if (origin !== undefined) return origin.slice(1).flatMap((given) => wholeNumbersIn(given, depth + 1))
  return isContainer(value) ? Object.values(value).flatMap((given) => wholeNumbersIn(given, depth + 1)) : []
}

/** Runs a transformation on symbols, step by step, and notes what it does. */
export const record = (tx: AnyGradientTransformation, params: Tree<Leaf>, extra: unknown): Recording => {
  try {
    return new Recorder(tx, params, extra, false).record()
  } catch {
    // What decides by a number that it remembers is given that number, in place of a symbol for it.
    return new Recorder(tx, params, extra, true).record()
  }
}

class Recorder {
  readonly #definition: Definition<unknown, unknown>
  readonly #tx: AnyGradientTransformation
  readonly #given: Tree<Leaf>
  readonly #extra: unknown
  readonly #readsNumbers: boolean
  readonly #symbols = new Map<Expr, Sym>()
  readonly #nodes = new Map<Expr, GraphNode>()
  readonly #families = new Map<string, Family>()
  readonly #leaves = new Map<string, readonly string[]>()
  /** Places in the state where there is a number at first and an expression later. */
  readonly #lazyPlaces = new Set<string>()
  /** What is handed on under a name of its own at some step, and so at all. */
  readonly #renamed = new Set<string>()
  readonly #handedOn = new Map<string, string>()
  #hasRenamed = false
  #current: Frame | null = null

  constructor(tx: AnyGradientTransformation, params: Tree<Leaf>, extra: unknown, readsNumbers: boolean) {
    this.#definition = definitionOf('explain', tx) as Definition<unknown, unknown>
    this.#tx = tx
    this.#given = params
    this.#extra = extra
    this.#readsNumbers = readsNumbers
    mapTree(params, (leaf, path) => leaf !== null && this.#leaves.set(pathOf(path), path))
  }

  record(): Recording {
    const engine = {
      name: 'explain',
      evaluate: (roots: readonly Expr[]) => {
        this.#current?.reads.push(...roots)
        this.#evaluate(roots)
      }
    }
    return withEngine(engine, () => {
      // A first try tells which numbers of the state are computed with arrays later.
      this.#steps([1, 2])
      const whole = wholeNumbersIn(this.#tx).filter((n) => n <= (MOST_STEPS - 2) / 2)
      const inRow = Math.max(FEWEST_STEPS, ...whole.map((n) => 2 * n + 2))
      const far = [
        ...new Set([
          100,
          1000,
          10_000,
          ...wholeNumbersIn(this.#tx)
            .slice(0, 8)
            .map((n) => n + 1)
        ])
      ]
      const steps = [
        ...Array.from({ length: inRow }, (_, i) => i + 1),
        ...far.filter((step) => step > inRow + 1).sort((a, b) => a - b)
      ]
      let found = this.#steps(steps)
      for (let known = 0; known < this.#renamed.size; found = this.#steps(steps)) known = this.#renamed.size
      return {
        ...found,
        symbolOf: (x) => this.#symbols.get(x),
        nodeOf: (x) => this.#nodeOf(x)
      }
    })
  }

  #nodeOf(x: Expr): GraphNode {
    const node = this.#nodes.get(x) ?? nodeOf(x)
    this.#nodes.set(x, node)
    return node
  }

  /** Evaluating lets a graph go: what it was is kept. What has a name is evaluated for good, not again in each step. */
  #evaluate(roots: readonly Expr[]): void {
    const pending = pendingOrder(roots)
    for (const node of pending) if (!this.#nodes.has(node)) this.#nodes.set(node, nodeOf(node))
    reference.evaluate([...roots, ...pending.filter((node) => this.#symbols.has(node))])
  }

  #steps(steps: readonly number[]): Pick<Recording, 'samples' | 'initial'> {
    this.#symbols.clear()
    this.#handedOn.clear()
    this.#hasRenamed = false
    let params = mapTree(this.#given, (leaf, path) => this.#param(leaf as Leaf | null, path)) as Tree
    const initial: Equation[] = []
    const first = this.#definition.init(params)
    let state = mapTree(first, (leaf, path) => this.#remembered(leaf, path, initial))
    const samples: Sample[] = []
    // Far steps are reached by turning counters, where there is nothing else that the host keeps up.
    let isSteady = true
    let counters: readonly string[] = []
    for (const step of steps) {
      const isFar = step > (samples.at(-1)?.step ?? 0) + 1
      if (isFar && (!isSteady || counters.length === 0)) break
      try {
        const before = isFar ? ahead(state, new Set(counters), step - 1) : state
        const [sample, next] = this.#step(step, before, params)
        const { isOther, counting } = changesIn(before, next)
        const numbers = numbersIn(before)
        mapTree(
          next,
          (leaf, path) => leaf instanceof Expr && numbers.has(pathOf(path)) && this.#lazyPlaces.add(pathOf(path))
        )
        isSteady &&= !isOther && (samples.length === 0 || counting.join() === counters.join())
        counters = counting
        samples.push(sample)
        state = mapTree(next, (leaf, path) => this.#remembered(leaf, path, []))
        params = this.#moved(params, sample)
      } catch (error) {
        // What was not seen in a row may be out of bounds for it.
        if (!isFar) throw error
      }
    }
    return { samples, initial }
  }

  #param(leaf: Leaf | null, path: readonly string[]): Expr | null {
    if (leaf === null) return null
    const value = lift(typeof leaf === 'number' ? ndarray(Float64Array.of(leaf), []) : leaf) as Expr
    const node = nodeOf(value) as { readonly value: NdArray }
    return this.#symbol(
      opaque(() => node.value.data.slice(), [], { like: value }),
      PARAM,
      pathOf(path),
      'now'
    )
  }

  #symbol(node: Expr, family: Family, leaf: string | null, when: Sym['when']): Expr {
    this.#symbols.set(node, { family, leaf, when })
    return node
  }

  /** The same value under a name of its own. */
  #alias(x: Expr, sym: Sym): Expr {
    const half = x.dtype === 'bfloat16' || x.dtype === 'float16'
    const node = x.isScalar ? (mul(x, 1) as Expr) : reshape(x, half ? (x.shape ?? [x.size]) : x.shape)
    this.#symbols.set(node, sym)
    return node
  }

  /** What a place of the state belongs to: a field, and a leaf of the params where it has their structure. */
  #familyAt(place: readonly string[]): readonly [Family, string | null] {
    let leaf: string | null = null
    let field = place
    for (let from = 0; from < place.length; from++) {
      const rest = pathOf(place.slice(from))
      if (!this.#leaves.has(rest)) continue
      leaf = rest
      field = place.slice(0, from)
      break
    }
    const key = `state ${pathOf(field)}`
    const name = [...field].reverse().find((part) => !/^\d+$/.test(part)) ?? 'state'
    const number = field.at(-1) ?? ''
    const made: Family = {
      key,
      kind: 'state',
      field: /^\d+$/.test(number) && field.length > 1 ? `${name}${number}` : name
    }
    const family = this.#families.get(key) ?? made
    this.#families.set(key, family)
    return [family, leaf]
  }

  /** What is remembered, as a symbol for the next step; what the host counts stays a number. */
  #remembered(leaf: unknown, path: readonly string[], initial: Equation[]): unknown {
    const value = isArray(leaf) ? lift(leaf as Leaf) : leaf
    const [family, at] = this.#familyAt(path)
    if (value instanceof Expr) {
      const known = this.#symbols.get(value)
      if (known !== undefined && known.when === 'before') return value
      if (value.isScalar && this.#readsNumbers) return read(value)
      const target: Sym = {
        family: known?.family.kind === 'state' ? known.family : family,
        leaf: at,
        when: 'before'
      }
      initial.push({ target, value })
      return this.#alias(value, target)
    }
    if (typeof value !== 'number' || this.#readsNumbers || !this.#lazyPlaces.has(pathOf(path))) return value
    const target: Sym = { family, leaf: at, when: 'before' }
    initial.push({ target, value })
    return this.#alias(sum(ndarray(Float64Array.of(value), [1])) as Expr, target)
  }

  #moved(params: Tree, { updates }: Sample): Tree {
    const changes = new Map(updates)
    return mapTree(params, (leaf, path) => {
      const change = changes.get(pathOf(path))
      if (!(leaf instanceof Expr) || !(change instanceof Expr)) return leaf
      const { shape } = leaf
      const data = (): NdArray['data'] => {
        const p = [...this.#dataOf(leaf)]
        const u = this.#dataOf(change)
        return Float64Array.from(p, (x, i) => x + (u[i] as number))
      }
      const dtype = leaf.dtype
      const like = { dtype, shape: shape ?? [leaf.size] }
      const node = opaque(
        () => (dtype === 'float64' ? (data() as Float64Array) : rounded(data(), dtype)),
        [],
        shape === null ? { like: leaf } : like
      )
      return this.#symbol(node, PARAM, pathOf(path), 'now')
    }) as Tree
  }

  #dataOf(x: Expr): NdArray['data'] {
    const node = nodeOf(x)
    if (node.name === 'leaf') return (node.value as NdArray).data
    this.#evaluate([x])
    return (nodeOf(x) as { readonly value: NdArray }).value.data
  }

  #step(step: number, state: unknown, params: Tree): readonly [Sample, unknown] {
    const key = random.key(step)
    let at = 0
    const grads = mapTree(params, (leaf, path) => {
      if (!(leaf instanceof Expr)) return leaf
      const own = random.foldIn(key, at++)
      const draw = (): NdArray['data'] => {
        const { data } = random.normal(own, [leaf.size])
        return leaf.dtype === 'float64' ? Float64Array.from(data) : rounded(data, leaf.dtype)
      }
      return this.#symbol(opaque(draw, [], { like: leaf }), GRADIENT, pathOf(path), 'now')
    }) as Tree
    const extra = varied(this.#extra, step)
    const outermost: Frame[] = []
    const trace: Trace = (call, run) => {
      const [frame, result] = this.#traced(call, run)
      if (this.#current === null) outermost.push(frame)
      return result
    }
    const [updates, next] = withTrace(trace, () => this.#definition.update(grads, state, params, extra))
    const emitted: [string, Expr | number][] = []
    mapTree(updates, (leaf, path) => {
      if (leaf instanceof Expr || typeof leaf === 'number') emitted.push([pathOf(path), leaf])
    })
    return [{ step, root: outermost[0] as Frame, updates: emitted }, next]
  }

  #traced(call: Parameters<Trace>[0], run: Parameters<Trace>[1]): readonly [Frame, readonly [Tree, unknown]] {
    const parent = this.#current
    // By its name, as it may be made anew in each step.
    const name = originOf(call.update)?.[0] ?? ''
    const isSame = (event: Equation | Frame): boolean =>
      'key' in event && event.key.startsWith(`${parent?.key}>${name}.`)
    const times = parent?.events.filter(isSame).length ?? 0
    const key = parent === null ? 'top' : `${parent.key}>${name}.${times}`
    const frame: Frame = {
      key,
      origin: originOf(call.update),
      events: [],
      before: numbersIn(call.state),
      after: new Map(),
      reads: [],
      named: new Map(),
      leaves: new Set(),
      extra: numbersAmong(call.extra)
    }
    const lines = parent?.events ?? []
    const updates = this.#entering(call.updates, { key: `${key} in`, kind: 'input', field: 'g' }, lines)
    const params = this.#entering(call.params, { key: `${key} at`, kind: 'moved', field: 'p' }, lines)
    mapTree(updates, (leaf, path) => leaf !== null && frame.leaves.add(pathOf(path)))
    const places = new Map<string, Expr>()
    const state = mapTree(call.state, (leaf, path) => {
      if (!(leaf instanceof Expr)) return leaf
      const held = this.#symbols.has(leaf) ? leaf : this.#defined(leaf, this.#stateSym(key, path, null), lines)
      places.set(pathOf(path), held)
      return held
    })
    parent?.events.push(frame)
    this.#current = frame
    try {
      const [found, nextState] = run(updates, state, params)
      const next = mapTree(nextState, (leaf, path) => {
        const value = isArray(leaf) ? lift(leaf as Leaf) : leaf
        if (typeof value === 'number') frame.after.set(pathOf(path), value)
        if (!(value instanceof Expr)) return value
        const place = places.get(pathOf(path))
        const known = this.#symbols.get(value)
        if (value === place || (known?.family.kind === 'state' && known.when === 'after')) return value
        const sym: Sym = { ...this.#stateSym(key, path, place ?? null), when: 'after' }
        return this.#defined(value, sym, frame.events, frame)
      })
      return [frame, [this.#leaving(found, updates, frame), next]]
    } finally {
      this.#current = parent
    }
  }

  #stateSym(key: string, path: readonly string[], place: Expr | null): Sym {
    const known = place === null ? undefined : this.#symbols.get(place)
    if (known?.family.kind === 'state') return { ...known, when: 'before' }
    const [{ key: at, field }, leaf] = this.#familyAt(path)
    const own = `${key} ${at}`
    const family = this.#families.get(own) ?? { key: own, kind: 'state', field }
    this.#families.set(own, family)
    return { family, leaf, when: 'before' }
  }

  #defined(x: Expr, target: Sym, lines: (Equation | Frame)[], frame?: Frame): Expr {
    lines.push({ target, value: x })
    // Rounding to another dtype is not written.
    const unrounded = uncast(x, nodeOf)
    if (frame !== undefined && !this.#symbols.has(unrounded) && !frame.named.has(unrounded)) {
      frame.named.set(unrounded, target)
      frame.named.set(x, target)
    }
    return this.#alias(x, target)
  }

  /** What a transformation is given, as symbols of one family. */
  #entering(tree: Tree, family: Family, lines: (Equation | Frame)[]): Tree {
    if (this.#isHandedOn(tree, family)) return tree
    return mapTree(tree, (leaf, path) => {
      if (!(leaf instanceof Expr)) return leaf
      return this.#defined(leaf, { family, leaf: pathOf(path), when: 'now' }, lines)
    }) as Tree
  }

  #leaving(tree: Tree, like: Tree, frame: Frame): Tree {
    const family: Family = { key: `${frame.key} out`, kind: 'updates', field: 'u' }
    if (this.#isHandedOn(tree, family)) return tree
    const models = new Map<string, Expr>()
    mapTree(like, (leaf, path) => leaf instanceof Expr && models.set(pathOf(path), leaf))
    return mapTree(tree, (leaf, path) => {
      const model = models.get(pathOf(path))
      if (leaf === null || (!(leaf instanceof Expr) && !isArray(leaf) && typeof leaf !== 'number')) return leaf
      const lifted = lift(leaf as Leaf)
      const value = typeof lifted === 'number' && model !== undefined ? fullLike(model, lifted) : lifted
      if (!(value instanceof Expr)) return value
      return this.#defined(value, { family, leaf: pathOf(path), when: 'now' }, frame.events)
    }) as Tree
  }

  /** Whether a tree keeps the name that it has: in all steps the same. */
  #isHandedOn(tree: Tree, { key }: Family): boolean {
    const families = new Set<string | undefined>()
    mapTree(tree, (leaf) => {
      if (leaf === null) return
      const sym = leaf instanceof Expr ? this.#symbols.get(leaf) : undefined
      families.add(sym?.when === 'before' ? undefined : sym?.family.key)
    })
    if (families.size > 1 || families.has(undefined)) this.#rename(key)
    const [only] = families
    if (only === undefined) return !this.#renamed.has(key)
    const before = this.#handedOn.get(key) ?? only
    this.#handedOn.set(key, before)
    // After something else got a name of its own, this may be all that was different: the next round tells.
    if (before !== only && !this.#hasRenamed) this.#rename(key)
    return !this.#renamed.has(key)
  }

  #rename(key: string): void {
    this.#hasRenamed ||= !this.#renamed.has(key)
    this.#renamed.add(key)
  }
}

/** What a node is before it is rounded to another dtype. */
export const uncast = (x: Expr, of: (x: Expr) => GraphNode): Expr => {
  let found = x
  for (let node = of(found); node.name === 'cast' && typeof node.operands[0] === 'object'; node = of(found)) {
    found = node.operands[0]
  }
  return found
}

const isArray = (leaf: unknown): boolean =>
  leaf instanceof Float32Array ||
  leaf instanceof Float64Array ||
  (typeof leaf === 'object' && leaf !== null && !(leaf instanceof Expr) && 'dtype' in leaf && 'data' in leaf)

const rounded = (data: Iterable<number>, dtype: Expr['dtype']): NdArray['data'] => {
  if (dtype === 'float32') return Float32Array.from(data)
  const half = Float32Array.from(data)
  const bits = new Uint16Array(half.length)
  // Truncated: nobody looks at the digits of what stands for anything.
  if (dtype === 'bfloat16') {
    const words = new Uint32Array(half.buffer)
    for (let i = 0; i < bits.length; i++) bits[i] = (words[i] as number) >>> 16
  }
  return bits as unknown as NdArray['data']
}

/** Another value in each step, of numbers that come from outside. */
const varied = (extra: unknown, step: number): unknown => {
  if (!isContainer(extra) || Array.isArray(extra)) return extra
  const entries = Object.entries(extra).map(([key, value], i): [string, unknown] => [
    key,
    typeof value === 'number' ? value * (1 + ((step * (7 + i)) % 13) / 64) : value
  ])
  return Object.fromEntries(entries)
}

const numbersAmong = (extra: unknown): Readonly<Record<string, number>> =>
  isContainer(extra) && !Array.isArray(extra)
    ? Object.fromEntries(
        Object.entries(extra).filter((entry): entry is [string, number] => typeof entry[1] === 'number')
      )
    : {}

const numbersIn = (tree: unknown): Map<string, number> => {
  const found = new Map<string, number>()
  mapTree(tree, (leaf, path) => typeof leaf === 'number' && found.set(pathOf(path), leaf))
  return found
}

/** Which numbers grew by one, and whether others changed. */
const changesIn = (
  before: unknown,
  after: unknown
): { readonly isOther: boolean; readonly counting: readonly string[] } => {
  const then = numbersIn(before)
  const changed = [...numbersIn(after)].filter(([place, value]) => value !== then.get(place))
  const counting = changed
    .filter(([place, value]) => value === (then.get(place) ?? Number.NaN) + 1)
    .map(([place]) => place)
  return { isOther: counting.length < changed.length, counting }
}

/** A state as it would be after so many steps, if only counters changed. */
const ahead = (state: unknown, counters: ReadonlySet<string>, count: number): unknown =>
  mapTree(state, (leaf, path) => (counters.has(pathOf(path)) ? count : leaf))
