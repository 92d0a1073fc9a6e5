import {
  type AnyGradientTransformation,
  definitionOf,
  force,
  type Leaf,
  type StateOf,
  shapeOf,
  show,
  sign
} from '@gradchain/core'
import type { Refuse } from '../../internal/attempt.js'
import { changed, type Param, type ParamPart, type Path, takenApart } from '../../internal/paramParts.js'
import { placeOf } from '../../internal/placeOf.js'
import type { TensorTree } from '../../tensor.js'
import type { PytorchAlgorithm, PytorchGroup, PytorchGroups, PytorchOptions } from '../algorithm.js'
import { ALGORITHMS, algorithmOf, keptBy } from './algorithms.js'
import { fitted } from './fitted.js'
import { countOf, type Fields, fieldsOf, itemsOf, numberOf, said } from './values.js'

/** What is known before there is an optimizer of ours: which one PyTorch's was, its groups and what it kept. */
export interface SavedOptimizer {
  readonly algorithm: PytorchAlgorithm
  readonly groups: PytorchGroups
  /** The names of all params, in order. */
  readonly names: readonly string[]
  /** What is kept for each, `undefined` for nothing. */
  readonly kept: readonly (Fields | undefined)[]
}

/** Reads the groups of an optimizer, and what it kept for each param. */
export const savedOptimizer = (
  refuse: Refuse,
  state: TensorTree,
  given: { readonly names: readonly string[] | undefined; readonly algorithm: PytorchAlgorithm | undefined }
): SavedOptimizer => {
  const fields = fieldsOf(refuse, 'the state of an optimizer', state)
  const groups = itemsOf(refuse, 'param_groups', fields['param_groups']).map((group, i) =>
    fieldsOf(refuse, `param_groups[${i}]`, group)
  )
  const places = groups.map((group, i) => itemsOf(refuse, `param_groups[${i}].params`, group['params']))
  const count = places.reduce((sum, { length }) => sum + length, 0)
  places.flat().forEach((place, i) => {
    if (place !== i) refuse('malformed', 'param_groups', `of the params 0 to ${count - 1} in order`, said(place))
  })
  const names = given.names ?? namesIn(refuse, groups)
  if (names.length !== count) refuse('mismatch', 'names', `the names of ${count} params`, `${names.length}`)

  const entries = fieldsOf(refuse, 'state', fields['state'])
  const strange = Object.keys(entries).find((key) => !/^(?:0|[1-9]\d*)$/.test(key) || Number(key) >= count)
  if (strange !== undefined) refuse('malformed', 'state', `of the params 0 to ${count - 1}`, show(strange))
  const kept = names.map((_, i) =>
    i in entries ? withoutNull(fieldsOf(refuse, `state[${i}]`, entries[i])) : undefined
  )

  const slots = new Set(kept.flatMap((entry) => Object.keys(entry ?? {})))
  const algorithm = given.algorithm ?? sameOf(groups.map((group) => algorithmOf(group, slots)))
  if (algorithm === undefined) {
    return refuse(
      'unsupported',
      'param_groups',
      `those of one of ${Object.keys(ALGORITHMS).join(', ')}, unless the algorithm is given`,
      `hyperparameters ${Object.keys(groups[0] ?? {}).join(', ')}, and ${[...slots].join(', ') || 'nothing'} for each param`
    )
  }
  checkKept(refuse, kept, algorithm)
  const starts = places.map((_, i) => places.slice(0, i).reduce((sum, { length }) => sum + length, 0))
  const [first, ...others] = groups.map(
    (group, i): PytorchGroup => ({
      names: names.slice(starts[i], (starts[i] as number) + (places[i] as readonly unknown[]).length),
      lr: numberOf(refuse, `param_groups[${i}].lr`, group['lr']),
      options: optionsOf(refuse, `param_groups[${i}]`, group, algorithm)
    })
  )
  return {
    algorithm,
    names,
    kept,
    groups: [first ?? refuse('malformed', 'param_groups', 'one group or more', 'none'), ...others]
  }
}

/** What an optimizer keeps that the algorithm does not would be lost. */
const checkKept = (refuse: Refuse, kept: readonly (Fields | undefined)[], algorithm: PytorchAlgorithm): void => {
  const known = keptBy(algorithm)
  kept.forEach((entry, i) => {
    const strange = Object.keys(entry ?? {}).find((slot) => !known.includes(slot))
    if (strange === undefined) return
    refuse(
      'mismatch',
      `state[${i}].${strange}`,
      `among what ${algorithm} keeps: ${known.join(', ')}`,
      said(entry?.[strange])
    )
  })
}

