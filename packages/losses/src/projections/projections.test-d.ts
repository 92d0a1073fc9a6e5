import { type NdArray, ndarray, type Tree } from '@gradchain/core'
import { projectionBox } from './projectionBox.js'
import { projectionSimplex } from './projectionSimplex.js'
import { projectionVector } from './projectionVector.js'
import { projectTo } from './projectTo.js'

interface Params {
  readonly w: Float32Array
  readonly m: NdArray<'float64'>
  readonly b: number
}

const params: Params = { w: new Float32Array(2), m: ndarray(new Float64Array(1), [1, 1]), b: 1 }

/** What comes out has the type of what went in. */
export const same: Params = projectionSimplex(params)
/** Bounds are numbers, trees like the params, or prefixes of one. */
export const boxes: readonly Params[] = [
  projectionBox(params, 0, params),
  projectionBox(params, { w: 0, m: -1, b: 0 }, 1)
]
export const onLine: Params = projectionVector(params, params)
export const literal: number = projectionSimplex(3)

/** They are what a projection of a chain is. */
export const kept = [projectTo(projectionSimplex), projectTo((p: Tree) => projectionBox(p, 0, 1))]

// @ts-expect-error -- a bound is a tree of numbers and arrays
projectionBox(params, 'none', 1)
// @ts-expect-error -- a projection gives a tree
projectTo((p: Tree) => String(p))
