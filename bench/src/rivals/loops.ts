/**
 * What one writes by hand: a loop for each array, float64 arithmetic, stored to float32. `loopInPlace` overwrites its arrays,
 * `loopFresh` returns new ones.
 */
import type { Hyper } from '../cases.js'
import { type Contestant, type Prepare, type Problem, touch } from './contestant.js'

type Arrays = readonly Float32Array[]

interface State {
  readonly p: Arrays
  readonly m: Arrays
  readonly v: Arrays
  /** Sums of gradients, where they are accumulated. */
  readonly a: Arrays
}

/** Where results go: to the array itself, or to a new one. */
type Place = (array: Float32Array) => Float32Array

const at = (arrays: Arrays, i: number): Float32Array => arrays[i] as Float32Array

const adamw = (state: State, grads: Arrays, scale: number, t: number, hyper: Hyper, place: Place): State => {
  const { learningRate, b1, b2, eps, weightDecay } = hyper
  const c1 = 1 / (1 - b1 ** t)
  const c2 = 1 / (1 - b2 ** t)
  const next = state.p.map((p0, leaf) => {
    const m0 = at(state.m, leaf)
    const v0 = at(state.v, leaf)
    const gs = at(grads, leaf)
    const [p, m, v] = [place(p0), place(m0), place(v0)]
    for (let i = 0; i < gs.length; i++) {
      const g = (gs[i] as number) * scale
      const mi = b1 * (m0[i] as number) + (1 - b1) * g
      const vi = b2 * (v0[i] as number) + (1 - b2) * g * g
      m[i] = mi
      v[i] = vi
      const pi = p0[i] as number
      p[i] = pi - learningRate * ((mi * c1) / (Math.sqrt(vi * c2) + eps) + weightDecay * pi)
    }
    return { p, m, v }
  })
  return { ...state, p: next.map(({ p }) => p), m: next.map(({ m }) => m), v: next.map(({ v }) => v) }
}

const lion = (state: State, grads: Arrays, { learningRate, b1, b2, weightDecay }: Hyper, place: Place): State => {
  const next = state.p.map((p0, leaf) => {
    const m0 = at(state.m, leaf)
    const gs = at(grads, leaf)
    const [p, m] = [place(p0), place(m0)]
    for (let i = 0; i < gs.length; i++) {
      const g = gs[i] as number
      const mi = m0[i] as number
      const pi = p0[i] as number
      p[i] = pi - learningRate * (Math.sign(b1 * mi + (1 - b1) * g) + weightDecay * pi)
      m[i] = b2 * mi + (1 - b2) * g
    }
    return { p, m }
  })
  return { ...state, p: next.map(({ p }) => p), m: next.map(({ m }) => m) }
}

const accumulate = (state: State, grads: Arrays, isFirst: boolean, every: number, place: Place): State => ({
  ...state,
  a: state.a.map((a0, leaf) => {
    const gs = at(grads, leaf)
    const a = place(a0)
    if (isFirst) for (let i = 0; i < gs.length; i++) a[i] = (gs[i] as number) / every
    else for (let i = 0; i < gs.length; i++) a[i] = (a0[i] as number) + (gs[i] as number) / every
    return a
  })
})

const squaredNorm = (grads: Arrays): number => {
  let sum = 0
  for (const gs of grads) for (let i = 0; i < gs.length; i++) sum += (gs[i] as number) * (gs[i] as number)
  return sum
}

const advance = (
  chain: Problem['chain'],
  state: State,
  grads: Arrays,
  t: number,
  hyper: Hyper,
  place: Place
): State => {
  if (chain === 'adamw') return adamw(state, grads, 1, t, hyper, place)
  if (chain === 'lion') return lion(state, grads, hyper, place)
  if (chain === 'clipped') {
    const scale = Math.min(1, hyper.maxNorm / Math.sqrt(squaredNorm(grads)))
    return adamw(state, grads, scale, t, hyper, place)
  }
  const { every } = hyper
  const accumulated = accumulate(state, grads, (t - 1) % every === 0, every, place)
  return t % every === 0 ? adamw(accumulated, accumulated.a, 1, t / every, hyper, place) : accumulated
}

const loop =
  (place: Place): Prepare =>
  ({ chain, hyper, params, grads }): Contestant => {
    const zeros = (): Float32Array[] => params.map((p) => new Float32Array(p.length))
    let state: State = {
      p: params,
      m: zeros(),
      v: chain === 'lion' ? [] : zeros(),
      a: chain === 'multiSteps' ? zeros() : []
    }
    let current = grads
    let t = 0
    return {
      feed: (next) => {
        current = next
      },
      step: () => {
        state = advance(chain, state, current, ++t, hyper, place)
      },
      finish: () => touch(state.p),
      params: () => state.p
    }
  }

export const loopInPlace: Prepare = loop((array) => array)

export const loopFresh: Prepare = loop((array) => new Float32Array(array.length))