const namesIn = (refuse: Refuse, groups: readonly Fields[]): readonly string[] => {
  const names = groups.flatMap((group) => (Array.isArray(group['param_names']) ? group['param_names'] : [undefined]))
  if (names.every((name) => typeof name === 'string')) return names as readonly string[]
  return refuse('mismatch', 'names', 'given, as the file holds none: params are known by their order alone', 'nothing')
}

const withoutNull = (entry: Fields): Fields =>
  Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null))

const sameOf = <T>(values: readonly T[]): T | undefined => (new Set(values).size === 1 ? values[0] : undefined)

const optionsOf = (refuse: Refuse, entry: string, group: Fields, algorithm: PytorchAlgorithm): PytorchOptions => {
  const { options: known, fixed } = ALGORITHMS[algorithm]
  const strange = Object.keys(fixed).find((key) => Object.hasOwn(group, key) && group[key] !== fixed[key])
  if (strange !== undefined) {
    refuse('unsupported', `${entry}.${strange}`, `${fixed[strange]} for ${algorithm}`, said(group[strange]))
  }
  const options: Record<string, unknown> = {}
  for (const [name, [key, byDefault]] of Object.entries(known)) {
    const value = group[key]
    // What is null in PyTorch is left out here.
    if (value === undefined || value === null) continue
    options[name] = optionLike(refuse, `${entry}.${key}`, value, byDefault)
  }
  return options
}

const optionLike = (refuse: Refuse, entry: string, value: TensorTree, byDefault: unknown): unknown => {
  if (Array.isArray(byDefault)) {
    const items = itemsOf(refuse, entry, value)
    if (items.length !== byDefault.length) refuse('mismatch', entry, `${byDefault.length} numbers`, `${items.length}`)
    return items.map((item, i) =>
      item === null && byDefault[i] === null ? null : numberOf(refuse, `${entry}[${i}]`, item)
    )
  }
  if (typeof byDefault === 'number') return numberOf(refuse, entry, value)
  const wanted = byDefault === null ? 'string' : 'boolean'
  return typeof value === wanted ? value : refuse('mismatch', entry, `a ${wanted}`, said(value))
}

/** Puts what an optimizer of PyTorch kept into a fresh state of ours. */
export const stateFrom = <T extends AnyGradientTransformation>(
  refuse: Refuse,
  saved: SavedOptimizer,
  tx: T,
  {
    params,
    shape,
    step
  }: { readonly params: readonly Param[]; readonly shape: unknown; readonly step: number | undefined }
): StateOf<T> => {
  const { slots, slotsOf, scalars, signs, hasStep } = ALGORITHMS[saved.algorithm]
  definitionOf('fromPytorch', tx)
  const fresh = tx.init(shape) as StateOf<T>
  const { parts } = takenApart(tx, fresh, params, shape)
  const own = new Set(Object.values(slots))
  const steps = stepsOf(refuse, saved, hasStep, step)
  const kept = keptByParam(refuse, saved, params)

  const values = new Map<ParamPart, Leaf>()
  params.forEach(({ name, leaf }, index) => {
    const entry = kept.get(index)
    const slotsHere = slotsOf === undefined ? slots : slotsOf(shapeOf(leaf))
    const fields = new Set(Object.values(slotsHere ?? {}))
    const there = parts.filter(({ param, field }) => param === index && fields.has(field))
    if (entry === undefined) {
      const [part] = there
      if (part !== undefined && !saved.names.includes(name)) {
        refuse('mismatch', 'names', `with ${show(name)}, for which the optimizer keeps ${nameOf(part)}`, 'without')
      }
      return
    }
    if (slotsHere === undefined) {
      const wanted = 'a param whose last two axes are its longest, as ours keeps the means of those'
      return refuse('unsupported', show(name), wanted, `one of the shape ${show(shapeOf(leaf))}`)
    }
    for (const [slot, field] of Object.entries(slotsHere)) {
      const places = there.filter((part) => part.field === field)
      const at = `state[${saved.names.indexOf(name)}].${slot}, that of ${show(name)},`
      const [part] = places
      if (entry[slot] === undefined) {
        if (part !== undefined) refuse('mismatch', at, `there, as the optimizer keeps ${nameOf(part)}`, 'nothing')
        continue
      }
      if (part === undefined) return refuse('mismatch', at, `kept by the optimizer as ${field}`, 'an optimizer without')
      if (places.length > 1) refuse('mismatch', at, `kept in one place as ${field}`, places.map(nameOf).join(' and '))
      const value = fitted(refuse, at, entry[slot], part.leaf)
      values.set(part, signs.includes(slot) ? (force(sign(value)) as Leaf) : value)
    }
  })

  const numbers = new Map([...numbersOf(refuse, saved, scalars), ...followingOf(refuse, saved, steps)])
  const placeIn = (owner: Path, field: string, param: number): string => `${placeOf(owner)} ${field} ${param}`
  const byPlace = new Map([...values].map(([{ owner, field, param }, leaf]) => [placeIn(owner, field, param), leaf]))
  const others = new Set(parts.filter(({ field }) => !own.has(field)).map(({ owner }) => placeOf(owner)))
  return changed(tx, fresh, params, shape, {
    part: ({ owner, field, param, leaf }) => byPlace.get(placeIn(owner, field, param)) ?? leaf,
    // What keeps something for the params that PyTorch's optimizer does not begins anew, and so does its count.
    number: ({ owner, field, isUnused, value }) =>
      field !== 'count' ? (numbers.get(field) ?? value) : isUnused || others.has(placeOf(owner)) ? value : steps
  })
}

