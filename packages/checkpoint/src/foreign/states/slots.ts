import {
  type AnyGradientTransformation,
  definitionOf,
  force,
  type Leaf,
  neg,
  type StateOf,
  shapeOf,
  show
} from '@gradchain/core'
import type { Refuse } from '../../internal/attempt.js'
import { changed, type Param, type ParamPart, type Path, takenApart } from '../../internal/paramParts.js'
import { placeOf } from '../../internal/placeOf.js'
import { tensorFrom } from '../../internal/tensorFrom.js'
import { isSameShape, isTensor } from '../../internal/tensors.js'
import { fitted } from '../../pytorch/internal/fitted.js'
import type { Tensor, TensorTree } from '../../tensor.js'

/** A tensor that a file keeps for a param, and where it stands in the file. */
export interface Kept {
  readonly entry: string
  readonly value: TensorTree
}

/** What a file keeps, by the fields of our states. */
export interface Saved {
  /** For each field the params, by their numbers, and what is kept for each, in order if it is kept more than once. */
  readonly slots: ReadonlyMap<string, ReadonlyMap<number, readonly Kept[]>>
  /** Numbers that are there for no param, by the names of our fields, in order. */
  readonly numbers: ReadonlyMap<string, readonly number[]>
  /** What every count becomes. */
  readonly step: number
  /** Whether the file holds all that a state holds, so that what is not in it is missing; else that begins anew. */
  readonly isAll: boolean
  /** Fields of which the file has the negative. */
  readonly negated: readonly string[]
}

/** An optimizer and the params that it is for. */
export interface Target<T extends AnyGradientTransformation> {
  readonly tx: T
  readonly params: readonly Param[]
  /** The params as they are. */
  readonly shape: unknown
}

/** Which fields of a fresh state are there for params. */
export const fieldsOf = <T extends AnyGradientTransformation>(
  owner: string,
  { tx, params, shape }: Target<T>
): readonly ParamPart[] => {
  definitionOf(owner, tx)
  return takenApart(tx, tx.init(shape) as StateOf<T>, params, shape).parts
}

/** Puts what a file keeps into a fresh state. Nothing may be left over, and of what the file knows nothing may be missing. */
export const stateOfSlots = <T extends AnyGradientTransformation>(
  refuse: Refuse,
  saved: Saved,
  { tx, params, shape }: Target<T>
): StateOf<T> => {
  const { slots, numbers, step, isAll, negated } = saved
  const fresh = tx.init(shape) as StateOf<T>
  const { parts } = takenApart(tx, fresh, params, shape)
  const values = new Map<string, Leaf>()
  const placeIn = ({ owner, field, param }: Pick<ParamPart, 'owner' | 'field' | 'param'>): string =>
    `${placeOf([...owner, field])} ${param}`

  for (const [field, kept] of slots) {
    params.forEach(({ name }, param) => {
      const places = parts.filter((part) => part.field === field && part.param === param)
      const found = kept.get(param) ?? []
      const what = `${field} of ${show(name)}`
      if (places.length < found.length) {
        refuse(
          'mismatch',
          found[places.length]?.entry ?? what,
          `kept by the optimizer, too, as ${field}`,
          'one too many'
        )
      }
      if (places.length > found.length) {
        const missing = places[found.length] as ParamPart
        refuse('mismatch', what, `in the file, as the optimizer keeps ${placeOf([...missing.owner, field])}`, 'nothing')
      }
      places.forEach((part, i) => {
        const { entry, value } = found[i] as Kept
        const leaf = fitted(refuse, entry, shapedLike(value, part.leaf), part.leaf)
        values.set(placeIn(part), negated.includes(field) ? (force(neg(leaf)) as Leaf) : leaf)
      })
    })
  }
  const strange = parts.find(({ field }) => !slots.has(field))
  if (isAll && strange !== undefined) {
    refuse('mismatch', placeOf([...strange.owner, strange.field]), 'in the file', 'nothing')
  }
  // What the file knows nothing of begins anew, and so does the count beside it.
  const anew = new Set(parts.filter(({ field }) => !slots.has(field)).map(({ owner }) => placeOf(owner)))
  const used = new Map<string, number>()
  return changed(tx, fresh, params, shape, {
    part: (part) => values.get(placeIn(part)) ?? part.leaf,
    number: ({ owner, field, isUnused, value }) => {
      if (field === 'count') return isUnused || anew.has(placeOf(owner)) ? value : step
      const given = numbers.get(field)
      if (given === undefined) return value
      const at = used.get(field) ?? 0
      used.set(field, at + 1)
      return given[at] ?? refuse('mismatch', placeOf([...owner, field]), 'in the file', 'nothing')
    }
  })
}

