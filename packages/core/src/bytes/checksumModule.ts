// The lanes of a checksum in WebAssembly, four in a vector: ten times as fast as in JavaScript, with the copy into its memory.
import { PREAMBLE, section, text, unsigned, vector } from '../wasm/bytes.js'
import { END, get, I32, loopWhile, set, V128 } from '../wasm/instructions/control.js'
import * as i32 from '../wasm/instructions/i32.js'
import * as i32x4 from '../wasm/instructions/i32x4.js'
import * as v128 from '../wasm/instructions/v128.js'
import { BLOCK, LANES, ODD, SHIFT } from './checksumLanes.js'

/** Takes lanes along over bytes, whose number is a multiple of those that all lanes take at a time. */
export type AddBlocks = (lanes: Int32Array, bytes: Uint8Array) => void

const PAGE = 65_536
/** How many bytes are copied into the memory at a time: what stays in the nearer caches. */
const STAGED = 65_536
/** Where they begin, after the lanes. */
const START = BLOCK

const VECTORS = LANES / 4
// Local variables: where the bytes end, where the next ones are, and the lanes.
const TO = 0
const AT = 1
const FIRST_VECTOR = 2

const assembled = (): Uint8Array<ArrayBuffer> => {
  const vectors = Array.from({ length: VECTORS }, (_, i) => ({ local: FIRST_VECTOR + i, offset: 16 * i }))
  const body = [
    ...vectors.flatMap(({ local, offset }) => [
      ...[...get(local), ...get(AT), ...v128.load(offset), ...v128.xor],
      ...[...v128.constI32(ODD), ...i32x4.mul, ...set(local)]
    ]),
    ...vectors.flatMap(({ local }) => [
      ...[...get(local), ...get(local), ...i32.const(SHIFT), ...i32x4.shrU, ...v128.xor],
      ...set(local)
    ]),
    ...[...get(AT), ...i32.const(BLOCK), ...i32.add, ...set(AT)]
  ]
  const code = [
    ...[...i32.const(START), ...set(AT)],
    ...vectors.flatMap(({ local, offset }) => [...i32.const(0), ...v128.load(offset), ...set(local)]),
    ...loopWhile([...get(AT), ...get(TO), ...i32.ltU], body),
    ...vectors.flatMap(({ local, offset }) => [...i32.const(0), ...get(local), ...v128.store(offset)]),
    ...END
  ]
  const locals = vector([
    [1, I32],
    [...unsigned(VECTORS), V128]
  ])
  const content = [...locals, ...code]
  return Uint8Array.from([
    ...PREAMBLE,
    ...section(1, vector([[0x60, 1, I32, 0]])),
    ...section(3, vector([[0]])),
    ...section(5, vector([[0, ...unsigned((START + STAGED) / PAGE + 1)]])),
    ...section(
      7,
      vector([
        [...text('memory'), 2, 0],
        [...text('run'), 0, 0]
      ])
    ),
    ...section(10, vector([[...unsigned(content.length), ...content]]))
  ])
}

/** An instance of the module; where there is no WebAssembly, or none with vectors, or it is forbidden, there is none. */
export const blocksInWasm = (): AddBlocks | undefined => {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assembled()))
    const { buffer } = exports['memory'] as WebAssembly.Memory
    const run = exports['run'] as (to: number) => void
    const ofLanes = new Int32Array(buffer, 0, LANES)
    const staged = new Uint8Array(buffer, START, STAGED)
    return (lanes, bytes) => {
      ofLanes.set(lanes)
      for (let at = 0; at < bytes.length; at += STAGED) {
        const piece = bytes.subarray(at, at + STAGED)
        staged.set(piece)
        run(START + piece.length)
      }
      lanes.set(ofLanes)
    }
  } catch {
    return undefined
  }
}
