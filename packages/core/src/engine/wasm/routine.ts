import { allocate, type Data, Kind } from '../../array/dtype.js'
import { BindingTape } from '../../expression/bindingTape.js'
import { Expr, fill } from '../../expression/expr.js'
import { isStandalone, Op } from '../../expression/op.js'
import { isSameList } from '../../lists.js'
import { apart } from '../apart.js'
import type { Engine, Routine } from '../engine.js'
import { groupPasses, type Pass, planStages, splitPass } from '../plan.js'
import { type Program, programOf } from '../program.js'
import { arithmeticOf, isArithmetic } from '../scalar.js'
import type { KernelCache } from './cache.js'
import { filled, isConstant } from './constant.js'
import type { Kernel } from './kernel.js'
import type { Staging } from './staging.js'
import { runWhole } from './whole.js'

/** A program and what runs it. */
interface PassStep {
  readonly program: Program
  readonly kernel: Kernel
}

/** How an evaluation goes: nodes that the host computes, and passes. */
interface Plan {
  readonly roots: readonly Expr[]
  /** What was evaluated before in the same round, on whose results this one stands. */
  readonly before: readonly Plan[]
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
  readonly #staging: Staging
  readonly #kernels: KernelCache
  readonly #evaluate: Engine['evaluate']
  readonly #plans: Plan[] = []
  /** The plans of this round. */
  readonly #round: Plan[] = []
  #made = 0
  #repeated = 0
  #isUseful = true

  /** A routine of an engine with this staging and these kernels, which does in its own way what cannot be planned. */
  constructor(staging: Staging, kernels: KernelCache, evaluate: Engine['evaluate']) {
    this.#staging = staging
    this.#kernels = kernels
    this.#evaluate = evaluate
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
    const plan = this.#isUseful ? (this.#known(pending) ?? this.#make(pending)) : null
    if (plan !== null) this.#run(plan)
    else {
      this.#isUseful = false
      this.#evaluate(pending)
    }
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

  /** A plan for what is pending under the roots; `null` where a kernel is not to be had. */
  #make(roots: readonly Expr[]): Plan | null {
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
    try {
      for (const { host, outputs, reductions } of planStages(roots)) {
        for (const node of host) {
          steps.push(node)
          stand(node)
        }
        const constants = outputs.filter(isConstant)
        for (const node of constants) {
          steps.push(node)
          stand(node)
        }
        const fused = outputs.filter(isPending)
        for (const pass of groupPasses(fused, reductions).flatMap(splitPass)) {
          const step = this.#stepOf(pass)
          if (step === null) return null
          steps.push(step)
        }
        fused.forEach(stand)
        reductions.forEach(stand)
      }
    } finally {
      for (let i = 0; i < nodes.length; i++) {
        const node = nodes[i] as Expr
        node.op = ops[i] as number
        node.data = null
      }
    }
    const plan: Plan = { roots: [...roots], before: [...this.#round], steps, nodes, ops }
    if (this.#plans.length >= MOST_PLANS) this.#plans.shift()
    this.#plans.push(plan)
    this.#made += 1
    return plan
  }

  #stepOf(pass: Pass): PassStep | null {
    if (pass.size === 0) return null
    const program = programOf(pass)
    // What is seen again is compiled.
    const kernel = this.#kernels.find(program.code, pass.size) ?? this.#kernels.find(program.code, pass.size)
    return kernel === null ? null : { program, kernel }
  }

  #run(plan: Plan): void {
    this.#round.push(plan)
    const { steps } = plan
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as Expr | PassStep
      if (step instanceof Expr) fill(step, this.#valueOf(step))
      else this.#staging.run(step.program, step.kernel)
    }
  }

  #valueOf(node: Expr): Data | number {
    if (isArithmetic(node)) return arithmeticOf(node)
    return isStandalone(node.op) ? this.#runStandalone(node) : filled(node)
  }

  #runStandalone(node: Expr): Data {
    return apart(this.#evaluate, () => runWhole(this.#staging, this.#kernels, node))
  }
}

const isPending = (node: Expr): boolean => node.op !== Op.Leaf

/** Whether the leaves that shared an array when the program was written share one now. */
const hasTwins = ({ inputs, twins, twinOf }: Program): boolean => {
  for (let i = 0; i < twins.length; i++) {
    if ((twins[i] as Expr).data !== (inputs[twinOf[i] as number] as Expr).data) return false
  }
  return true
}
