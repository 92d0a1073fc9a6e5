import { adam, polyakSgd } from '@gradchain/optimizers'
import { type JsTree, jit, numpy as np } from '@jax-js/jax'
import { applyUpdates } from './applyUpdates.js'
import { type JaxState, jaxjs } from './jaxjs.js'

const { init, step, update } = jaxjs(adam(0.1))
const params = { w: np.array([1, 2]), layers: [{ b: np.array(1) }] }
const state: JaxState = init(params)
const [updates, next] = update(params, state)
const same: { w: np.Array; layers: { b: np.Array }[] } = applyUpdates(params, updates)
const [moved] = step(params, next, same)
moved.layers[0]?.b satisfies np.Array | undefined
next satisfies JsTree<np.Array>

// What jit takes and gives.
jit((p: typeof params, s: JaxState): [typeof params, JaxState] => update(p, s, p))

jaxjs(polyakSgd()).update(params, state, params, { value: 1 })

// @ts-expect-error -- no tree of arrays
init({ w: new Float32Array(2) })
// @ts-expect-error -- params of another structure
update(params, state, { w: np.array(1) })
// @ts-expect-error -- step asks for params
step(params, state)
// @ts-expect-error -- updates of another structure
applyUpdates(params, { w: np.array(1) })
// @ts-expect-error -- no optimizer
jaxjs({})
