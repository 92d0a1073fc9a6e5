import type { numpy as np } from '@jax-js/jax'

/** A param that an update was made for, and how to have their sum. */
interface Sum {
  readonly param: np.Array
  /** A new array each time; `null` where the sum is there no more. */
  readonly made: () => np.Array | null
}

const sums = /* @__PURE__ */ new WeakMap<np.Array, Sum>()

/** Says where the sum of an update and its param is to be had. */
export const rememberSum = (update: np.Array, sum: Sum): void => {
  sums.set(update, sum)
}

/** The sum of a param and an update in an array of its own, if both were made together and it is still there. */
export const knownSum = (param: np.Array, update: np.Array): np.Array | null => {
  const sum = sums.get(update)
  return sum?.param === param ? sum.made() : null
}
