// Ranks that do not agree, and go on.
import { writeSync } from 'node:fs'
import { mpi } from './distributed.mjs'

const comm = await mpi()
const { rank } = comm
const said = []
const tell = (call) => {
  try {
    said.push(call().wait())
  } catch (error) {
    said.push(`${error.kind}: ${error.message}`)
  }
}
tell(() => comm.allReduce({ l: [{ w: new Float32Array(rank === 1 ? 8 : 4) }] }))
tell(() => comm.allReduce({ w: rank === 1 ? new Int32Array(2) : new Float32Array(2) }))
tell(() => (rank === 1 ? comm.broadcast(1) : comm.allReduce(new Float32Array(1000))))
tell(() => comm.allReduce(rank === 1 ? { b: 1 } : { a: 1 }))
tell(() => comm.allReduce(1))
comm.close()
writeSync(1, `${JSON.stringify({ rank, said })}\n`)