/** Axes of length 1 that ours has not, or has besides: so it is with the rows and columns of Adafactor. */
const shapedLike = (value: TensorTree, like: Leaf): TensorTree =>
  isTensor(value) && isSameButOnes(value.shape, shapeOf(like)) ? { ...value, shape: shapeOf(like) } : value

/** Whether two shapes differ by axes of length 1 alone. */
export const isSameButOnes = (a: readonly number[], b: readonly number[]): boolean =>
  isSameShape(
    a.filter((length) => length !== 1),
    b.filter((length) => length !== 1)
  )

/** What a state of ours keeps. */
export interface OurSlots {
  /** The leaves for a param under a field, in order. */
  readonly leaves: (field: string, param: number) => readonly Leaf[]
  /** The numbers under a name, in order. */
  readonly numbers: (name: string) => readonly number[]
  /** How many steps were taken: the count of what is kept for params, or of anything. */
  readonly step: number | undefined
}

/** Takes a state of ours apart; `fields` are those of which a file knows. */
export const slotsOfState = <T extends AnyGradientTransformation>(
  refuse: Refuse,
  state: StateOf<T>,
  { tx, params, shape }: Target<T>,
  isKnown: (field: string) => boolean
): OurSlots => {
  const { parts, numbers } = takenApart(tx, state, params, shape)
  const other = new Set(parts.filter(({ field }) => !isKnown(field)).map(({ owner }) => placeOf(owner)))
  const counts = numbers.filter(
    ({ owner, field, isUnused }) => field === 'count' && !isUnused && !other.has(placeOf(owner))
  )
  const [first, ...rest] = counts
  const differs = rest.find(({ value }) => value !== first?.value)
  if (first !== undefined && differs !== undefined) {
    refuse(
      'mismatch',
      nameOf(differs.owner, 'count'),
      `${first.value}, as ${nameOf(first.owner, 'count')} is`,
      `${differs.value}`
    )
  }
  return {
    leaves: (field, param) =>
      parts.filter((part) => part.field === field && part.param === param).map(({ leaf }) => leaf),
    numbers: (name) => numbers.filter(({ field }) => field === name).map(({ value }) => value),
    step: first?.value
  }
}

const nameOf = (owner: Path, field: string): string => placeOf([...owner, field])

/** A leaf of a state as a tensor. */
export const tensorLeaf = (refuse: Refuse, entry: string, leaf: Leaf | undefined, isNegated = false): Tensor => {
  const tensor = leaf === undefined ? undefined : tensorFrom(isNegated ? force(neg(leaf)) : leaf)
  if (tensor === undefined) return refuse('mismatch', entry, 'kept once by the optimizer', 'nothing or more')
  return tensor
}

/** Params in the order of names; each must be named once. */
export const inOrder = (refuse: Refuse, params: readonly Param[], names: readonly string[]): readonly number[] => {
  const order = names.map((name) => params.findIndex((param) => param.name === name))
  const unknown = names[order.indexOf(-1)]
  if (unknown !== undefined) refuse('mismatch', 'names', 'those of params', `${show(unknown)}, which params has not`)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) refuse('mismatch', 'names', 'each there once', `${show(twice)} twice`)
  return order
}
