// Programs that are right, and that types have refused before: each compiles, with the compiler of this repository and, in
// packed.test.ts, with the newest one.
import {
  type AnyGradientTransformation,
  adam,
  applyUpdates,
  chain,
  type EmptyState,
  type GradientTransformation,
  lion,
  masked,
  ndarray,
  reduceOnPlateau,
  type ScaleByAdamState,
  scale,
  scaleByAdam,
  sgd,
  step,
  transformation,
  transient,
  tree
} from 'gradchain'

interface Network {
  readonly layers: readonly { readonly kernel: Float32Array; readonly bias: Float32Array | null }[]
  readonly rate: number
}
declare const network: Network
declare const condition: boolean
const params = { w: new Float32Array(2), b: [1, ndarray([1], [1])] as [number, ReturnType<typeof ndarray>] }

// One optimizer or another, its own state given back to it.
const either = condition ? adam(0.1) : sgd(0.1)
let eitherState = either.init(params)
const [eitherUpdates, eitherNext] = either.update(params, eitherState, params)
eitherState = eitherNext
applyUpdates(params, eitherUpdates).w satisfies Float32Array
step(either, params, eitherState, params)[0].b satisfies typeof params.b
chain(either, scale(-1)).init(network)
transient(either, params).step(params)
const needy = condition ? chain(sgd(1), reduceOnPlateau()) : adam(1)
step(needy, params, needy.init(params), params, { value: 1 })
// @ts-expect-error -- one of the two needs the value
step(needy, params, needy.init(params), params)

// Any optimizer.
const any: AnyGradientTransformation = adam(0.1)
step(any, params, any.init(params), params)[0].w satisfies Float32Array
any.update(params, any.init(params), params)
transient(any, params).snapshot().params.b satisfies typeof params.b
masked(any, true).init(params)

// A list of different ones.
const list: readonly GradientTransformation<unknown>[] = [adam(0.1), lion(0.1), chain(scaleByAdam(), scale(-1))]
const states = list.map((tx) => tx.init(network))
for (const [i, tx] of list.entries()) {
  const [updates, next] = tx.update(network, states[i], network)
  applyUpdates(network, updates) satisfies Network
  states[i] = next
}
const plateau = chain(sgd(0.1), reduceOnPlateau())
// @ts-expect-error -- it could not be given the value it needs
const careless: GradientTransformation<unknown>[] = [plateau]
careless.length

// Functions that are generic in the state and in the params.
const fit = <S, P>(tx: GradientTransformation<S>, start: P, gradient: (p: P) => P): P => {
  let p = start
  let state = tx.init(p)
  for (let i = 0; i < 3; i++) {
    const [updates, next] = tx.update(gradient(p), state, p)
    p = applyUpdates(p, updates)
    state = next
  }
  for (let i = 0; i < 3; i++) [p, state] = step(tx, gradient(p), state, p)
  const [last] = step(tx, gradient(p), state, p)
  return condition ? last : applyUpdates(last, gradient(last))
}
fit(adam(0.1), network, (p) => p) satisfies Network
fit(sgd(0.1), params, (p) => ({ ...p, w: p.w.map((x) => 2 * x) })).b satisfies typeof params.b

const fitWith = <S, E, P>(tx: GradientTransformation<S, E>, p: P, gradient: (p: P) => P, extra: E): P => {
  const state = tx.init(p)
  return applyUpdates(p, tx.update(gradient(p), state, p, extra)[0])
}
fitWith(plateau, network, (p) => p, { value: 1 })
// @ts-expect-error -- the value is a number
fitWith(plateau, network, (p) => p, { value: 'low' })

const run = <S, P>(tx: GradientTransformation<S>, p: P): P => transient(tx, p).snapshot().params as P
run(adam(0.1), network) satisfies Network

// What asks for nothing will do where something is given.
type WithValue<S> = GradientTransformation<S, { readonly value: number }>
const train = <S>(tx: WithValue<S>, state: S): S => tx.update(network, state, network, { value: 1 })[1]
const descent = sgd(0.1)
train(descent, descent.init(network))
const withValue: WithValue<unknown>[] = [descent, plateau]
// @ts-expect-error -- what asks for something else will not
withValue.push(transformation<EmptyState, { readonly hessian: number }>({ init: () => ({}), update: (u, s) => [u, s] }))

// init and update on their own.
const { init, update } = adam(0.1)
update(params, init(params), params)[1] satisfies ReturnType<typeof init>

// A number on its own, and numbers that were written down: after a step they are others.
const one = applyUpdates(1, 2)
one === 3
const fixed = { w: 1, pair: [2, new Float32Array(1)] } as const
const [moved] = step(descent, fixed, descent.init(fixed), fixed)
moved.w === 0.5

// Maps keep the structure.
const mapped = tree.map((x) => (typeof x === 'number' ? x : 0), network)
mapped.layers[0]?.kernel satisfies number | undefined
mapped.layers[0]?.bias satisfies number | null | undefined
tree.map((p, flag: boolean) => flag && p !== 0, params, { w: true, b: [false, true] }).b satisfies [boolean, boolean]

// An optional param is one that may be missing.
adam(0.1).init({} as { readonly w?: Float32Array })
// Types that hold themselves.
interface Block {
  readonly kernel: Float32Array
  readonly inner: Block | null
}
type Registry = { readonly [name: string]: Registry | Float32Array }
fit(adam(0.1), {} as Block, (p) => p) satisfies Block
adam(0.1).init({} as Registry)
tree.map((leaf) => leaf.length, {} as Block).inner satisfies object | null

// A state without content is not just anything.
const chained = chain(scaleByAdam(), scale(-1))
const adamState = {} as ScaleByAdamState
chained.update(network, [adamState, {}], network)
// @ts-expect-error -- the state of another part
chained.update(network, [adamState, adamState], network)
// @ts-expect-error -- the state of another optimizer
chained.update(network, lion(1).init(network), network)
