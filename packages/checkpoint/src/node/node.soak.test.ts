// Two hundred processes that save and are killed: the tests beside it kill four.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dice } from '../internal/mutateTesting.js'
import { ENDLESS, killedAfter, programIn } from './internal/childTesting.js'
import { loadFile } from './loadFile.js'

test('whenever a process is killed, the last file or the one before is there, and whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradchain-checkpoint-'))
  try {
    const program = await programIn(folder, ENDLESS)
    const path = join(folder, 'run')
    const roll = dice(7)
    let first = 1
    for (let kill = 0; kill < 200; kill++) {
      const last = await killedAfter(program, [path, String(first)], 1 + roll(100))
      const read = await loadFile(path, { n: 0, w: new Float64Array(40_000), v: new Float32Array(3) })
      if (read._tag === 'Left') throw read.left
      const { n, w, v } = read.right
      expect(n === last || n === last + 1).toBe(true)
      expect(w.every((x) => x === n) && v.every((x) => x === n)).toBe(true)
      first = n + 1
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
