import { allocate, Kind } from '../array/dtype.js'
import { evaluation } from '../engine/edge.js'
import { withEngine } from '../engine/evaluate.js'
import { settleNode } from '../engine/node.js'
import { pendingOrder } from '../engine/order.js'
import { Expr } from '../expression/expr.js'
import { opaque, sum } from '../expression/operations.js'
import { definitionOf } from '../transformation/transformation.js'
import type { AnyGradientTransformation, Definition } from '../transformation/types.js'
import { walk } from '../tree/tree.js'
import type { ArrayForm } from './interpret.js'

const absent = (): never => {
  throw new TypeError('what stands for an array has no elements')
}

let standIns = 0
const names = new WeakMap<Expr, string>()

const named = (node: Expr): Expr => {
  names.set(node, `$${standIns++}`)
  return node
}

/**
 * What stands for an array of a form that is not there, or for a lazy number. It can be computed with; where its elements are read,
 * such as by a mask that is given the params, each is 1.
 *
 * @example
 * import { nodeOf, standIn } from '@gradchain/core/engine'
 *
 * nodeOf(standIn({ dtype: 'float32', shape: [2] })).shape // => [2]
 */
export const standIn = ({ dtype, shape }: ArrayForm): Expr => {
  if (dtype !== 'number') return named(opaque(absent, [], { dtype, shape }))
  return named(sum(opaque(absent, [], { dtype: 'float64', shape })) as Expr)
}

/** What an update would do with arrays that are not there. */
export interface Rehearsal {
  /** All numbers that arrays would be computed with, operands before what uses them. */
  readonly numbers: readonly number[]
  /** What would be done with them: a text that is the same where all but the numbers is. */
  readonly pattern: string
  /** The next state, with expressions where arrays would be. */
  readonly next: unknown
}

/** Every element that is read is 1. */
const ones = {
  name: 'ones',
  evaluate: (roots: readonly Expr[]): void => {
    for (const root of roots) settleNode(root, root.kind === Kind.Scalar ? 1 : allocate(root.kind, root.size).fill(1))
  }
}

/**
 * Which numbers an update would compute with, found out without arrays: gradients, state and params are trees in which expressions
 * such as {@link standIn} stand for them.
 *
 * @example
 * import { rehearse, standIn } from '@gradchain/core/engine'
 *
 * const w = standIn({ dtype: 'float32', shape: [2] })
 * rehearse(sgd(0.5), { w }, sgd(0.5).init({ w: 0 }), { w }).numbers // => [-0.5]
 *
 * @throws InvalidOption for what is no optimizer.
 */
export const rehearse = (
  optimizer: AnyGradientTransformation,
  grads: unknown,
  state: unknown,
  params: unknown,
  extra?: unknown
): Rehearsal => {
  const definition = definitionOf('rehearse', optimizer) as Definition<unknown, unknown>
  return evaluation(() =>
    withEngine(ones, () => {
      const [updates, next] = definition.update(grads as never, state, params as never, extra)
      const roots: Expr[] = []
      walk('rehearse', ['updates'], [[updates, next]], ([leaf]) => leaf instanceof Expr && roots.push(leaf))
      const numbers: number[] = []
      const places = new Map<Expr, number>()
      const nameOf = (x: Expr | number): string => {
        if (typeof x !== 'number') return names.get(x) ?? String(places.get(x) ?? 'leaf')
        numbers.push(x)
        return '#'
      }
      let pattern = ''
      for (const node of pendingOrder(roots)) {
        if (names.has(node)) continue
        const { a, b, c, more, op } = node
        const operands = more ?? [a, b, c].filter((child) => child !== null)
        pattern += `${op}(${operands.map(nameOf).join()})`
        places.set(node, places.size)
      }
      return { numbers, pattern: pattern + roots.map(nameOf).join(), next }
    })
  )
}
