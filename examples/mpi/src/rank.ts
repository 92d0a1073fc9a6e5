// What mpirun starts once for each rank.
import { mpi } from '@gradchain/distributed/node'
import { digits } from './digits.js'
import type { RunOptions } from './options.js'
import { train } from './train.js'

const comm = await mpi()
await train(comm, JSON.parse(process.argv[2] ?? '{}') as RunOptions, digits(), (line) => console.log(line))
comm.close()
