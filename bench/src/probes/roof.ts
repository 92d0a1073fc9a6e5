/** How fast this machine multiplies and adds in vectors of 128 bits, each rounded: what a product of matrices could at most reach. */

type Bytes = readonly number[]

const [I32, V128] = [0x7f, 0x7b]
const get = (local: number): Bytes => [0x20, local]
const set = (local: number): Bytes => [0x21, local]
const section = (id: number, content: Bytes): Bytes => [id, content.length, ...content]
const text = (value: string): Bytes => [value.length, ...new TextEncoder().encode(value)]
const simd = (code: number): Bytes => [0xfd, code, ...(code >= 0x80 ? [1] : [])]
const [ADD, MUL] = [simd(0xe4), simd(0xe6)]

// Parameters: where the factors lie, and how many turns there are. Then where a turn is and where it ends, and vectors: a tile of 2 × 3
// sums, the factor of its rows, which is read anew each time so that no product is one that was there before, and those of its
// columns. Fewer multiplications than additions, or more, and the machine would wait for the ones; more sums, and engines run out
// of registers.
const [AT, TURNS, PLACE, END] = [0, 1, 2, 3]
const [ROWS, COLUMNS] = [2, 3]
const sums = Array.from({ length: ROWS * COLUMNS }, (_, i) => 4 + i)
const x = 10
const ys = [11, 12, 13]
/** How many bytes of factors are read in a turn: they stay in the first-level cache. */
const FACTORS = 4096
const [STEP, OPERATIONS] = [16 * ROWS, sums.length * 2]

const load = (from: number, local: number, offset: number): Bytes => [...get(from), 0xfd, 0, 4, offset, ...set(local)]
const ahead = (by: Bytes): Bytes => [0x41, ...by, 0x6a]

const step: Bytes = Array.from({ length: ROWS }, (_, row) => [
  ...load(PLACE, x, 16 * row),
  ...ys.flatMap((y, column) => {
    const sum = sums[COLUMNS * row + column] as number
    return [...get(sum), ...get(x), ...get(y), ...MUL, ...ADD, ...set(sum)]
  })
]).flat()

const code: Bytes = [
  ...[2, 2, I32, sums.length + 1 + ys.length, V128],
  ...ys.flatMap((y, i) => load(AT, y, 16 * i)),
  ...[0x03, 0x40],
  ...[...get(AT), ...set(PLACE), ...get(AT), ...ahead(long(FACTORS)), ...set(END)],
  ...[0x03, 0x40],
  ...[...step, ...get(PLACE), ...ahead([STEP]), ...set(PLACE)],
  ...[...step, ...get(PLACE), ...ahead([STEP]), 0x22, PLACE, ...get(END), 0x49, 0x0d, 0],
  0x0b,
  ...[...get(TURNS), 0x41, 1, 0x6b, 0x22, TURNS, 0x0d, 0],
  0x0b,
  ...sums.flatMap((sum, i) => [...get(AT), ...get(sum), 0xfd, 0x0b, 4, 16 * i]),
  0x0b
]

const moduleBytes = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 2, I32, I32, 0]),
  ...section(2, [1, ...text('e'), ...text('memory'), 2, 0, 1]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...text('run'), 0, 0]),
  // The length of a body, and of the section with it, is more than one byte holds.
  ...[10, ...long(code.length + 3), 1, ...long(code.length), ...code]
])

/** A length in two bytes of LEB128. */
function long(value: number): Bytes {
  return [(value & 0x7f) | 0x80, value >> 7]
}

const TURNS_AT_ONCE = 400

/** Multiplies and adds for a while. */
export const roof = (): { readonly operations: number; readonly run: () => void } => {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes), { e: { memory } })
  const kernel = instance.exports['run'] as (at: number, turns: number) => void
  return {
    operations: TURNS_AT_ONCE * (FACTORS / STEP) * OPERATIONS * 4,
    run: () => {
      new Float32Array(memory.buffer, 0, FACTORS / 4).fill(1e-3)
      kernel(0, TURNS_AT_ONCE)
    }
  }
}
