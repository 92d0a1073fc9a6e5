import { Kind } from '../array/dtype.js'
import { Domain } from '../expression/domain.js'
import { type Child, Expr } from '../expression/expr.js'
import { isReduction, isStandalone, Op } from '../expression/op.js'
import { isAnyPacked, isUnpacked, operandOf, packedBy, packings, unpacksFrom } from '../packing/packing.js'
import { newPass, pendingOrder } from './order.js'
import { isArithmetic } from './scalar.js'

/**
 * What is done between two synchronisations: first the host's nodes in order, then the fused passes, each of which stores
 * its outputs and adds up its reductions.
 */
export interface Stage {
  readonly host: Expr[]
  readonly outputs: Expr[]
  readonly reductions: Expr[]
}

/** How many operations one array may be computed by in a single pass; longer computations are cut. */
export const LONGEST = 128

/** How many operations unpacking counts as. */
const UNPACKING = 16

const NONE: readonly never[] = []

const isArrayNode = (child: Child | null): child is Expr => child instanceof Expr && child.kind !== Kind.Scalar

/** Whether a fused pass computes the node. */
const isFused = (node: Expr): boolean =>
  node.op !== Op.Leaf && node.kind !== Kind.Scalar && (!isStandalone(node.op) || isUnpacked(node))

/**
 * Cuts what is pending under the roots into stages.
 *
 * A node may use what was stored or reduced in an earlier stage. The operand of a reduction, when it is computed, is
 * stored by the pass that reduces it, so that no later stage computes it again, unless that is no more than reading an array
 * and scaling it, or no later stage goes through arrays and what needed it has been computed by then; so are the operands of a node that works on whole arrays, and the operands of a node whose computation
 * would grow beyond {@link LONGEST}.
 */
export const planStages = (roots: readonly Expr[]): Stage[] => {
  const stages: Stage[] = []
  const at = (stage: number): Stage => {
    while (stages.length <= stage) stages.push({ host: [], outputs: [], reductions: [] })
    return stages[stage] as Stage
  }
  const order = pendingOrder(roots)
  const stored = newPass()

  /** What is computed to be reduced. */
  const reduced = new Set<Expr>()
  /** What a pass that computes it unpacks something for. */
  const unpacking = new Set<Expr>()

  const store = (node: Expr): void => {
    if (node.mark === stored) return
    node.mark = stored
    at(node.stage).outputs.push(node)
  }

  /** The first stage in which the child can be used, when it is not fused into its user. */
  const ready = (child: Child | null): number => {
    if (!(child instanceof Expr) || child.op === Op.Leaf) return 0
    if (!isFused(child)) return child.stage
    store(child)
    return child.stage + 1
  }

  /** The first stage in which the child can be reduced: sums go by blocks of their own, so that what is unpacked is stored first. */
  const readyToReduce = (child: Child | null): number => {
    if (isArrayNode(child) && unpacking.has(child)) return ready(child)
    if (isPendingFused(child) && !isScaledLeaf(child)) reduced.add(child)
    return fusedStage(child)
  }

  for (const node of order) {
    const packed = packedBy(node)
    if (packed !== null) {
      const stage = fusedStage(packed)
      node.stage = stage + 1
      at(stage).outputs.push(node)
    } else if (unpacksFrom(node) !== null) {
      node.weight = UNPACKING
      node.stage = ready(operandOf(node))
      unpacking.add(node)
    } else if (isReduction(node.op)) {
      const stage = Math.max(readyToReduce(node.a), readyToReduce(node.b))
      node.stage = stage + 1
      at(stage).reductions.push(node)
    } else if (isArithmetic(node)) {
      node.stage = Math.max(ready(node.a), ready(node.b), ready(node.c), ...(node.more ?? NONE).map(ready))
      at(node.stage).host.push(node)
    } else if (isStandalone(node.op)) {
      const operands: readonly (Child | null)[] = node.more ?? [node.a]
      node.stage = Math.max(0, ...operands.map(ready))
      at(node.stage).host.push(node)
    } else {
      node.weight = 1 + weightOf(node.a) + weightOf(node.b) + weightOf(node.c)
      if (node.weight <= LONGEST) {
        node.stage = Math.max(fusedStage(node.a), fusedStage(node.b), fusedStage(node.c))
        if (unpacking.size > 0 && operandsOf(node).some((child) => unpacking.has(child))) unpacking.add(node)
      } else {
        node.weight = 1
        node.stage = Math.max(ready(node.a), ready(node.b), ready(node.c))
      }
    }
  }
  for (const root of roots) if (isFused(root)) store(root)
  if (reduced.size > 0) {
    const last = stages.findLastIndex(isOfArrays)
    const used = usedAmong(reduced, order)
    for (const node of reduced) if (node.stage < last || !used.has(node)) store(node)
  }
  return stages
}

/** Whether a stage goes through arrays, and does not only compute with numbers. */
const isOfArrays = ({ host, outputs, reductions }: Stage): boolean =>
  outputs.length > 0 || reductions.length > 0 || host.some((node) => !isArithmetic(node))

