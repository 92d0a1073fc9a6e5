import { Kind } from '../../array/dtype.js'
import { Expr, type Whole } from '../../expression/expr.js'
import type { ResidentProduct } from '../../expression/product.js'
import { reducing } from '../../expression/reducing.js'
import { eachRun } from '../../expression/runs.js'
import { packings } from '../../packing/packing.js'
import { apart } from '../apart.js'
import { defaultEngine } from '../evaluate.js'
import { scalarOf } from '../program.js'
import { arithmeticOf } from '../scalar.js'
import type { Kernel } from '../wasm/kernel.js'
import { type Arena, wordOf } from './arena.js'
import { type Launch, type RunLaunches, runHere } from './launches.js'
import type { Copy, Plan, ScalarSlot, Standalone } from './plan.js'

/** Writes the addresses that the kernels of a plan work on, and what they look up. */
export const writeTables = (arena: Arena, { phases, tables }: Plan): void => {
  for (const [memory, address] of tables) {
    packings().writeTables((arena.all[memory] as Arena).memory.buffer, wordOf(address))
  }
  for (const { launches } of phases) writeTablesOf(arena, launches)
}

const writeTablesOf = (arena: Arena, launches: readonly Launch[]): void => {
  // An array of 32-bit words takes of an address those bits.
  for (const { table, pointers } of launches) arena.at(table).i32.set(pointers, wordOf(table) / 4)
}

/** Does what a plan says, with the numbers that its nodes hold now; its tables must be written. */
export const runPlan = (arena: Arena, { before, phases, after }: Plan, runLaunches: RunLaunches): void => {
  before.forEach(move)
  for (const { host, scalars, moves, launches, totals } of phases) {
    for (const step of host) {
      if (step instanceof Expr) step.value = arithmeticOf(step)
      else if ('phases' in step) runProduct(arena, step, runLaunches)
      else runHost(step)
    }
    for (let i = 0; i < scalars.length; i++) writeScalar(arena, scalars[i] as ScalarSlot)
    moves.forEach(move)
    if (launches.length > 0) runLaunches(launches)
    for (const { node, first, size, each, blocks } of totals) {
      const { idleOf, addBlocks } = reducing()
      if (each === null) node.value = addBlocks(node.op, idleOf(node.op), blocks, first, size)
      else node.data = each
    }
  }
  after.forEach(move)
}

const move = ({ from, to, domain }: Copy): void => {
  if (domain === null) to.set(from)
  else eachRun(domain, (start, end) => to.set(from.subarray(start, end), start))
}

const runProduct = (arena: Arena, product: ResidentProduct<Kernel>, runLaunches: RunLaunches): void => {
  for (const launches of product.phases()) {
    writeTablesOf(arena, launches)
    if (product.isWorthSharing) runLaunches(launches)
    else runHere(launches)
  }
}

const runHost = ({ node, operands, to }: Standalone): void =>
  to.set(apart(defaultEngine().evaluate, () => (node.detail as Whole).method.compute(node, operands)))

const writeScalar = (arena: Arena, { user, place, index, memory }: ScalarSlot): void => {
  const { f64, f32 } = arena.all[memory] as Arena
  const array = user.kind === Kind.F64 ? f64 : f32
  array[index] = scalarOf(user, place)
}
