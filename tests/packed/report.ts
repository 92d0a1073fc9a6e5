// A user's program that runs wherever JavaScript does; see programs.ts.
import { adamw, applyUpdates, chain, clipByGlobalNorm, isWasmSupported, ndarray, step, transient } from 'gradchain'
import type { Report } from './programs.js'

/** FNV-1a over the bits of an array. */
const hash = ({ buffer, byteOffset, length }: Float32Array): number =>
  new Uint32Array(buffer, byteOffset, length).reduce((h, word) => Math.imul(h ^ word, 0x01000193) >>> 0, 0x811c9dc5)

const trained = async (threads: number): Promise<readonly [number, number]> => {
  const w = Float32Array.from({ length: 70_003 }, (_, i) => (i % 1999) / 999 - 1)
  const run = transient(adamw(0.1), { w }, { threads })
  run.grads.w.set(run.params.w)
  // Threads start by themselves, while this one waits.
  for (let i = 0; i < 40; i++) {
    run.step()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const { params } = run.snapshot()
  run.dispose()
  return [run.threads, hash(params.w)]
}

/** Where Float16Array is missing, there is an array with a shape in its place. */
interface Halves {
  readonly w: Float32Array
}
const { Float16Array } = globalThis as unknown as { Float16Array?: { from: (list: readonly number[]) => Float32Array } }
const halvesFrom = (phase: number): Halves => {
  const list = Array.from({ length: 13 }, (_, i) => ((i * 37 + phase * 11) % 64) / 16 - 2)
  return { w: Float16Array?.from(list) ?? (ndarray(list, [13], 'float16') as unknown as Float32Array) }
}
const bitsOf = ({ w }: Halves): readonly number[] => {
  const { buffer, byteOffset, length } = 'shape' in w ? (w as unknown as { data: Uint16Array }).data : w
  // It comes back as what it came as.
  if (Float16Array !== undefined && 'shape' in w) throw new Error('a Float16Array has become an array with a shape')
  return [...new Uint16Array(buffer, byteOffset, length)]
}

/** The same steps in three ways; those that keep float16 moments too. */
const halves = (): readonly (readonly number[])[] =>
  [adamw(0.1), adamw(0.1, { muDtype: 'float16', nuDtype: 'float16' })].flatMap((optimizer) => {
    const tx = chain(clipByGlobalNorm(1), optimizer)
    const run = transient(tx, halvesFrom(0))
    let [params, stepped] = [halvesFrom(0), halvesFrom(0)]
    let [state, steppedState] = [tx.init(params), tx.init(stepped)]
    let updates = params
    for (let i = 1; i < 6; i++) {
      ;[updates, state] = tx.update(halvesFrom(i), state, params)
      params = applyUpdates(params, updates)
      ;[stepped, steppedState] = step(tx, halvesFrom(i), steppedState, stepped)
      run.step(halvesFrom(i))
    }
    const { params: taken } = run.snapshot()
    const seen = bitsOf(run.params)
    run.dispose()
    return [bitsOf(updates), bitsOf(params), bitsOf(stepped), bitsOf(taken), seen]
  })

/** What comes out here. */
export const report = async (params: { readonly w: Float32Array; readonly b: number }): Promise<Report> => ({
  loop: [...new Uint32Array(params.w.buffer), params.b],
  threads: [await trained(1), await trained(2)],
  halves: halves(),
  isWasmSupported: isWasmSupported()
})