/** Those of the nodes that another array is computed from here. Of one that none is, somebody may want the elements afterwards. */
const usedAmong = (nodes: ReadonlySet<Expr>, order: readonly Expr[]): ReadonlySet<Expr> => {
  const used = new Set<Expr>()
  for (const node of order) {
    if (!isArrayNode(node)) continue
    for (const child of [node.a, node.b, node.c]) if (child instanceof Expr && nodes.has(child)) used.add(child)
  }
  return used
}

/** The arrays that a node goes through element by element. */
const operandsOf = ({ a, b, c }: Expr): readonly Expr[] => [a, b, c].filter(isArrayNode)

const isPendingFused = (child: Child | null): child is Expr => isArrayNode(child) && isFused(child)

/** Whether a node is an array that is there, times a number: to compute it again costs what it costs to read it. */
const isScaledLeaf = ({ op, a, b }: Expr): boolean =>
  op === Op.Mul && ((isLeafArray(a) && !isArrayNode(b)) || (isLeafArray(b) && !isArrayNode(a)))

const isLeafArray = (child: Child | null): boolean => isArrayNode(child) && child.op === Op.Leaf

/** The stage in which a pass that fuses the child can run. */
const fusedStage = (child: Child | null): number => (child instanceof Expr && child.op !== Op.Leaf ? child.stage : 0)

const weightOf = (child: Child | null): number => (isPendingFused(child) ? child.weight : 0)

/** A fused pass: the arrays of one size that hang together, through what is computed for them in this stage. */
export interface Pass {
  readonly size: number
  /** Where its arrays lie, when they are many side by side. */
  readonly domain: Domain | null
  readonly outputs: Expr[]
  readonly reductions: Expr[]
}

// What is being grouped.
let groupMark = 0
const parents: number[] = []
const frontier: Expr[] = []

const find = (group: number): number => {
  let root = group
  while (parents[root] !== root) root = parents[root] as number
  return root
}

const visit = (child: Child | null, group: number): void => {
  if (child === null || typeof child === 'number' || child.kind === Kind.Scalar) return
  if (child.mark === groupMark) {
    if (child.group !== group) parents[find(child.group)] = find(group)
    return
  }
  child.mark = groupMark
  child.group = group
  if (child.op !== Op.Leaf) frontier.push(child)
}

/** Puts everything that a node is computed from in one group with it. */
const join = (node: Expr): number => {
  const group = parents.length
  parents.push(group)
  const packed = packedBy(node)
  if (packed !== null) visit(packed, group)
  else if (isReduction(node.op)) {
    visit(node.a, group)
    visit(node.b, group)
  } else visit(node, group)
  while (frontier.length > 0) {
    const next = frontier.pop() as Expr
    visit(next.a, group)
    visit(next.b, group)
    visit(next.c, group)
  }
  return group
}

/** Sorts what is to be stored and reduced into passes, each as small as sharing allows. */
export const groupPasses = (outputs: readonly Expr[], reductions: readonly Expr[]): Pass[] => {
  groupMark = newPass()
  parents.length = 0
  const groups: number[] = []
  for (let i = 0; i < outputs.length; i++) groups.push(join(outputs[i] as Expr))
  for (let i = 0; i < reductions.length; i++) groups.push(join(reductions[i] as Expr))
  const passes: Pass[] = []
  const passOfRoot: (Pass | undefined)[] = []
  for (let i = 0; i < groups.length; i++) {
    const isOutput = i < outputs.length
    const node = (isOutput ? outputs[i] : reductions[i - outputs.length]) as Expr
    const root = find(groups[i] as number)
    let pass = passOfRoot[root]
    if (pass === undefined) {
      const { extent, form } = isOutput ? (packedBy(node) ?? node) : (node.a as Expr)
      pass = { size: extent, domain: form instanceof Domain ? form : null, outputs: [], reductions: [] }
      passOfRoot[root] = pass
      passes.push(pass)
    }
    if (isOutput) pass.outputs.push(node)
    else pass.reductions.push(node)
  }
  return passes
}

/** How many arrays and scalars one kernel gives at the most. */
const MOST_RESULTS = 64

/** A pass in pieces that one kernel can hold. */
export const splitPass = (pass: Pass): Pass[] => {
  const { size, domain, outputs, reductions } = pass
  const apart = isAnyPacked() ? packings().apart(pass) : []
  if (apart.length > 0) {
    const others = outputs.filter((node) => !apart.some((nodes) => nodes.includes(node)))
    const rest = others.length + reductions.length === 0 ? [] : splitPass({ ...pass, outputs: others })
    return [...rest, ...apart.map((nodes) => ({ size, domain, outputs: nodes, reductions: [] }))]
  }
  if (outputs.length + reductions.length <= MOST_RESULTS) return [pass]
  const pieces: Pass[] = []
  for (let i = 0; i < outputs.length; i += MOST_RESULTS) {
    pieces.push({ size, domain, outputs: outputs.slice(i, i + MOST_RESULTS), reductions: [] })
  }
  for (let i = 0; i < reductions.length; i += MOST_RESULTS) {
    pieces.push({ size, domain, outputs: [], reductions: reductions.slice(i, i + MOST_RESULTS) })
  }
  return pieces
}
