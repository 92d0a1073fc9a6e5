import { type Place, SCRATCH, type Work } from '../shader/launch.js'
import { transfer } from '../shader/transfer.js'
import { wholeOf } from '../shader/whole.js'
import {
  arithmetic,
  BLOCK_QUADS,
  chained,
  elementwise,
  type Output,
  reach,
  reduction,
  type Sources,
  total
} from '../shader/writer.js'
import type { Graph, GraphPart, Ref } from './graph.js'
import type { Slot } from './runner.js'
import { formOf, isFused, nodesIn, type Stage, stagesOf } from './stages.js'

/** What a plan depends on, of a device. */
export interface DeviceFacts {
  /** Whether a workgroup fetches the blocks of a sum together. */
  readonly isShared: boolean
  /** How many buffers a kernel works between, those of its own not counted. */
  readonly mostBuffers: number
}

/** Work that is done with one launch of one kernel. */
export type Batch = readonly Work[]

/** What is to be done for a graph, in order. */
export interface Plan {
  readonly batches: readonly Batch[]
  /** How many numbers there are, those first that the host knows. */
  readonly numbers: number
  readonly hostNumbers: number
  /** How many bytes are computed in between. */
  readonly scratch: number
  /** Where the arrays lie that the host knows. */
  readonly constants: readonly Place[]
}

/** What lies on a device begins at a multiple of so many bytes. */
const ALIGNMENT = 256

const BLOCK = 4 * BLOCK_QUADS

const bytesOf = ({ dtype }: Pick<Place, 'dtype'>): number => (dtype === 'float32' ? 4 : 2)

/** Plans a graph whose roots go to slots. */
export const planOf = (graph: Graph, targets: readonly Slot[], hostNumbers: number, facts: DeviceFacts): Plan => {
  // What is written where it was to be read still is stored elsewhere first, and copied at the end.
  const aside = moreThanOnce(graph)
  for (;;) {
    const draft = new Draft(graph, targets, hostNumbers, facts, aside)
    const batches = draft.batches()
    const before = aside.size
    for (const root of draft.conflicts(batches)) aside.add(root)
    if (aside.size === before) return { ...draft.sizes(), batches }
  }
}

/** The roots that are whole arrays, computed once and wanted several times. */
const moreThanOnce = ({ parts, roots }: Graph): Set<number> => {
  const seen = new Set<number>()
  const again = new Set<number>()
  roots.forEach((ref, root) => {
    if (!('node' in ref) || formOf(parts[ref.node] as GraphPart) !== 'whole') return
    if (seen.has(ref.node)) again.add(root)
    seen.add(ref.node)
  })
  return again
}

class Draft {
  readonly #graph: Graph
  readonly #targets: readonly Slot[]
  readonly #aside: ReadonlySet<number>
  readonly #hostNumbers: number
  readonly #places = new Map<number, Place>()
  readonly #numbers = new Map<number, number>()
  readonly #roots = new Map<number, number[]>()
  readonly #constants: Place[] = []
  readonly #facts: DeviceFacts
  #scratch = 0
  #count: number

  constructor(
    graph: Graph,
    targets: readonly Slot[],
    hostNumbers: number,
    facts: DeviceFacts,
    aside: ReadonlySet<number>
  ) {
    this.#graph = graph
    this.#targets = targets
    this.#aside = aside
    this.#facts = facts
    this.#hostNumbers = hostNumbers
    this.#count = hostNumbers
    graph.roots.forEach((ref, root) => {
      if (!('node' in ref)) return
      const known = this.#roots.get(ref.node)
      if (known === undefined) this.#roots.set(ref.node, [root])
      else known.push(root)
    })
    graph.parts.forEach((part, i) => {
      if (part.name === 'slot') this.#places.set(i, part.slot as Slot)
      if (part.name !== 'constant') return
      const place = this.#take(part)
      this.#places.set(i, place)
      this.#constants.push(place)
    })
  }

  sizes(): Omit<Plan, 'batches'> {
    return {
      numbers: this.#count,
      hostNumbers: this.#hostNumbers,
      scratch: this.#scratch,
      constants: this.#constants
    }
  }

