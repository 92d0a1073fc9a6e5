import { allocate, type Data, Kind } from '../../array/dtype.js'
import { roundTo } from '../../array/half.js'
import type { NdArray } from '../../array/ndarray.js'
import { compute } from '../../expression/compute.js'
import { Expr, settle, shapeOf } from '../../expression/expr.js'
import { Op } from '../../expression/op.js'
import { Originals } from '../../expression/originals.js'
import { groupPasses, planStages, splitPass } from '../plan.js'
import { childAt, type Program, programOf } from '../program.js'
import { isArithmetic, numberOf } from '../scalar.js'
import { runStandalone } from '../standalone.js'
import { addBlocks, blocksOf, idleOf } from '../sum.js'
import type { Kernel } from '../wasm/kernel.js'
import type { Arena } from './arena.js'

/** One call of a kernel over whole arrays. */
export interface Launch {
  readonly kernel: Kernel
  readonly table: number
  readonly size: number
  /** What the table begins with. */
  readonly pointers: readonly number[]
}

/** Where a scalar goes that a launch reads. */
interface ScalarSlot {
  readonly user: Expr
  readonly place: number
  readonly kind: Kind
  readonly index: number
}

interface Copy {
  readonly from: Data
  readonly to: Data
}

interface Total {
  readonly node: Expr
  readonly first: number
  readonly size: number
}

interface Standalone {
  readonly node: Expr
  readonly operands: readonly NdArray[]
  readonly to: Data
}

interface Phase {
  readonly host: readonly (Expr | Standalone)[]
  readonly scalars: readonly ScalarSlot[]
  readonly copies: readonly Copy[]
  readonly launches: readonly Launch[]
  readonly totals: readonly Total[]
}

/** Everything that one evaluation does on an arena, to be done again with other numbers for as long as the graph is the same. */
export interface Plan {
  readonly base: number
  readonly top: number
  readonly before: readonly Copy[]
  readonly phases: readonly Phase[]
  readonly after: readonly Copy[]
  /** Where each stored node lies. */
  readonly places: ReadonlyMap<Expr, Data>
}

/** A node, or a leaf that moves as it is, and the array that is to hold it. */
export interface Target {
  readonly node: Expr
  readonly to: Data
}

interface DraftPhase {
  readonly host: readonly Expr[]
  readonly programs: readonly Program[]
}

/** When something is read or stored, and by what. The programs of a phase run at the same time, in any order. */
interface Moment {
  readonly time: number
  readonly by: Program | Expr
}

/** Whether nothing but what stores at a moment itself reads an array then or later. */
const isFree = (reads: readonly Moment[] | undefined, { time, by }: Moment): boolean =>
  reads === undefined || reads.every((read) => read.time < time || (read.time === time && read.by === by))

/**
 * Plans an evaluation: first what runs when, without touching a value, then where everything lies. An output goes straight
 * to its target when nothing later reads what the target held before, and by way of a temporary otherwise.
 */
export const makePlan = (arena: Arena, kernelOf: (code: readonly number[]) => Kernel, roots: readonly Expr[], targets: readonly Target[]): Plan => {
  const base = arena.top
  const originals = new Originals()
  const nodeOf = new Map<Data, Expr>()
  const stored = new Map<Expr, Moment>()
  const reads = new Map<Data, Moment[]>()
  const noteRead = (data: Data, moment: Moment): void => {
    const moments = reads.get(data)
    if (moments === undefined) reads.set(data, [moment])
    else moments.push(moment)
  }

  // Until its place is known, a stored node is a leaf with elements that are none.
  const pretend = (node: Expr, moment: Moment): void => {
    const stand = allocate(node.kind, 0)
    nodeOf.set(stand, node)
    stored.set(node, moment)
    originals.keep(node)
    settle(node, stand)
  }

  const drafts: DraftPhase[] = []
  const standaloneOperands = new Map<Expr, readonly Data[]>()
  try {
    let time = 1
    for (const stage of planStages(roots)) {
      for (const node of stage.host) {
        if (isArithmetic(node)) continue
        const operands = (node.more ?? [node.a as Expr]).map((operand) => operand.data as Data)
        const moment = { time: time++, by: node }
        for (const data of operands) noteRead(data, moment)
        standaloneOperands.set(node, operands)
        pretend(node, moment)
      }
      const programs = groupPasses(stage.outputs, stage.reductions).flatMap(splitPass).map(programOf)
      for (const by of programs) for (const data of by.inputs) noteRead(data, { time, by })
      for (const by of programs) for (const node of by.outputs) pretend(node, { time, by })
      drafts.push({ host: stage.host, programs })
      time++
    }
  } finally {
    originals.restore()
  }

  const before: Copy[] = []
  const after: Copy[] = []
  const places = new Map<Expr, Data>()
  const written = new Set(targets.map(({ to }) => to))
  for (const { node, to } of targets) {
    if (node.op === Op.Leaf) after.push({ from: settledSource(arena, node.data as Data, written, before), to })
    else if (places.has(node)) after.push({ from: places.get(node) as Data, to })
    else if (isFree(reads.get(to), stored.get(node) as Moment)) places.set(node, to)
    else {
      const temporary = arena.takeArray(node.kind, node.size)
      places.set(node, temporary)
      after.push({ from: temporary, to })
    }
  }
  for (const node of stored.keys()) {
    if (!places.has(node)) places.set(node, arena.takeArray(node.kind, node.size))
  }

  const placed = (data: Data): Data => {
    const node = nodeOf.get(data)
    return node === undefined ? data : (places.get(node) as Data)
  }
  const phases = drafts.map((draft) => layOut(arena, kernelOf, draft, places, placed, standaloneOperands))
  return { base, top: arena.top, before, phases, after, places }
}

