import { InvalidOption, InvalidTree, show } from '../errors.js'
import type { Operand } from '../expression/expr.js'
import { shapeOf } from '../expression/shapeOf.js'
import { mapWithPath } from '../tree/tree.js'
import type { Tree } from './types.js'

/** Gradients of single examples. */
export interface Examples {
  /** The gradients, each leaf with the axis of the examples in front. */
  readonly gradients: Tree
  /** How many examples there are. */
  readonly count: number
}

/**
 * Gradients of single examples that fit a tree, for those who write what is told them beside their mean: each leaf has one more axis in
 * front, of one length for all, and a number has a vector.
 *
 * @param owner - who refuses what does not fit.
 * @param like - the gradients that they are beside.
 * @param perExampleGradients - what was told, as the extra argument of that name.
 *
 * @example
 * const told = examplesLike('mine', { w: 0 }, { w: new Float32Array([1, 2, 6]) })
 * told.count // => 3
 *
 * @throws InvalidOption where there are none; InvalidTree with the path, for another structure, and for a leaf of another shape.
 */
export const examplesLike = (owner: string, like: Tree, perExampleGradients: Tree | undefined): Examples => {
  if (perExampleGradients === undefined) {
    throw new InvalidOption(`${owner}: perExampleGradients must be a tree like the params, got ${show(undefined)}`)
  }
  let count: number | undefined
  mapWithPath(
    (path: string, leaf: Operand, each: Operand) => {
      const [wanted, found] = [shapeOf(leaf), shapeOf(each)]
      count ??= found[0]
      const fits = found.length === wanted.length + 1 && wanted.every((length, axis) => found[axis + 1] === length)
      if (!fits || found[0] !== count || count === 0) {
        const form = `[${[count || 'examples', ...wanted].join(', ')}]`
        throw new InvalidTree(`${owner}: perExampleGradients${path} must have shape ${form}, has ${show(found)}`)
      }
      return 0
    },
    like,
    perExampleGradients
  )
  return { gradients: perExampleGradients, count: count ?? 1 }
}
