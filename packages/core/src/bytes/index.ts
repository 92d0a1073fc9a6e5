// What is exported from `@gradchain/core/bytes`, for packages beside this one: a checksum that several formats have, and what writes modules of
// WebAssembly.
export { type Bytes, PREAMBLE, section, text, unsigned, vector } from '../wasm/bytes.js'
export { END, get, I32, loopWhile, set, V128 } from '../wasm/instructions/control.js'
export { add as addI32, const as constI32, ltU as ltUI32 } from '../wasm/instructions/i32.js'
export { mul as mulI32x4, shrU as shrUI32x4 } from '../wasm/instructions/i32x4.js'
export {
  constI32 as splatI32,
  load as loadV128,
  store as storeV128,
  xor as xorV128
} from '../wasm/instructions/v128.js'
export { crc32c } from './crc32c.js'
