import {
  type AnyGradientTransformation,
  InvalidOption,
  InvalidState,
  InvalidTree,
  type Leaf,
  ndarray,
  step,
  type Tree
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { adam, adamw, polyakSgd, prodigy, sgd } from '@gradchain/optimizers'
import { cosineDecaySchedule } from '@gradchain/schedules'
import { grad, type JsTree, tree as jaxTree, jit, numpy as np, valueAndGrad } from '@jax-js/jax'
import { chain, clipByGlobalNorm, lookahead, masked, multiSteps, noisySgd } from 'gradchain'
import { describe, expect, test } from 'vitest'
import { applyUpdates } from './applyUpdates.js'
import { type JaxState, jaxjs } from './jaxjs.js'
import { arraysOf, countingMemory, elementsOf } from './testing.js'

type Params = { kernel: np.Array; bias: np.Array }

const treeOf = (x: number) => ({
  kernel: ndarray(Float32Array.of(x, -x, 2, x / 3, 1, -2), [2, 3]),
  bias: ndarray(Float32Array.of(x, 0.5), [2])
})
const arraysAt = (x: number): Params => arraysOf<Params>(treeOf(x))

const expectClose = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length)
  // What float32 makes of another order of sums.
  for (const [i, x] of expected.entries()) {
    expect(Math.abs((actual[i] as number) - x)).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(x)))
  }
}

const warm = () => chain(clipByGlobalNorm(1), adamw(cosineDecaySchedule({ initValue: 0.1, decaySteps: 1000 })))

/** Our own trajectory. */
const ours = (steps: number): number[] => {
  const tx = warm()
  let params = treeOf(2)
  let state = tx.init(params)
  for (let t = 0; t < steps; t++) [params, state] = step(tx, treeOf(Math.sin(t)), state, params)
  return [...params.kernel.data, ...params.bias.data]
}

describe('outside of jit', () => {
  test('the bits are those on arrays, everything given is consumed, and nothing leaks in 1000 steps', () => {
    const memory = countingMemory()
    const { init, update } = jaxjs(warm())
    let params = arraysAt(2)
    let state = init(jaxTree.ref(params))
    let live = 0
    for (let t = 0; t < 1000; t++) {
      const grads = arraysAt(Math.sin(t))
      const [updates, next] = update(grads, state, jaxTree.ref(params))
      expect([grads.kernel.refCount, params.kernel.refCount, updates.kernel.refCount]).toStrictEqual([0, 1, 1])
      params = applyUpdates(params, updates)
      state = next
      if (t % 100 === 5) {
        jaxTree.leaves(params).forEach((array) => array.ref.dataSync())
        live ||= memory.live()
        expect(memory.live()).toBe(live)
      }
    }
    expect(elementsOf(params)).toStrictEqual(ours(1000))
    jaxTree.dispose([params, state])
    expect(memory.live()).toBe(0)
    memory.stop()
  })

  test('params may be left out where they are not computed with', () => {
    const { init, update } = jaxjs(adam(0.5))
    const [updates] = update({ w: np.array([3, -4]) }, init({ w: np.array([1, 2]) }))
    expectClose(elementsOf(updates), [-0.5, 0.5])
    const decayed = jaxjs(adamw(0.5))
    const state = decayed.init({ w: np.array([1, 2]) })
    expect(() => decayed.update({ w: np.array([3, -4]) }, state)).toThrow(
      new InvalidTree('jaxjs: params must be given to update, as this optimizer computes with them')
    )
  })

  test('updates come in the order of the params, paired by name', () => {
    const { init, update } = jaxjs(sgd(1))
    const params = { a: np.array([1]), b: np.array([10]) }
    const [updates] = update({ b: np.array([5]), a: np.array([2]) } as typeof params, init(jaxTree.ref(params)), params)
    expect(Object.keys(updates)).toStrictEqual(['a', 'b'])
    expect([updates.a.js(), updates.b.js()]).toStrictEqual([[-2], [-5]])
  })

  test('what reads numbers out of arrays, and draws random ones, works as on arrays', () => {
    const makers: readonly (() => AnyGradientTransformation)[] = [
      () => multiSteps(adam(0.1), 2),
      () => noisySgd(0.1, { key: 7 }),
      () => prodigy()
    ]
    for (const make of makers) {
      const tx = make()
      let params = treeOf(2)
      let state = tx.init(params)
      const { init, step: stepJaxjs } = jaxjs(make())
      let theirs = arraysAt(2)
      let theirState = init(jaxTree.ref(theirs))
      for (const x of [1, 2, 3]) {
        ;[params, state] = step(tx, treeOf(x), state, params)
        ;[theirs, theirState] = stepJaxjs(arraysAt(x), theirState, theirs)
      }
      expect(elementsOf(theirs)).toStrictEqual([...params.kernel.data, ...params.bias.data])
    }
  })

  test('an extra argument is given as an array or a number', () => {
    const { init, step: stepJaxjs } = jaxjs(polyakSgd({ maxLearningRate: 10 }))
    const run = (value: never): number[] => {
      const params = { w: np.array([1, 2]) }
      return elementsOf(stepJaxjs({ w: np.array([1, 1]) }, init(jaxTree.ref(params)), params, { value })[0])
    }
    expect(run(np.array(1) as never)).toStrictEqual(run(1 as never))
    expect(run(1 as never)).not.toStrictEqual(run(0.5 as never))
  })
})

