import { type NdArray, ndarray } from '@gradchain/core'
import type { Trajectory } from '../trajectory.js'
import { elements, isArrayLeaf, isShaped } from './elements.js'
import { mapLeaves, numbersOf } from './mapLeaves.js'

/** The same trajectory with other trees. */
export const mapTrajectory = (trajectory: Trajectory, f: (tree: unknown) => unknown): Trajectory => ({
  ...trajectory,
  params: f(trajectory.params),
  steps: trajectory.steps.map(({ gradients, params = trajectory.params, ...rest }) => ({
    ...rest,
    gradients: f(gradients),
    params: f(params)
  }))
})

/** The same trajectory with other gradients, and where `of` says so other params. */
export const mapGradients = (
  trajectory: Trajectory,
  of: 'gradients' | 'both',
  f: (tree: unknown) => unknown
): Trajectory =>
  of === 'both'
    ? mapTrajectory(trajectory, f)
    : { ...trajectory, steps: trajectory.steps.map((step) => ({ ...step, gradients: f(step.gradients) })) }

/** Which of the two dtypes that laws about single elements compare in. */
export type Uniform = 'float32' | 'float64'

/** A tree with all its numbers in one dtype, so that they fit into one vector. In float64 numbers stay numbers. */
export const inOneDtype = (tree: unknown, dtype: Uniform): unknown =>
  mapLeaves(tree, (leaf) => {
    if (typeof leaf === 'number') return dtype === 'float64' ? leaf : shaped([leaf], [], dtype)
    if (!isArrayLeaf(leaf)) return leaf
    return isShaped(leaf) ? shaped(elements(leaf), leaf.shape, dtype) : vector(elements(leaf), dtype)
  })

const vector = (values: ArrayLike<number>, dtype: Uniform) =>
  dtype === 'float32' ? Float32Array.from(values) : Float64Array.from(values)

const shaped = (values: ArrayLike<number>, shape: readonly number[], dtype: Uniform): NdArray =>
  dtype === 'float32' ? ndarray(Float32Array.from(values), shape) : ndarray(Float64Array.from(values), shape)

/** All numbers of a tree as one vector. */
export const flattened = (tree: unknown, dtype: Uniform): Float32Array | Float64Array => vector(numbersOf(tree), dtype)
