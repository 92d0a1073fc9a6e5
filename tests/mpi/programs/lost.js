// Rank 1 throws, or is killed: nobody waits for ever.
import { mpi } from './distributed.mjs'

const [way] = process.argv.slice(2)
const comm = await mpi({ timeout: 60_000 })
comm.barrier().wait()
if (comm.rank === 1) {
  if (way === 'killed') process.kill(process.pid, 'SIGKILL')
  throw new Error('rank 1 has had enough')
}
comm.allReduce(new Float32Array(1000)).wait()
