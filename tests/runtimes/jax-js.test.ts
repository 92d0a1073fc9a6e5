// Arrays of jax-js of the dtypes that it has where there is a Float16Array, from the packed packages, on the newest Node.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build, type Plugin } from 'esbuild'
import { expect, inject, test } from 'vitest'
import { leftOut } from '../packed/leftOut.js'
import { had, runtimes } from './had.js'

const { home } = inject('packed')

/** Ten steps on params of each dtype, outside of `jit` and, where jax-js computes with them, inside, beside `step`. */
const PROGRAM = `
import { applyUpdates, jaxjs } from '@gradchain/jax-js'
import { adamw, chain, clipByGlobalNorm, step } from 'gradchain'
import { defaultDevice, init, jit, numpy as np } from '@jax-js/jax'

await init('cpu', 'wasm')
defaultDevice('wasm')
const tx = chain(clipByGlobalNorm(1), adamw(0.1))
const at = (t, Type) => Type.from({ length: 5 }, (_, i) => Math.sin(1.7 * t + 2.3 * i))
const dtypesIn = (tree) => {
  const found = new Set()
  JSON.stringify(tree, (_key, value) => {
    if (value?.dtype !== undefined && value.shape?.length > 0) found.add(value.dtype)
    return value?.dtype === undefined ? value : 0
  })
  return [...found]
}
const found = {}
for (const Type of [Float64Array, Float16Array]) {
  for (const compiles of Type === Float64Array ? [false, true] : [false]) {
    const { init, update: plain } = jaxjs(tx)
    const update = compiles ? jit(plain) : plain
    let params = { w: np.array(at(0, Type)) }
    let state = init({ w: params.w.ref })
    const moved = []
    const kept = [dtypesIn(state)]
    let own = { w: Float64Array.from(at(0, Type)) }
    let ownState = tx.init(own)
    for (let t = 1; t <= 10; t++) {
      const [updates, next] = update({ w: np.array(at(t, Type)) }, state, { w: params.w.ref })
      moved.push(dtypesIn(updates))
      params = applyUpdates(params, updates)
      state = next
      ;[own, ownState] = step(tx, { w: Float64Array.from(at(t, Type)) }, ownState, own)
    }
    kept.push(dtypesIn(state))
    moved.push(dtypesIn(params))
    const distance = Math.max(...[...params.w.dataSync()].map((x, i) => Math.abs(x - own.w[i])))
    found[Type.name + (compiles ? ', jitted' : '')] = {
      moved: [...new Set(moved.flat())],
      kept: [...new Set(kept.flat())],
      distance
    }
  }
}
console.log(JSON.stringify(found))
`

/** Which dtypes updates and params had, and the state, and how far the params were from those of `step`. */
interface Found {
  readonly moved: readonly string[]
  readonly kept: readonly string[]
  readonly distance: number
}

/** Our packages as a user has them, and jax-js for all who import it as tests have it. */
const resolved: Plugin = {
  name: 'resolved',
  setup: (bundle) => {
    bundle.onResolve({ filter: /^(gradchain$|@gradchain\/|@jax-js\/jax$)/ }, ({ path, kind, pluginData }) => {
      if (pluginData === 'asked') return undefined
      const resolveDir = path.startsWith('@jax-js') ? import.meta.dirname : home
      return bundle.resolve(path, { kind, resolveDir, pluginData: 'asked' })
    })
  }
}

test('arrays of float64 and float16 keep their dtype, on Node 26', async (context) => {
  const node = await had(runtimes['Node 26'])
  if ('why' in node) return leftOut(context, node.why)
  const file = join(home, 'jax-js.mjs')
  await build({
    stdin: { contents: PROGRAM, resolveDir: home },
    ...{ bundle: true, format: 'esm', logLevel: 'error', outfile: file, platform: 'node' },
    plugins: [resolved]
  })
  const { stdout } = await promisify(execFile)(node.file, [file])
  const found = JSON.parse(stdout) as Record<string, Found>
  const dtypes = Object.entries(found).map(([name, { moved, kept }]) => [name, moved, kept])
  // Moments of params of 16 bits are float32, as everywhere.
  expect(dtypes).toStrictEqual([
    ['Float64Array', ['float64'], ['float64']],
    ['Float64Array, jitted', ['float64'], ['float64']],
    ['Float16Array', ['float16'], ['float32']]
  ])
  // Outside of `jit` our own kernels compute; inside, powers of jax-js are float32's. Params of float16 are rounded ten times.
  expect(found['Float64Array']?.distance).toBe(0)
  expect(found['Float64Array, jitted']?.distance).toBeLessThan(1e-7)
  expect(found['Float16Array']?.distance).toBeLessThan(10 * 2 ** -11)
})
