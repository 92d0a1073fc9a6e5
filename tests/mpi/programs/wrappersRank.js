// The same on a rank of mpirun.
import { writeSync } from 'node:fs'
import { mpi } from './distributed.mjs'
import run from './wrappers.mjs'

const comm = await mpi()
const said = run(comm)
comm.close()
writeSync(1, `${JSON.stringify({ rank: comm.rank, said })}\n`)
