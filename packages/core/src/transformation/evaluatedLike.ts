import { evaluation } from '../engine/edge.js'
import { castLike, type Value } from '../expression/operations.js'
import { map } from '../tree/tree.js'
import { evaluateTrees, inFormOf, isLazy, liftTree } from './edge.js'
import type { Same } from './like.js'
import type { Tree } from './types.js'

/**
 * What a function makes of a tree, in the form of that tree: for those who write functions from params to params. Out of arrays and
 * numbers come arrays and numbers of the same dtypes, evaluated together; out of expressions, and while a function is being
 * differentiated, expressions. The function is given expressions, and gives a tree of the same structure and shapes.
 *
 * @param owner - the name of the function, for messages.
 *
 * @example
 * const halved = <P>(params: P) => evaluatedLike('halved', params, (p) => tree.scale(0.5, p))
 * halved({ w: new Float32Array([4, 2]) }) // => { w: Float32Array [2, 1] }
 * grad(({ w }: { w: Operand }) => sum(halved(w)))({ w: new Float32Array([4, 2]) }) // => { w: Float32Array [0.5, 0.5] }
 *
 * @throws InvalidTree for what is no tree of arrays.
 */
export const evaluatedLike = <P>(owner: string, params: P, f: (params: Tree<Value>) => Tree): Same<P> => {
  const build = (): readonly [made: Tree<Value>, lifted: Tree<Value>] => {
    const lifted = liftTree(owner, 'params', params)
    return [map((x, p) => castLike(x, p), f(lifted), lifted), lifted]
  }
  if (isLazy(params)) return build()[0] as Same<P>
  return evaluation(() => {
    const [made, lifted] = build()
    evaluateTrees(made)
    return inFormOf(made, lifted) as Same<P>
  })
}
