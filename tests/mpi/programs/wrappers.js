// Everything that ranks do together in the middle of an update, on each rank of `mpirun` and of `local` alike: what stands for the params and the state after some steps.
// Gradients are small whole numbers and rates powers of two, so that sums are exact, in whatever order a library takes them.

import { createHash } from 'node:crypto'
import {
  adamw,
  allReduceMean,
  broadcastParams,
  chain,
  clipByShardedGlobalNorm,
  diloco,
  gatherState,
  gossip,
  isFiniteOnAllRanks,
  localSgd,
  onebitAdam,
  postLocalSgd,
  powerSgd,
  quantize8,
  sgd,
  shardedState,
  step,
  topK
} from './distributed.mjs'

const LENGTHS = { big: 20_000, v: 5, w: 7 }

const treeOf = (at) => ({
  w: Float64Array.from({ length: LENGTHS.w }, (_, i) => at(i)),
  deep: [{ dtype: 'float32', shape: [8, 6], data: Float32Array.from({ length: 48 }, (_, i) => at(i + 3)) }, at(1)],
  v: Float32Array.from({ length: LENGTHS.v }, (_, i) => at(i + 2)),
  // So much lies in the same memory in every step.
  big: Float32Array.from({ length: LENGTHS.big }, (_, i) => at(i))
})

const gradientAt = (rank, t) => treeOf((i) => ((i * 7 + rank * 13 + t * 5) % 17) - 8)

/** Bits of all numbers of a tree, with names. */
const hashOf = (value) => {
  const hash = createHash('sha256')
  const add = (node) => {
    if (ArrayBuffer.isView(node)) hash.update(new Uint8Array(node.buffer, node.byteOffset, node.byteLength))
    else if (typeof node === 'object' && node !== null) {
      for (const key of Object.keys(node).sort()) {
        hash.update(key)
        add(node[key])
      }
    } else hash.update(`${typeof node} ${String(node)}`)
  }
  add(value)
  return hash.digest('hex').slice(0, 16)
}

export default (comm) => {
  const trained = (tx, steps = 4) => {
    let params = broadcastParams(
      comm,
      treeOf((i) => i % (comm.rank + 3))
    )
    let state = tx.init(params)
    for (let t = 0; t < steps; t++) {
      ;[params, state] = step(tx, gradientAt(comm.rank, t), state, params, undefined, { donate: t % 2 === 1 })
    }
    return { params, state }
  }
  const bits = (tx, steps) => hashOf(trained(tx, steps))
  const inner = chain(clipByShardedGlobalNorm(comm, 0.5), adamw(0.01))
  const sharded = trained(chain(allReduceMean(comm), shardedState(inner, comm)))
  // Sums of what is no whole number are equal up to rounding alone.
  const factored = trained(chain(powerSgd(comm, { rank: 2, minCompressionRate: 1 }), sgd(0.25)))
  const infinite = comm.rank === comm.size - 1 ? Infinity : 1
  return {
    allReduceMean: bits(chain(allReduceMean(comm, { bucketBytes: 1000 }), adamw(0.01))),
    topK: bits(chain(allReduceMean(comm, { compressor: topK(0.1) }), sgd(0.25))),
    quantize8: bits(chain(allReduceMean(comm, { compressor: quantize8() }), sgd(0.25))),
    localSgd: bits(localSgd(sgd(0.25, { momentum: 0.5 }), comm, { every: 2 })),
    postLocalSgd: bits(postLocalSgd(sgd(0.25), comm, { warmup: 2, period: 2 })),
    diloco: bits(diloco(sgd(0.25), comm, { every: 2, outer: sgd(0.5, { momentum: 0.5 }) })),
    gossip: bits(gossip(sgd(0.25), comm)),
    onebitAdam: bits(onebitAdam(0.125, comm, { warmup: 2 })),
    shardedState: hashOf(sharded.params),
    gatherState: hashOf(gatherState(comm, sharded.state[1])),
    powerSgd: factored.params.deep[0].data.slice(0, 8).reduce((text, x) => `${text} ${x.toPrecision(4)}`, ''),
    powerSgdIsEqual: new Set(
      comm
        .allGather({ hash: BigInt(`0x${hashOf(factored.params)}`) })
        .wait()
        .map(({ hash }) => hash)
    ).size,
    isFinite: [isFiniteOnAllRanks(comm, { w: 1 }), isFiniteOnAllRanks(comm, { w: infinite })]
  }
}
