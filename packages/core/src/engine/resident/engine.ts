import type { Data } from '../../array/dtype.js'
import { type Expr, settle } from '../../expression/expr.js'
import { Op } from '../../expression/op.js'
import type { Tape } from '../../expression/tape.js'
import { isSameList } from '../../lists.js'
import type { Engine } from '../engine.js'
import { type Arena, type Mark, overlap } from './arena.js'
import type { KernelOf } from './kernels.js'
import type { RunLaunches } from './launches.js'
import { makePlan, type Plan, type Target } from './plan.js'
import { runPlan, writeTables } from './run.js'

interface Settled {
  readonly node: Expr
  readonly data: Data | null
}

interface KnownPlan {
  /** What was asked for: the same lists, unchanged, ask for the same. */
  readonly scalars: readonly Expr[]
  readonly roots: readonly Expr[]
  readonly targets: readonly Target[]
  readonly settled: readonly Settled[]
  readonly weight: number
  readonly plan: Plan
}

const NONE: readonly never[] = []

/** Beyond this many plans those not used for longest are forgotten. */
const MOST_PLANS = 64

/** So are they when there are more launches in them than this, except for the latest few. */
const MANY_LAUNCHES = 2 ** 16
const LATEST = 8

/**
 * The engine of arrays that live in an arena: what it computes goes to where it is wanted, or to temporaries above the
 * base, which last until the next step. On the same nodes as before it does again what it did before.
 */
export class ResidentEngine implements Engine {
  readonly name = 'resident'
  readonly #arena: Arena
  readonly #tape: Tape
  readonly #kernelOf: KernelOf
  readonly #runLaunches: RunLaunches
  readonly #base: Mark
  // The one used last comes first.
  readonly #plans: KnownPlan[] = []
  #weight = 0
  /** The plans whose tables are as they left them. */
  readonly #intact = new Set<Plan>()
  #isTorn = false

  /** An engine for what lies above the top of the arena. */
  constructor(arena: Arena, tape: Tape, kernelOf: KernelOf, runLaunches: RunLaunches) {
    this.#arena = arena
    this.#tape = tape
    this.#kernelOf = kernelOf
    this.#runLaunches = runLaunches
    this.#base = arena.mark
  }

  /** Whether something went wrong while arrays were being written: some may be new and others old. */
  get isTorn(): boolean {
    return this.#isTorn
  }

  /** How many plans are remembered. */
  get plans(): number {
    return this.#plans.length
  }

  /** Frees the temporaries of the last step. */
  rewind(): void {
    this.#tape.rewind()
    this.#arena.releaseTo(this.#base)
  }

  /** Gives the roots their values, in temporaries: for what has to be known in the middle of a step. */
  evaluate(roots: readonly Expr[]): void {
    const pending = roots.filter((root) => root.op !== Op.Leaf)
    if (pending.length === 0) return
    const plan = this.#planOf(pending, NONE, NONE)
    this.#run(plan)
    // What was stored on the way is not computed again for what is asked next.
    for (const [node, data] of plan.places) this.#settle(node, data)
    for (const { totals } of plan.phases) for (const { node, each } of totals) this.#settle(node, each)
    for (const root of pending) this.#settle(root, null)
  }

  #settle(node: Expr, data: Data | null): void {
    if (node.op === Op.Leaf) return
    this.#tape.settled.keep(node)
    settle(node, data ?? node.value)
    node.isFresh = false
  }

  /**
   * Computes scalars and stores arrays where they are wanted. Until everything is planned nothing is written. Lists that
   * are handed over again, as they were, save the comparison with what is known.
   */
  store(scalars: readonly Expr[], targets: readonly Target[]): void {
    const known = this.#known((known) => known.scalars === scalars && known.targets === targets)
    this.#run(known ?? this.#planOf(pendingOf(scalars, targets), scalars, targets), true)
  }

  /** {@link store} for what is stored but once: its plan is not remembered. */
  storeOnce(scalars: readonly Expr[], targets: readonly Target[]): void {
    this.#run(makePlan(this.#arena, this.#kernelOf, pendingOf(scalars, targets), targets), true)
    this.#intact.clear()
  }

  #run(plan: Plan, isStoring = false): void {
    this.#arena.releaseTo(plan.top)
    if (!this.#intact.has(plan)) {
      for (const other of this.#intact) {
        if (overlap(plan.base, plan.top, other.base, other.top)) this.#intact.delete(other)
      }
      writeTables(this.#arena, plan)
      this.#intact.add(plan)
    }
    // Users' functions may throw too, but they have run before anything that stays is written.
    const launch: RunLaunches = (launches) => {
      try {
        this.#runLaunches(launches)
      } catch (error) {
        this.#isTorn = this.#isTorn || isStoring
        throw error
      }
    }
    runPlan(this.#arena, plan, launch)
  }

  #planOf(roots: readonly Expr[], scalars: readonly Expr[], targets: readonly Target[]): Plan {
    return this.#known((known) => fits(known, roots, targets)) ?? this.#make(roots, scalars, targets)
  }

  /** The plan that is asked for, when it is known and still holds. */
  #known(isAskedFor: (known: KnownPlan) => boolean): Plan | null {
    const at = this.#plans.findIndex((known) => isAskedFor(known) && this.#holds(known))
    if (at > 0) this.#plans.unshift(...this.#plans.splice(at, 1))
    return at >= 0 ? (this.#plans[0] as KnownPlan).plan : null
  }

  /** Whether what a plan was made for is still to be computed, from the same values and at the same place. */
  #holds({ plan, roots, settled }: KnownPlan): boolean {
    const { nodes } = this.#tape.settled
    if (!this.#arena.isAt(plan.base) || settled.length !== nodes.length) return false
    for (let i = 0; i < settled.length; i++) {
      const { node, data } = settled[i] as Settled
      if (node !== nodes[i] || node.data !== data) return false
    }
    for (let i = 0; i < roots.length; i++) if ((roots[i] as Expr).op === Op.Leaf) return false
    const { live } = plan
    for (let i = 0; i < live.length; i++) if ((live[i] as Expr).op === Op.Leaf) return false
    return true
  }

  #make(roots: readonly Expr[], scalars: readonly Expr[], targets: readonly Target[]): Plan {
    const plan = makePlan(this.#arena, this.#kernelOf, roots, targets)
    const settled = this.#tape.settled.nodes.map((node) => ({ node, data: node.data }))
    const weight = plan.phases.reduce((sum, { launches }) => sum + launches.length, 1)
    this.#plans.unshift({ roots, scalars, targets, settled, weight, plan })
    this.#weight += weight
    while (this.#plans.length > MOST_PLANS || (this.#weight > MANY_LAUNCHES && this.#plans.length > LATEST)) {
      const oldest = this.#plans.pop() as KnownPlan
      this.#weight -= oldest.weight
      this.#intact.delete(oldest.plan)
    }
    return plan
  }
}

/** Whether a plan was made for the same nodes. */
const fits = (known: KnownPlan, roots: readonly Expr[], targets: readonly Target[]): boolean => {
  if (!isSameList(known.roots, roots) || known.targets.length !== targets.length) return false
  for (let i = 0; i < targets.length; i++) {
    const p = known.targets[i] as Target
    const q = targets[i] as Target
    if (p.node !== q.node || p.to !== q.to) return false
  }
  return true
}

/** What is to be computed. */
const pendingOf = (scalars: readonly Expr[], targets: readonly Target[]): Expr[] => {
  const pending = scalars.filter((root) => root.op !== Op.Leaf)
  for (const { node } of targets) if (node.op !== Op.Leaf) pending.push(node)
  return pending
}