describe('under jit', () => {
  test('numbers move from step to step, and nothing leaks in 1000 steps', () => {
    const memory = countingMemory()
    const { init, update } = jaxjs(warm(), { steps: 1 })
    let params = arraysAt(2)
    let state = init(jaxTree.ref(params))
    const train = jit((p: Params, s: JaxState, g: Params): [Params, JaxState] => {
      const [updates, next] = update(g, s, jaxTree.ref(p))
      return [applyUpdates(p, updates), next]
    })
    let live = 0
    for (let t = 0; t < 1000; t++) {
      ;[params, state] = train(params, state, arraysAt(Math.sin(t)))
      if (t % 300 === 5) {
        elementsOf([params, state])
        live ||= memory.live()
        // The table of numbers was given away for a longer one after a while.
        expect(memory.live()).toBeLessThanOrEqual(live + 1)
      }
    }
    // A thousand steps of rounding.
    const expected = ours(1000)
    for (const [i, x] of elementsOf(params).entries()) expect(Math.abs(x - (expected[i] as number))).toBeLessThan(1e-4)
    jaxTree.dispose([params, state])
    train.dispose()
    expect(memory.live()).toBe(0)
    memory.stop()
  })

  test('the gradient and the update are one function', () => {
    const { init, update } = jaxjs(adam(0.1))
    const loss = (p: { w: np.Array }, x: np.Array): np.Array => np.square(p.w.sub(x)).sum()
    const train = jit((p: { w: np.Array }, s: JaxState, x: np.Array): [np.Array, { w: np.Array }, JaxState] => {
      const [value, grads] = valueAndGrad(loss)(jaxTree.ref(p), x)
      const [updates, next] = update(grads as { w: np.Array }, s, jaxTree.ref(p))
      return [value, applyUpdates(p, updates), next]
    })
    let params = { w: np.array([3, -2]) }
    let state = init(jaxTree.ref(params))
    const values: number[] = []
    for (let t = 0; t < 100; t++) {
      let value: np.Array
      ;[value, params, state] = train(params, state, np.array([1, 1]))
      values.push(value.item())
    }
    expect(values[0]).toBe(13)
    expect(values.at(-1)).toBeLessThan(0.02)
  })

  test('it may stand in another jit, and a state may go in and out of it', () => {
    const { init, step: stepJaxjs } = jaxjs(warm())
    const inner = jit((p: Params, s: JaxState, g: Params) => stepJaxjs(g, s, p))
    const outer = jit((p: Params, s: JaxState, g: Params) => inner(p, s, g) as [Params, JaxState])
    let params = arraysAt(2)
    let state = init(jaxTree.ref(params))
    for (let t = 0; t < 30; t++) {
      const grads = arraysAt(Math.sin(t))
      ;[params, state] =
        t % 3 === 0
          ? stepJaxjs(grads, state, params)
          : ((t % 3 === 1 ? outer : inner)(params, state, grads) as [Params, JaxState])
    }
    expectClose(elementsOf(params), ours(30))
  })

  test('a state that comes out of jit is gone on from where the last one was', () => {
    let calls = 0
    const rate = (t: number): number => {
      calls += 1
      return 1 / (1 + t)
    }
    const { init, step: stepJaxjs } = jaxjs(sgd(rate))
    const params = { w: np.array([0]) }
    const state = init(jaxTree.ref(params))
    /** How often the rate is asked for when a state that was loaded has seen so many steps. */
    const callsAt = (count: number): number => {
      const loaded = { ...(jaxTree.ref(state) as object), count: np.array(new Int32Array([count]), { shape: [] }) }
      const before = calls
      const [next] = stepJaxjs({ w: np.array([-1]) }, loaded as JaxState, jaxTree.ref(params))
      expectClose(elementsOf(next), [1 / (1 + count)])
      return calls - before
    }
    expect(callsAt(2000)).toBeGreaterThan(1999)
    expect(callsAt(2001)).toBeLessThan(10)
    expect(callsAt(2010)).toBeLessThan(20)
  })

  test('a state is made under jit, too', () => {
    const { init } = jaxjs(warm())
    const made = jit((p: Params) => init(p))(arraysAt(1))
    const own = init(arraysAt(1))
    expect(jaxTree.structure(made).equals(jaxTree.structure(own))).toBe(true)
    expect(elementsOf(made)).toStrictEqual(elementsOf(own))
  })

  test('an update is differentiated', () => {
    const { init, update } = jaxjs(sgd(0.5, { momentum: 0.9 }))
    const state = init({ w: np.array([1, 2]) })
    const moved = (g: { w: np.Array }): np.Array => update(g, jaxTree.ref(state), { w: np.array([1, 2]) })[0].w.sum()
    expect(elementsOf(grad(moved)({ w: np.array([3, 4]) }))).toStrictEqual([-0.5, -0.5])
  })

  test('what is done in some steps only is chosen by the count', () => {
    const make = () => lookahead(adam(0.1), { syncPeriod: 3, slowStepSize: 0.5 })
    const tx = make()
    let params = treeOf(2)
    let state = tx.init(params)
    const { init, step: stepJaxjs } = jaxjs(make())
    const train = jit((p: Params, s: JaxState, g: Params) => stepJaxjs(g, s, p))
    let theirs = arraysAt(2)
    let theirState = init(jaxTree.ref(theirs))
    for (const x of [1, 2, 3, -1, 2, 4, 1]) {
      ;[params, state] = step(tx, treeOf(x), state, params)
      ;[theirs, theirState] = train(theirs, theirState, arraysAt(x)) as [Params, JaxState]
      expectClose(elementsOf(theirs), [...params.kernel.data, ...params.bias.data])
    }
  })

  /** By how much each of so many jitted steps moves a param whose gradient is −1. */
  const movedBy = (tx: AnyGradientTransformation, steps: number): number[] => {
    const { init, step: stepJaxjs } = jaxjs(tx)
    const train = jit((p: np.Array, s: JaxState) => stepJaxjs(np.array([-1]), s, p) as [np.Array, JaxState])
    let params = np.array([0])
    let state = init(params.ref)
    let before = 0
    return Array.from({ length: steps }, () => {
      ;[params, state] = train(params, state)
      const after = params.ref.js()[0] as number
      const moved = after - before
      before = after
      return moved
    })
  }

  test.each([
    ['is another one late, and the first one again', (t: number) => (t >= 200 && t < 5000 ? 0.25 : 0.5)],
    ['is another one for a few steps', (t: number) => (t >= 150 && t < 180 ? 0.25 : 0.5)],
    ['is another one in a single step', (t: number) => (t === 151 ? 0.25 : 0.5)],
    ['looks like a constant of the rule wherever it is recorded', (t: number) => (t >= 10 && t < 20 ? 0.25 : 0.5)]
  ])('a rate that %s', (_, rate) => {
    // Its momentum is the rate that comes back.
    const expected: number[] = []
    for (let t = 0, m = 0; t < 210; t++) {
      m = 0.5 * m + 1
      expected.push(rate(t) * m)
    }
    expectClose(movedBy(sgd(rate, { momentum: 0.5 }), 210), expected)
  })

  test('a schedule may end with the training', () => {
    const rates = Float64Array.from({ length: 100 }, (_, t) => 2 ** -(t % 7))
    const rate = (t: number): number => {
      if (t >= rates.length) throw new RangeError('it has ended')
      return rates[t] as number
    }
    expectClose(movedBy(sgd(rate), 100), [...rates])
    expect(() => movedBy(sgd(rate), 101)).toThrow('it has ended')
  })

  test('a number that moves after all is refused in that step', () => {
    const rate = (t: number): number => (t === 151 ? 0.25 : 0.5)
    const moving = chain(adam(0.1), sgd(rate))
    expect(movedBy(moving, 151)).toHaveLength(151)
    expect(() => movedBy(moving, 152)).toThrow(
      new InvalidOption(
        'jaxjs: step 151 computes with another number than all steps that a compiled update was made by; update outside of jit'
      )
    )
  })

  test('a mask may ask for shapes and names', () => {
    const isMatrix = (params: Tree<Leaf>) =>
      tree.map((p) => typeof p === 'object' && 'shape' in p && p.shape.length > 1, params)
    const { init, step: stepJaxjs } = jaxjs(masked(sgd(1), isMatrix))
    const params = arraysAt(2)
    const state = init(jaxTree.ref(params))
    const [next] = jit(stepJaxjs as (...given: JsTree<np.Array>[]) => JsTree<np.Array>[])(arraysAt(1), state, params)
    expectClose(elementsOf(next), [1, -1, 0, 1 / 3, 0, 0, 3, 1])
  })

  test('what cannot be compiled is refused by the name of the part', () => {
    const compile = (tx: Parameters<typeof jaxjs>[0]) => (): unknown => {
      const { init, update } = jaxjs(tx)
      const params = arraysAt(2)
      const state = init(jaxTree.ref(params))
      return jit(update as (...given: JsTree<np.Array>[]) => JsTree<np.Array>[])(arraysAt(1), state, params)
    }
    expect(compile(chain(clipByGlobalNorm(1), noisySgd(0.1, { key: 7 })))).toThrow(
      'jaxjs: noisySgd does too many things, each in some steps only, for a compiled update to know them all; update outside of jit'
    )
  })
})

