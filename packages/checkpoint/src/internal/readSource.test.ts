import { expect, test } from 'vitest'
import { save } from '../own/save.js'
import { refuseFor } from './attempt.js'
import { readSource, type Source } from './readSource.js'

test('small arrays are read together, a megabyte at a time at the most', async () => {
  const tree = Array.from({ length: 40 }, (_, i) => new Uint8Array(60_000).fill(i))
  const file = save(tree)
  const lengths: number[] = []
  const source: Source = {
    size: file.length,
    into: async (target, position, onPiece) => {
      lengths.push(target.length)
      target.set(file.subarray(position, position + target.length))
      onPiece(target)
    }
  }
  const read = await readSource(refuseFor('read'), source, [])
  expect(Buffer.from(save(read)).equals(file)).toBe(true)
  // The length of the header, the header, and 17, 17 and 6 of them.
  expect(lengths.slice(2)).toStrictEqual([1_020_000, 1_020_000, 360_000])
})
