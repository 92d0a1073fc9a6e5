// Garbage is collected while results are under way: arrays of few bytes are moved then.
import { writeSync } from 'node:fs'
import { mpi } from './distributed.mjs'

const comm = await mpi()
const wrong = []
for (let i = 0; i < 20; i++) {
  if (comm.rank === 1) await new Promise((resolve) => setTimeout(resolve, 5))
  const pending = comm.allReduce({ w: Float32Array.of(i, comm.rank) })
  for (let k = 0; k < 3; k++) globalThis.gc()
  const { w } = pending.wait()
  if (w[0] !== 2 * i || w[1] !== 1) wrong.push([i, ...w])
}
comm.close()
writeSync(1, `${JSON.stringify({ rank: comm.rank, said: wrong })}\n`)
