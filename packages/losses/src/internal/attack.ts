import {
  callable,
  check,
  div,
  equal,
  oneOf,
  optional,
  positive,
  type Requirement,
  sign,
  type Tree,
  type Value,
  where
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** By which norm a perturbation is measured: the largest magnitude, or the Euclidean length of all leaves together. */
export type AttackNorm = 'linf' | 'l2'

/** What the option of a norm must be. */
export const attackNorm: Requirement = /* @__PURE__ */ oneOf('linf', 'l2')

/** The perturbation of length 1 that a linear function grows by most: signs, or the gradient over its length; 0 where that is 0. */
export const steepest = (gradient: Tree, norm: AttackNorm): Tree<Value> => {
  if (norm === 'linf') return tree.map(sign, gradient)
  const length = tree.norm(gradient)
  return tree.map((g) => div(g, where(equal(length, 0), 1, length)), gradient)
}

/** Checks what both attacks are given. */
export const checkAttack = (
  owner: string,
  loss: unknown,
  options: { readonly epsilon: unknown; readonly norm: unknown; readonly projection: unknown }
): void => {
  const { epsilon, norm, projection } = options
  check(owner, { loss }, callable)
  check(owner, { epsilon }, positive)
  check(owner, { norm }, attackNorm)
  check(owner, { projection }, optional(callable))
}
