/** A rank of the probe `allReduce`: prints the milliseconds of each round on rank 0, a line each. */
import { mpi } from '@gradchain/distributed/node'

const [elements, rounds, way] = process.argv.slice(2)
const comm = await mpi()
const tree = { w: Float32Array.from({ length: Number(elements) }, (_, i) => i % 7) }
let into = comm.allReduce(tree).wait()
for (let round = 0; round < Number(rounds); round++) {
  comm.barrier().wait()
  const since = performance.now()
  into = comm.allReduce(tree, way === 'into' ? { into } : {}).wait()
  // As a text: a number would have a colour where the launcher gives a terminal.
  if (comm.rank === 0) console.log(String(performance.now() - since))
}
const last = Number(elements) - 1
if (into.w[last] !== (last % 7) * comm.size) throw new Error('the sums are wrong')
comm.close()
