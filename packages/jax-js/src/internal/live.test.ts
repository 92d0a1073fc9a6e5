import { type AnyGradientTransformation, applyUpdates as applied, InvalidTree, ndarray, step } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { adam, adamw, sgd } from '@gradchain/optimizers'
import { cosineDecaySchedule } from '@gradchain/schedules'
import { tree as jaxTree, numpy as np } from '@jax-js/jax'
import fc from 'fast-check'
import { chain, clipByGlobalNorm, lookahead, multiSteps, noisySgd } from 'gradchain'
import { expect, test } from 'vitest'
import { applyUpdates } from '../applyUpdates.js'
import { type JaxState, jaxjs } from '../jaxjs.js'
import { arraysOf, countingMemory, elementsOf } from '../testing.js'

type Params = { kernel: np.Array; bias: np.Array; point: np.Array }

const treeOf = (x: number) => ({
  kernel: ndarray(Float32Array.of(x, -x, 2, x / 3, 1, -2), [2, 3]),
  bias: ndarray(Float32Array.of(x, 0.5), [2]),
  point: ndarray(Float32Array.of(x), [])
})
const elements = ({ kernel, bias, point }: ReturnType<typeof treeOf>): number[] => [
  ...kernel.data,
  ...bias.data,
  ...point.data
]

const MAKERS: readonly (readonly [string, () => AnyGradientTransformation])[] = [
  ['a schedule', () => chain(clipByGlobalNorm(1), adamw(cosineDecaySchedule({ initValue: 0.1, decaySteps: 30 })))],
  ['a momentum', () => sgd(0.1, { momentum: 0.9 })],
  ['what is done in some steps', () => lookahead(adam(0.1), { syncPeriod: 3, slowStepSize: 0.5 })],
  ['gathered updates', () => multiSteps(adam(0.1), 2)],
  ['random numbers', () => noisySgd(0.1, { key: 7 })]
]

const action = fc.constantFrom('step', 'step', 'update', 'update', 'moved', 'keep', 'back', 'wrong')

test.each(MAKERS)('with %s, the bits are those on arrays, in whatever order updates come', (_, make) => {
  const memory = countingMemory()
  fc.assert(
    fc.property(fc.array(action, { minLength: 12, maxLength: 24 }), (actions) => {
      const tx = make()
      const own = jaxjs(make())
      let here = { params: treeOf(2), state: tx.init(treeOf(2)) }
      let there = { params: arraysOf<Params>(treeOf(2)), state: own.init(arraysOf<Params>(treeOf(2))) }
      const refs = (all: typeof there): typeof there => ({
        params: jaxTree.ref(all.params),
        state: jaxTree.ref(all.state)
      })
      let kept = { here, there: refs(there) }
      for (const [t, what] of actions.entries()) {
        const grads = treeOf(Math.sin(t))
        const theirs = arraysOf<Params>(grads)
        if (what === 'keep' || what === 'back') {
          jaxTree.dispose(theirs)
          const [last, next] = what === 'keep' ? [kept.there, { here, there }] : [there, kept]
          jaxTree.dispose([last.params, last.state] as never)
          here = next.here
          there = next.there
          kept = { here, there: refs(there) }
        } else if (what === 'wrong') {
          const wrong = { ...theirs, bias: np.array([1, 2, 3]) }
          expect(() => own.step(wrong, there.state, there.params)).toThrow(InvalidTree)
          jaxTree.dispose([wrong, theirs.bias] as never)
        } else if (what === 'step') {
          const [params, state] = step(tx, grads, here.state, here.params)
          here = { params, state }
          const [after, following] = own.step(theirs, there.state, there.params)
          there = { params: after, state: following }
        } else {
          if (what === 'moved') {
            here = {
              ...here,
              params: tree.map(
                (leaf) =>
                  ndarray(
                    leaf.data.map((x) => x / 3),
                    leaf.shape
                  ),
                here.params
              )
            }
            jaxTree.dispose(there.params)
            there = { ...there, params: arraysOf<Params>(here.params) }
          }
          const [updates, state] = tx.update(grads, here.state, here.params)
          here = { params: applied(here.params, updates as typeof here.params), state }
          const [moves, following] = own.update(theirs, there.state, jaxTree.ref(there.params))
          there = { params: applyUpdates(there.params, moves), state: following }
        }
        expect(elementsOf(there.params)).toStrictEqual(elements(here.params))
      }
      jaxTree.dispose([there.params, there.state, kept.there.params, kept.there.state] as never)
      expect(memory.live()).toBe(0)
    }),
    { numRuns: 6 }
  )
  memory.stop()
})

test('updates are added to the params they were made for, to others, late and twice', () => {
  const tx = adam(0.1)
  const own = jaxjs(adam(0.1))
  let params = treeOf(2)
  let state = tx.init(params)
  let theirs = arraysOf<Params>(params)
  let following: JaxState = own.init(jaxTree.ref(theirs))
  const both = (t: number) => {
    const [updates, next] = tx.update(treeOf(Math.sin(t)), state, params)
    const [moves, then] = own.update(arraysOf<Params>(treeOf(Math.sin(t))), following, jaxTree.ref(theirs))
    state = next
    following = then
    return { updates, moves }
  }
  const expectSame = (added: Params, expected: ReturnType<typeof treeOf>): void => {
    expect(elementsOf(added)).toStrictEqual(elements(expected))
  }
  for (let t = 0; t < 6; t++) {
    const { moves, updates } = both(t)
    params = applied(params, updates)
    theirs = applyUpdates(theirs, moves)
  }
  const early = both(6)
  expectSame(applyUpdates(jaxTree.ref(theirs), jaxTree.ref(early.moves)), applied(params, early.updates))
  expectSame(applyUpdates(jaxTree.ref(theirs), jaxTree.ref(early.moves)), applied(params, early.updates))
  expectSame(applyUpdates(arraysOf<Params>(treeOf(1)), jaxTree.ref(early.moves)), applied(treeOf(1), early.updates))
  const late = both(7)
  expectSame(applyUpdates(jaxTree.ref(theirs), early.moves), applied(params, early.updates))
  expectSame(applyUpdates(theirs, late.moves), applied(params, late.updates))
})
