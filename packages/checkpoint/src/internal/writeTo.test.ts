import { expect, test } from 'vitest'
import { save } from '../own/save.js'
import { planOf } from './plan.js'
import { writeTo } from './writeTo.js'

/** What is written of a tree, and the lengths and places of the writes in their order. */
const written = async (tree: unknown) => {
  const writes: (readonly [length: number, position: number])[] = []
  const file = save(tree).fill(255)
  await writeTo(
    async (bytes, position) => {
      writes.push([bytes.length, position])
      file.set(bytes, position)
    },
    planOf('save', tree)
  )
  return { writes, file }
}

test.each<[string, unknown, readonly number[]]>([
  ['an array in pieces of a megabyte', new Uint8Array(2 ** 21 + 5).fill(3), [2 ** 20, 2 ** 20, 5]],
  ['small arrays together', Array.from({ length: 20 }, (_, i) => new Uint8Array(60_000).fill(i)), [1_020_000, 180_000]],
  ['and not too many of them, as each takes time', Array.from({ length: 300 }, (_, i) => i), [1024, 1024, 352]],
  ['a small one before a large one', [new Uint8Array(3).fill(1), new Float32Array(50_000)], [200_000, 3]],
  ['a large one after a small one', [new Float64Array(1).fill(1), new Float32Array(50_000)], [8, 200_000]],
  ['nothing of what is empty', [new Float32Array(0), {}], []]
])('%s', async (_, tree, lengths) => {
  const { writes, file } = await written(tree)
  expect(Buffer.compare(file, save(tree))).toBe(0)
  const last = writes.at(-1)
  // The header comes last, as its checksums are those of all that went before, and stands first.
  expect(last?.[1]).toBe(0)
  expect(writes.slice(0, -1).map(([length]) => length)).toStrictEqual(lengths)
})

test('a write that fails ends it', async () => {
  const tree = new Uint8Array(2 ** 23)
  let writes = 0
  const full = async () => {
    writes += 1
    if (writes === 2) throw new Error('full')
  }
  await expect(writeTo(full, planOf('save', tree))).rejects.toThrow('full')
  expect(writes).toBeLessThan(8)
})
