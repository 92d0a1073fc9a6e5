// A user's program that runs wherever JavaScript does; see programs.ts.
import { adamw, isWasmSupported, transient } from 'gradchain'
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

/** What comes out here. */
export const report = async (params: { readonly w: Float32Array; readonly b: number }): Promise<Report> => ({
  loop: [...new Uint32Array(params.w.buffer), params.b],
  threads: [await trained(1), await trained(2)],
  isWasmSupported: isWasmSupported()
})
