/** A rank of the probe `allReduce`: prints the milliseconds of each round on rank 0, a line each. */
import { allReduceMean, type Communicator } from '@gradchain/distributed'
import { mpi } from '@gradchain/distributed/node'
import { chain, sgd, step } from 'gradchain'

const [elements, rounds, way] = process.argv.slice(2)
const real = await mpi()
/** What the reduction of a round took, from the call until the sums were there. */
let took = 0
const comm: Communicator = {
  ...real,
  allReduce: (tree, options) => {
    const since = performance.now()
    const pending = real.allReduce(tree, options)
    return {
      ...pending,
      wait: () => {
        const sums = pending.wait()
        took += performance.now() - since
        return sums
      }
    }
  }
}
const tree = { w: Float32Array.from({ length: Number(elements) }, (_, i) => i % 7) }
const optimizer = chain(allReduceMean(comm), sgd(1))
let params = { w: new Float32Array(Number(elements)) }
let state = optimizer.init(params)
let into = comm.allReduce(tree).wait()
for (let round = 0; round < Number(rounds); round++) {
  comm.barrier().wait()
  took = 0
  if (way === 'step') [params, state] = step(optimizer, tree, state, params, undefined, { donate: true })
  else into = comm.allReduce(tree, way === 'into' ? { into } : {}).wait()
  // As a text: a number would have a colour where the launcher gives a terminal.
  if (comm.rank === 0) console.log(String(took))
}
const last = Number(elements) - 1
const moved = way === 'step' ? (last % 7) * -Number(rounds) : 0
if (into.w[last] !== (last % 7) * comm.size || params.w[last] !== moved) throw new Error('the sums are wrong')
comm.close()
