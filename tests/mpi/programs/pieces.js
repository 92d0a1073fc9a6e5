// Few elements go in one call, as if counts were small: what is longer is cut into pieces.

import { writeSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import koffi from 'koffi'
import { candidates, communicatorOver, loadLibrary, mpiTransport, ranksOf } from './distributed.mjs'

const library = loadLibrary(koffi, candidates(process.env))
const comm = communicatorOver(mpiTransport(library, ranksOf(process.env), 1000), 60_000)
const { rank, size } = comm
const of = (r) => Float32Array.from({ length: 2503 }, (_, i) => i + r)
const ranks = Array.from({ length: size }, (_, r) => r)
const sum = of(0).map((_, i) => size * i + (size * (size - 1)) / 2)
const differences = []
const same = (what, found, expected) => {
  if (!isDeepStrictEqual(found, expected)) differences.push(what)
}
same('allReduce', comm.allReduce({ w: of(rank), n: 1 }).wait(), { w: sum, n: size })
same('reduceScatter', comm.reduceScatter(ranks.map((r) => of(rank).subarray(r))).wait(), sum.slice(rank))
same(
  'allGather',
  comm.allGather(of(rank).subarray(rank)).wait(),
  ranks.map((r) => of(r).slice(r))
)
same('broadcast', comm.broadcast(of(rank), size - 1).wait(), of(size - 1))
same(
  'exchange',
  comm.exchange(of(rank), { to: (rank + 1) % size, from: (rank + size - 1) % size }).wait(),
  of((rank + size - 1) % size)
)
comm.close()
writeSync(1, `${JSON.stringify({ rank, said: differences })}\n`)
