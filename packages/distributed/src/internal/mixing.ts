import { type Definition, Expr, type Operand, shapeOf, type Tree, withEngine } from '@gradchain/core'
import { lift, nodeOf, pendingOrder, settleNode, standIn } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'

const MANY = -1
const TOO_FAR = /* @__PURE__ */ Symbol('talks to others')

/**
 * In what way a transformation treats leaves together, as one that takes their common norm does; `undefined` where it treats each by
 * itself, as far as one can see: it goes through two steps with arrays that are not there, and looks on what the result depends.
 */
export const mixingOf = ({ init, update }: Definition<unknown, unknown>, params: Tree): string | undefined => {
  /** Of what leaf alone a node is computed, or `MANY`. Those without are computed of none. */
  const sources = new Map<Expr, number>()
  const sourceOf = (x: unknown): number | undefined => {
    if (!(x instanceof Expr)) return undefined
    for (const node of pendingOrder([x])) {
      if (sources.has(node)) continue
      const found = new Set(nodeOf(node).operands.flatMap((operand) => sources.get(operand as Expr) ?? []))
      const [only] = found
      if (only !== undefined) sources.set(node, found.size > 1 ? MANY : only)
    }
    return sources.get(x)
  }
  let hasRead = false
  const engine = {
    name: 'shardedState',
    evaluate: (roots: readonly Expr[]): void => {
      for (const root of roots) {
        hasRead ||= sourceOf(root) === MANY
        settleNode(root, onesFor(root))
      }
    },
    // What comes of it nobody knows before it is made.
    once: (): never => {
      throw TOO_FAR
    }
  }
  const standIns = (): Tree => {
    let number = 0
    return tree.map(
      (leaf: Operand) => {
        const x = lift(leaf)
        const isArray = x instanceof Expr && !x.isScalar
        const node = standIn(isArray ? { dtype: x.dtype, shape: shapeOf(x) } : { dtype: 'number', shape: [] })
        sources.set(node, number++)
        return node
      },
      params as Tree<Operand>
    )
  }

  try {
    return withEngine(engine, () => {
      const [grads, at] = [standIns(), standIns()]
      let state = init(at)
      for (let step = 0; step < 2; step++) {
        const [updates, next] = update(grads, state, at, undefined)
        state = next
        let number = 0
        const mixed: string[] = []
        tree.mapWithPath(
          (path: string, u: unknown) => {
            const source = sourceOf(u)
            if (source !== undefined && source !== number) mixed.push(path)
            number += 1
            return 0
          },
          updates as Tree<Operand>
        )
        if (mixed.length > 0) return `what becomes of params${mixed[0]} depends on other leaves`
        if (holdsMixed(state, sourceOf)) return 'its state has something of several leaves together'
        if (hasRead) return 'it reads something of several leaves together'
      }
      return undefined
    })
  } catch {
    // What it needs besides gradients is not known here; what is wrong is told when a step is made.
    return undefined
  }
}

const holdsMixed = (state: unknown, sourceOf: (x: unknown) => number | undefined): boolean => {
  if (state instanceof Expr) return sourceOf(state) === MANY
  if (typeof state !== 'object' || state === null || ArrayBuffer.isView(state)) return false
  return Object.values(state).some((child) => holdsMixed(child, sourceOf))
}

const ARRAYS = { float32: Float32Array, float64: Float64Array, bfloat16: Uint16Array, float16: Uint16Array } as const

const onesFor = (x: Expr): number | InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]> =>
  x.isScalar ? 1 : new ARRAYS[x.dtype](x.size).fill(1)
