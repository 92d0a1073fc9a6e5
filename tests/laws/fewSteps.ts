// A few steps on params of several kinds, for laws that say that two transformations do the same.
import { type AnyGradientTransformation, ndarray } from 'gradchain'

// Leaves of several ranks and lengths.
export const params = {
  kernel: ndarray(
    Float32Array.from({ length: 6 }, (_, i) => Math.sin(i + 1)),
    [2, 3]
  ),
  bias: Float32Array.of(0.5, -0.25, 2),
  deep: [{ scale: Float64Array.of(1.5, -3), shift: -0.7 }]
}
const gradientsOf = (t: number) => ({
  kernel: ndarray(
    Float32Array.from({ length: 6 }, (_, i) => Math.cos(7 * t + 2 * i)),
    [2, 3]
  ),
  bias: Float32Array.of(Math.sin(t), 1 / (t + 1), -0.125),
  deep: [{ scale: Float64Array.of(Math.cos(t), 0.3), shift: Math.sin(3 * t) }]
})

/** All that a transformation gives in a few steps, and the state after them. */
export const run = (
  tx: AnyGradientTransformation,
  steps = 5
): { readonly updates: readonly unknown[]; readonly state: unknown } => {
  let state = (tx.init as (params: unknown) => unknown)(params)
  const updates: unknown[] = []
  for (let t = 0; t < steps; t++) {
    const [given, next] = (tx.update as unknown as (...args: unknown[]) => readonly [unknown, unknown])(
      gradientsOf(t),
      state,
      params,
      { value: 1.5 }
    )
    updates.push(given)
    state = next
  }
  return { updates, state }
}
