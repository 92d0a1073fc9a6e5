import { PREAMBLE, section, vector } from './bytes.js'
import { END, get, V128 } from './instructions/control.js'
import { relaxedMadd } from './instructions/f64x2.js'

let known: boolean | undefined

/** Whether this host has the relaxed instructions: a · b + c at once. */
export const hasMadd = (): boolean => {
  known ??= WebAssembly.validate(
    Uint8Array.from([
      ...PREAMBLE,
      ...section(1, vector([[0x60, 3, V128, V128, V128, 1, V128]])),
      ...section(3, vector([[0]])),
      ...section(10, vector([bodyOf([...get(0), ...get(1), ...get(2), ...relaxedMadd, ...END])]))
    ])
  )
  return known
}

const bodyOf = (instructions: readonly number[]): number[] => [instructions.length + 1, 0, ...instructions]
