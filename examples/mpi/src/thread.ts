// What a thread does that is a rank.
import type { Communicator } from '@gradchain/distributed'
import { digits } from './digits.js'
import type { RunOptions } from './options.js'
import { type Outcome, train } from './train.js'

export default (comm: Communicator, options: RunOptions): Promise<Outcome> =>
  train(comm, options, digits(), (line) => console.log(line))
