import type { Domain } from '../arbitrary/value.js'
import { near } from '../internal/difference.js'
import { differentUpdates } from '../internal/emitted.js'
import { numbersOf } from '../internal/mapLeaves.js'
import { observe } from '../internal/observe.js'
import { type TransformationLaw, transformationLaw } from '../internal/transformationLaw.js'
import { flattened, mapTrajectory, type Uniform } from '../internal/uniform.js'

/** Where a vector is cut: pieces of growing lengths, some of them empty, drawn from a number. */
const cuts = (size: number, choice: number): readonly number[] => {
  const [first, growth] = [choice % 5, 1 + (choice % 7)]
  const at: number[] = [0]
  for (let end = first, length = growth; end < size; end += length, length += growth) at.push(end)
  return [...at, size, size]
}

/** The elements of a vector in leaves with names that say nothing, the last ones first. */
const regrouped = (vector: Float32Array | Float64Array, choice: number): unknown => {
  const at = cuts(vector.length, choice)
  const pieces = at.slice(1).map((end, i) => [`leaf ${i}`, vector.slice(at[i], end)] as const)
  const half = pieces.length >> 1
  const inner = Object.fromEntries(pieces.slice(half).reverse())
  return { inner: choice % 3 === 0 ? [[inner]] : inner, outer: pieces.slice(0, half).map(([, piece]) => piece) }
}

/** The elements of {@link regrouped}, in their first order. */
const gathered = (tree: unknown): readonly number[] => {
  const { inner, outer } = tree as { readonly inner: unknown; readonly outer: unknown }
  const leaves = Object.values((Array.isArray(inner) ? inner[0][0] : inner) as object).reverse()
  return [...numbersOf(outer), ...numbersOf(leaves)]
}

/** The law on a domain; exact, unless a tolerance is given. */
export const groupingLaw = (domain: Domain): TransformationLaw =>
  transformationLaw(
    'groupingDoesNotMatter',
    'the elements get the same updates in whatever leaves they stand: split, joined, reordered, renamed',
    { domain, minSteps: 1 },
    (tx, trajectory, { tolerance }) => {
      const choice = trajectory.choice ?? 0
      const dtype: Uniform = choice % 2 === 0 ? 'float32' : 'float64'
      const vectors = mapTrajectory(trajectory, (tree) => flattened(tree, dtype))
      const inLeaves = mapTrajectory(vectors, (vector) => regrouped(vector as Float32Array | Float64Array, choice))
      return differentUpdates(
        observe(tx, inLeaves).updates.map((updates) => flattened(gathered(updates), dtype)),
        observe(tx, vectors).updates,
        tolerance === undefined ? Object.is : near(tolerance)
      )
    }
  )

/**
 * The law of transformations to which all params are one vector: those that treat each element by itself obey it bit for
 * bit, those that look at a norm of it all up to rounding, as they sum leaf by leaf.
 */
export const groupingBlind = { groupingDoesNotMatter: groupingLaw('moderate') } as const
