import { type NodeForm, nodes } from '@gradchain/core/engine'
import type { Graph, GraphPart, Ref } from './graph.js'

/** How many operations one array may be computed by in a single pass; longer computations are cut. */
const LONGEST = 128

/** So many numbers in a row that are added up are added up in a loop. */
const FEWEST_TERMS = 6

/** What is done one after the other: numbers level by level, what works on whole arrays, passes over arrays, reductions. */
export interface Stage {
  readonly numbers: number[][]
  readonly wholes: number[]
  readonly outputs: number[]
  readonly reductions: number[]
}

/** Numbers that are put together one after the other: what the first of the terms is put to, and the terms. */
export interface Chain {
  readonly start: Ref
  readonly terms: readonly Ref[]
}

/** A graph cut into stages. */
export interface Staged {
  readonly stages: readonly Stage[]
  /** The numbers that are chains. */
  readonly chains: ReadonlyMap<number, Chain>
}

/** How a node stands to its operands. */
export const formOf = ({ name }: GraphPart): NodeForm | 'given' =>
  name === 'slot' || name === 'constant' || name === 'given' ? 'given' : nodes[name].form

/** Whether a part is an array that passes compute. */
export const isFused = (part: GraphPart): boolean => part.dtype !== 'number' && formOf(part) === 'elementwise'

/** Whether a part is arithmetic on numbers. */
const isArithmetic = (part: GraphPart): boolean => part.dtype === 'number' && formOf(part) === 'elementwise'

/** The nodes among operands. */
export const nodesIn = (operands: readonly Ref[]): number[] => operands.flatMap((x) => ('node' in x ? [x.node] : []))

/** Cuts a graph into stages; what is stored in one can be used in the next. */
export const stagesOf = ({ parts, roots }: Graph): Staged => {
  const stages: Stage[] = []
  const at = (stage: number): Stage => {
    while (stages.length <= stage) stages.push({ numbers: [], wholes: [], outputs: [], reductions: [] })
    return stages[stage] as Stage
  }
  const users = parts.map((): number[] => [])
  parts.forEach(({ operands }, i) => {
    for (const x of nodesIn(operands)) (users[x] as number[]).push(i)
  })
  const isRoot = new Set(nodesIn(roots))
  const chains = chainsOf(parts, users, isRoot)
  const within = new Set<number>()
  for (const [end, { terms }] of chains) {
    let x = end
    for (let i = terms.length; i > 1; i--) {
      x = ((parts[x] as GraphPart).operands[0] as { node: number }).node
      within.add(x)
    }
  }

  const stageOf: number[] = []
  const levels: number[] = []
  const weights: number[] = []
  const stored = new Set<number>()
  const store = (i: number): void => {
    if (stored.has(i)) return
    stored.add(i)
    at(stageOf[i] as number).outputs.push(i)
  }
  const partOf = (i: number): GraphPart => parts[i] as GraphPart
  /** The first stage in which something can be used, when it is not fused into its user. */
  const ready = (i: number): number => {
    if (!isFused(partOf(i))) return stageOf[i] as number
    store(i)
    return (stageOf[i] as number) + 1
  }
  const latest = (operands: readonly number[], stage: (i: number) => number): number =>
    Math.max(0, ...operands.map(stage))
  const fusedStage = (i: number): number => stageOf[i] as number

  parts.forEach((part, i) => {
    const form = formOf(part)
    const operands = nodesIn(part.operands)
    if (form === 'given') stageOf[i] = 0
    else if (form === 'reduction') {
      const stage = latest(operands, fusedStage)
      for (const x of operands) {
        const isForReductions = users[x]?.every((user) => formOf(partOf(user)) === 'reduction') && !isRoot.has(x)
        if (isFused(partOf(x)) && !isForReductions && (weights[x] as number) > 1) store(x)
      }
      stageOf[i] = stage + 1
      at(stage).reductions.push(i)
    } else if (isArithmetic(part)) {
      const chain = chains.get(i)
      if (within.has(i)) return
      const terms = chain === undefined ? operands : nodesIn([chain.start, ...chain.terms])
      const stage = latest(terms, fusedStage)
      stageOf[i] = stage
      const levelOf = (x: number): number =>
        isArithmetic(partOf(x)) && stageOf[x] === stage
          ? (levels[x] as number) + (chain === undefined && !chains.has(x) ? 0 : 1)
          : 0
      const level = latest(terms, levelOf)
      levels[i] = level
      const { numbers } = at(stage)
      while (numbers.length <= level) numbers.push([])
      numbers[level]?.push(i)
    } else if (form === 'whole') {
      stageOf[i] = latest(operands, ready)
      at(stageOf[i] as number).wholes.push(i)
    } else {
      const weight = operands.reduce((sum, x) => sum + (isFused(partOf(x)) ? (weights[x] as number) : 0), 1)
      weights[i] = weight <= LONGEST ? weight : 1
      stageOf[i] = latest(operands, weight <= LONGEST ? fusedStage : ready)
    }
  })
  for (const i of isRoot) if (isFused(partOf(i))) store(i)
  // What is there already is copied last.
  const last = Math.max(0, stages.length - 1)
  for (const i of isRoot) {
    const part = partOf(i)
    if (part.dtype !== 'number' && formOf(part) === 'given') at(last).outputs.push(i)
  }
  return { stages, chains }
}

const CHAINED = ['add', 'min', 'max']

/** Numbers that are put together one after the other, as sums over all leaves are: the ends of the rows. */
const chainsOf = (
  parts: readonly GraphPart[],
  users: readonly (readonly number[])[],
  isRoot: ReadonlySet<number>
): Map<number, Chain> => {
  const chains = new Map<number, Chain>()
  const isLink = (i: number, name: string): boolean => {
    const part = parts[i] as GraphPart
    return part.name === name && part.dtype === 'number'
  }
  parts.forEach((part, i) => {
    if (part.dtype !== 'number' || !CHAINED.includes(part.name)) return
    // Only the end of a row: nobody goes on from here alone.
    const [user, ...others] = users[i] as readonly number[]
    const goesOn = user !== undefined && isLink(user, part.name) && isFirst(parts[user] as GraphPart, i)
    if (goesOn && others.length === 0 && !isRoot.has(i)) return
    const terms: Ref[] = []
    let x = i
    for (;;) {
      const [start, term] = (parts[x] as GraphPart).operands as [Ref, Ref]
      terms.push(term)
      const next = 'node' in start ? start.node : -1
      if (next < 0 || !isLink(next, part.name) || users[next]?.length !== 1 || isRoot.has(next)) {
        if (terms.length >= FEWEST_TERMS) chains.set(i, { start, terms: terms.reverse() })
        return
      }
      x = next
    }
  })
  return chains
}

const isFirst = ({ operands: [first] }: GraphPart, i: number): boolean =>
  first !== undefined && 'node' in first && first.node === i
