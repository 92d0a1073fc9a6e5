import type { GraphPart, Ref } from '../internal/graph.js'
import { nodesIn } from '../internal/stages.js'
import { declarationsOf, expressionOf } from './functions.js'
import { Bindings, numbersBinding, type Place, THREADS, type Work } from './launch.js'

/** What a kernel is written of: a graph, and where what is there lies. */
export interface Sources {
  readonly parts: readonly GraphPart[]
  /** Where an array lies that is there; `undefined` of one that is computed here. */
  readonly placeOf: (node: number) => Place | undefined
  /** At which of the numbers a number lies. */
  readonly numberOf: (ref: Ref) => number
}

/** An array, and a place where it is to be stored. */
export interface Output {
  readonly node: number
  readonly to: Place
}

/** A reduction, and at which of the numbers the result of its first block is to be. */
export interface Reduced {
  readonly node: number
  readonly to: number
}

/** The nodes that are computed for some others, operands first, and the arrays that are read. */
const below = ({ parts, placeOf }: Sources, roots: readonly number[]): readonly [nodes: number[], inputs: number[]] => {
  const seen = new Set<number>()
  const inputs: number[] = []
  const nodes: number[] = []
  const pending = [...roots]
  for (let i = pending.pop(); i !== undefined; i = pending.pop()) {
    const part = parts[i] as GraphPart
    if (seen.has(i) || part.dtype === 'number') continue
    seen.add(i)
    if (placeOf(i) !== undefined) inputs.push(i)
    else {
      nodes.push(i)
      pending.push(...nodesIn(part.operands))
    }
  }
  const ascending = (a: number, b: number): number => a - b
  return [nodes.sort(ascending), inputs.sort(ascending)]
}

/** The arrays that are read where some others are computed, and those that are computed on the way. */
export const reach = (sources: Sources, roots: readonly number[]): readonly number[] => below(sources, roots).flat()

/** A kernel's text as it comes together, and what it is to be told. */
class Writing {
  readonly lines: string[] = []
  readonly head: string[] = []
  readonly record: number[] = []
  readonly functions = new Set<string>()
  readonly uses = (name: string): void => {
    this.functions.add(name)
  }
  readonly bindings = new Bindings(this.uses)
  usesNumbers = false
  readonly starts: (readonly [number, number])[] = []
  readonly hosted: number[] = []
  readonly #names = new Map<number, string>()
  readonly #places = new Map<string, string>()
  readonly #ids = new Map<Place['buffer'], number>()
  readonly sources: Sources

  constructor(sources: Sources) {
    this.sources = sources
  }

  /** The name of a number out of the record. */
  field(value: number): string {
    const name = `f${this.record.length}`
    this.head.push(`let ${name} = table[at + ${this.record.length}u];`)
    this.record.push(value)
    return name
  }

  /** The name of a beginning out of the record. */
  start(place: Place): string {
    this.starts.push([this.record.length, this.bindings.unitOf(place)])
    return this.field(this.bindings.startOf(place))
  }

  number(ref: Ref): string {
    this.usesNumbers = true
    if ('number' in ref) this.hosted.push(this.record.length)
    const field = this.field(this.sources.numberOf(ref))
    this.head.push(`let n${field} = V(numbers[${field}]);`)
    return `n${field}`
  }

