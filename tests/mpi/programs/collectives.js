// Every operation, on numbers that can be added up by hand; a rank says what it got, or the first difference.

import { writeSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { mpi } from './distributed.mjs'

const comm = await mpi({ timeout: 60_000 })
const { rank, size } = comm
const total = (size * (size + 1)) / 2
const ranks = Array.from({ length: size }, (_, r) => r)
const differences = []
const same = (what, found, expected) => {
  if (!isDeepStrictEqual(found, expected)) differences.push(what)
}

const shaped = (dtype, data, shape = [data.length]) => ({ dtype, shape, data })
const given = {
  w: Float32Array.of(rank + 1, -rank),
  n: rank + 1,
  layers: [
    { kernel: shaped('float64', new Float64Array(6).fill(2 ** rank), [2, 3]), count: Int32Array.of(rank, 10) },
    null
  ],
  big: new Float32Array(400_000).fill(rank + 1),
  name: 'adam'
}
const sums = {
  w: Float32Array.of(total, size - total),
  n: total,
  layers: [
    {
      kernel: shaped('float64', new Float64Array(6).fill(2 ** size - 1), [2, 3]),
      count: Int32Array.of(total - size, 10 * size)
    },
    null
  ],
  big: new Float32Array(400_000).fill(total),
  name: 'adam'
}
same('allReduce', comm.allReduce(given).wait(), sums)
same('what was given', given.w, Float32Array.of(rank + 1, -rank))
same('allReduce awaited', await comm.allReduce(given).promise(), sums)
const first = comm.allReduce(given).wait()
const second = comm.allReduce(given, { into: first }).wait()
same('into', second, sums)
same('the arrays of into', second.big === first.big, true)
same('mean', comm.allReduce({ x: Float32Array.of(rank), n: rank }, { op: 'mean' }).wait(), {
  x: Float32Array.of((size - 1) / 2),
  n: (size - 1) / 2
})
for (const odd of ranks) {
  for (const op of ['max', 'min']) {
    const found = comm
      .allReduce([Float32Array.of(rank === odd ? NaN : rank, rank === odd ? -0 : 0, rank), rank === odd ? NaN : 1], {
        op
      })
      .wait()
    same(`${op} with NaN on rank ${odd}`, found, [
      Float32Array.of(NaN, op === 'min' ? -0 : 0, op === 'max' ? size - 1 : 0),
      NaN
    ])
  }
}
const kinds = (x) => [
  Int8Array.of(x),
  Uint8Array.of(x),
  Int16Array.of(x),
  Uint16Array.of(x),
  Int32Array.of(x),
  Uint32Array.of(x),
  BigInt64Array.of(BigInt(x)),
  BigUint64Array.of(BigInt(x)),
  Float32Array.of(x),
  Float64Array.of(x)
]
same('sums of every kind', comm.allReduce(kinds(rank + 1)).wait(), kinds(total))
same('largest of every kind', comm.allReduce(kinds(rank + 1), { op: 'max' }).wait(), kinds(size))
same('smallest of every kind', comm.allReduce(kinds(rank + 1), { op: 'min' }).wait(), kinds(1))
same('int8 goes round', comm.allReduce(Int8Array.of(100)).wait(), Int8Array.of(100 * size))
// 256 + 1 + 1 + …, and 2048 + 1 + 1 + …, as bits.
same(
  '16 bits',
  comm
    .allReduce([
      shaped('bfloat16', Uint16Array.of(rank === 0 ? 0x4380 : 0x3f80)),
      shaped('float16', Uint16Array.of(rank === 0 ? 0x6800 : 0x3c00))
    ])
    .wait(),
  [
    shaped('bfloat16', Uint16Array.of(size === 4 ? 0x4382 : 0x4380)),
    shaped('float16', Uint16Array.of(size === 4 ? 0x6802 : 0x6800))
  ]
)
const parts = ranks.map((r) => ({ w: new Float32Array(r + 1).fill(rank + 1), [`only${r}`]: r * (rank + 1) }))
same('reduceScatter', comm.reduceScatter(parts).wait(), {
  w: new Float32Array(rank + 1).fill(total),
  [`only${rank}`]: rank * total
})
const own = (r) => ({ [`rank${r}`]: new Float32Array(r).fill(r), bytes: Uint8Array.of(r), n: BigInt(r) })
for (const round of [1, 2]) same(`allGather ${round}`, comm.allGather(own(rank)).wait(), ranks.map(own))
same('broadcast', comm.broadcast({ x: rank, w: Float32Array.of(rank) }, size - 1).wait(), {
  x: size - 1,
  w: Float32Array.of(size - 1)
})
const before = (rank + size - 1) % size
same(
  'exchange',
  comm.exchange({ w: new Float64Array(100_000).fill(rank) }, { to: (rank + 1) % size, from: before }).wait(),
  {
    w: new Float64Array(100_000).fill(before)
  }
)
const pending = [1, 2, 3].map((n) => comm.allReduce(n))
same(
  'several under way',
  [await pending[2].promise(), pending[0].wait(), pending[1].wait()],
  [3 * size, size, 2 * size]
)
const memory = new Float32Array(new SharedArrayBuffer(8)).fill(1)
same('memory that threads share', comm.allReduce(memory).wait(), Float32Array.of(size, size))
// Bits of sums that are rounded are the same on all ranks.
const rounded = comm.allReduce(Float32Array.from({ length: 10_000 }, (_, i) => Math.sin(i * (rank + 1)))).wait()
const all = comm.allGather(rounded).wait()
same(
  'bits',
  all.every((one) => isDeepStrictEqual(one, rounded)),
  true
)
comm.barrier().wait()
comm.close()
let again = ''
await mpi().catch((error) => {
  again = error.message
})
// All at once, so that lines of ranks do not mix.
writeSync(1, `${JSON.stringify({ rank, said: { name: comm.name, size, differences, again } })}\n`)