  batches(): Batch[] {
    const { parts } = this.#graph
    const { stages, chains } = stagesOf(this.#graph)
    const batches: Batch[] = [...batched(this.#numbersIn())]
    const stored = new Set<number>()
    stages.forEach((stage) => {
      for (const level of stage.numbers) {
        const sources = this.#sources(stored)
        const works = level
          .filter((i) => chains.has(i))
          .map((i) => chained(sources, i, chains.get(i) as { start: Ref; terms: Ref[] }))
        const own = new Set(level.filter((i) => !chains.has(i)))
        for (const nodes of componentsOf(parts, own)) works.push(arithmetic(sources, nodes, () => true))
        batches.push(...batched(works))
      }
      batches.push(...this.#wholes(stage, stored))
      const outputs = this.#outputsOf(stage)
      const sources = this.#sources(stored)
      const copies: Work[] = []
      const passes = this.#passes(outputs, sources).flatMap((pass) => this.#fitting(pass, sources, copies))
      batches.push(...batched(copies), ...batched(passes))
      for (const { node, to } of outputs) {
        if (isFused(parts[node] as GraphPart)) this.#places.set(node, to)
        stored.add(node)
      }
      batches.push(...this.#reductions(stage, this.#sources(stored)))
    })
    return [...batches, ...batched(this.#copies()), ...batched(this.#numbersOut())]
  }

  /** The roots that are written to before something else is read that lies there. */
  conflicts(batches: readonly Batch[]): readonly number[] {
    const reads = new Map<Place['buffer'], Access[]>()
    const longest = new Map<Place['buffer'], number>()
    batches.forEach((batch, order) => {
      batch.forEach(({ member }, work) => {
        for (const place of member.reads) {
          const length = bytesOf(place) * place.length
          const access = { order, work, from: place.offset, to: place.offset + length }
          const known = reads.get(place.buffer)
          if (known === undefined) reads.set(place.buffer, [access])
          else known.push(access)
          longest.set(place.buffer, Math.max(longest.get(place.buffer) ?? 0, length))
        }
      })
    })
    for (const accesses of reads.values()) accesses.sort((x, y) => x.from - y.from)
    const rootAt = new Map(this.#targets.map((slot, root) => [slot, root]))
    const found: number[] = []
    batches.forEach((batch, order) => {
      batch.forEach(({ member, grain }, work) => {
        for (const place of member.writes) {
          const root = rootAt.get(place as Slot)
          if (root === undefined || this.#aside.has(root)) continue
          const accesses = reads.get(place.buffer) ?? []
          const to = place.offset + Math.ceil((bytesOf(place) * place.length) / 16) * 16
          for (let i = firstFrom(accesses, place.offset - (longest.get(place.buffer) ?? 0)); i < accesses.length; i++) {
            const access = accesses[i] as Access
            if (access.from >= to) break
            if (access.to <= place.offset || access.order < order) continue
            const isSame = access.order === order && access.work === work && access.from === place.offset
            if (isSame && grain === 'elements') continue
            found.push(root)
            break
          }
        }
      })
    })
    return found
  }

  #take({ dtype, size }: Pick<GraphPart, 'dtype' | 'size'>): Place {
    const form = { dtype: dtype === 'number' ? 'float32' : dtype, length: size } as const
    const room = Math.ceil((Math.max(1, size) * bytesOf(form)) / ALIGNMENT) * ALIGNMENT
    const offset = this.#scratch
    this.#scratch += room
    return { buffer: SCRATCH, offset, ...form, room }
  }

  #takeNumbers(count: number): number {
    this.#count += count
    return this.#count - count
  }

  #numberOf(ref: Ref): number {
    if ('number' in ref) return ref.number
    const known = this.#numbers.get(ref.node)
    if (known !== undefined) return known
    const place = this.#takeNumbers(1)
    this.#numbers.set(ref.node, place)
    return place
  }

  #sources(stored: ReadonlySet<number>): Sources {
    const { parts } = this.#graph
    const isThere = (i: number): boolean => stored.has(i) || formOf(parts[i] as GraphPart) === 'given'
    return {
      parts,
      placeOf: (i) => (isThere(i) ? this.#places.get(i) : undefined),
      numberOf: (ref) => this.#numberOf(ref)
    }
  }

  /** Where the arrays of a stage go: each to the slots of its roots, or in between. */
  #outputsOf({ outputs }: Stage): Output[] {
    const { parts } = this.#graph
    return outputs.flatMap((node): Output[] => {
      const part = parts[node] as GraphPart
      if (part.size === 0) return []
      const direct = this.#rootsOf(node).filter((root) => !this.#aside.has(root))
      const slots = direct.map((root) => this.#targets[root] as Slot)
      const isNeeded = slots.length === 0 || (!isFused(part) && this.#isAside(node))
      const between = isNeeded ? [this.#take(part)] : []
      for (const place of between) this.#copied.set(node, place)
      return [...slots, ...between].map((to) => ({ node, to }))
    })
  }

  readonly #copied = new Map<number, Place>()

  #isAside(node: number): boolean {
    return this.#rootsOf(node).some((root) => this.#aside.has(root))
  }

  /** Which roots a node is, in order. */
  #rootsOf(node: number): readonly number[] {
    return this.#roots.get(node) ?? []
  }

  /** What was set aside goes to its slots. */
  #copies(): Work[] {
    const { parts, roots } = this.#graph
    return [...this.#aside].map((root) => {
      const { node } = roots[root] as { node: number }
      const place = (this.#copied.get(node) ?? this.#places.get(node)) as Place
      const sources: Sources = { parts, placeOf: () => place, numberOf: (ref) => this.#numberOf(ref) }
      return elementwise(sources, [{ node, to: this.#targets[root] as Slot }])
    })
  }

  /** What works on whole arrays, each to its slot or in between, those at once that do not need one another. */
  #wholes({ wholes }: Stage, stored: Set<number>): Batch[] {
    const { parts } = this.#graph
    const levels: number[] = []
    const phases: Work[][] = []
    for (const node of wholes) {
      const part = parts[node] as GraphPart
      const operands = nodesIn(part.operands)
      const phase = Math.max(0, ...operands.map((x) => levels[x] ?? 0))
      stored.add(node)
      const root = this.#rootsOf(node).find((i) => !this.#aside.has(i))
      const to = root === undefined ? this.#take(part) : (this.#targets[root] as Slot)
      this.#places.set(node, to)
      if (part.size === 0) continue
      const reads = operands.map((x) => this.#places.get(x) as Place)
      const works = wholeOf(
        part,
        operands.map((x) => parts[x] as GraphPart),
        { reads, to }
      )
      works.forEach((work, i) => {
        const known = phases[phase + i]
        if (known === undefined) phases[phase + i] = [work]
        else known.push(work)
      })
      levels[node] = phase + works.length
    }
    return phases.flatMap(batched)
  }

  /** Outputs that hang together, through what is read or computed for them. */
  #passes(outputs: readonly Output[], sources: Sources): Output[][] {
    const groups = new Groups(outputs.length)
    const first = new Map<number, number>()
    outputs.forEach(({ node }, i) => {
      for (const x of reach(sources, [node])) {
        const known = first.get(x)
        if (known === undefined) first.set(x, i)
        else groups.join(known, i)
      }
    })
    return groups.sorted(outputs)
  }

  /** A pass in pieces that lie in as many buffers as a kernel may work between; for one array what is read is copied if it must. */
  #fitting(pass: readonly Output[], sources: Sources, copies: Work[]): Work[] {
    const work = elementwise(sources, pass)
    if (work.buffers.length <= this.#facts.mostBuffers) return [work]
    if (pass.length > 1) {
      const half = pass.length >> 1
      return [pass.slice(0, half), pass.slice(half)].flatMap((piece) => this.#fitting(piece, sources, copies))
    }
    const [{ node, to }] = pass as readonly [Output]
    const near = this.#brought([node], sources, copies, new Set([to.buffer, SCRATCH]))
    return [elementwise(near, pass)]
  }

  /** The same sources, with what lies in too many buffers copied into one. */
  #brought(nodes: readonly number[], sources: Sources, copies: Work[], kept: Set<Place['buffer']>): Sources {
    const moved = new Map<number, Place>()
    for (const i of reach(sources, nodes)) {
      const place = sources.placeOf(i)
      if (place === undefined) continue
      if (kept.size < this.#facts.mostBuffers) kept.add(place.buffer)
      if (kept.has(place.buffer)) continue
      const to = this.#take(this.#graph.parts[i] as GraphPart)
      copies.push(elementwise(sources, [{ node: i, to }]))
      moved.set(i, to)
    }
    return { ...sources, placeOf: (i) => moved.get(i) ?? sources.placeOf(i) }
  }

  #reductions({ reductions }: Stage, sources: Sources): Batch[] {
    const { parts } = this.#graph
    const totals: Work[] = []
    const copies: Work[] = []
    const blocks = reductions.flatMap((node): Work[] => {
      const part = parts[node] as GraphPart
      const { size } = parts[(part.operands[0] as { node: number }).node] as GraphPart
      const to = this.#numberOf({ node })
      const count = Math.ceil(size / BLOCK)
      const from = count === 1 ? to : this.#takeNumbers(count)
      if (count !== 1) totals.push(total(part.name, count, from, to))
      if (count === 0) return []
      const work = reduction(sources, { node, to: from }, this.#facts.isShared)
      if (work.buffers.length <= this.#facts.mostBuffers) return [work]
      const near = this.#brought(nodesIn(part.operands), sources, copies, new Set([SCRATCH]))
      return [reduction(near, { node, to: from }, this.#facts.isShared)]
    })
    return [...batched(copies), ...batched(blocks), ...batched(totals)]
  }

  #numbersIn(): Work[] {
    return this.#graph.parts.flatMap((part, node) =>
      part.name === 'given' ? [transfer(part.slot as Slot, this.#numberOf({ node }), 'in')] : []
    )
  }

  #numbersOut(): Work[] {
    const { parts, roots } = this.#graph
    return roots.flatMap((ref, root): Work[] => {
      const isNumber = 'number' in ref || parts[ref.node]?.dtype === 'number'
      return isNumber ? [transfer(this.#targets[root] as Slot, this.#numberOf(ref), 'out')] : []
    })
  }
}

interface Access {
  readonly order: number
  readonly work: number
  readonly from: number
  readonly to: number
}

/** The first of some accesses, in order, that begins at a place or after it. */
const firstFrom = (accesses: readonly Access[], place: number): number => {
  let low = 0
  let high = accesses.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((accesses[middle] as Access).from < place) low = middle + 1
    else high = middle
  }
  return low
}

/** Things that belong together, by their places. */
class Groups {
  readonly #parents: number[]

  constructor(count: number) {
    this.#parents = Array.from({ length: count }, (_, i) => i)
  }

  find(i: number): number {
    let root = i
    while (this.#parents[root] !== root) root = this.#parents[root] as number
    this.#parents[i] = root
    return root
  }

  join(i: number, j: number): void {
    this.#parents[this.find(j)] = this.find(i)
  }

  sorted<T>(things: readonly T[]): T[][] {
    const groups = new Map<number, T[]>()
    things.forEach((thing, i) => {
      const root = this.find(i)
      const known = groups.get(root)
      if (known === undefined) groups.set(root, [thing])
      else known.push(thing)
    })
    return [...groups.values()]
  }
}

/** Nodes that are computed from one another. */
const componentsOf = (parts: readonly GraphPart[], own: ReadonlySet<number>): number[][] => {
  const nodes = [...own]
  const at = new Map(nodes.map((node, i) => [node, i]))
  const groups = new Groups(nodes.length)
  nodes.forEach((node, i) => {
    for (const x of nodesIn((parts[node] as GraphPart).operands)) {
      const known = at.get(x)
      if (known !== undefined) groups.join(known, i)
    }
  })
  return groups.sorted(nodes)
}

/** Work that the same kernel does between the same buffers, together. */
const batched = (works: readonly Work[]): Batch[] => {
  const ids = new Map<Place['buffer'], number>()
  const idOf = (buffer: Place['buffer']): number => {
    const known = ids.get(buffer)
    if (known !== undefined) return known
    ids.set(buffer, ids.size)
    return ids.size - 1
  }
  const batches = new Map<string, Work[]>()
  for (const work of works) {
    const key = `${work.buffers.map(idOf).join(' ')}\n${work.head}\n${work.body}`
    const known = batches.get(key)
    if (known === undefined) batches.set(key, [work])
    else known.push(work)
  }
  return [...batches.values()]
}
