import { mapWithPath, type TreeOf } from '../tree/tree.js'

/**
 * Where the leaves stand, in tree order.
 *
 * @example
 * tree.paths({ layers: [{ kernel: 1, bias: 2 }] }) // => ['.layers[0].kernel', '.layers[0].bias']
 */
export const paths = (values: TreeOf<unknown>): string[] => {
  const found: string[] = []
  mapWithPath<unknown, number>((path) => found.push(path), values)
  return found
}