const nameOf = ({ owner, field }: ParamPart): string => `${placeOf([...owner, field])}`

/** What is kept, by the numbers of our params. */
const keptByParam = (
  refuse: Refuse,
  { names, kept }: SavedOptimizer,
  params: readonly Param[]
): Map<number, Fields> => {
  const numbers = new Map(params.map(({ name }, i) => [name, i]))
  const found = new Map<number, Fields>()
  const seen = new Set<string>()
  names.forEach((name, i) => {
    const number = numbers.get(name)
    if (seen.has(name)) refuse('mismatch', 'names', 'each there once', `${show(name)} twice`)
    seen.add(name)
    if (number === undefined)
      return refuse('mismatch', 'names', 'those of params', `${show(name)}, which params has not`)
    const entry = kept[i]
    if (entry !== undefined) found.set(number, entry)
  })
  return found
}

/** How many steps were taken: of all params that have a state alike, as ours have one count. */
const stepsOf = (
  refuse: Refuse,
  { kept, algorithm }: SavedOptimizer,
  hasStep: boolean,
  given: number | undefined
): number => {
  if (!hasStep) {
    return given ?? refuse('mismatch', 'step', `given, as ${algorithm} does not count its steps`, 'nothing')
  }
  let steps: number | undefined
  kept.forEach((entry, i) => {
    if (entry === undefined) return
    const own = countOf(refuse, `state[${i}].step`, entry['step'])
    if (steps !== undefined && own !== steps) {
      refuse('mismatch', `state[${i}].step`, `${steps}, as that of the params before it: ours have one count`, `${own}`)
    }
    steps = own
  })
  const found = steps ?? 0
  if (given !== undefined && given !== found) refuse('mismatch', 'step', `${found}, as in the file`, `${given}`)
  return found
}

/** Numbers of ours that follow from the groups and the number of steps; all groups must say the same of them. */
const followingOf = (
  refuse: Refuse,
  { groups, algorithm }: SavedOptimizer,
  steps: number
): ReadonlyMap<string, number> => {
  const [first, ...others] = groups.map((group) =>
    Object.entries(ALGORITHMS[algorithm].following?.ours(group, steps) ?? {})
  )
  others.forEach((other, i) => {
    if (String(other) === String(first)) return
    refuse(
      'mismatch',
      `param_groups[${i + 1}]`,
      'of the hyperparameters of the first, where ours has one number for all',
      'others'
    )
  })
  return new Map(first)
}

/** Numbers that PyTorch keeps for each param, and ours once. */
const numbersOf = (
  refuse: Refuse,
  { kept }: SavedOptimizer,
  scalars: Readonly<Record<string, string>>
): ReadonlyMap<string, number> => {
  const found = new Map<string, number>()
  for (const [slot, field] of Object.entries(scalars)) {
    kept.forEach((entry, i) => {
      if (entry === undefined) return
      const value = numberOf(refuse, `state[${i}].${slot}`, entry[slot])
      const known = found.get(field)
      if (known !== undefined && known !== value) {
        refuse('mismatch', `state[${i}].${slot}`, `${known}, as that of the params before it`, `${value}`)
      }
      found.set(field, value)
    })
  }
  return found
}
