/**
 * What a step of Adam costs on arrays of jax-js, on its wasm backend, turn by turn: written by hand and jitted, with the bias corrections
 * from the host; as the optax in its repository writes it, jitted; and ours inside of jit, and outside by `step` and by `update` and
 * `applyUpdates`.
 */
import { applyUpdates, jaxjs } from '@gradchain/jax-js'
import { defaultDevice, init, jit, numpy as np } from '@jax-js/jax'
import { adam } from 'gradchain'
import { median } from '../statistics.js'

/** The sizes that are tried: how many arrays, of how many elements. */
const SIZES = { '10k': [10, 1000], '1m': [20, 50_000] } as const

/** Milliseconds of a step; for ours also the medians of the ratios to what is written by hand, round by round. */
export interface JaxjsAdam {
  readonly byHand: number
  readonly asOptax: number
  readonly jitted: readonly [milliseconds: number, toByHand: number]
  readonly eager: readonly [milliseconds: number, toByHand: number]
  readonly updated: readonly [milliseconds: number, toByHand: number]
}

const ROUNDS = 41
const WARM_UP = 10

type Arrays = np.Array[]

const at = (arrays: Arrays, i: number): np.Array => arrays[i] as np.Array

/** Consumes its arguments; `c1` and `c2` are what the moments are multiplied with. */
const moved = (p: Arrays, m: Arrays, v: Arrays, g: Arrays, c1: np.Array, c2: np.Array): Arrays[] => {
  const mu = m.map((x, i) => x.mul(0.9).add(at(g, i).ref.mul(0.1)))
  const nu = v.map((x, i) => x.mul(0.999).add(np.square(at(g, i)).mul(0.001)))
  const params = p.map((x, i) => {
    const scaled = at(mu, i)
      .ref.mul(c1.ref)
      .div(np.sqrt(at(nu, i).ref.mul(c2.ref)).add(1e-8))
    return x.sub(scaled.mul(1e-3))
  })
  c1.dispose()
  c2.dispose()
  return [params, mu, nu]
}

const correction = (decay: number, count: np.Array): np.Array =>
  np.reciprocal(np.subtract(1, np.power(decay, count.astype(np.float32))))

const ofSize = ([count, length]: readonly [number, number]): JaxjsAdam => {
  const values = (factor: number): Arrays =>
    Array.from({ length: count }, () => np.array(Float32Array.from({ length }, (_, i) => factor * Math.sin(i + 1))))
  const zeros = (): Arrays => Array.from({ length: count }, () => np.zeros([length]))
  const grads = values(0.1)
  const refs = (arrays: Arrays): Arrays => arrays.map((array) => array.ref)

  /** Milliseconds of a step; the first array is read, as what is computed may be put off. */
  const timed = (step: () => Arrays) => (): number => {
    const since = performance.now()
    at(step(), 0).ref.slice([0, 1]).dataSync()
    return performance.now() - since
  }

  const byHand = (): (() => Arrays) => {
    const run = jit(moved)
    let [p, m, v] = [values(1), zeros(), zeros()]
    let t = 0
    return () => {
      t += 1
      const [c1, c2] = [np.array(1 / (1 - 0.9 ** t)), np.array(1 / (1 - 0.999 ** t))]
      ;[p, m, v] = run(p, m, v, refs(grads), c1, c2) as [Arrays, Arrays, Arrays]
      return p
    }
  }

  const asOptax = (): (() => Arrays) => {
    const run = jit((p: Arrays, m: Arrays, v: Arrays, g: Arrays, before: np.Array): [Arrays[], np.Array] => {
      const now = before.add(1)
      return [moved(p, m, v, g, correction(0.9, now.ref), correction(0.999, now.ref)), now]
    })
    let [p, m, v] = [values(1), zeros(), zeros()]
    let steps = np.array(0, { dtype: np.uint32 })
    return () => {
      let next: Arrays[]
      ;[next, steps] = run(p, m, v, refs(grads), steps)
      ;[p, m, v] = next as [Arrays, Arrays, Arrays]
      return p
    }
  }

  const ours = (how: 'jitted' | 'step' | 'update'): (() => Arrays) => {
    const { init: begin, step, update } = jaxjs(adam(1e-3))
    type State = ReturnType<typeof begin>
    const advance = (p: Arrays, s: State, g: Arrays): [Arrays, State] => step(g, s, p)
    const updated = (p: Arrays, s: State, g: Arrays): [Arrays, State] => {
      const [updates, next] = update(g, s, refs(p))
      return [applyUpdates(p, updates), next]
    }
    const run = how === 'jitted' ? jit(advance) : how === 'step' ? advance : updated
    let params = values(1)
    let state = begin(refs(params))
    return () => {
      ;[params, state] = run(params, state, refs(grads))
      return params
    }
  }

  const steppers = [byHand(), asOptax(), ours('jitted'), ours('step'), ours('update')].map(timed)
  const rounds: number[][] = []
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const times = steppers.map((step) => {
      step()
      return step()
    })
    if (round >= 0) rounds.push(times)
  }
  const of = (i: number): number => median(rounds.map((times) => times[i] as number))
  const toByHand = (i: number): number => median(rounds.map((times) => (times[i] as number) / (times[0] as number)))
  return {
    byHand: of(0),
    asOptax: of(1),
    jitted: [of(2), toByHand(2)],
    eager: [of(3), toByHand(3)],
    updated: [of(4), toByHand(4)]
  }
}

/** For each size. */
export const jaxjsAdam = async (): Promise<Readonly<Record<string, JaxjsAdam>>> => {
  // Both are named because `init()` alone asks for `navigator`, which Node 20 does not have.
  await init('cpu', 'wasm')
  defaultDevice('wasm')
  return Object.fromEntries(Object.entries(SIZES).map(([name, size]) => [name, ofSize(size)]))
}
