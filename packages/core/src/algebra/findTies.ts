import { isNdArray } from '../array/ndarray.js'
import { mapWithPath, type TreeOf } from '../tree/tree.js'

/**
 * The arrays that stand at more than one place of a tree: for each the paths of its places, in tree order, as `tieWeights`
 * takes them.
 *
 * An array counts as one where its elements are the same memory, as those of two NdArrays around one typed array are; that of
 * numbers nothing can be told. It is asked about params as they were made: each place of those that come out of a step, or out of a
 * file, has an array of its own.
 *
 * @example
 * const table = new Float32Array([1, 2])
 * tree.findTies({ embed: { w: table }, scale: 1, head: { w: table } }) // => [['.embed.w', '.head.w']]
 * tree.findTies({ embed: new Float32Array(2), head: new Float32Array(2) }) // => []
 */
export const findTies = (params: TreeOf<unknown>): readonly (readonly string[])[] => {
  const places = new Map<object, string[]>()
  mapWithPath<unknown, null>((path, leaf) => {
    if (typeof leaf === 'object' && leaf !== null) {
      const array = isNdArray(leaf) ? leaf.data : leaf
      const before = places.get(array)
      if (before === undefined) places.set(array, [path])
      else before.push(path)
    }
    return null
  }, params)
  return [...places.values()].filter((paths) => paths.length > 1)
}
