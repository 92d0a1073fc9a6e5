import { InvalidOption } from '@gradchain/core'
import { memoryOf, type Place, Range, SCRATCH, type Work } from '../shader/launch.js'
import { transfer } from '../shader/transfer.js'
import { wholeOf } from '../shader/whole.js'
import type { Piece, Windows } from '../shader/words.js'
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
  /** How many bytes of a buffer may be bound. */
  readonly mostBytes: number
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
  let isScratchLarge = false
  for (;;) {
    const draft: Draft = new Draft(graph, targets, hostNumbers, { ...facts, isScratchLarge }, aside)
    const batches = draft.batches()
    const before = aside.size
    for (const root of draft.conflicts(batches)) aside.add(root)
    const sizes = draft.sizes()
    const isDone = aside.size === before && (isScratchLarge || sizes.scratch <= facts.mostBytes)
    if (isDone) return { ...sizes, batches }
    isScratchLarge ||= sizes.scratch > facts.mostBytes
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

/** Where arrays lie, as yet not bound. */
type Lying = Sources

/** An array, where it is to be stored, and which root that is. */
interface Wanted extends Output {
  readonly root: number | null
}

interface DraftFacts extends DeviceFacts {
  /** Whether more is computed in between than may be bound. */
  readonly isScratchLarge: boolean
}

/** The place of some elements. */
const sliceOf = ({ buffer, offset, dtype }: Place, { from, count }: Piece): Place => ({
  buffer,
  offset: offset + bytesOf({ dtype }) * from,
  dtype,
  length: count
})

class Draft {
  readonly #graph: Graph
  readonly #targets: readonly Slot[]
  readonly #aside: ReadonlySet<number>
  readonly #hostNumbers: number
  readonly #places = new Map<number, Place>()
  readonly #numbers = new Map<number, number>()
  readonly #roots = new Map<number, number[]>()
  readonly #constants: Place[] = []
  readonly #facts: DraftFacts
  #scratch = 0
  #count: number

  constructor(
    graph: Graph,
    targets: readonly Slot[],
    hostNumbers: number,
    facts: DraftFacts,
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
      const passes = this.#passes(outputs, sources).flatMap((pass) => this.#inPieces(pass, sources, copies))
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
    const reads = new Map<Memory, Access[]>()
    const longest = new Map<Memory, number>()
    batches.forEach((batch, order) => {
      batch.forEach(({ member }, work) => {
        for (const place of member.reads) {
          const length = bytesOf(place) * place.length
          const from = offsetOf(place)
          const access = { order, work, from, to: from + length }
          const memory = memoryOf(place.buffer)
          const known = reads.get(memory)
          if (known === undefined) reads.set(memory, [access])
          else known.push(access)
          longest.set(memory, Math.max(longest.get(memory) ?? 0, length))
        }
      })
    })
    for (const accesses of reads.values()) accesses.sort((x, y) => x.from - y.from)
    const found: number[] = []
    batches.forEach((batch, order) => {
      batch.forEach(({ member, grain }, work) => {
        for (const place of member.writes) {
          const root = this.#rootAt.get(place)
          if (root === undefined || this.#aside.has(root)) continue
          const memory = memoryOf(place.buffer)
          const accesses = reads.get(memory) ?? []
          const from = offsetOf(place)
          const to = from + Math.ceil((bytesOf(place) * place.length) / 16) * 16
          for (let i = firstFrom(accesses, from - (longest.get(memory) ?? 0)); i < accesses.length; i++) {
            const access = accesses[i] as Access
            if (access.from >= to) break
            if (access.to <= from || access.order < order) continue
            const isSame = access.order === order && access.work === work && access.from === from
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

  #sources(stored: ReadonlySet<number>): Lying {
    const { parts } = this.#graph
    const isThere = (i: number): boolean => stored.has(i) || formOf(parts[i] as GraphPart) === 'given'
    return this.#lying((i) => (isThere(i) ? this.#places.get(i) : undefined))
  }

  #lying(placeOf: Sources['placeOf']): Lying {
    return { parts: this.#graph.parts, placeOf, numberOf: (ref) => this.#numberOf(ref) }
  }

  /** A place as it is bound: where all of its buffer may not be, in a part of it. */
  #bound(place: Place): Place {
    const { buffer, offset, dtype, length } = place
    const { mostBytes, isScratchLarge } = this.#facts
    if (buffer instanceof Range) return place
    const size = buffer === SCRATCH ? Number.POSITIVE_INFINITY : buffer.size
    if (buffer === SCRATCH ? !isScratchLarge : size <= mostBytes) return place
    const begin = Math.floor(offset / ALIGNMENT) * ALIGNMENT
    const end = Math.min(size, Math.ceil((offset + Math.max(1, length) * bytesOf(place)) / 16) * 16)
    if (end - begin > mostBytes) {
      const flaw = `must be at most ${mostBytes} bytes on this device to be worked on as a whole, got ${length * bytesOf(place)}`
      throw new InvalidOption(`webgpu: an array ${flaw}`)
    }
    const ranges = this.#ranges.get(buffer) ?? new Map<string, Range>()
    this.#ranges.set(buffer, ranges)
    const key = `${begin} ${end}`
    const range = ranges.get(key) ?? new Range(buffer, begin, end - begin)
    ranges.set(key, range)
    return { buffer: range, offset: offset - begin, dtype, length }
  }

  readonly #ranges = new Map<Memory, Map<string, Range>>()
  /** Which root goes to a place. */
  readonly #rootAt = new Map<Place, number>()

  /** The place of a root, or of some of its elements, as it is bound. */
  #target(root: number, piece: Piece | null): Place {
    const slot = this.#targets[root] as Slot
    const place = this.#bound(piece === null ? slot : sliceOf(slot, piece))
    this.#rootAt.set(place, root)
    return place
  }

  /** Where arrays lie, or some elements of each, as they are bound. */
  #near({ parts, placeOf, numberOf }: Lying, piece: Piece | null): Sources {
    const bound = new Map<number, Place | undefined>()
    return {
      parts,
      numberOf,
      placeOf: (i) => {
        if (bound.has(i)) return bound.get(i)
        const place = placeOf(i)
        const near = place && this.#bound(piece === null ? place : sliceOf(place, piece))
        bound.set(i, near)
        return near
      }
    }
  }

  /** Pieces of arrays of which one is more than may be bound; whole blocks of sums. */
  #piecesOf(size: number, places: readonly Place[]): readonly (Piece | null)[] {
    const { mostBytes } = this.#facts
    // What is bound begins and ends at certain places, and may be somewhat more.
    const most = mostBytes - 2 * ALIGNMENT
    if (places.every((place) => bytesOf(place) * place.length <= most)) return [null]
    const count = Math.max(1, Math.floor(most / 4 / BLOCK)) * BLOCK
    return Array.from({ length: Math.ceil(size / count) }, (_, i) => ({
      from: i * count,
      count: Math.min(count, size - i * count)
    }))
  }

  /** Where the arrays of a stage go: each to the slots of its roots, or in between. */
  #outputsOf({ outputs }: Stage): Wanted[] {
    const { parts } = this.#graph
    return outputs.flatMap((node): Wanted[] => {
      const part = parts[node] as GraphPart
      if (part.size === 0) return []
      const slots = this.#rootsOf(node).filter((root) => !this.#aside.has(root))
      const isNeeded = slots.length === 0 || (!isFused(part) && this.#isAside(node))
      const between = isNeeded ? [this.#take(part)] : []
      for (const place of between) this.#copied.set(node, place)
      return [
        ...slots.map((root) => ({ node, root, to: this.#targets[root] as Slot })),
        ...between.map((to) => ({ node, root: null, to }))
      ]
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
    const { roots } = this.#graph
    return [...this.#aside].flatMap((root) => {
      const { node } = roots[root] as { node: number }
      const place = (this.#copied.get(node) ?? this.#places.get(node)) as Place
      return this.#inPieces(
        [{ node, root, to: this.#targets[root] as Slot }],
        this.#lying(() => place),
        []
      )
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
      const works = wholeOf(
        part,
        operands.map((x) => parts[x] as GraphPart),
        this.#windows(part, operands, root, to)
      )
      works.forEach((some, i) => {
        phases[phase + i] = [...(phases[phase + i] ?? []), ...some]
      })
      levels[node] = phase + works.length
    }
    return phases.flatMap(batched)
  }

  /** What a node works on that works on whole arrays, and may do so piece by piece. */
  #windows(part: GraphPart, operands: readonly number[], root: number | undefined, to: Place): Windows {
    const places = operands.map((x) => this.#places.get(x) as Place)
    const [first, second = first] = places
    const pieceOf = (place: Place, piece: Piece | null): Place =>
      this.#bound(piece === null ? place : sliceOf(place, piece))
    return {
      read: (operand, piece) => pieceOf(places[operand] ?? (first as Place), piece),
      write: (piece) => (root === undefined ? pieceOf(to, piece) : this.#target(root, piece)),
      between: () => {
        const place = this.#take(part)
        return (piece) => pieceOf(place, piece)
      },
      isSame: first?.buffer === second?.buffer && first?.offset === second?.offset,
      most: this.#mostWords
    }
  }

  /** So many words may be bound, wherever they begin. */
  get #mostWords(): number {
    return Math.floor((this.#facts.mostBytes - 2 * ALIGNMENT) / 4)
  }

  /** Outputs that hang together, through what is read or computed for them. */
  #passes(outputs: readonly Wanted[], sources: Lying): Wanted[][] {
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

  /** A pass, piece by piece where its arrays are large. */
  #inPieces(pass: readonly Wanted[], sources: Lying, copies: Work[]): Work[] {
    const [{ node: first }] = pass as readonly [Wanted]
    const { size } = this.#graph.parts[first] as GraphPart
    const nodes = pass.map(({ node }) => node)
    const read = reach(sources, nodes).flatMap((i) => sources.placeOf(i) ?? [])
    return this.#piecesOf(size, [...read, ...pass.map(({ to }) => to)]).flatMap((piece) => {
      const outputs = pass.map(({ node, root, to }): Output => {
        if (root !== null) return { node, to: this.#target(root, piece) }
        return { node, to: this.#bound(piece === null ? to : sliceOf(to, piece)) }
      })
      return this.#fitting(outputs, this.#near(sources, piece), copies, piece?.count ?? size)
    })
  }

  /** A pass in parts that lie in as many buffers as a kernel may work between; for one array what is read is copied if it must. */
  #fitting(pass: readonly Output[], sources: Sources, copies: Work[], size: number): Work[] {
    const work = elementwise(sources, pass, size)
    if (work.buffers.length <= this.#facts.mostBuffers) return [work]
    if (pass.length > 1) {
      const half = pass.length >> 1
      return [pass.slice(0, half), pass.slice(half)].flatMap((some) => this.#fitting(some, sources, copies, size))
    }
    const [{ node, to }] = pass as readonly [Output]
    const near = this.#brought([node], sources, copies, new Set([to.buffer, SCRATCH]), size)
    return [elementwise(near, pass, size)]
  }

  /** The same sources, with what lies in too many buffers copied into one. */
  #brought(
    nodes: readonly number[],
    sources: Sources,
    copies: Work[],
    kept: Set<Place['buffer']>,
    size: number
  ): Sources {
    const moved = new Map<number, Place>()
    for (const i of reach(sources, nodes)) {
      const place = sources.placeOf(i)
      if (place === undefined) continue
      if (kept.size < this.#facts.mostBuffers) kept.add(place.buffer)
      if (kept.has(place.buffer)) continue
      const to = this.#bound(this.#take({ ...(this.#graph.parts[i] as GraphPart), size }))
      copies.push(elementwise(sources, [{ node: i, to }], size))
      moved.set(i, to)
    }
    return { ...sources, placeOf: (i) => moved.get(i) ?? sources.placeOf(i) }
  }

  #reductions({ reductions }: Stage, lying: Lying): Batch[] {
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
      const operands = nodesIn(part.operands)
      const read = reach(lying, operands).flatMap((i) => lying.placeOf(i) ?? [])
      return this.#piecesOf(size, read).map((piece) => {
        const sources = this.#near(lying, piece)
        const reduced = { node, to: from + (piece?.from ?? 0) / BLOCK }
        const elements = piece?.count ?? size
        const work = reduction(sources, reduced, this.#facts.isShared, elements)
        if (work.buffers.length <= this.#facts.mostBuffers) return work
        const near = this.#brought(operands, sources, copies, new Set([SCRATCH]), elements)
        return reduction(near, reduced, this.#facts.isShared, elements)
      })
    })
    return [...batched(copies), ...batched(blocks), ...batched(totals)]
  }

  #numbersIn(): Work[] {
    return this.#graph.parts.flatMap((part, node) =>
      part.name === 'given' ? [transfer(this.#bound(part.slot as Slot), this.#numberOf({ node }), 'in')] : []
    )
  }

  #numbersOut(): Work[] {
    const { parts, roots } = this.#graph
    return roots.flatMap((ref, root): Work[] => {
      const isNumber = 'number' in ref || parts[ref.node]?.dtype === 'number'
      return isNumber ? [transfer(this.#target(root, null), this.#numberOf(ref), 'out')] : []
    })
  }
}

type Memory = ReturnType<typeof memoryOf>

/** Where something begins in the memory of which it has all or a part. */
const offsetOf = ({ buffer, offset }: Place): number => offset + (buffer instanceof Range ? buffer.offset : 0)

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
