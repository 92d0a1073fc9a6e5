import { difference, equalNumbers } from '../internal/difference.js'
import { elements, isArrayLeaf, withElements } from '../internal/elements.js'
import { differentUpdates } from '../internal/emitted.js'
import { leavesOf, mapLeaves, mapNumbers, numbersOf } from '../internal/mapLeaves.js'
import { observe } from '../internal/observe.js'
import { reverseKeys } from '../internal/reverseKeys.js'
import { firstFlaw, transformationLaw } from '../internal/transformationLaw.js'
import { flattened, inOneDtype, mapTrajectory, type Uniform } from '../internal/uniform.js'
import { groupingLaw } from './groupingBlind.js'

const over = { domain: 'any', minSteps: 1 } as const

/** A tree and the vector of all its numbers get the same updates. */
export const treeIsVector = transformationLaw(
  'treeIsVector',
  'a tree and the vector of all its elements get the same updates',
  over,
  (tx, trajectory) => {
    const dtype: Uniform = (trajectory.choice ?? 0) % 2 === 0 ? 'float32' : 'float64'
    const uniform = mapTrajectory(trajectory, (tree) => inOneDtype(tree, dtype))
    const asTree = observe(tx, uniform).updates
    const asVector = observe(
      tx,
      mapTrajectory(uniform, (tree) => flattened(tree, dtype))
    ).updates
    return differentUpdates(
      asTree.map((updates) => flattened(updates, dtype)),
      asVector
    )
  }
)

/** The elements of every leaf backwards, beginning somewhere. */
const turned = (tree: unknown, by: number): unknown =>
  mapLeaves(tree, (leaf) => {
    if (!isArrayLeaf(leaf)) return leaf
    const values = elements(leaf)
    const n = values.length
    return withElements(
      leaf,
      Array.from(values, (_, i) => values[(by + n - 1 - i) % n] as number)
    )
  })

/** No element has a place of its own. */
export const permutationsCommute = transformationLaw(
  'permutationsCommute',
  'permuting the elements of gradients and params permutes the updates alike',
  over,
  (tx, trajectory) => {
    const turn = (tree: unknown) => turned(tree, (trajectory.choice ?? 0) % 1000)
    return differentUpdates(
      observe(tx, mapTrajectory(trajectory, turn)).updates,
      observe(tx, trajectory).updates.map(turn)
    )
  }
)

const other = (x: number): number => (Number.isFinite(x) ? 1 - x / 2 : 3)

/** What happens to one leaf is its own affair. */
export const leavesAreIndependent = transformationLaw(
  'leavesAreIndependent',
  'the updates of a leaf do not depend on any other leaf',
  over,
  (tx, trajectory) => {
    const count = leavesOf(trajectory.params).length
    if (count === 0) return null
    const chosen = (trajectory.choice ?? 0) % count
    const changed = mapTrajectory(trajectory, (tree) =>
      mapLeaves(tree, (leaf, i) => (i === chosen ? leaf : mapNumbers(leaf, other)))
    )
    const actual = observe(tx, changed).updates
    return firstFlaw(observe(tx, trajectory).updates, (updates, i) =>
      difference(
        leavesOf(actual[i])[chosen],
        leavesOf(updates)[chosen],
        equalNumbers,
        `update ${i + 1}: leaf ${chosen}`
      )
    )
  }
)

/** Nothing is summed over the tree, so no order matters. */
export const keyOrderIsFree = transformationLaw(
  'keyOrderIsFree',
  'the order of the keys of the params does not matter',
  over,
  (tx, trajectory) =>
    differentUpdates(observe(tx, mapTrajectory(trajectory, reverseKeys)).updates, observe(tx, trajectory).updates)
)

/** How many elements are added: few, one register of them, and now and then as many as a block has. */
const ADDED = [1, 2, 3, 7, 8, 100, 4096] as const

/** Nothing is divided by how many elements there are. */
export const sizeDoesNotMatter = transformationLaw(
  'sizeDoesNotMatter',
  'elements and leaves that are added change nothing for those that were there',
  over,
  (tx, trajectory) => {
    const choice = trajectory.choice ?? 0
    const dtype: Uniform = choice % 2 === 0 ? 'float32' : 'float64'
    const count = ADDED[(choice >> 1) % ADDED.length] as number
    const vectors = mapTrajectory(trajectory, (tree) => flattened(tree, dtype))
    const longer = (tree: unknown) => {
      const numbers = numbersOf(tree)
      const more = Array.from({ length: count }, (_, i) => other(numbers[i % numbers.length] ?? i))
      return flattened([...numbers, ...more], dtype)
    }
    const asVector = observe(tx, vectors).updates
    const inLonger = observe(tx, mapTrajectory(vectors, longer)).updates.map((updates, i) =>
      flattened(numbersOf(updates).slice(0, numbersOf(asVector[i]).length), dtype)
    )
    const beside = observe(
      tx,
      mapTrajectory(vectors, (tree) => ({ all: tree, more: longer(tree) }))
    ).updates.map((updates) => (updates as { readonly all: unknown }).all)
    return differentUpdates(inLonger, asVector) ?? differentUpdates(beside, asVector)
  }
)

/** Every way to divide the elements among leaves is as good. */
export const groupingDoesNotMatter = groupingLaw('any')

/** The laws of transformations that treat each element by itself, all in the same way. */
export const elementwise = {
  treeIsVector,
  permutationsCommute,
  leavesAreIndependent,
  keyOrderIsFree,
  sizeDoesNotMatter,
  groupingDoesNotMatter
} as const
