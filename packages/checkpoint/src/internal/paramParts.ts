import {
  type AnyGradientTransformation,
  InvalidTree,
  isContainer,
  type Leaf,
  type StateOf,
  show,
  type TreeOf
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { placeOf } from './placeOf.js'
import { isTensor } from './tensors.js'

/** A path in a tree. */
export type Path = readonly (string | number)[]

/** A leaf of the params. */
export interface Param {
  /** Its keys joined by dots, as PyTorch names params: `body.weight`. */
  readonly name: string
  readonly path: Path
  readonly leaf: Leaf
}

/** What a state holds for a param. */
export interface ParamPart {
  /** The name of the field that is shaped like the params, such as `mu`. */
  readonly field: string
  /** Where what holds this field is in the state. */
  readonly owner: Path
  /** Which of the params it is there for. */
  readonly param: number
  readonly leaf: Leaf
}

/** What is in a state. */
export interface TakenApart {
  readonly parts: readonly ParamPart[]
  /** The numbers that are there for no param. */
  readonly numbers: readonly NumberPlace[]
}

/** A number of a state that is there for no param, such as a count. */
export interface NumberPlace {
  /** The name of its field. */
  readonly field: string
  /** Where what holds this field is in the state. */
  readonly owner: Path
  /** Whether there are other fields beside it, and nothing in them: what is not kept does not count either. */
  readonly isUnused: boolean
  readonly value: number
}

/** What a param part or a number is to be. */
export interface Changes {
  readonly part: (part: ParamPart) => Leaf
  readonly number: (place: NumberPlace) => number
}

/** The leaves of params, each with its path. */
export const paramsOf = (owner: string, name: string, params: unknown): readonly Param[] => {
  const found: Param[] = []
  const names = new Set<string>()
  const visit = (node: unknown, path: Path): void => {
    if (node === null) return
    if (isContainer(node)) {
      if (Array.isArray(node)) node.forEach((child, i) => visit(child, [...path, i]))
      else for (const [key, child] of Object.entries(node)) visit(child, [...path, key])
      return
    }
    const own = path.join('.')
    if (!isLeaf(node))
      throw new InvalidTree(`${owner}: ${name}${placeOf(path)} must be an array or a number, got ${show(node)}`)
    if (names.has(own)) throw new InvalidTree(`${owner}: ${name} must have names that differ, got ${show(own)} twice`)
    names.add(own)
    found.push({ name: own, path, leaf: node })
  }
  visit(params, [])
  return found
}

const isLeaf = (value: unknown): value is Leaf =>
  typeof value === 'number' || ArrayBuffer.isView(value) || isTensor(value)

/** Stands in a state for a leaf that is there for a param. */
class Marked {
  readonly param: number
  readonly leaf: Leaf

  constructor(param: number, leaf: Leaf) {
    this.param = param
    this.leaf = leaf
  }
}

/**
 * A copy of a state in which every leaf that is there for a param, and every number, is what `changes` says. Which leaves those are is
 * what `tree.mapParams` finds out; a param that the state has nothing for is not visited.
 */
export const changed = <T extends AnyGradientTransformation>(
  tx: T,
  state: StateOf<T>,
  params: readonly Param[],
  shape: unknown,
  changes: Changes
): StateOf<T> => {
  const numbers = tree.unflatten(
    shape,
    params.map((_, i) => i)
  )
  const mark = (leaf: Leaf, _: never, param: never): unknown => new Marked(param, leaf)
  const marked = tree.mapParams(tx, mark, state, {
    rest: [shape as TreeOf<unknown>, numbers],
    transformNonParams: (leaf) => leaf
  })

  const visit = (node: unknown, path: Path, isUnused: boolean): unknown => {
    if (node instanceof Marked) {
      const { param, leaf } = node
      const own = (params[param] as Param).path
      const above = path.length - own.length - 1
      const isShaped = above >= 0 && own.every((key, i) => key === path[above + 1 + i])
      return isShaped ? changes.part({ field: String(path[above]), owner: path.slice(0, above), param, leaf }) : leaf
    }
    if (typeof node === 'number') {
      return changes.number({ field: String(path.at(-1)), owner: path.slice(0, -1), isUnused, value: node })
    }
    if (!isContainer(node)) return node
    if (Array.isArray(node)) return node.map((child, i) => visit(child, [...path, i], false))
    const entries = Object.entries(node)
    const others = entries.filter(([, child]) => typeof child !== 'number')
    const isEmpty = others.length > 0 && others.every(([, child]) => child === null)
    return Object.fromEntries(entries.map(([key, child]) => [key, visit(child, [...path, key], isEmpty)]))
  }
  return visit(marked, [], false) as StateOf<T>
}

/** What a state holds for params, and its numbers. */
export const takenApart = <T extends AnyGradientTransformation>(
  tx: T,
  state: StateOf<T>,
  params: readonly Param[],
  shape: unknown
): TakenApart => {
  const parts: ParamPart[] = []
  const numbers: NumberPlace[] = []
  changed(tx, state, params, shape, {
    part: (part) => {
      parts.push(part)
      return part.leaf
    },
    number: (place) => {
      numbers.push(place)
      return place.value
    }
  })
  return { parts, numbers }
}
