import { Expr } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { isUnpacked, packedBy } from './packing.js'

/** How many arrays a kernel packs at the most. */
const MOST_PACKS = 8

/** What is to be stored and reduced in one pass. */
interface Results {
  readonly outputs: readonly Expr[]
  readonly reductions: readonly Expr[]
}

/**
 * The outputs of a pass that want kernels of their own, by kernel: those that go by the blocks of a packing beside sums, which go by others, and those
 * that are packed beyond {@link MOST_PACKS}.
 */
export const apart = ({ outputs, reductions }: Results): Expr[][] => {
  const nodes = reductions.length === 0 ? manyIn(outputs) : besideSums(outputs)
  return Array.from({ length: Math.ceil(nodes.length / MOST_PACKS) }, (_, i) =>
    nodes.slice(i * MOST_PACKS, (i + 1) * MOST_PACKS)
  )
}

const manyIn = (outputs: readonly Expr[]): readonly Expr[] => {
  const packs = outputs.filter((node) => packedBy(node) !== null)
  return packs.length > MOST_PACKS ? packs : []
}

const besideSums = (outputs: readonly Expr[]): readonly Expr[] => {
  // Each array is looked at once.
  const known = new Map<Expr, boolean>()
  const unpacks = (node: Expr): boolean => {
    const { a, b, c } = node
    const answer =
      known.get(node) ??
      (node.op !== Op.Leaf &&
        (isUnpacked(node) || [a, b, c].some((child) => child instanceof Expr && !child.isScalar && unpacks(child))))
    known.set(node, answer)
    return answer
  }
  return outputs.filter((node) => packedBy(node) !== null || unpacks(node))
}
