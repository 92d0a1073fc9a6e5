import { type GradientTransformation, ndarray, step } from '@gradchain/core'
import { expect } from 'vitest'

const matrix = (f: (k: number) => number) =>
  ndarray(
    Float64Array.from({ length: 12 }, (_, k) => f(k)),
    [4, 3]
  )

/**
 * Compares with what a framework gives: a matrix of 4 × 3 that begins at 0.5 + 0.1 k, with gradients ½ cos(t + 0.3 k); its first and its
 * last element after steps 1, 2 and 10.
 */
export const expectWaves = <S>(
  tx: GradientTransformation<S>,
  wanted: readonly (readonly [number, number])[],
  share = 1e-13
): void => {
  let params = matrix((k) => 0.5 + 0.1 * k)
  let state = tx.init(params)
  const found: number[][] = []
  for (let t = 1; t <= 10; t++) {
    ;[params, state] = step(
      tx,
      matrix((k) => 0.5 * Math.cos(t + 0.3 * k)),
      state,
      params
    )
    if (t < 3 || t === 10) found.push([params.data[0] as number, params.data[11] as number])
  }
  expect(wanted).toHaveLength(3)
  found.flat().forEach((x, i) => {
    expect(Math.abs(x - (wanted.flat()[i] as number))).toBeLessThan(share)
  })
}
