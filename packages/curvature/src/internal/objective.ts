import {
  aNumber,
  check,
  Expr,
  force,
  InvalidOption,
  InvalidTree,
  type Leaf,
  type Operand,
  paramsAfter,
  read,
  shapeOf,
  show,
  type Tree,
  type Value,
  valueAndGrad
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** The loss as a function of params, one of ours on expressions. */
export interface ValueFnExtra {
  /**
   * The loss at other params, in their structure: a lazy scalar, which is differentiated, or where gradients are not asked for also a
   * number. It is declared as a method so that it may take params of one particular type.
   */
  valueFn(params: Tree): Value
  /** The loss and its gradient, when it is not to be differentiated. */
  valueAndGradFn?(params: Tree<Leaf>): readonly [value: Value, grad: Tree]
}

/** The loss and its gradient as a function of arrays, whatever computes them. */
export interface ValueAndGradFnExtra {
  /** The loss alone, asked where its gradient does not matter: a number or a lazy scalar. */
  valueFn?(params: Tree): Value
  /**
   * The loss, a number, and its gradient at other params, in their structure. It is declared as a method so that it may take params of
   * one particular type.
   */
  valueAndGradFn(params: Tree<Leaf>): readonly [value: Value, grad: Tree]
}

/**
 * What a rule needs that looks at the loss and its gradient at other params than those at hand: `valueFn`, one of ours on expressions, which
 * is differentiated by {@link valueAndGrad}, or `valueAndGradFn`, a function of arrays, which is called and nothing else.
 *
 * It is one function for both, not a `gradFn` beside `valueFn`: who has the gradient has had the loss on the way, every search wants
 * both at once, and two functions would compute the loss twice. Other libraries have it under this name.
 */
export type ObjectiveExtra = ValueFnExtra | ValueAndGradFnExtra

/** What a search needs to be told of the params at hand. */
export interface StartExtra {
  /** The loss at the params. */
  readonly value: number
  /** Its gradient there, in their structure: also where the updates are something else. */
  readonly grad: Tree
}

/**
 * The loss at the params at hand and its gradient, checked.
 *
 * @throws InvalidOption for a loss that is no number; InvalidTree for a gradient that does not fit the params.
 */
export const startOf = (owner: string, extra: Partial<StartExtra> | undefined, params: Tree): StartExtra => {
  const { value, grad } = extra ?? {}
  check(owner, { value }, aNumber)
  if (grad === undefined) throw new InvalidOption(`${owner}: grad must be a tree like the params, got undefined`)
  return { value: value as number, grad: fitting(`${owner}: grad`, grad, params) }
}

/** The loss at some params. */
export interface Evaluation {
  /** The loss as it is, NaN or infinite too. */
  readonly value: number
  /** Its gradient, in arrays that nobody else has. */
  readonly grad: Tree<Leaf>
  /** Whether the loss or some of its gradient is NaN or infinite. */
  readonly hasFailed: boolean
}

/** A loss that is asked at one place after the other, and how often it was. */
export interface Objective {
  /** The loss alone; `Infinity` where it is NaN or infinite. */
  readonly valueAt: (params: Tree) => number
  /** The loss and its gradient. */
  readonly at: (params: Tree) => Evaluation
  /** How often the loss was asked for, and how often its gradient with it. */
  readonly calls: () => { readonly values: number; readonly gradients: number }
}

/** The loss and its gradient as a user gave them along: checked, in numbers, and in arrays that nobody else has. */
export const valueAndGradOf = (
  owner: string,
  extra: Partial<ObjectiveExtra> | undefined
): ((params: Tree) => readonly [value: number, grad: Tree<Leaf>]) => {
  const { valueFn, valueAndGradFn } = checkedFunctions(owner, extra)
  if (valueAndGradFn === undefined) {
    const differentiated = valueAndGrad((params: Tree): Value => lazyValue(owner, valueFn?.(params)))
    return (params) => {
      // Of no params the loss is a constant, which is not to be differentiated.
      if (tree.leaves(params).length === 0) return [numberOf(owner, 'valueFn', valueFn?.(params)), force(params)]
      const [value, grad] = differentiated(force(params))
      return [read(value), force(grad)]
    }
  }
  return (params) => {
    const given: unknown = valueAndGradFn(copied(params))
    if (!Array.isArray(given) || given.length !== 2) {
      throw new InvalidOption(`${owner}: valueAndGradFn(params) must be a pair [value, grad], got ${show(given)}`)
    }
    const [value, grad] = given as unknown as readonly [unknown, Tree]
    const fits = fitting(`${owner}: the gradient of valueAndGradFn(params)`, grad, params)
    return [numberOf(owner, 'valueAndGradFn', value), force(fits)]
  }
}

/**
 * The loss that a user gave along: the one place where it is called. What it gives is checked, and copied; what is NaN or infinite
 * counts as a failure, not as a number that others could compare with.
 *
 * @throws InvalidOption when there is no function, or one that gives no number; InvalidTree for gradients that do not fit the params.
 */
export const objectiveOf = (owner: string, extra: Partial<ObjectiveExtra> | undefined): Objective => {
  const { valueFn } = checkedFunctions(owner, extra)
  const both = valueAndGradOf(owner, extra)
  let [values, gradients] = [0, 0]
  const bothAt: typeof both = (params) => {
    values += 1
    gradients += 1
    return both(params)
  }

  return {
    valueAt: (params) => {
      if (valueFn === undefined) return finiteOr(Infinity, bothAt(params)[0])
      values += 1
      return finiteOr(Infinity, numberOf(owner, 'valueFn', valueFn(copied(params))))
    },
    at: (params) => {
      const [value, grad] = bothAt(params)
      // 0 · x is 0 for every finite x, and NaN for the others.
      const hasFailed = !Number.isFinite(value) || Number.isNaN(read(tree.sum(tree.scale(0, grad))))
      return { value, grad, hasFailed }
    },
    calls: () => ({ values, gradients })
  }
}

/** The loss on a line through some params; `Infinity` where it has failed. */
export interface LinePoint extends Evaluation {
  /** How many times the direction it is from the params. */
  readonly rate: number
  /** The derivative of the loss by the rate, ⟨∇f, direction⟩; NaN where it has failed. */
  readonly slope: number
  /** The params there. */
  readonly params: Tree<Leaf>
}

/** The loss on the line params + rate · direction, each point rounded as the update of a transformation is. */
export const lineOf =
  ({ at }: Objective, params: Tree, direction: Tree): ((rate: number) => LinePoint) =>
  (rate) => {
    const there = force(paramsAfter(params, tree.scale(rate, direction)))
    const { value, grad, hasFailed } = at(there)
    const slope = hasFailed ? Number.NaN : read(tree.vdot(grad, direction))
    return {
      ...{ rate, value: hasFailed ? Infinity : value, grad, slope, params: there },
      hasFailed: hasFailed || !Number.isFinite(slope)
    }
  }

interface Functions {
  readonly valueFn: ((params: Tree) => Value) | undefined
  readonly valueAndGradFn: ((params: Tree<Leaf>) => unknown) | undefined
}

const checkedFunctions = (owner: string, extra: Partial<ObjectiveExtra> | undefined): Functions => {
  const { valueFn, valueAndGradFn } = (extra ?? {}) as Partial<Functions>
  for (const [name, f] of Object.entries({ valueFn, valueAndGradFn })) {
    if (f !== undefined && typeof f !== 'function') {
      throw new InvalidOption(`${owner}: ${name} must be a function, got ${show(f)}`)
    }
  }
  if (valueFn === undefined && valueAndGradFn === undefined) {
    throw new InvalidOption(`${owner}: valueFn must be a function, or valueAndGradFn, got neither`)
  }
  return { valueFn, valueAndGradFn }
}

const lazyValue = (owner: string, value: unknown): Value => {
  if (value instanceof Expr && value.isScalar) return value
  throw new InvalidOption(
    `${owner}: valueFn must give a lazy scalar, such as sum(x), or stand beside valueAndGradFn, got ${show(value)}`
  )
}

const numberOf = (owner: string, name: string, value: unknown): number => {
  if (typeof value === 'number') return value
  if (value instanceof Expr && value.isScalar) return read(value)
  throw new InvalidOption(`${owner}: the value of ${name}(params) must be a number, got ${show(value)}`)
}

const finiteOr = (instead: number, value: number): number => (Number.isFinite(value) ? value : instead)

/** Gradients that a user's function gave, copied: the function may fill the same arrays anew the next time. */
const fitting = (name: string, given: Tree, params: Tree): Tree => {
  tree.expandPrefix(params, given, name, ['params', 'it'])
  tree.expandPrefix(given, params, name, ['it', 'params'])
  const place = (path: string) => `${name}${path === '' ? '' : ` at ${path}`}`
  return tree.mapWithPath(
    (path: string, g: unknown, p: Operand): Operand => {
      if (!isOperand(g)) throw new InvalidTree(`${place(path)} must be a number or an array, got ${show(g)}`)
      const [found, wanted] = [shapeOf(g), shapeOf(p)].map(show)
      if (found !== wanted) throw new InvalidTree(`${place(path)} has shape ${found}, params has ${wanted}`)
      return g instanceof Expr ? g : copyOf(g)
    },
    given,
    params
  )
}

const isOperand = (value: unknown): value is Operand =>
  typeof value === 'number' ||
  value instanceof Expr ||
  (typeof value === 'object' && value !== null && (ArrayBuffer.isView(value) || 'shape' in value))

/** Params in arrays that may be written to. */
const copied = (params: Tree): Tree<Leaf> => tree.map(copyOf, force(params))

const copyOf = (leaf: Leaf): Leaf => {
  if (typeof leaf === 'number') return leaf
  return 'shape' in leaf ? ({ ...leaf, data: leaf.data.slice() } as Leaf) : leaf.slice()
}
