import { chains } from '../cases.js'
import type { Prepare } from './contestant.js'

/**
 * The physical floor: `set` from one array to another, of as many bytes as the chain reads and writes. It computes nothing, so
 * there is nothing to compare.
 */
export const copy: Prepare = ({ chain, params }) => {
  const floats = chains[chain].traffic / 8
  const from = params.map((p) => new Float32Array(Math.round(p.length * floats)).fill(1))
  const to = from.map((source) => source.slice())
  return {
    feed: () => {},
    step: () => {
      for (let i = 0; i < from.length; i++) (to[i] as Float32Array).set(from[i] as Float32Array)
    },
    finish: () => {},
    params: () => params
  }
}