/** Elements that are still there after all launches: themselves, or a copy when they are about to be overwritten. */
const settledSource = (arena: Arena, data: Data, written: ReadonlySet<Data>, before: Copy[]): Data => {
  if (!written.has(data)) return data
  const known = before.find(({ from }) => from === data)
  if (known !== undefined) return known.to
  const kind = data instanceof Float32Array ? Kind.F32 : data instanceof Float64Array ? Kind.F64 : Kind.BF16
  const to = arena.takeArray(kind, data.length)
  before.push({ from: data, to })
  return to
}

const layOut = (
  arena: Arena,
  kernelOf: (code: readonly number[]) => Kernel,
  draft: DraftPhase,
  places: ReadonlyMap<Expr, Data>,
  placed: (data: Data) => Data,
  standaloneOperands: ReadonlyMap<Expr, readonly Data[]>
): Phase => {
  const scalars: ScalarSlot[] = []
  const copies: Copy[] = []
  const launches: Launch[] = []
  const totals: Total[] = []

  const addressOf = (data: Data, kind: Kind): number => {
    const place = placed(data)
    const address = arena.placeOf(place)
    if (address !== undefined) return address
    const to = arena.takeArray(kind, place.length)
    copies.push({ from: place, to })
    return arena.placeOf(to) as number
  }

  for (const program of draft.programs) {
    const { size, reductions } = program
    const kernel = kernelOf(program.code)
    const table = arena.take(kernel.tableBytes)
    const pointers = [
      ...program.inputs.map((data, i) => addressOf(data, program.inputKinds[i] as Kind)),
      ...program.outputs.map((node) => arena.placeOf(places.get(node) as Data) as number),
      ...reductions.map(() => arena.take(8 * blocksOf(size)))
    ]
    reductions.forEach((node, i) => {
      totals.push({ node, first: (pointers[pointers.length - reductions.length + i] as number) >> 3, size })
    })
    program.scalarUsers.forEach((user, i) => {
      const kind = program.scalarKinds[i] as Kind
      const address = table + kernel.scalars + 8 * i
      scalars.push({ user, place: program.scalarPlaces[i] as number, kind, index: kind === Kind.F64 ? address >> 3 : address >> 2 })
    })
    if (size > 0) launches.push({ kernel, table, size, pointers })
  }

  const host = draft.host.map((node): Expr | Standalone => {
    if (isArithmetic(node)) return node
    const data = (standaloneOperands.get(node) as readonly Data[]).map(placed)
    const operands = (node.more ?? [node.a as Expr]).map((operand, i) => ({ dtype: operand.dtype, shape: shapeOf(operand), data: data[i] }) as NdArray)
    return { node, operands, to: places.get(node) as Data }
  })
  return { host, scalars, copies, launches, totals }
}

/** Runs the launches of a phase; they do not depend on each other. */
export type RunLaunches = (launches: readonly Launch[]) => void

/** Does what a plan says, with the numbers that its nodes hold now. */
export const runPlan = (arena: Arena, plan: Plan, runLaunches: RunLaunches): void => {
  for (const { from, to } of plan.before) to.set(from)
  for (const { host, scalars, copies, launches, totals } of plan.phases) {
    for (const step of host) {
      if (step instanceof Expr) step.value = compute(step.op, numberOf(step.a), numberOf(step.b), numberOf(step.c))
      else step.to.set(runStandalone(step.node, step.operands))
    }
    for (let i = 0; i < scalars.length; i++) writeScalar(arena, scalars[i] as ScalarSlot)
    for (const { from, to } of copies) to.set(from)
    // Written anew each time: where the tables of this plan lie, another plan may have had its own since.
    for (const { table, pointers } of launches) arena.i32.set(pointers, table >> 2)
    runLaunches(launches)
    for (const { node, first, size } of totals) node.value = addBlocks(node.op, idleOf(node.op), arena.f64, first, size)
  }
  for (const { from, to } of plan.after) to.set(from)
}

const writeScalar = (arena: Arena, { user, place, kind, index }: ScalarSlot): void => {
  const value = numberOf(childAt(user, place))
  if (kind === Kind.F64) arena.f64[index] = value
  else arena.f32[index] = kind === Kind.F32 ? value : roundTo(kind, value)
}
