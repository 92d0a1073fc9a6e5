// Every alias on arrays of jax-js: the bits of our arrays outside of jit, and the same but for rounding inside.

import { jaxjs } from '@gradchain/jax-js'
import { tree as jaxTree, jit } from '@jax-js/jax'
import { ndarray, step } from 'gradchain'
import { expect, test } from 'vitest'
import { arraysOf, elementsOf } from '../../packages/jax-js/src/testing.js'
import { aliases } from '../catalogue/aliases.js'
import { titleOf } from './checkRows.js'

const treeOf = (x: number) => ({
  kernel: ndarray(Float32Array.of(x, -x, 2, x / 3, 1, -2), [2, 3]),
  layers: [{ bias: ndarray(Float32Array.of(x, 0.5), [2]) }]
})

type Update = (...given: readonly unknown[]) => readonly [never, never]

const elementsOfOurs = ({ kernel, layers }: ReturnType<typeof treeOf>): number[] => [
  ...kernel.data,
  ...layers.flatMap(({ bias }) => [...bias.data])
]

// Each step draws its own random numbers.
const draws = 'each in some steps only'
/** What cannot be compiled, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  noisySgd: draws,
  sophia: draws,
  adahessian: draws,
  dpsgd: 'depends on the elements of arrays'
}

test.each(aliases.map((row) => [titleOf(row), row] as const))('%s', (title, { make }) => {
  const tx = make()
  const stepArrays = step as unknown as Update
  const { init, step: stepEagerly } = jaxjs(tx)
  const stepJaxjs = stepEagerly as unknown as Update
  let params = treeOf(2)
  let state: unknown = (tx.init as (params: unknown) => unknown)(params)
  let [eager, compiled] = [arraysOf(params), arraysOf(params)]
  let eagerState = init(jaxTree.ref(eager))
  let compiledState = init(jaxTree.ref(compiled))
  const jitted = jit((...given) => stepJaxjs(...given) as never) as unknown as Update
  const reason = REFUSED[title]
  for (const x of [1, -2, 3]) {
    const grads = treeOf(x)
    ;[params, state] = stepArrays(tx, grads, state, params)
    ;[eager, eagerState] = stepJaxjs(arraysOf(grads), eagerState, eager)
    const expected = elementsOfOurs(params)
    expect(elementsOf(eager)).toStrictEqual(expected)
    if (reason !== undefined) {
      expect(() => jitted(arraysOf(grads), compiledState, compiled)).toThrow(reason)
      continue
    }
    ;[compiled, compiledState] = jitted(arraysOf(grads), compiledState, compiled)
    for (const [i, value] of elementsOf(compiled).entries()) {
      // What float32 makes of another order of sums and of its own functions.
      expect(Math.abs(value - (expected[i] as number)), `${title} ${value} ${expected[i]}`).toBeLessThanOrEqual(
        1e-5 * Math.max(1, Math.abs(expected[i] as number))
      )
    }
  }
})
