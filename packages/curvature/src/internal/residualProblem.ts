import {
  callable,
  check,
  force,
  InvalidOption,
  InvalidTree,
  jvp,
  type Leaf,
  type Operand,
  optional,
  shapeOf,
  show,
  type Tree,
  vjp
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { type Jacobian, jacobianOf } from './jacobian.js'
import { type Layout, layoutOf } from './layout.js'
import { type RobustLoss, robustly } from './robustly.js'
import { dotOf } from './vectors.js'

/** Residuals as a function of params, and where they are not to be differentiated their Jacobian matrix. */
export interface Residuals {
  readonly residuals: (params: Tree) => Tree
  /** The derivatives of all residuals by all params, `[residuals, params]`, in the order of the leaves. */
  readonly jacobian?: ((params: Tree) => Operand) | undefined
}

/** Params at which the residuals were evaluated. */
export interface ResidualPoint {
  /** All numbers of the params, rounded to their dtypes. */
  readonly x: Float64Array
  /** The residuals, weighted where the loss is a robust one. */
  readonly residuals: Float64Array
  /** What the rows of the Jacobian are multiplied by; `null` for 1. */
  readonly weights: Float64Array | null
  /** Half of the sum of squares, or of what the robust loss makes of them. */
  readonly value: number
}

/** Residuals that are asked at one place after the other. */
export interface ResidualProblem {
  readonly layout: Layout
  /** The residuals at x; `null` where one is NaN or infinite: a failed trial. */
  readonly at: (x: Float64Array) => ResidualPoint | null
  /** The derivatives there; `null` where one is NaN or infinite. */
  readonly jacobian: (point: ResidualPoint) => Jacobian | null
  /** How often each was asked for. */
  readonly calls: () => { readonly residuals: number; readonly jacobians: number }
}

/** What a {@link ResidualProblem} is made of. */
export interface ResidualOptions {
  readonly loss: RobustLoss
  readonly lossScale: number
  /** The most params for which the matrix is made; with more of them there are products alone. */
  readonly maxDense: number
}

/** The place where residuals are called: what they give is flattened, and what is not finite is no point. */
export const residualProblem = (
  owner: string,
  { residuals, jacobian }: Residuals,
  params: Tree,
  { loss, lossScale, maxDense }: ResidualOptions
): ResidualProblem => {
  const layout = layoutOf(params)
  const forward = (jvp as unknown as OfAnyTree)(residuals)
  const backward = (vjp as unknown as OfAnyTree)(residuals)
  const results: { layout: Layout | null } = { layout: null }
  let [asked, derived] = [0, 0]

  const layoutOfResults = (given: Tree<Leaf>): Layout => {
    checkNumbers(owner, given)
    const found = layoutOf(given)
    if (results.layout !== null && results.layout.size !== found.size) {
      throw new InvalidTree(
        `${owner}: residuals must give as many numbers at all params, got ${found.size} after ${results.layout.size}`
      )
    }
    results.layout = found
    return found
  }

  const given = (x: Float64Array, matrix: Operand): Float64Array => {
    const rows = (results.layout as Layout).size
    const [found, wanted] = [shapeOf(matrix), [rows, x.length]].map(show)
    if (found !== wanted) throw new InvalidTree(`${owner}: jacobian must give shape ${wanted}, got shape ${found}`)
    return layoutOf(matrix).read(matrix)
  }

  return {
    layout,
    at: (x) => {
      asked += 1
      const rounded = layout.write(x)
      const found = force(residuals(copied(layout, rounded)))
      const values = layoutOfResults(found).read(found)
      const point = robustly(values, loss, lossScale)
      return Number.isFinite(point.value) ? { x: layout.read(rounded), ...point } : null
    },
    jacobian: ({ x, weights }) => {
      derived += 1
      const at = layout.write(x)
      const out = results.layout as Layout
      const products = {
        apply: (v: Float64Array) => out.read(forward(at, layout.write(v))[1]),
        applyTransposed: (u: Float64Array) => layout.read(backward(at, out.write(u))[1])
      }
      const isDense = jacobian !== undefined || Math.min(x.length, out.size) <= maxDense
      const own = jacobian === undefined ? null : given(x, jacobian(copied(layout, at)))
      const found = jacobianOf(out.size, x.length, products, weights, own, isDense)
      return found.matrix === null || Number.isFinite(dotOf(found.matrix, found.matrix)) ? found : null
    },
    calls: () => ({ residuals: asked, jacobians: derived })
  }
}

/** What a derivative gives of a tree of any structure is such a tree: the compiler would follow it without end. */
type OfAnyTree = (f: (params: Tree) => Tree) => (at: Tree, along: Tree) => readonly [results: Tree, product: Tree]

/** A function of a user's may write to what it is given. */
const copied = (layout: Layout, params: Tree<Leaf>): Tree<Leaf> => layout.write(layout.read(params))

const checkNumbers = (owner: string, given: Tree<Leaf>): void => {
  if (tree.leaves<Leaf>(given).length === 0)
    throw new InvalidOption(`${owner}: residuals must give a tree of numbers, got ${show(given)}`)
}

/** What an update needs that looks at residuals. */
export interface ResidualsExtra {
  /**
   * The residuals as a function of params: any tree of numbers and arrays, made of this library's operations unless there is a Jacobian. It is
   * declared as a method so that it may take params of one particular type.
   */
  residuals(params: Tree): Tree
  /** Their derivatives by the params, a matrix `[residuals, params]` in the order of the leaves. */
  jacobian?(params: Tree): Operand
}

/** The residuals that were given along to an update, at its params. */
export const residualsIn = (owner: string, extra: ResidualsExtra | undefined, params: Tree, maxDense: number) => {
  const { residuals, jacobian } = (extra ?? {}) as Partial<Residuals>
  check(owner, { residuals }, callable)
  check(owner, { jacobian }, optional(callable))
  const given = { residuals: residuals as Residuals['residuals'], jacobian }
  const problem = residualProblem(owner, given, params, { loss: 'linear', lossScale: 1, maxDense })
  const point = problem.at(problem.layout.read(params))
  return { problem, point, jacobian: point === null ? null : problem.jacobian(point) }
}
