import { Expr, InvalidTree, type Leaf, read, show, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * The numbers in a tree of measurements by their paths: a row for {@link diagnose}, for {@link toCsv}, for TensorBoard.
 *
 * Arrays are left out; they are no numbers.
 *
 * @example
 * const tx = measured(sgd(0.1), { ratio: updateRatio(), norm: normOf('gradients', { by: 'leaf' }) })
 * const params = { layers: [{ kernel: [3, 4] }], bias: 0 }
 * const [, state] = tx.update({ layers: [{ kernel: [6, 8] }], bias: 1 }, tx.init(params), params)
 * scalarsOf(state.measurements)
 * // => { ratio: 0.2009…, 'norm.layers[0].kernel[0]': 6, 'norm.layers[0].kernel[1]': 8, 'norm.bias': 1 }
 *
 * @throws InvalidTree for what is no tree.
 */
export const scalarsOf = (measurements: Tree<Leaf>): Readonly<Record<string, number>> => {
  if (typeof measurements !== 'object' || measurements === null) {
    throw new InvalidTree(`scalarsOf: measurements must be an object, got ${show(measurements)}`)
  }
  const row: [string, number][] = []
  tree.mapWithPath((path, x) => {
    if (typeof x === 'number' || (x instanceof Expr && x.isScalar)) row.push([path.replace(/^\./, ''), read(x)])
    return 0
  }, measurements)
  return Object.fromEntries(row)
}
