import { Kind } from '../../array/dtype.js'
import { type Expr, settle, settleScalar } from '../../expression/expr.js'
import { Op } from '../../expression/op.js'
import type { Tape } from '../../expression/tape.js'
import type { Engine } from '../engine.js'
import { KernelCache } from '../wasm/cache.js'
import type { Kernel } from '../wasm/kernel.js'
import type { Arena } from './arena.js'
import { makePlan, type Plan, type RunLaunches, runPlan, type Target } from './plan.js'

interface KnownPlan {
  readonly roots: readonly Expr[]
  readonly targets: readonly Target[]
  readonly settled: readonly Expr[]
  readonly plan: Plan
}

/** Beyond this many plans the oldest are forgotten. */
const MOST_PLANS = 64

/**
 * The engine of arrays that live in an arena: what it computes goes to where it is wanted, or to temporaries above the
 * base, which last until the next step. On the same nodes as before it does again what it did before.
 */
export class ResidentEngine implements Engine {
  readonly name = 'resident'
  readonly #arena: Arena
  readonly #tape: Tape
  readonly #kernels: KernelCache
  readonly #runLaunches: RunLaunches
  readonly #base: number
  readonly #plans: KnownPlan[] = []

  constructor(arena: Arena, tape: Tape, isShared: boolean, runLaunches: RunLaunches) {
    this.#arena = arena
    this.#tape = tape
    this.#kernels = new KernelCache(arena.memory, isShared)
    this.#runLaunches = runLaunches
    this.#base = arena.top
  }

  /** Frees the temporaries of the last step. */
  rewind(): void {
    this.#tape.rewind()
    this.#arena.release(this.#base)
  }

  /** Gives the roots their values, in temporaries: for what has to be known in the middle of a step. */
  evaluate(roots: readonly Expr[]): void {
    const pending = roots.filter((root) => root.op !== Op.Leaf)
    if (pending.length === 0) return
    const { places } = this.#run(pending, [])
    for (const root of new Set(pending)) {
      this.#tape.settled.keep(root)
      if (root.kind === Kind.Scalar) settleScalar(root, root.value)
      else {
        settle(root, places.get(root) as Float32Array)
        root.isFresh = false
      }
    }
  }

  /** Computes scalars and stores arrays where they are wanted. Until everything is planned nothing is written. */
  store(scalars: readonly Expr[], targets: readonly Target[]): void {
    const pending = scalars.filter((root) => root.op !== Op.Leaf)
    for (const { node } of targets) if (node.op !== Op.Leaf) pending.push(node)
    this.#run(pending, targets)
  }

  #run(roots: readonly Expr[], targets: readonly Target[]): Plan {
    const plan = this.#find(roots, targets) ?? this.#make(roots, targets)
    this.#arena.release(plan.top)
    runPlan(this.#arena, plan, this.#runLaunches)
    return plan
  }

  #find(roots: readonly Expr[], targets: readonly Target[]): Plan | undefined {
    const { top } = this.#arena
    const { settled } = this.#tape
    for (const known of this.#plans) {
      if (known.plan.base !== top || known.settled.length !== settled.size || !sameItems(known.roots, roots)) continue
      if (sameTargets(known.targets, targets) && sameItems(known.settled, settled.nodes)) return known.plan
    }
    return undefined
  }

  #make(roots: readonly Expr[], targets: readonly Target[]): Plan {
    const plan = makePlan(this.#arena, this.#kernelOf, roots, targets)
    this.#plans.unshift({ roots: [...roots], targets: [...targets], settled: this.#tape.settled.nodes, plan })
    if (this.#plans.length > MOST_PLANS) this.#plans.pop()
    return plan
  }

  // A plan runs its kernels again and again: each is worth compiling at first sight.
  readonly #kernelOf = (code: readonly number[]): Kernel => this.#kernels.find(code, Infinity) as Kernel
}

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

const sameTargets = (a: readonly Target[], b: readonly Target[]): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) {
    const p = a[i] as Target
    const q = b[i] as Target
    if (p.node !== q.node || p.to !== q.to) return false
  }
  return true
}
