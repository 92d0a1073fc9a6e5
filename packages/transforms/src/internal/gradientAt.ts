import { force, InvalidOption, type Leaf, paramsAfter, show, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { besideLike } from './besideOf.js'
import { isObject } from './requirements.js'

/** The gradient of the loss at other params; i counts within an update. */
type GradFn = (params: Tree<Leaf>, i: number) => Tree<Leaf>

/** Params to which others were moved, and the gradient there, asked from the function that a user gave along. */
export const gradientAt = (
  owner: string,
  extra: unknown,
  params: Tree,
  moves: Tree,
  i: number
): readonly [gradient: Tree, there: Tree] => {
  const gradFn = gradFnOf(owner, extra)
  const there = force(paramsAfter(params, moves))
  // Copies on both sides: what is handed over may be written to, and what comes back may be filled anew the next time.
  const found = besideLike(
    { owner, name: 'gradFn(params)', likeName: 'params' },
    gradFn(tree.map(copyOf, there), i),
    there
  )
  return [tree.castLike(tree.map(copyOf, force(found)), params), tree.castLike(there, params)]
}

const gradFnOf = (owner: string, extra: unknown): GradFn => {
  const gradFn = isObject(extra) ? extra['gradFn'] : undefined
  if (!isGradFn(gradFn)) throw new InvalidOption(`${owner}: gradFn must be a function, got ${show(gradFn)}`)
  return gradFn
}

const isGradFn = (value: unknown): value is GradFn => typeof value === 'function'

const copyOf = (leaf: Leaf): Leaf => {
  if (typeof leaf === 'number') return leaf
  return 'shape' in leaf ? ({ ...leaf, data: leaf.data.slice() } as Leaf) : leaf.slice()
}
