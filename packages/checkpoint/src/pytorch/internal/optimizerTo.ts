import {
  type AnyGradientTransformation,
  definitionOf,
  InvalidOption,
  InvalidState,
  type StateOf,
  shapeOf,
  show
} from '@gradchain/core'
import { type Param, type ParamPart, takenApart } from '../../internal/paramParts.js'
import { placeOf } from '../../internal/placeOf.js'
import { tensorFrom } from '../../internal/tensorFrom.js'
import type { Tensor, TensorTree } from '../../tensor.js'
import type { PytorchAlgorithm, PytorchGroup } from '../algorithm.js'
import { ALGORITHMS } from './algorithms.js'

/** What is written: the optimizer whose state it is, its params, and which optimizer of PyTorch is to take it over. */
export interface Written<T extends AnyGradientTransformation> {
  readonly optimizer: T
  readonly params: readonly Param[]
  /** The tree of the params. */
  readonly shape: unknown
  readonly algorithm: PytorchAlgorithm
  readonly groups: readonly PytorchGroup[]
  /** How many steps were taken, where the state does not say. */
  readonly step: number | undefined
}

/** The state of an optimizer of ours as that of one of PyTorch. */
export const optimizerTo = <T extends AnyGradientTransformation>(
  state: StateOf<T>,
  written: Written<T>
): TensorTree => {
  const { optimizer, params, shape, algorithm, groups, step: given } = written
  definitionOf('toPytorch', optimizer)
  const { slots, scalars, hasStep, isKeptBefore } = ALGORITHMS[algorithm]
  const own = new Set(Object.values(slots))
  const { parts, numbers } = takenApart(optimizer, state, params, shape)
  const numberOf = (field: string): number | undefined => {
    const owners = new Set(parts.filter((part) => own.has(part.field)).map(({ owner }) => placeOf(owner)))
    const named = numbers.filter((number) => number.field === field && !number.isUnused)
    const beside = named.filter(({ owner }) => owners.has(placeOf(owner)))
    const [first, ...others] = beside.length > 0 ? beside : named
    const other = others.find(({ value }) => value !== first?.value)
    if (first === undefined || other === undefined) return first?.value
    throw new InvalidState(
      `toPytorch: state must have one ${field}, got ${first.value} at ${placeOf(first.owner)} and ${other.value} at ${placeOf(other.owner)}`
    )
  }
  const step = stepOf(numberOf('count'), given)
  const common: Record<string, Tensor> = hasStep ? { step: scalar(step) } : {}
  if (step > 0)
    for (const [slot, field] of Object.entries(scalars)) common[slot] = scalar(numberOf(field) ?? missing(field))

  const numbersOfParams = new Map(params.map(({ name }, i) => [name, i]))
  const seen = new Set<string>()
  const kept: Record<string, TensorTree> = {}
  const visit = (name: string, group: PytorchGroup): number => {
    const number = numbersOfParams.get(name)
    if (number === undefined) throw new InvalidOption(`toPytorch: groups must be of names of params, got ${show(name)}`)
    if (seen.has(name)) throw new InvalidOption(`toPytorch: groups must have each name once, got ${show(name)} twice`)
    const index = seen.size
    seen.add(name)
    if (step === 0 && !isKeptBefore) return index
    const entry = entryOf(
      params[number] as Param,
      group,
      parts.filter(({ param }) => param === number),
      algorithm
    )
    if (entry !== undefined) kept[index] = { ...common, ...followingOf(algorithm, group, step), ...entry }
    return index
  }
  const param_groups = groups.map((group, i) => ({
    ...hyperparametersOf(algorithm, group, `groups[${i}]`),
    params: group.names.map((name) => visit(name, group))
  }))
  const left = parts.find(({ param, field }) => own.has(field) && !seen.has((params[param] as Param).name))
  if (left !== undefined) {
    const name = show((params[left.param] as Param).name)
    throw new InvalidOption(
      `toPytorch: groups must be with ${name}, for which the state has ${placeOf([...left.owner, left.field])}`
    )
  }
  return { state: kept, param_groups }
}

