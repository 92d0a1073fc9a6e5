// Counterexamples of the past: every law is tried on them first, for every row of the catalogue.
import type { Trajectory } from '@gradchain/laws'
import type { Leaf, Tree } from 'gradchain'

/** A trajectory whose params and gradients have one structure. */
const alike = (make: (x: number) => Tree<Leaf>, numbers: readonly number[]): Trajectory => ({
  params: make(0),
  steps: numbers.map((x, i) => ({ gradients: make(x), params: make(i) }))
})

const nested = (inside: Tree<Leaf>, levels: number): Tree<Leaf> => {
  let tree = inside
  for (let level = 0; level < levels; level++) tree = [tree]
  return tree
}

const withoutPrototype = (fields: Readonly<Record<string, Leaf>>): Tree<Leaf> =>
  Object.assign(Object.create(null) as Record<string, Leaf>, fields)

export const examples: readonly Trajectory[] = [
  // The quick way through trees gave up after it had counted the first leaf.
  alike((x) => ({ before: x, inside: withoutPrototype({ w: Float32Array.of(x) }), after: x }), [1, 2]),
  alike((x) => ({ before: x, inside: nested(Float64Array.of(x), 250), after: x }), [1, 2]),
  // Steps that branch on a count or on a NaN: `transient` replayed the plan of another branch.
  alike((x) => ({ w: { dtype: 'float64', shape: [], data: Float64Array.of(x) } }), [0, 0, -1]),
  alike((x) => [Float32Array.of(x)], [0, Number.NaN, 3.4e38, 1])
]
