// Rank 1 does not come: the others say so within their time limit, whether they wait or await.
import { writeSync } from 'node:fs'
import { mpi } from './distributed.mjs'

const [way] = process.argv.slice(2)
const comm = await mpi({ timeout: 500 })
if (comm.rank === 1) {
  // Neither asleep nor at work for the others; in the end it would be there, much too late.
  setTimeout(() => {}, 60_000)
} else {
  const pending = comm.allReduce(new Float32Array(1000))
  try {
    if (way === 'wait') pending.wait()
    else await pending.promise()
  } catch (error) {
    writeSync(1, `${JSON.stringify({ rank: comm.rank, said: `${error.kind}: ${error.message}` })}\n`)
    throw error
  }
}
