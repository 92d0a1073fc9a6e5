import { InvalidOption, InvalidTree, type Operand, shapeOf, show, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Gradients of single examples. */
export interface Examples {
  readonly gradients: Tree
  /** How many there are. */
  readonly count: number
}

/** Gradients of examples that fit a tree: each leaf has one more axis in front, of one length for all. */
export const examplesOf = (owner: string, like: Tree, gradients: Tree | undefined): Examples => {
  if (gradients === undefined) {
    throw new InvalidOption(`${owner}: perExampleGradients must be a tree like the params, got ${show(gradients)}`)
  }
  let count: number | null = null
  tree.mapWithPath(
    (path: string, leaf: Operand, each: Operand) => {
      const [wanted, shape] = [shapeOf(leaf), shapeOf(each)]
      count ??= shape[0] ?? null
      const fits = shape.length === wanted.length + 1 && wanted.every((length, axis) => shape[axis + 1] === length)
      if (!fits || shape[0] !== count || count === 0) {
        const form = `[${count ?? 'examples'}${wanted.map((length) => `, ${length}`).join('')}]`
        throw new InvalidTree(`${owner}: perExampleGradients${path} must have shape ${form}, has ${show(shape)}`)
      }
      return 0
    },
    like,
    gradients
  )
  return { gradients, count: count ?? 1 }
}
