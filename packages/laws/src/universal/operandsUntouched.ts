import { type Engine, Expr, type OpaqueFunction, reference, withEngine } from '@gradchain/core'
import { difference } from '../internal/difference.js'
import { observe } from '../internal/observe.js'
import { snapshot } from '../internal/snapshot.js'
import { transformationLaw } from '../internal/transformationLaw.js'

/** The function of an opaque node, which tells when it has written to its operands. */
const watched =
  (f: OpaqueFunction, tell: (found: string) => void): OpaqueFunction =>
  (...operands) => {
    const before = snapshot(operands)
    const result = f(...operands)
    const found = difference(operands, before, Object.is, 'operands')
    if (found !== null) tell(found)
    return result
  }

/** The nodes below the given ones, and these, each once. */
const nodesBelow = (roots: readonly Expr[]): ReadonlySet<Expr> => {
  const nodes = new Set(roots)
  // What is added while it is gone through is gone through too.
  for (const { a, b, c, more } of nodes) {
    for (const child of [a, b, c, ...(more ?? [])]) if (child instanceof Expr) nodes.add(child)
  }
  return nodes
}

/** The engine of the specification, which looks over the shoulders of opaque functions. */
const watching = (tell: (found: string) => void): Engine => ({
  name: 'watching',
  evaluate: (roots) => {
    for (const node of nodesBelow(roots)) {
      const { detail } = node
      if (detail !== null && 'f' in detail) node.detail = { ...detail, f: watched(detail.f, tell) }
    }
    reference.evaluate(roots)
  }
})

/**
 * Operands are handed over as they are, for copies would cost as much as the function: they may be gradients, a state, or
 * what others compute with. A link `{ init, update }` of a user is handed copies, and its own state, which
 * `argumentsUntouched` is about.
 */
export const operandsUntouched = transformationLaw(
  'operandsUntouched',
  'no function of an opaque node writes to its operands',
  { domain: 'any', minSteps: 1 },
  (tx, trajectory) => {
    let first: string | null = null
    const tell = (found: string) => {
      first ??= `after a call of it, ${found}`
    }
    withEngine(watching(tell), () => observe(tx, trajectory))
    return first
  }
)
