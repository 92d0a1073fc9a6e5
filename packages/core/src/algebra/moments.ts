import { check, finite, inUnitInterval, nonNegative, positiveInteger } from '../check.js'
import type { Operand } from '../expression/expr.js'
import { pow } from '../expression/operations.js'
import type { Tree } from '../transformation/types.js'
import {
  biasCorrection as correctLeaf,
  updateMoment as updateLeaf,
  updateInfinityMoment as updateLeafMaximum
} from './leafMoments.js'
import { mapped } from './placed.js'

const NAMES = ['updates', 'moments']

const moved = (owner: string, updates: Tree, moments: Tree, decay: number, order: number): Tree => {
  check(owner, { decay }, inUnitInterval)
  check(owner, { order }, finite)
  return mapped(owner, NAMES, [updates, moments], (g, m) =>
    updateLeaf(pow(g as Operand, order), m as Operand, decay, 1)
  )
}

/**
 * One step of the exponential moving average of a power of the gradients, leaf by leaf.
 *
 *     m′ = (1 − β) gᵏ + β m        for the gradient g, the decay β and the order k
 *
 * @example
 * force(tree.updateMoment({ w: new Float32Array([2, 4]) }, { w: new Float32Array([8, 0]) }, 0.75, 1)) // => { w: Float32Array [6.5, 1] }
 *
 * @throws InvalidOption when `decay` is not in [0, 1); InvalidTree with the path, where the trees do not fit.
 */
export const updateMoment = (updates: Tree, moments: Tree, decay: number, order: number): Tree =>
  moved('updateMoment', updates, moments, decay, order)

/**
 * {@link updateMoment}: for real numbers, the only ones here, the two are the same. In Optax they differ for complex ones.
 *
 * @example
 * force(tree.updateMomentPerElemNorm({ w: -3 }, { w: 0 }, 0.5, 2)) // => { w: 4.5 }
 *
 * @throws InvalidOption when `decay` is not in [0, 1); InvalidTree with the path, where the trees do not fit.
 */
export const updateMomentPerElemNorm = (updates: Tree, moments: Tree, decay: number, order: number): Tree =>
  moved('updateMomentPerElemNorm', updates, moments, decay, order)

/**
 * One step of the decaying maximum of gradients, leaf by leaf.
 *
 *     m′ = max(|g| + eps, β m)        for the gradient g and the decay β
 *
 * @example
 * force(tree.updateInfinityMoment({ w: [-2, 1] }, { w: [8, 0] }, 0.5, 0)) // => { w: [4, 1] }
 *
 * @throws InvalidOption when `decay` is not in [0, 1) or `eps` is negative; InvalidTree with the path, where the trees do
 * not fit.
 */
export const updateInfinityMoment = (updates: Tree, moments: Tree, decay: number, eps: number): Tree => {
  check('updateInfinityMoment', { decay }, inUnitInterval)
  check('updateInfinityMoment', { eps }, nonNegative)
  return mapped('updateInfinityMoment', NAMES, [updates, moments], (g, m) =>
    updateLeafMaximum(g as Operand, m as Operand, decay, eps)
  )
}

/**
 * Moving averages that began at zero, made up for that, leaf by leaf.
 *
 *     m̂ = m / (1 − βᵗ)        for the average m after t updates with the decay β
 *
 * @example
 * force(tree.biasCorrection({ w: new Float32Array([1, 2]) }, 0.5, 1)) // => { w: Float32Array [2, 4] }
 *
 * @throws InvalidOption when `decay` is not in [0, 1) or `count` is not a whole number ≥ 1; InvalidTree for what is no tree
 * of arrays.
 */
export const biasCorrection = (moments: Tree, decay: number, count: number): Tree => {
  check('biasCorrection', { decay }, inUnitInterval)
  check('biasCorrection', { count }, positiveInteger)
  return mapped('biasCorrection', ['moments'], [moments], (m) => correctLeaf(m as Operand, decay, count))
}
