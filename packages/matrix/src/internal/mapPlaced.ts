import type { Key, Operand, Tree, TreeOf } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** What is known of a leaf: no container, so that it is a leaf of its own. */
export class Placed<T> {
  readonly value: T

  constructor(value: T) {
    this.value = value
  }
}

/** A tree of what is known of each leaf. */
export type Places<T> = TreeOf<Placed<T>>

type Any<T> = Placed<T> | Operand

/** What is known of each leaf, by its path. */
export const placesOf = <T>(f: (path: string, leaf: Operand) => T, leaves: Tree): Places<T> =>
  tree.mapWithPath((path, leaf: Operand) => new Placed(f(path, leaf)), leaves)

/** What follows of what is known of each leaf, together with the leaves of trees. Leaves go by their names, in the order of the places. */
export const mapPlaces = <T, U>(
  f: (place: T, ...leaves: Operand[]) => U,
  places: Places<T>,
  ...trees: Tree[]
): Places<U> =>
  tree.map<Any<T>, Placed<U>>((place, ...leaves) => new Placed(f(...pair(place, leaves))), places, ...trees)

/** What is known of each leaf, and a key for it, which is split off one key in the order of the places. */
export const withKeys = <T>(places: Places<T>, key: Key): Places<readonly [T, Key]> =>
  tree.map<Placed<T> | Key, Placed<readonly [T, Key]>>(
    (place, own) => new Placed([(place as Placed<T>).value, own as Key]),
    places,
    tree.splitKeyLike(key, places)
  )

/** The tree of `f(place, leaf, …)`. Leaves go by their names, in the order of the places. */
export const mapPlaced = <T>(
  f: (place: T, ...leaves: Operand[]) => Operand,
  places: Places<T>,
  ...trees: Tree[]
): Tree => tree.map<Any<T>, Operand>((place, ...leaves) => f(...pair(place, leaves)), places, ...trees)

/** All that is known, in the order of the places. */
export const placesIn = <T>(places: Places<T>): readonly T[] => tree.leaves<Placed<T>>(places).map(({ value }) => value)

// The first tree is one of places, all others are trees of leaves.
const pair = <T>(place: Any<T>, leaves: readonly Any<T>[]): [T, ...Operand[]] => [
  (place as Placed<T>).value,
  ...(leaves as Operand[])
]
