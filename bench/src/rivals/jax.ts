/**
 * jax-js with its own jit, on its wasm backend: each chain written from its operations, one trace for all leaves. The bias
 * corrections are computed on the host and fed as 0-d arrays, which is exact and traces once. Its operations consume their
 * arguments; `.ref` keeps one for later.
 */
import { blockUntilReady, defaultDevice, init, jit, numpy as np } from '@jax-js/jax'
import type { Hyper } from '../cases.js'
import type { Contestant, Problem } from './contestant.js'

type Arrays = np.Array[]

// Both are named because `init()` alone asks for `navigator`, which Node 20 does not have.
await init('cpu', 'wasm')
defaultDevice('wasm')

const at = (arrays: Arrays, i: number): np.Array => arrays[i] as np.Array

const refs = (arrays: Arrays): Arrays => arrays.map((x) => x.ref)

/** Consumes its arguments; `c1` and `c2` are what the moments are multiplied with. */
const adamw = (p: Arrays, m: Arrays, v: Arrays, g: Arrays, c1: np.Array, c2: np.Array, hyper: Hyper): Arrays[] => {
  const { learningRate, b1, b2, eps, weightDecay } = hyper
  const mu = m.map((x, i) => x.mul(b1).add(at(g, i).ref.mul(1 - b1)))
  const nu = v.map((x, i) => x.mul(b2).add(np.square(at(g, i)).mul(1 - b2)))
  const params = p.map((x, i) => {
    const scaled = at(mu, i)
      .ref.mul(c1.ref)
      .div(np.sqrt(at(nu, i).ref.mul(c2.ref)).add(eps))
    return x.ref.sub(scaled.add(x.mul(weightDecay)).mul(learningRate))
  })
  c1.dispose()
  c2.dispose()
  return [params, mu, nu]
}

const clip = (g: Arrays, maxNorm: number): Arrays => {
  const squares = g.map((x) => np.square(x.ref).sum())
  const norm = np.sqrt(squares.reduce((sum, x) => sum.add(x)))
  const factor = np.minimum(np.array(1), np.array(maxNorm).div(norm))
  const clipped = g.map((x) => x.mul(factor.ref))
  factor.dispose()
  return clipped
}

const lion = (p: Arrays, m: Arrays, g: Arrays, { learningRate, b1, b2, weightDecay }: Hyper): Arrays[] => {
  const params = p.map((x, i) => {
    const direction = np.sign(
      at(m, i)
        .ref.mul(b1)
        .add(at(g, i).ref.mul(1 - b1))
    )
    return x.ref.sub(direction.add(x.mul(weightDecay)).mul(learningRate))
  })
  return [params, m.map((x, i) => x.mul(b2).add(at(g, i).mul(1 - b2)))]
}

type Step = (state: Arrays[], grads: Arrays, t: number) => Arrays[]

/** One step of a chain, the host's part and the compiled one. `state` is params, moments and, last, the sums. */
const stepOf = ({ chain, hyper }: Problem): Step => {
  const corrections = (t: number): [np.Array, np.Array] => [
    np.array(1 / (1 - hyper.b1 ** t)),
    np.array(1 / (1 - hyper.b2 ** t))
  ]
  if (chain === 'lion') {
    const run = jit((p: Arrays, m: Arrays, g: Arrays) => lion(p, m, g, hyper))
    return ([p = [], m = []], g) => run(p, m, g)
  }
  const run = jit((p: Arrays, m: Arrays, v: Arrays, g: Arrays, c1: np.Array, c2: np.Array) =>
    adamw(p, m, v, chain === 'clipped' ? clip(g, hyper.maxNorm) : g, c1, c2, hyper)
  )
  if (chain !== 'multiSteps') return ([p = [], m = [], v = []], g, t) => run(p, m, v, g, ...corrections(t))

  const { every } = hyper
  const begin = jit((g: Arrays) => g.map((x) => x.mul(1 / every)))
  const accumulate = jit((a: Arrays, g: Arrays) => a.map((x, i) => x.add(at(g, i).mul(1 / every))))
  return ([p = [], m = [], v = [], a = []], g, t) => {
    const sums = (t - 1) % every === 0 ? begin(g) : accumulate(a, g)
    if (t % every !== 0) return [p, m, v, sums]
    return [...run(p, m, v, sums, ...corrections(t / every)), []]
  }
}

export const jaxJs = (problem: Problem): Contestant => {
  const { params, grads } = problem
  const zeros = (): Arrays => params.map((x) => np.zeros([x.length]))
  const upload = (arrays: readonly Float32Array[]): Arrays => arrays.map((x) => np.array(new Float32Array(x)))
  const advance = stepOf(problem)
  let current = upload(grads)
  let state: Arrays[] = [upload(params), zeros(), zeros(), []]
  let t = 0
  return {
    feed: (next) => {
      for (const x of current) x.dispose()
      current = upload(next)
    },
    step: () => {
      state = advance(state, refs(current), ++t)
    },
    finish: async () => {
      await blockUntilReady(state)
    },
    params: () => (state[0] ?? []).map((x) => x.ref.dataSync() as Float32Array)
  }
}
