import { bytesOf, type Data, Kind } from '../../array/dtype.js'
import type { NdArray } from '../../array/ndarray.js'
import { Domain } from '../../expression/domain.js'
import { type Expr, shapeOf } from '../../expression/expr.js'
import { Op } from '../../expression/op.js'
import type { Product, ResidentProduct } from '../../expression/product.js'
import { reducing } from '../../expression/reducing.js'
import { isWhole } from '../../expression/runs.js'
import { blocksOf } from '../../expression/sum.js'
import { isPacked, packings } from '../../packing/packing.js'
import type { Program } from '../program.js'
import { isArithmetic } from '../scalar.js'
import type { Kernel } from '../wasm/kernel.js'
import { type Arena, footprint, type Mark, memoryOfAddress, wordOf } from './arena.js'
import { Draft, type DraftPhase, type Placeless } from './draft.js'
import type { KernelOf } from './kernels.js'
import type { Launch, Sums } from './launches.js'

/** A node, or a leaf that moves as it is, and the array that is to hold it. */
export interface Target {
  readonly node: Expr
  readonly to: Data
}

/** Where a scalar goes that a launch reads: an operand of a node, and the word of the memory. */
export interface ScalarSlot {
  readonly user: Expr
  readonly place: number
  readonly index: number
  /** Which memory that is. */
  readonly memory: number
}

/** Elements that move as they are: all, or those of a domain. */
export interface Copy {
  readonly from: Data
  readonly to: Data
  readonly domain: Domain | null
}

/** A reduction, and where the results of its blocks lie, or the totals of each of many arrays. */
export interface Total {
  readonly node: Expr
  readonly first: number
  readonly size: number
  readonly each: Float64Array | null
  readonly blocks: Float64Array
}

/** A node that works on whole arrays. */
export interface Standalone {
  readonly node: Expr
  readonly operands: readonly NdArray[]
  readonly to: Data
}

/** What is done between two synchronisations, in this order; the launches at the same time. */
export interface Phase {
  readonly host: readonly (Expr | Standalone | ResidentProduct<Kernel>)[]
  readonly scalars: readonly ScalarSlot[]
  /** What was stored in another memory than it is read in. */
  readonly moves: readonly Copy[]
  readonly launches: readonly Launch[]
  readonly totals: readonly Total[]
}

/** Everything that one evaluation does on an arena, to be done again with other numbers for as long as the graph is the same. */
export interface Plan {
  /** Where its temporaries and tables begin and end. */
  readonly base: Mark
  readonly top: Mark
  readonly before: readonly Copy[]
  readonly phases: readonly Phase[]
  readonly after: readonly Copy[]
  /** Where in each memory that packs stands what it looks up. */
  readonly tables: ReadonlyMap<number, number>
  /** Where each stored node lies. */
  readonly places: ReadonlyMap<Expr, Data>
  /** The nodes that are looked at when the plan runs: once one of them has a value from elsewhere, the plan is void. */
  readonly live: readonly Expr[]
}

/**
 * Plans an evaluation: first what runs when, without touching a value, then where everything lies. An output goes straight
 * to its target when nothing later reads what the target held before, and by way of a temporary otherwise.
 */
export const makePlan = (
  arena: Arena,
  kernelOf: KernelOf,
  roots: readonly Expr[],
  targets: readonly Target[]
): Plan => {
  const base = arena.mark
  const draft = new Draft(roots)
  const layout = new Layout(arena, kernelOf, draft)
  layout.place(targets)
  const phases = draft.phases.map((phase) => layout.phase(phase))
  const { before, after, tables, places, live } = layout
  return { base, top: arena.mark, before, phases, after, tables, places, live: [...live] }
}

const domainOf = ({ form }: Expr): Domain | null => (form instanceof Domain && !isWhole(form) ? form : null)

const FOR_GOOD = { from: 0, to: Infinity }

