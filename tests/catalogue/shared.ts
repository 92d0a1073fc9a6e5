import { arbitrary, type Measure } from '@gradchain/laws'
import {
  type AnyGradientTransformation,
  add,
  definitionOf,
  Expr,
  exponentialDecay,
  type GradientTransformation,
  type Leaf,
  mul,
  ndarray,
  type Operand,
  read,
  reshape,
  type Tree,
  transformation,
  tree,
  type Value
} from 'gradchain'
import type { FamilyEntry, FunctionRow } from './row.js'

/** Rows of functions that are no part of a chain, and that Optax has not. */
export const functionsOf = (...names: readonly FunctionRow['name'][]): readonly FunctionRow[] =>
  names.map((name) => ({ name, kind: 'function', optax: null }))

/** The Euclidean norm. */
export const norm: Measure = (numbers) => Math.hypot(...numbers.slice(0, 50_000))
/** The sum of the magnitudes. */
export const l1: Measure = (numbers) => numbers.reduce((total, x) => total + Math.abs(x), 0)

/** A mask for trees of any structure: arrays with an odd number of elements. */
export const isOdd = (params: Tree<Leaf>) =>
  tree.map((leaf) => typeof leaf === 'object' && ('shape' in leaf ? leaf.data : leaf).length % 2 === 1, params)

/** Labels for trees of any structure. */
export const label = (params: Tree<Leaf>) => tree.map((odd) => (odd ? 'odd' : 'rest'), isOdd(params))

/** A transformation that wants an extra argument, given one. */
export const given = <S, E>(tx: GradientTransformation<S, E>, extra: E): AnyGradientTransformation => {
  const { init, update } = definitionOf('catalogue', tx)
  return transformation<S>({
    origin: ['given', tx, extra],
    init,
    update: (updates, state, params) => update(updates, state, params, extra)
  })
}

/** A transformation that wants the loss, given one. */
export const withValue = <S>(tx: GradientTransformation<S, { readonly value: number }>): AnyGradientTransformation => {
  const { init, update } = definitionOf('catalogue', tx)
  return transformation<S>({
    origin: ['withValue', tx],
    init,
    update: (updates, state, params) => update(updates, state, params, { value: 1.5 })
  })
}

/** A transformation that looks whether the loss falls, given one that is flat from the third value on. */
export const withFlatLoss = <S extends { readonly plateauCount: number }>(
  tx: GradientTransformation<S, { readonly value: number }>
): AnyGradientTransformation => {
  const { init, update } = definitionOf('catalogue', tx)
  return transformation<S>({
    origin: ['withFlatLoss', tx],
    init,
    update: (updates, state, params) => update(updates, state, params, { value: state.plateauCount > 0 ? 1 : 2 })
  })
}

/** A transformation that wants the loss as a function of params, given one. */
export const withObjective = <S>(
  tx: GradientTransformation<S, { objFn(params: Tree): Value }>
): AnyGradientTransformation => {
  const { init, update } = definitionOf('catalogue', tx)
  return transformation<S>({
    origin: ['withObjective', tx],
    init,
    update: (updates, state, params) => update(updates, state, params, { objFn: (p) => tree.squaredNorm(p) })
  })
}

/** A transformation that searches along the updates, given a loss that is least at 0: Σp² / 2. */
export const withLoss = <S>(
  tx: GradientTransformation<S, { readonly value: number; readonly grad: Tree } & { valueFn(params: Tree): Value }>
): AnyGradientTransformation => {
  const { init, update } = definitionOf('catalogue', tx)
  const valueFn = (params: Tree): Value => mul(0.5, tree.squaredNorm(params))
  return transformation<S>({
    origin: ['withLoss', tx],
    init,
    update: (updates, state, params) =>
      update(updates, state, params, { value: read(valueFn(params)), grad: params, valueFn })
  })
}

/** A transformation that wants the gradients of examples, given one: the gradients. */
export const withExamples = <S>(
  tx: GradientTransformation<S, { readonly perExampleGradients: Tree }>
): AnyGradientTransformation => {
  const { init, update } = definitionOf('catalogue', tx)
  return transformation<S>({
    origin: ['withExamples', tx],
    init,
    update: (updates, state, params) => {
      const one = ndarray(new Float64Array([1]), [1, 1])
      const perExampleGradients = tree.map(
        (g: Operand): Operand =>
          g instanceof Expr && !g.isScalar ? reshape(g, [1, ...(g.shape ?? [g.size])]) : reshape(mul(g, one), [1]),
        updates
      )
      return update(updates, state, params, { perExampleGradients })
    }
  })
}

/** A transformation that wants the gradients of other tasks, given two: against the gradients, and along the params. */
export const withTasks = <S>(
  tx: GradientTransformation<S, { readonly otherGradients: readonly Tree[] }>
): AnyGradientTransformation => {
  const { init, update } = definitionOf('catalogue', tx)
  return transformation<S>({
    origin: ['withTasks', tx],
    init,
    update: (updates, state, params) => {
      const against = tree.map((g, p) => add(mul(-1, g), mul(0.5, p)), updates, params)
      return update(updates, state, params, { otherGradients: [against, params] })
    }
  })
}

/** Tells of gradients on a memory, which go against those at hand. */
export const withMemory = <S>(
  tx: GradientTransformation<S, { readonly memoryGradients: Tree }>
): AnyGradientTransformation => {
  const { init, update } = definitionOf('catalogue', tx)
  return transformation<S>({
    origin: ['withMemory', tx],
    init,
    update: (updates, state, params) => {
      const memoryGradients = tree.map((g, p) => add(mul(-1, g), mul(0.5, p)), updates, params)
      return update(updates, state, params, { memoryGradients })
    }
  })
}

/** What is not bounded by the gradient and the param at hand. */
export const unboundedInHalves = {
  finiteStaysFinite: 'an update may be larger than the largest float16, after what came before'
}

export const both = { of: 'both' } as const
/** A number has no other dtype, so what is stored in bfloat16 is kept exactly for numbers. */
export const arraysOnly = { params: arbitrary.params({ numbers: false }) } as const
/** A norm is rounded once for every pass. */
export const upToRounding = { tolerance: 1e-6 } as const

export const linear: readonly FamilyEntry[] = ['elementwise', 'odd', 'linear']
export const linearInBoth: readonly FamilyEntry[] = ['elementwise', ['odd', both], ['linear', both]]
export const adaptive: readonly FamilyEntry[] = ['elementwise', 'odd', 'scaleBlind']
export const adaptiveWithDecay: readonly FamilyEntry[] = ['elementwise', ['odd', both], 'scaleBlind']

export const decay = exponentialDecay({ initValue: 0.5, transitionSteps: 3, decayRate: 0.5 })

/** What `updatesTo` makes of updates. */
export const notInHalves = {
  likeGradients: 'updates that lead to exactly what is kept in float32, rounded, are float32'
}

/** The law that does not hold of what is measured once, at the start. */
export const startsAtAll = { absentParamsRest: 'the first distance is a share of the norm of all params' }
