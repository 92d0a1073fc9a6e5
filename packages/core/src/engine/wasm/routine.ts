import { allocate, Kind } from '../../array/dtype.js'
import { BindingTape } from '../../expression/bindingTape.js'
import { Expr } from '../../expression/expr.js'
import { Op } from '../../expression/op.js'
import { isSameList } from '../../lists.js'
import type { Routine } from '../engine.js'
import { homes } from '../homes.js'
import type { Pass } from '../plan.js'
import type { Program } from '../program.js'
import { inSteps, isPending, type PassStep } from './steps.js'

/** How an evaluation goes that was made before. */
interface Plan {
  readonly roots: readonly Expr[]
  /** What was evaluated before in the same round, on whose results this one stands. */
  readonly before: readonly Plan[]
  /** Nodes that the host computes, and passes. */
  readonly steps: readonly (Expr | PassStep)[]
  /** The nodes that get their values, and what they are until then. */
  readonly nodes: readonly Expr[]
  readonly ops: readonly number[]
}

/** Beyond this many plans the oldest is forgotten. */
const MOST_PLANS = 16
/** Beyond this many nodes only a few graphs are remembered, if they repeat. */
const MANY_NODES = 2 ** 16
const MOST_GRAPHS = 3
/** Beyond this many, none: with its plan a node takes about 600 bytes. */
const MOST_NODES = 2 ** 19
/** After so many plans, most of them must have been of use again. */
const TRIAL = 32

/** The routine of the fused engine: plans with their kernels, remembered by the nodes that they compute. */
export class WasmRoutine implements Routine {
  readonly name = 'wasm'
  readonly tape = new BindingTape()
  readonly #stepOf: (pass: Pass) => PassStep
  readonly #run: (step: Expr | PassStep) => void
  readonly #plans: Plan[] = []
  /** The plans of this round. */
  readonly #round: Plan[] = []
  #made = 0
  #repeated = 0
  #isUseful = true

  /** A routine of an engine that makes steps of passes, and runs them. */
  constructor(stepOf: (pass: Pass) => PassStep, run: (step: Expr | PassStep) => void) {
    this.#stepOf = stepOf
    this.#run = run
  }

  get isUseful(): boolean {
    return this.#isUseful
  }

  /** How many plans are remembered. */
  get plans(): number {
    return this.#plans.length
  }

  evaluate = (roots: readonly Expr[]): void => {
    const pending = roots.every(isPending) ? roots : roots.filter(isPending)
    if (pending.length === 0) return
    const plan = this.#known(pending) ?? this.#make(pending)
    this.#round.push(plan)
    homes()?.plan(plan.steps)
    plan.steps.forEach(this.#run)
  }

  end = (): void => {
    for (const { nodes, ops } of this.#round) {
      for (let i = 0; i < nodes.length; i++) {
        const node = nodes[i] as Expr
        node.op = ops[i] as number
        node.data = null
        node.isFresh = false
        if (node.op === Op.Opaque) node.detail = null
      }
    }
    this.#round.length = 0
    this.tape.rewind()
    const { size, longest } = this.tape
    const most = Math.max(MANY_NODES, Math.min(MOST_NODES, MOST_GRAPHS * longest))
    if (size > most || (this.#made > TRIAL && this.#repeated < this.#made)) this.#isUseful = false
    if (!this.#isUseful) this.#plans.length = 0
  }

  /** The plan that was made for the same nodes at the same point of a round, if it still holds. */
  #known(roots: readonly Expr[]): Plan | null {
    const at = this.#plans.findIndex((plan) => isSameList(plan.roots, roots) && isSameList(plan.before, this.#round))
    if (at < 0) return null
    const plan = this.#plans[at] as Plan
    if (plan.steps.every((step) => step instanceof Expr || hasTwins(step.program))) {
      this.#repeated += 1
      return plan
    }
    this.#plans.splice(at, 1)
    return null
  }

  /** A plan for what is pending under the roots. */
  #make(roots: readonly Expr[]): Plan {
    const steps: (Expr | PassStep)[] = []
    const nodes: Expr[] = []
    const ops: number[] = []
    // Once a node is computed, it is a leaf for all that follows; as yet with elements that are none.
    const stand = (node: Expr): void => {
      nodes.push(node)
      ops.push(node.op)
      node.op = Op.Leaf
      if (node.kind !== Kind.Scalar) node.data = allocate(node.kind, 0)
    }
    const byHost = (node: Expr): void => {
      steps.push(node)
      stand(node)
    }
    try {
      inSteps(roots, byHost, (pass) => {
        const step = this.#stepOf(pass)
        // What is seen again is compiled.
        steps.push(step.kernel === null ? this.#stepOf(pass) : step)
        pass.outputs.forEach(stand)
        pass.reductions.forEach(stand)
      })
    } finally {
      nodes.forEach((node, i) => {
        node.op = ops[i] as number
        node.data = null
      })
    }
    const plan: Plan = { roots: [...roots], before: [...this.#round], steps, nodes, ops }
    if (this.#plans.length >= MOST_PLANS) this.#plans.shift()
    this.#plans.push(plan)
    this.#made += 1
    return plan
  }
}

/** Whether the leaves that shared an array when the program was written share one now. */
const hasTwins = ({ inputs, twins, twinOf }: Program): boolean => {
  for (let i = 0; i < twins.length; i++) {
    if ((twins[i] as Expr).data !== (inputs[twinOf[i] as number] as Expr).data) return false
  }
  return true
}
