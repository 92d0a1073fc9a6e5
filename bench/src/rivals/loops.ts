/**
 * What one writes by hand: a loop for each array, float64 arithmetic, stored to float32. `loopInPlace` overwrites its arrays,
 * `loopFresh` returns new ones.
 */
import { estimLr0, type Hyper, slow } from '../cases.js'
import { type Contestant, type Prepare, type Problem, touch } from './contestant.js'

type Arrays = readonly Float32Array[]

interface State {
  readonly p: Arrays
  readonly m: Arrays
  readonly v: Arrays
  /** Sums of gradients, where they are accumulated; a second mean, where there is one. */
  readonly a: Arrays
  /** The params at the start, where they are needed. */
  readonly p0: Arrays
  /** Two numbers that are estimated, where they are. */
  readonly d: number
  readonly r: number
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

const ademamix = (state: State, grads: Arrays, t: number, hyper: Hyper, place: Place): State => {
  const { learningRate, b1, b2, eps, weightDecay } = hyper
  const { b3, alpha } = slow
  const c1 = 1 / (1 - b1 ** t)
  const c2 = 1 / (1 - b2 ** t)
  const next = state.p.map((p0, leaf) => {
    const [m0, v0, a0, gs] = [at(state.m, leaf), at(state.v, leaf), at(state.a, leaf), at(grads, leaf)]
    const [p, m, v, a] = [place(p0), place(m0), place(v0), place(a0)]
    for (let i = 0; i < gs.length; i++) {
      const g = gs[i] as number
      const mi = b1 * (m0[i] as number) + (1 - b1) * g
      const ai = b3 * (a0[i] as number) + (1 - b3) * g
      const vi = b2 * (v0[i] as number) + (1 - b2) * g * g
      m[i] = mi
      a[i] = ai
      v[i] = vi
      const pi = p0[i] as number
      p[i] = pi - learningRate * ((mi * c1 + alpha * ai) / (Math.sqrt(vi * c2) + eps) + weightDecay * pi)
    }
    return { p, m, v, a }
  })
  return {
    ...state,
    p: next.map(({ p }) => p),
    m: next.map(({ m }) => m),
    v: next.map(({ v }) => v),
    a: next.map(({ a }) => a)
  }
}

const prodigy = (state: State, grads: Arrays, t: number, hyper: Hyper, place: Place): State => {
  const { learningRate, b1, b2, eps, weightDecay } = hyper
  const { d } = state
  const b3 = Math.sqrt(b2)
  const eta = (d * learningRate * Math.sqrt(1 - b2 ** t)) / (1 - b1 ** t)
  let [product, total] = [0, 0]
  const moments = state.p.map((p0, leaf) => {
    const [m0, v0, s0, gs] = [at(state.m, leaf), at(state.v, leaf), at(state.a, leaf), at(grads, leaf)]
    const start = at(state.p0, leaf)
    const [m, v, s] = [place(m0), place(v0), place(s0)]
    for (let i = 0; i < gs.length; i++) {
      const g = gs[i] as number
      product += g * ((start[i] as number) - (p0[i] as number))
      m[i] = b1 * (m0[i] as number) + (1 - b1) * d * g
      v[i] = b2 * (v0[i] as number) + (1 - b2) * d * d * g * g
      const si = b3 * (s0[i] as number) + (eta * d * g) / estimLr0
      s[i] = si
      total += Math.abs(si)
    }
    return { m, v, s }
  })
  const r = b3 * state.r + (d / estimLr0) * eta * product
  const next = Math.max(d, r / total)
  const params = state.p.map((p0, leaf) => {
    const { m, v } = moments[leaf] as { m: Float32Array; v: Float32Array }
    const p = place(p0)
    for (let i = 0; i < p0.length; i++) {
      const pi = p0[i] as number
      p[i] = pi - eta * ((m[i] as number) / (Math.sqrt(v[i] as number) + next * eps) + weightDecay * pi)
    }
    return p
  })
  return {
    ...state,
    p: params,
    m: moments.map(({ m }) => m),
    v: moments.map(({ v }) => v),
    a: moments.map(({ s }) => s),
    d: next,
    r
  }
}

/** Its learning rate stays, so that the average has equal weights. `a` is where AdamW is. */
const scheduleFreeAdamw = (state: State, grads: Arrays, t: number, hyper: Hyper, place: Place): State => {
  const { learningRate, b1, b2, eps, weightDecay } = hyper
  const c2 = 1 / (1 - b2 ** t)
  const next = state.p.map((p0, leaf) => {
    const [v0, z0, gs] = [at(state.v, leaf), at(state.a, leaf), at(grads, leaf)]
    const [p, v, z] = [place(p0), place(v0), place(z0)]
    for (let i = 0; i < gs.length; i++) {
      const g = gs[i] as number
      const vi = b2 * (v0[i] as number) + (1 - b2) * g * g
      v[i] = vi
      const y = p0[i] as number
      const before = z0[i] as number
      const x = (y - (1 - b1) * before) / b1
      const zi = before - learningRate * (g / (Math.sqrt(vi * c2) + eps) + weightDecay * y)
      z[i] = zi
      p[i] = b1 * (x + (zi - x) / t) + (1 - b1) * zi
    }
    return { p, v, z }
  })
  return { ...state, p: next.map(({ p }) => p), v: next.map(({ v }) => v), a: next.map(({ z }) => z) }
}

const cautiousAdamw = (state: State, grads: Arrays, t: number, hyper: Hyper, place: Place): State => {
  const { learningRate, b1, b2, eps, weightDecay } = hyper
  const c1 = 1 / (1 - b1 ** t)
  const c2 = 1 / (1 - b2 ** t)
  const next = state.p.map((p0, leaf) => {
    const [m0, v0, gs] = [at(state.m, leaf), at(state.v, leaf), at(grads, leaf)]
    const [p, m, v] = [place(p0), place(m0), place(v0)]
    let agreeing = 0
    for (let i = 0; i < gs.length; i++) {
      const g = gs[i] as number
      const mi = b1 * (m0[i] as number) + (1 - b1) * g
      m[i] = mi
      v[i] = b2 * (v0[i] as number) + (1 - b2) * g * g
      if (mi * g > 0) agreeing++
    }
    const c = c1 / Math.max(agreeing / gs.length, 1e-3)
    for (let i = 0; i < gs.length; i++) {
      const mi = m[i] as number
      const pi = p0[i] as number
      const u = mi * (gs[i] as number) > 0 ? (mi * c) / (Math.sqrt((v[i] as number) * c2) + eps) : 0
      p[i] = pi - learningRate * (u + weightDecay * pi)
    }
    return { p, m, v }
  })
  return { ...state, p: next.map(({ p }) => p), m: next.map(({ m }) => m), v: next.map(({ v }) => v) }
}

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
  if (chain === 'ademamix') return ademamix(state, grads, t, hyper, place)
  if (chain === 'prodigy') return prodigy(state, grads, t, hyper, place)
  if (chain === 'scheduleFreeAdamw') return scheduleFreeAdamw(state, grads, t, hyper, place)
  if (chain === 'cautiousAdamw') return cautiousAdamw(state, grads, t, hyper, place)
  if (chain === 'clipped') {
    const scale = Math.min(1, hyper.maxNorm / Math.sqrt(squaredNorm(grads)))
    return adamw(state, grads, scale, t, hyper, place)
  }
  const { every } = hyper
  const accumulated = accumulate(state, grads, (t - 1) % every === 0, every, place)
  return t % every === 0 ? adamw(accumulated, accumulated.a, 1, t / every, hyper, place) : accumulated
}

const hasSums = (chain: Problem['chain']): boolean =>
  chain === 'multiSteps' || chain === 'ademamix' || chain === 'prodigy'

const loop =
  (place: Place): Prepare =>
  ({ chain, hyper, params, grads }): Contestant => {
    const zeros = (): Float32Array[] => params.map((p) => new Float32Array(p.length))
    let state: State = {
      p: params,
      m: zeros(),
      v: chain === 'lion' ? [] : zeros(),
      a: chain === 'scheduleFreeAdamw' ? params.map((p) => p.slice()) : hasSums(chain) ? zeros() : [],
      p0: chain === 'prodigy' ? params.map((p) => p.slice()) : [],
      d: estimLr0,
      r: 0
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
