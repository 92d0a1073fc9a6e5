import { allocate, type Data } from '../../array/dtype.js'
import { type Expr, settle } from '../../expression/expr.js'
import { Op } from '../../expression/op.js'
import { Originals } from '../../expression/originals.js'
import { groupPasses, type Pass, planStages, splitPass } from '../plan.js'
import { type Program, programOf } from '../program.js'
import { isArithmetic } from '../scalar.js'

/** What is done between two synchronisations: the host's nodes in order, then the programs, all at the same time. */
export interface DraftPhase {
  readonly host: readonly Expr[]
  readonly programs: readonly Placeless[]
}

/** A program and the elements of its inputs, which stand for what has no place yet. */
export interface Placeless {
  readonly program: Program
  readonly inputs: readonly Data[]
}

/** When something is read or stored, and by what. The programs of a phase run at the same time, in any order. */
interface Moment {
  readonly time: number
  readonly by: Program | Expr
}

/** What an evaluation does when, before anything has a place. */
export class Draft {
  readonly phases: DraftPhase[] = []
  /** The operands of the nodes that work on whole arrays. */
  readonly operands = new Map<Expr, readonly Data[]>()
  // Until its place is known, a stored node is a leaf with elements that are none.
  readonly #nodes = new Map<Data, Expr>()
  readonly #stands = new Map<Expr, Data>()
  readonly #stored = new Map<Expr, Moment>()
  readonly #reads = new Map<Data, Moment[]>()
  #lastOpaque = 0

  constructor(roots: readonly Expr[]) {
    const originals = new Originals()
    try {
      this.#write(roots, originals)
    } finally {
      originals.restore()
    }
  }

  /** The nodes that are stored, in order. */
  get stored(): Iterable<Expr> {
    return this.#stored.keys()
  }

  /** The node that elements stand for; `undefined` for those of a leaf. */
  nodeOf(data: Data): Expr | undefined {
    return this.#nodes.get(data)
  }

  /** When a node is stored, and when it is read for the last time. */
  lifeOf(node: Expr): { readonly from: number; readonly to: number } {
    const { time: from } = this.#stored.get(node) as Moment
    let to = from
    for (const { time } of this.#reads.get(this.#stands.get(node) as Data) ?? []) to = Math.max(to, time)
    return { from, to }
  }

  /**
   * Whether a node may be stored where these elements are: nothing but what stores it reads them then or later. A user's
   * function may read anything, and may throw: nothing that stays is written before the last of them has run.
   */
  isFree(data: Data, node: Expr): boolean {
    const { time, by } = this.#stored.get(node) as Moment
    if (time < this.#lastOpaque) return false
    const reads = this.#reads.get(data) ?? []
    return reads.every((read) => read.time < time || (read.time === time && read.by === by))
  }

  #write(roots: readonly Expr[], originals: Originals): void {
    let time = 1
    for (const stage of planStages(roots)) {
      for (const node of stage.host) {
        if (isArithmetic(node)) continue
        const moment = { time: time++, by: node }
        const operands = (node.more ?? [node.a as Expr]).map((operand) => operand.data as Data)
        for (const data of operands) this.#read(data, moment)
        this.operands.set(node, operands)
        if (node.op === Op.Opaque) this.#lastOpaque = moment.time
        this.#store(node, moment, originals)
      }
      const programs = groupPasses(stage.outputs, stage.reductions).flatMap(splitPass).map(placeless)
      for (const { program: by, inputs } of programs) for (const data of inputs) this.#read(data, { time, by })
      for (const { program: by } of programs) {
        for (const node of by.outputs) this.#store(node, { time, by }, originals)
      }
      this.phases.push({ host: stage.host, programs })
      time++
    }
  }

  #read(data: Data, moment: Moment): void {
    const moments = this.#reads.get(data)
    if (moments === undefined) this.#reads.set(data, [moment])
    else moments.push(moment)
  }

  #store(node: Expr, moment: Moment, originals: Originals): void {
    const stand = allocate(node.kind, 0)
    this.#nodes.set(stand, node)
    this.#stands.set(node, stand)
    this.#stored.set(node, moment)
    originals.keep(node)
    settle(node, stand)
  }
}

const placeless = (pass: Pass): Placeless => {
  const program = programOf(pass)
  return { program, inputs: program.inputs.map(({ data }) => data as Data) }
}