describe('what does not belong there', () => {
  const { init, update } = jaxjs(adam(0.1))
  const state = init(arraysAt(1))
  const freed = np.array([1, 2])
  freed.dispose()
  const cases: readonly (readonly [string, () => unknown, new (message: string) => Error, string])[] = [
    ['a number', () => init({ w: 1 } as never), InvalidTree, 'jaxjs: params.w is 1; a leaf must be a jax.Array'],
    [
      'an array of ours',
      () => init({ w: new Float32Array(2) } as never),
      InvalidTree,
      'jaxjs: params.w is a Float32Array; a leaf must be a jax.Array'
    ],
    ['a freed array', () => init({ w: freed }), InvalidTree, 'jaxjs: params.w is a jax.Array that was freed'],
    [
      'whole numbers',
      () => init({ w: np.array([1, 2], { dtype: np.int32 }) }),
      InvalidTree,
      'jaxjs: params.w is a jax.Array that has dtype int32, not float32, float64 or float16'
    ],
    [
      'gradients of another shape',
      () => update({ ...arraysAt(1), bias: np.array([1]) }, state, arraysAt(1)),
      InvalidTree,
      'update: grads.bias has shape [1], params has [2]'
    ],
    [
      'a state for other params',
      () => update(arraysAt(1), init({ w: np.array([1, 2]) }), arraysAt(1)),
      InvalidState,
      'jaxjs: state[0].mu.kernel must be a jax.Array, got undefined; was it made by another transformation, or for other params?'
    ],
    [
      'no state',
      () => update(arraysAt(1), [], arraysAt(1)),
      InvalidTree,
      'jaxjs: state.count must be a jax.Array of shape []'
    ],
    [
      'a state that is none',
      () => update(arraysAt(1), null as never, arraysAt(1)),
      InvalidState,
      'jaxjs: state must be one that this optimizer made, got null'
    ],
    ['no optimizer', () => jaxjs({} as never), InvalidOption, 'jaxjs: a transformation must be a pair'],
    ['no steps', () => jaxjs(adam(0.1), { steps: 0 }), InvalidOption, 'jaxjs: steps must be']
  ]

  test.each(cases)('%s is refused', (_, run, type, message) => {
    expect(run).toThrow(type)
    expect(run).toThrow(message)
  })

  test('what has no handle left is refused before anything is consumed', () => {
    const params = { w: np.array([1, 2]) }
    const own = init(jaxTree.ref(params))
    const freed = jaxTree.ref(own)
    const refused = (run: () => unknown, message: string): void => {
      expect(run).toThrow(new InvalidTree(message))
      expect(params.w.refCount).toBe(1)
    }
    const twice = 'is a jax.Array that is given 2 times, and each takes a handle of it: give .ref of it'
    refused(() => update(params, own, params), `jaxjs: params.w ${twice}`)
    refused(() => init({ a: params.w, b: params.w }), `jaxjs: params.b ${twice}`)
    refused(() => applyUpdates(params, params), `applyUpdates: updates.w ${twice}`)
    jaxTree.dispose(own)
    jaxTree.dispose(freed)
    refused(() => update({ w: np.array([1, 1]) }, own, params), 'jaxjs: state.count is a jax.Array that was freed')
  })

  test('what was given is still there after an error', () => {
    const grads = { ...arraysAt(1), bias: np.array([1]) }
    const params = arraysAt(1)
    expect(() => update(grads, state, params)).toThrow(InvalidTree)
    expect([grads.kernel.refCount, params.kernel.refCount]).toStrictEqual([1, 1])
  })
})
