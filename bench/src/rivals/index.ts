import type { Prepare } from './contestant.js'

const ours = async (way: 'inPlace' | 'oneEvaluation' | 'twoEvaluations'): Promise<Prepare> => {
  const ways = await import('./ours.js')
  return ways[way](ways.record)
}

/** What runs in a Node process, each loaded only where it is asked for. */
export const implementations = {
  copy: async () => (await import('./copy.js')).copy,
  loopInPlace: async () => (await import('./loops.js')).loopInPlace,
  loopFresh: async () => (await import('./loops.js')).loopFresh,
  transient: async () => await ours('inPlace'),
  step: async () => await ours('oneEvaluation'),
  update: async () => await ours('twoEvaluations'),
  jaxJs: async () => (await import('./jax.js')).jaxJs,
  tfjsWasm: async () => (await import('./tfjs.js')).adamOnWasm,
  tfjsCpu: async () => (await import('./tfjs.js')).adamOnCpu
} as const satisfies Readonly<Record<string, () => Promise<Prepare>>>

export type Implementation = keyof typeof implementations
