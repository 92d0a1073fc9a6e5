import { expectTypeOf } from 'vitest'
import { type NdArray, ndarray } from '../array/ndarray.js'
import type { Leaf } from '../expression/expr.js'
import { sparseRows } from '../rows/sparseRows.js'
import { applyUpdates } from './applyUpdates.js'
import { chain } from './chain.js'
import { globalNorm } from './globalNorm.js'
import { identity } from './identity.js'
import { incrementalUpdate } from './incrementalUpdate.js'
import type { Gradients, Like } from './like.js'
import { namedChain } from './namedChain.js'
import { step } from './step.js'
import { scaled, type TracedState, traced } from './testing.js'
import { transformation } from './transformation.js'
import type { AnyGradientTransformation, EmptyState, ExtraOf, GradientTransformation, StateOf, Tree } from './types.js'

// An interface has no index signature.
interface Layer {
  kernel: Float32Array
  readonly bias: Float32Array | null
}
interface Network {
  readonly layers: readonly Layer[]
  pair: [number, NdArray<'bfloat16'>]
  scale: number
}
const network = {} as Network

type WithValue = GradientTransformation<{ readonly best: number }, { readonly value: number }>
type WithLoss = GradientTransformation<EmptyState, { readonly valueFn: (params: Tree) => number }>
const withValue = {} as WithValue
const withLoss = {} as WithLoss
const plain = {} as GradientTransformation<TracedState>

// Params: interfaces, tuples, literals, readonly or not.
identity().init(network)
identity().init({ w: 1, b: [2, new Float32Array(1)], c: { d: null } })
identity().init({ w: 1 } as const)
identity().init(new Float32Array(2))
identity().init(ndarray([1], [1]))
// @ts-expect-error -- a string is no leaf
identity().init({ w: 'one' })
// @ts-expect-error -- a boolean is no leaf
identity().init({ w: [1, true] })
// @ts-expect-error -- undefined is no leaf
identity().init({ w: undefined })
// @ts-expect-error -- a function is no leaf
identity().init({ w: () => 1 })
// @ts-expect-error -- a bigint is no leaf
identity().init({ w: 1n })
// A key that may be missing is one that is not there: `exactOptionalPropertyTypes`.
identity().init({} as { w?: Float32Array })
// @ts-expect-error -- a bare string is no tree
globalNorm('text')

// Updates are shaped as the params; a number literal widens to number.
const [updates, state] = identity().update(network, {}, network)
expectTypeOf(updates).toEqualTypeOf<Like<Network>>()
expectTypeOf(updates.pair).toEqualTypeOf<[number, NdArray<'bfloat16'>]>()
expectTypeOf(updates.layers[0]?.kernel).toEqualTypeOf<Float32Array | undefined>()
expectTypeOf(state).toEqualTypeOf<EmptyState>()
expectTypeOf(identity().update({ w: 3 }, {}, { w: 1 })[0]).toEqualTypeOf<{ w: number }>()
expectTypeOf<Like<{ w: 1; b: 2 | 3 }>>().toEqualTypeOf<{ w: number; b: number }>()
// @ts-expect-error -- gradients without a key of the params
identity().update({ w: 1 }, {}, { w: 1, b: 2 })
// @ts-expect-error -- a number for an array
identity().update({ w: 1 }, {}, { w: new Float32Array(1) })
// Which dtypes are taken is looked at when it runs.
expectTypeOf(identity().update({ w: new Float64Array(1) }, {}, { w: new Float32Array(1) })[0]).toEqualTypeOf<{
  w: Float32Array<ArrayBuffer>
}>()
// Gradients may lie in whatever memory, and keep the type of the params.
const elsewhere = { w: {} as Float32Array, b: [{} as Float64Array] }
const here = { w: new Float32Array(1), b: [new Float64Array(1)] }
expectTypeOf(identity().update(elsewhere, {}, here)[0]).toEqualTypeOf<typeof here>()
expectTypeOf(applyUpdates(here, elsewhere)).toEqualTypeOf<typeof here>()
// Generic code passes them on.
const train = <P>(params: P, grads: Like<P>): P => {
  const [u] = identity().update<P>(grads, {}, params)
  const [n] = step(identity(), u, {}, params)
  return Math.random() < 0.5 ? applyUpdates(params, u) : n
}
expectTypeOf(train(here, here)).toEqualTypeOf<typeof here>()
// @ts-expect-error -- params are always an argument
identity().update({ w: 1 }, {})

// The params keep their type through a step.
expectTypeOf(applyUpdates(network, updates)).toEqualTypeOf<Like<Network>>()
expectTypeOf(applyUpdates(network, updates)).toExtend<Network>()
expectTypeOf(incrementalUpdate(network, network, 0.5)).toExtend<Network>()
expectTypeOf(applyUpdates({ w: 1 }, { w: 2 })).toEqualTypeOf<{ w: number }>()
const [next] = step(plain, network, {} as TracedState, network)
expectTypeOf(next).toExtend<Network>()
// A loop: what comes out goes in.
let params: Network = network
params = applyUpdates(params, updates)