/** Arrays for a while. They are asked for in the order in which they are stored, and those that nobody reads any more are used again. */
class Temporaries {
  readonly #arena: Arena
  /** The addresses in use, by the time of the last look at them. */
  readonly #busy = new Map<number, { readonly bytes: number; readonly address: number }[]>()
  readonly #idle = new Map<number, number[]>()
  #time = 0

  constructor(arena: Arena) {
    this.#arena = arena
  }

  /** An array of a memory that is stored at one time and read until another. */
  take({ kind, size }: Expr, from: number, to: number, memory: number): Data {
    for (; this.#time < from; this.#time++) {
      for (const { bytes, address } of this.#busy.get(this.#time) ?? []) listIn(this.#idle, bytes).push(address)
      this.#busy.delete(this.#time)
    }
    const own = this.#arena.all[memory] as Arena
    // Those of each memory under keys of their own.
    const bytes = footprint(kind, size) * this.#arena.all.length + memory
    const address = this.#idle.get(bytes)?.pop() ?? own.take(size * bytesOf(kind))
    listIn(this.#busy, to).push({ bytes, address })
    return own.arrayAt(address, kind, size)
  }
}

/** The list at a key, a new one if there is none. */
const listIn = <T>(lists: Map<number, T[]>, key: number): T[] => {
  const list = lists.get(key) ?? []
  lists.set(key, list)
  return list
}

/** Gives everything its place. */
class Layout {
  readonly before: Copy[] = []
  readonly after: Copy[] = []
  readonly places = new Map<Expr, Data>()
  readonly live = new Set<Expr>()
  readonly #arena: Arena
  readonly #kernelOf: KernelOf
  readonly #draft: Draft
  /** For each memory, the copies there of what is elsewhere: of arrays as they are at the start, and of what nodes store, maybe in the same arrays. */
  readonly #copies: readonly Map<Data | Expr, Data>[]
  readonly #packing = new Map<number, readonly [number, number]>()
  readonly #rooms = new Map<number, number>()
  /** Where in each memory stands what packing looks up. */
  readonly tables = new Map<number, number>()
  /** In which memory each program works, and each node is stored; none is named where there is one. */
  readonly #memories = new Map<Program | Expr, number>()

  constructor(arena: Arena, kernelOf: KernelOf, draft: Draft) {
    this.#arena = arena
    this.#kernelOf = kernelOf
    this.#draft = draft
    this.#copies = arena.all.map(() => new Map())
  }

  /** Decides where every stored node lies. */
  place(targets: readonly Target[]): void {
    if (this.#arena.all.length > 1) this.#spread(targets)
    const written = new Set(targets.map(({ to }) => to))
    for (const { node, to } of targets) {
      const known = this.places.get(node)
      if (node.op === Op.Leaf) {
        // What is about to be overwritten is set aside.
        const data = node.data as Data
        this.after.push({
          from: written.has(data) ? this.#copy(node.kind, data, this.#memoryAt(data)) : data,
          to,
          domain: domainOf(node)
        })
      } else if (known !== undefined) this.after.push({ from: known, to, domain: domainOf(node) })
      else if (this.#draft.isFree(to, node) && this.#isIn(to, this.#memoryOf(node))) this.places.set(node, to)
      else {
        const temporary = (this.#arena.all[this.#memoryOf(node)] as Arena).takeArray(node.kind, node.size)
        this.places.set(node, temporary)
        this.after.push({ from: temporary, to, domain: domainOf(node) })
      }
    }
    const temporaries = new Temporaries(this.#arena)
    for (const node of this.#draft.stored) {
      if (this.places.has(node)) continue
      // What is asked for without a target is there until the next step.
      const { from, to } = targets.length > 0 ? this.#draft.lifeOf(node) : FOR_GOOD
      this.places.set(node, temporaries.take(node, from, to, this.#memoryOf(node)))
    }
  }

  /** A phase with all addresses. */
  phase({ host, programs }: DraftPhase): Phase {
    const scalars: ScalarSlot[] = []
    const totals: Total[] = []
    const moves: Copy[] = []
    const launches = programs.map((program) => this.#launch(program, scalars, totals, moves))
    return {
      host: host.map((node) => this.#host(node)),
      scalars,
      moves,
      launches: launches.filter(({ size }) => size > 0),
      totals
    }
  }

  #host(node: Expr): Phase['host'][number] {
    this.live.add(node)
    if (isArithmetic(node)) return node
    const data = this.#draft.operands.get(node) as readonly Data[]
    const product = node.op === Op.Matmul ? this.#product(node, data) : null
    if (product !== null) return product
    const operands = (node.more ?? [node.a as Expr]).map(
      (operand, i) =>
        ({ dtype: operand.dtype, shape: shapeOf(operand), data: this.#placed(data[i] as Data) }) as NdArray
    )
    return { node, operands, to: this.places.get(node) as Data }
  }

  #product(node: Expr, data: readonly Data[]): ResidentProduct<Kernel> | null {
    const memory = this.#memoryOf(node)
    // What was stored in another memory is moved before programs run, which is too late.
    if (data.some((operand) => this.#draft.nodeOf(operand) !== undefined && !this.#isIn(this.#placed(operand), memory)))
      return null
    const [a, b] = data.map((operand) => this.#addressOf(operand, node.kind, memory, [])) as [number, number]
    const c = this.#arena.placeOf(this.places.get(node) as Data) as number
    const [packedA, packedB] = this.#packingRoom(memory)
    const own = this.#arena.all[memory] as Arena
    return (node.detail as Product).method.resident(node, a === b, {
      places: { a: wordOf(a), b: wordOf(b), c: wordOf(c), packedA, packedB },
      take: (bytes) => own.take(bytes),
      kernelOf: (code, write) => this.#kernelOf(code, write, memory)
    })
  }

  /** Where operands of products are packed: all in the same place, as one product is computed at a time. */
  #packingRoom(memory: number): readonly [number, number] {
    const known = this.#packing.get(memory)
    if (known !== undefined) return known
    const products = this.#draft.phases.flatMap(({ host }) => host.filter(({ op }) => op === Op.Matmul))
    const sizes = products.map((node) => {
      const product = node.detail as Product
      return product.method.packedBytes(product, node.kind)
    })
    const largest = (i: 0 | 1): number => sizes.reduce((most, pair) => Math.max(most, pair[i]), 0)
    const own = this.#arena.all[memory] as Arena
    const room = [wordOf(own.take(largest(0))), wordOf(own.take(largest(1)))] as const
    this.#packing.set(memory, room)
    return room
  }

  #launch({ program, inputs }: Placeless, scalars: ScalarSlot[], totals: Total[], moves: Copy[]): Launch {
    const { code, size, domain, outputs, reductions, users, places } = program
    const memory = this.#memoryOf(program)
    const own = this.#arena.all[memory] as Arena
    const kernel = this.#kernelOf(code, undefined, memory) as Kernel
    const table = own.take(kernel.tableBytes)
    const sums: Sums[] = []
    const blocks = reductions.map((node) => {
      const address = own.take(8 * blocksOf(size))
      const first = wordOf(address) / 8
      const each = domain === null ? null : new Float64Array(domain.starts.length).fill(reducing().idleOf(node.op))
      totals.push({ node, first, size, each, blocks: own.f64 })
      if (each !== null) sums.push({ op: node.op, first, totals: each })
      return address
    })
    const isOneStretch = domain === null || (isWhole(domain) && sums.length === 0)
    const parts = isOneStretch ? null : { domain, sums, blocks: own.f64 }
    const pointers = [
      ...inputs.map((data, i) => this.#addressOf(data, (program.inputs[i] as Expr).kind, memory, moves)),
      ...outputs.map((node) => this.#arena.placeOf(this.places.get(node) as Data) as number),
      ...blocks,
      ...this.#roomFor(program, memory)
    ]
    users.forEach((user, i) => {
      const address = wordOf(table) + kernel.scalars + 8 * i
      this.live.add(user)
      scalars.push({ user, place: places[i] as number, index: address / (user.kind === Kind.F64 ? 8 : 4), memory })
    })
    return { kernel, table, size, pointers, parts }
  }

  /** Room for what a kernel packs, on each thread, and what it looks up: the same room for all that pack as much, as a thread runs one at a time. */
  #roomFor({ inputKinds, outputKinds }: Program, memory: number): readonly number[] {
    const packs = outputKinds.filter(isPacked).length
    if (packs === 0 && !inputKinds.some(isPacked)) return []
    const { all, threads } = this.#arena
    const own = all[memory] as Arena
    const key = packs * all.length + memory
    const room = this.#rooms.get(key) ?? own.take(packings().roomIn(packs) * threads)
    this.#rooms.set(key, room)
    const known = this.tables.get(memory)
    const tables = known ?? own.take(packings().tableBytes())
    this.tables.set(memory, tables)
    return [room, tables]
  }

  /** The elements of a node, once it has a place; those of a leaf as they are. */
  #placed(data: Data): Data {
    const node = this.#draft.nodeOf(data)
    return node === undefined ? data : (this.places.get(node) as Data)
  }

  /** Where a kernel of a memory finds elements; those from elsewhere are copied in before anything runs, or once they are stored. */
  #addressOf(data: Data, kind: Kind, memory: number, moves: Copy[]): number {
    const placed = this.#placed(data)
    const address = this.#arena.placeOf(placed)
    if (address !== undefined && memoryOfAddress(address) === memory) return address
    const node = this.#draft.nodeOf(data)
    if (node === undefined) return this.#arena.placeOf(this.#copy(kind, placed, memory)) as number
    const known = this.#copies[memory]?.get(node)
    const to = known ?? (this.#arena.all[memory] as Arena).takeArray(node.kind, node.size)
    this.#copies[memory]?.set(node, to)
    if (known === undefined) moves.push({ from: placed, to, domain: domainOf(node) })
    return this.#arena.placeOf(to) as number
  }

  /** A copy of elements as they are at the start. */
  #copy(kind: Kind, data: Data, memory: number): Data {
    const copies = this.#copies[memory] as Map<Data | Expr, Data>
    const known = copies.get(data)
    if (known !== undefined) return known
    const to = (this.#arena.all[memory] as Arena).takeArray(kind, data.length)
    copies.set(data, to)
    this.before.push({ from: data, to, domain: null })
    return to
  }

  #memoryOf(of: Program | Expr): number {
    return this.#memories.get(of) ?? 0
  }

  /** The memory of an array; the first one of those that are in none. */
  #memoryAt(data: Data): number {
    return memoryOfAddress(this.#arena.placeOf(data) ?? 0)
  }

  #isIn(data: Data, memory: number): boolean {
    return this.#arena.all.length === 1 || this.#memoryAt(data) === memory
  }

  /** Finds out where everything is computed: where the first result is to go, or where the first operand is. */
  #spread(targets: readonly Target[]): void {
    const wanted = new Map(targets.map(({ node, to }) => [node, this.#memoryAt(to)]))
    const memoryOf = (data: Data): number | undefined => {
      const node = this.#draft.nodeOf(data)
      if (node !== undefined) return this.#memories.get(node)
      const address = this.#arena.placeOf(data)
      return address === undefined ? undefined : memoryOfAddress(address)
    }
    const settle = (of: Program | Expr, results: readonly Expr[], operands: readonly Data[]): void => {
      const target = results.find((node) => wanted.has(node))
      const memory = target === undefined ? operands.map(memoryOf).find((one) => one !== undefined) : wanted.get(target)
      for (const one of [of, ...results]) this.#memories.set(one, memory ?? 0)
    }
    for (const { host, programs } of this.#draft.phases) {
      for (const node of host) if (!isArithmetic(node)) settle(node, [node], this.#draft.operands.get(node) ?? [])
      for (const { program, inputs } of programs) settle(program, program.outputs, inputs)
    }
  }
}
