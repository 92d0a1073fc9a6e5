/** How fast this machine multiplies and adds in vectors of 128 bits, each rounded: what a product of matrices could at most reach. */

type Bytes = readonly number[]

const [I32, V128] = [0x7f, 0x7b]
const get = (local: number): Bytes => [0x20, local]
const set = (local: number): Bytes => [0x21, local]
const section = (id: number, content: Bytes): Bytes => [id, content.length, ...content]
const text = (value: string): Bytes => [value.length, ...new TextEncoder().encode(value)]
const simd = (code: number): Bytes => [0xfd, code, ...(code >= 0x80 ? [1] : [])]
const [ADD, MUL] = [simd(0xe4), simd(0xe6)]

// Parameters: where the operands lie, and how many turns there are. Then vectors: a tile of 3 × 2 sums, 3 factors that change in
// every turn, so that no product is the same as one before, 2 factors more, and what the first ones change by.
const [AT, TURNS] = [0, 1]
const sums = [2, 3, 4, 5, 6, 7]
const [xs, ys, change] = [[8, 9, 10], [11, 12], 13]
const VECTORS = sums.length + xs.length + ys.length + 1
const [STEPS, OPERATIONS] = [2, sums.length * 2 + xs.length]

const step: Bytes = [
  ...xs.flatMap((x) => [...get(x), ...get(change), ...MUL, ...set(x)]),
  ...sums.flatMap((sum, i) => [
    ...[...get(sum), ...get(xs[i >> 1] as number), ...get(ys[i % 2] as number), ...MUL, ...ADD, ...set(sum)]
  ])
]

const load = (local: number, offset: number): Bytes => [...get(AT), 0xfd, 0, 4, offset, ...set(local)]

const code: Bytes = [
  ...[1, VECTORS, V128],
  ...[...xs, ...ys, change].flatMap((local, i) => load(local, 16 * i)),
  ...[0x03, 0x40],
  ...Array.from({ length: STEPS }, () => step).flat(),
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

const TURNS_AT_ONCE = 20_000

/** Multiplies and adds for a while. */
export const roof = (): { readonly operations: number; readonly run: () => void } => {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes), { e: { memory } })
  const kernel = instance.exports['run'] as (at: number, turns: number) => void
  return {
    operations: TURNS_AT_ONCE * STEPS * OPERATIONS * 4,
    run: () => {
      new Float32Array(memory.buffer, 0, 24).fill(1)
      kernel(0, TURNS_AT_ONCE)
    }
  }
}