const missing = (field: string): never => {
  throw new InvalidState(`toPytorch: state must have a field ${field}, got none`)
}

const stepOf = (counted: number | undefined, given: number | undefined): number => {
  if (counted !== undefined && given !== undefined && counted !== given) {
    throw new InvalidOption(`toPytorch: step must be ${counted}, which the state counts, got ${given}`)
  }
  const step = counted ?? given
  if (step === undefined) {
    throw new InvalidOption('toPytorch: step must be given, as the state does not count its steps, got undefined')
  }
  return step
}

const scalar = (value: number): Tensor => ({ dtype: 'float32', shape: [], data: Float32Array.of(value) })

const followingOf = (algorithm: PytorchAlgorithm, group: PytorchGroup, step: number): Record<string, Tensor> => {
  const numbers = ALGORITHMS[algorithm].following?.theirs(group, step) ?? {}
  return Object.fromEntries(Object.entries(numbers).map(([slot, value]) => [slot, scalar(value)]))
}

/** What is kept for a param; `undefined` for one that nothing is kept for, as for those that are frozen. */
const entryOf = (
  { name, leaf }: Param,
  { options }: PytorchGroup,
  parts: readonly ParamPart[],
  algorithm: PytorchAlgorithm
): Record<string, Tensor> | undefined => {
  const entry: Record<string, Tensor> = {}
  const { needs, slotsOf, slots: all } = ALGORITHMS[algorithm]
  const slots = slotsOf === undefined ? all : slotsOf(shapeOf(leaf))
  if (slots === undefined) {
    throw new InvalidState(
      `toPytorch: state must be of params whose last two axes are their longest, for ${algorithm}, got one of the shape ${show(shapeOf(leaf))} for ${show(name)}`
    )
  }
  for (const [slot, field] of Object.entries(slots)) {
    const [part, ...others] = parts.filter((own) => own.field === field)
    if (part === undefined) continue
    if (others.length > 0) {
      const places = [part, ...others].map((own) => placeOf([...own.owner, field])).join(' and ')
      throw new InvalidState(`toPytorch: state must have one ${field} for ${show(name)}, got ${places}`)
    }
    entry[slot] = tensorFrom(part.leaf) as Tensor
  }
  if (Object.keys(entry).length === 0) return undefined
  for (const [slot, field] of Object.entries(slots)) {
    const need = needs[slot]
    const isNeeded = need === undefined || Boolean(options[need] ?? ALGORITHMS[algorithm].options[need]?.[1])
    if (isNeeded === (entry[slot] !== undefined)) continue
    throw new InvalidState(
      isNeeded
        ? `toPytorch: state must have ${field} for ${show(name)}, which ${algorithm} keeps as ${slot}, got none`
        : `toPytorch: state must have no ${field} for ${show(name)}, as ${need} of its group is ${options[need as 'amsgrad'] ?? 'not given'}, got one`
    )
  }
  return entry
}

/** The hyperparameters of a group under PyTorch's names. */
const hyperparametersOf = (
  algorithm: PytorchAlgorithm,
  { lr, options }: PytorchGroup,
  place: string
): Record<string, TensorTree> => {
  if (typeof lr !== 'number') throw new InvalidOption(`toPytorch: ${place}.lr must be a number, got ${show(lr)}`)
  const { options: known, fixed, others } = ALGORITHMS[algorithm]
  const strange = Object.keys(options).find((name) => !Object.hasOwn(known, name))
  if (strange !== undefined) {
    throw new InvalidOption(
      `toPytorch: ${place}.options must be among ${Object.keys(known).join(', ')}, got ${show(strange)}`
    )
  }
  const chosen = Object.entries(known).map(([name, [key, byDefault]]) => [
    key,
    options[name as keyof typeof options] ?? byDefault
  ])
  return { lr, ...Object.fromEntries(chosen), ...fixed, ...others }
}