// The state of a chain is the tuple of the states, nested too.
const nested = chain(scaled(1), chain(traced(0.5), identity()), withValue)
type Nested = readonly [EmptyState, readonly [TracedState, EmptyState], { readonly best: number }]
expectTypeOf<StateOf<typeof nested>>().toEqualTypeOf<Nested>()
expectTypeOf(nested.init(network)).toEqualTypeOf<Nested>()
expectTypeOf(nested.init(network)[1][0].count).toEqualTypeOf<number>()
const named = namedChain({ a: traced(0.5), b: chain(withValue) })
expectTypeOf(named.init(network).b[0].best).toEqualTypeOf<number>()
expectTypeOf(named.init(network).a.trace).toEqualTypeOf<Tree>()
expectTypeOf<StateOf<ReturnType<typeof chain<[]>>>>().toEqualTypeOf<readonly []>()
// @ts-expect-error -- the state of another transformation
plain.update({ w: 1 }, {}, { w: 1 })
// @ts-expect-error -- the states of a chain in another order
chain(plain, withValue).update({ w: 1 }, [{ best: 1 }, {} as TracedState], { w: 1 }, { value: 1 })

// What the parts need beyond the params is the intersection, and forgetting it does not compile.
const both = chain(withValue, chain(scaled(1), withLoss))
type Both = { readonly value: number } & { readonly valueFn: (params: Tree) => number }
expectTypeOf<ExtraOf<typeof both>>().toExtend<Both>()
expectTypeOf<Both>().toExtend<ExtraOf<typeof both>>()
const bothState = both.init(network)
both.update(network, bothState, network, { value: 1, valueFn: () => 1 })
// @ts-expect-error -- the extra argument is forgotten
both.update(network, bothState, network)
// @ts-expect-error -- a part of it is forgotten
both.update(network, bothState, network, { value: 1 })
// @ts-expect-error -- it is of another type
withValue.update({ w: 1 }, { best: 0 }, { w: 1 }, { value: 'low' })
// @ts-expect-error -- step asks for it too
step(both, network, bothState, network)
step(both, network, bothState, network, { value: 1, valueFn: () => 1 })
const namedBoth = namedChain({ v: withValue, plain: scaled(1), l: withLoss })
namedBoth.update(network, namedBoth.init(network), network, { value: 1, valueFn: () => 1 })
// @ts-expect-error -- a named chain asks for it too
namedBoth.update(network, namedBoth.init(network), network, { value: 1 })
// None is needed where nobody asks, and giving one is no error.
plain.update(network, {} as TracedState, network)
chain(plain, scaled(1)).update(network, [{} as TracedState, {}], network, { value: 1 })

// Bare pairs fit wherever a transformation does.
const bare = {
  init: (p: { w: Float32Array }) => ({ size: p.w.length }),
  update: (g: { w: Float32Array }, s: { size: number }) => [g, s] as const
}
expectTypeOf(bare).toExtend<AnyGradientTransformation>()
expectTypeOf<StateOf<typeof bare>>().toEqualTypeOf<{ size: number }>()
const withBare = chain(scaled(1), bare)
expectTypeOf(withBare.init({ w: new Float32Array(1) })[1].size).toEqualTypeOf<number>()
withBare.update({ w: new Float32Array(1) }, [{}, { size: 1 }], { w: new Float32Array(1) })
// @ts-expect-error -- a function is no transformation
chain(scaled)
// @ts-expect-error -- update is missing
chain({ init: () => 1 })

// A definition works on trees of operands, and the state type is what it says.
const own = transformation<{ readonly n: number }>({
  init: (p) => {
    expectTypeOf(p).toEqualTypeOf<Tree>()
    return { n: 0 }
  },
  update: (g, s) => [g, { n: s.n + 1 }]
})
expectTypeOf(own).toEqualTypeOf<GradientTransformation<{ readonly n: number }>>()
// @ts-expect-error -- the next state is not what was announced
transformation<{ readonly n: number }>({ init: () => ({ n: 0 }), update: (g) => [g, { n: 'one' }] })

// Sparse rows are a gradient of arrays, and of nothing else; what comes back has the type of the params.
const table = { w: ndarray(new Float32Array(4), [2, 2]), v: new Float32Array(2), b: 1 }
const rowsOf = (shape: readonly number[]) => sparseRows([0], new Float32Array(shape.length), shape)
const [moved] = plain.update({ w: rowsOf([2, 2]), v: rowsOf([2]), b: 1 }, {} as TracedState, table)
expectTypeOf(moved.v).toEqualTypeOf<Float32Array<ArrayBuffer>>()
const trees: { params: Tree<Leaf>; grads: Gradients<Tree<Leaf>> } = {
  params: table,
  grads: { w: rowsOf([2, 2]), v: null }
}
plain.update(trees.grads, {} as TracedState, trees.params)
// @ts-expect-error -- a number has no rows
plain.update({ w: rowsOf([2, 2]), v: rowsOf([2]), b: rowsOf([1]) }, {} as TracedState, table)
// @ts-expect-error -- sparse rows are no params
plain.init({ w: rowsOf([2]) })