  /** Reads an array; the same one is read once. */
  input(node: number): void {
    const place = this.sources.placeOf(node) as Place
    const { buffer, offset, dtype } = place
    if (!this.#ids.has(buffer)) this.#ids.set(buffer, this.#ids.size)
    const key = `${this.#ids.get(buffer)} ${offset} ${dtype}`
    const known = this.#places.get(key)
    if (known !== undefined) {
      this.#names.set(node, known)
      return
    }
    const start = this.start(place)
    this.lines.push(`let v${start} = ${this.bindings.load(place, start)};`)
    this.#names.set(node, `v${start}`)
    this.#places.set(key, `v${start}`)
  }

  name(node: number): string {
    return this.#names.get(node) as string
  }

  rename(node: number, name: string): void {
    this.#names.set(node, name)
  }

  computed(node: number, at: number): void {
    const part = this.sources.parts[node] as GraphPart
    const operands = part.operands.map((ref) =>
      'node' in ref && this.#names.has(ref.node) ? this.name(ref.node) : this.number(ref)
    )
    this.lines.push(`let r${at} = ${expressionOf(part.name, part.dtype, operands, this.uses)};`)
    this.#names.set(node, `r${at}`)
  }

  work(
    rest: Pick<Work, 'grain'> & { readonly body: string; readonly size: number },
    places: Pick<Work['member'], 'reads' | 'writes' | 'form'>,
    writesNumbers: boolean
  ): Work {
    const numbers = this.usesNumbers ? [numbersBinding(writesNumbers)] : []
    return {
      head: [declarationsOf(this.functions), ...numbers, this.bindings.declarations(2)].join('\n'),
      body: rest.body,
      grain: rest.grain,
      buffers: this.bindings.buffers,
      usesNumbers: this.usesNumbers,
      member: { record: this.record, size: rest.size, ...places }
    }
  }
}

const placesOf = ({ placeOf }: Sources, inputs: readonly number[]): Place[] => inputs.map((i) => placeOf(i) as Place)

/** How many groups of four elements there is room for. */
const quadsIn = ({ dtype, length, room = 0 }: Place): number =>
  Math.max(Math.ceil(length / 4), Math.floor(room / (dtype === 'float32' ? 16 : 8)))

/** A pass that computes arrays of one size and stores them, or so many elements of each. */
export const elementwise = (sources: Sources, outputs: readonly Output[], elements?: number): Work => {
  const [nodes, inputs] = below(
    sources,
    outputs.map(({ node }) => node)
  )
  const reads = placesOf(sources, inputs)
  const writes = outputs.map(({ to }) => to)
  const writing = new Writing(sources)
  for (const place of reads) writing.bindings.add(place, false)
  for (const place of writes) writing.bindings.add(place, true)
  const [{ node: first }] = outputs as readonly [Output]
  const size = elements ?? (sources.parts[first] as GraphPart).size
  writing.record.push(Math.ceil(size / 4))
  for (const i of inputs) writing.input(i)
  nodes.forEach((node, i) => writing.computed(node, i))
  for (const { node, to } of outputs) {
    const start = writing.start(to)
    writing.lines.push(writing.bindings.store(to, start, writing.name(node)))
  }
  const body = `${writing.head.join('\n')}
for (var q = first + (lane & 15u); q < min(first + COUNT, table[at]); q += 16u) {
${writing.lines.join('\n')}
}`
  const { starts, hosted } = writing
  const room = Math.min(...writes.map(quadsIn))
  return writing.work({ grain: 'elements', body, size }, { reads, writes, form: { starts, hosted, room } }, false)
}

/** How many groups of four elements a block of a sum has. */
export const BLOCK_QUADS = 1024

const IDLE: Readonly<Record<string, string>> = {
  minOf: 'bitcast<f32>(0x7f800000u + 0u * lane)',
  maxOf: 'bitcast<f32>(0xff800000u + 0u * lane)'
}

/** What takes two parts of a reduction into one. */
const combined = (name: string, x: string, y: string, uses: (name: string) => void): string => {
  if (name !== 'minOf' && name !== 'maxOf') return `${x} + ${y}`
  const either = name === 'minOf' ? 'min' : 'max'
  uses(either)
  return `${either}_(${x}, ${y})`
}

/** The results of the blocks of a reduction, each of 4096 elements that four lanes add up in order. */
export const reduction = (sources: Sources, { node, to }: Reduced, isShared: boolean, elements: number): Work => {
  const part = sources.parts[node] as GraphPart
  const operands = nodesIn(part.operands)
  const [nodes, inputs] = below(sources, operands)
  const reads = placesOf(sources, inputs)
  const writing = new Writing(sources)
  for (const place of reads) writing.bindings.add(place, false)
  writing.record.push(elements)
  writing.usesNumbers = true
  const result = writing.field(to)
  for (const i of inputs) writing.input(i)
  nodes.forEach((x, i) => writing.computed(x, i))
  const [x, y = x] = operands.map((operand) => writing.name(operand)) as [string, string?]
  const term = part.name === 'dot' || part.name === 'sumSquares' ? `${x} * ${y}` : x
  const idle = `V(${IDLE[part.name] ?? '0.0'})`
  const join = (a: string, b: string): string => combined(part.name, a, b, writing.uses)
  const masked = `select(${idle}, ${term}, U(4u * q) + U(0u, 1u, 2u, 3u) < U(size))`
  // Threads of a processor go through a block each; on a graphics card they would read far from one another, so a workgroup fetches
  // a block together, which one of them adds up.
  const loop = isShared
    ? `for (var q = begin + lane; q < end; q += ${THREADS}u) {
${writing.lines.join('\n')}
  terms[q - begin] = ${masked};
}
workgroupBarrier();
if (lane != 0u) { return; }
for (var i = 0u; i < end - begin; i++) { total = ${join('total', 'terms[i]')}; }`
    : `for (var q = begin; q < end; q++) {
${writing.lines.join('\n')}
  total = ${join('total', masked)};
}`
  const body = `${writing.head.join('\n')}
let size = table[at];
let begin = first * ${BLOCK_QUADS}u;
let end = min(begin + ${BLOCK_QUADS}u, (size + 3u) / 4u);
var total = ${idle};
${loop}
let pairs = ${join('total.xzxz', 'total.ywyw')};
let all = ${join('pairs.xxxx', 'pairs.yyyy')};
numbers[${result} + first] = all.x;`
  return writing.work({ grain: isShared ? 'shared' : 'blocks', body, size: elements }, { reads, writes: [] }, true)
}

/** Takes the results of so many blocks of a reduction, which lie in a row, into a total, in order. */
export const total = (name: string, blocks: number, from: number, to: number): Work => {
  const functions = new Set<string>()
  const body = `let count = table[at];
var total = V(${IDLE[name] ?? '0.0'});
for (var i = 0u; i < count; i++) { total = ${combined(name, 'total', 'V(numbers[table[at + 1u] + i])', (f) => functions.add(f))}; }
numbers[table[at + 2u]] = total.x;`
  return {
    head: [declarationsOf(functions), numbersBinding(true)].join('\n'),
    body,
    grain: 'members',
    buffers: [],
    usesNumbers: true,
    member: { record: [blocks, from, to], reads: [], writes: [], size: 1 }
  }
}

/** Arithmetic on numbers: those that are to be stored, and where. */
export const arithmetic = (sources: Sources, nodes: readonly number[], isStored: (node: number) => boolean): Work => {
  const writing = new Writing(sources)
  writing.usesNumbers = true
  nodes.forEach((node, i) => {
    writing.computed(node, i)
    if (!isStored(node)) return
    const to = writing.field(sources.numberOf({ node }))
    writing.lines.push(`numbers[${to}] = r${i}.x;`)
  })
  const body = [...writing.head, ...writing.lines].join('\n')
  return writing.work({ grain: 'members', body, size: 1 }, { reads: [], writes: [] }, true)
}

/** Numbers put together one after the other. */
export const chained = (
  sources: Sources,
  node: number,
  { start, terms }: { readonly start: Ref; readonly terms: readonly Ref[] }
): Work => {
  const functions = new Set<string>()
  const { name } = sources.parts[node] as GraphPart
  const next = expressionOf(name, 'number', ['total', 'V(numbers[table[at + 3u + i]])'], (f) => functions.add(f))
  const body = `let count = table[at];
var total = V(numbers[table[at + 2u]]);
for (var i = 0u; i < count; i++) { total = ${next}; }
numbers[table[at + 1u]] = total.x;`
  return {
    head: [declarationsOf(functions), numbersBinding(true)].join('\n'),
    body,
    grain: 'members',
    buffers: [],
    usesNumbers: true,
    member: {
      record: [terms.length, sources.numberOf({ node }), sources.numberOf(start), ...terms.map(sources.numberOf)],
      reads: [],
      writes: [],
      size: 1
    }
  }
}
