import { bytesIn, copyInto } from './elements.js'
import type { Steps } from './line.js'
import type { Transport } from './transport.js'

/** What carries bytes from one rank to itself. */
export const solitary = (): Transport => ({
  rank: 0,
  size: 1,
  name: 'solo',
  gather: (mine) => nothingToWaitFor(() => bytesIn(mine.slice())),
  gatherParts: (mine) => nothingToWaitFor(() => [bytesIn(mine.slice())]),
  reduce: (_op, mine, into) => nothingToWaitFor(() => copyInto(into, mine)),
  reduceParts: (_op, mine, _lengths, into) => nothingToWaitFor(() => copyInto(into, mine)),
  broadcast: () => nothingToWaitFor(() => {}),
  exchange: (mine, _to, into) => nothingToWaitFor(() => copyInto(into, mine)),
  end: () => {}
})

// biome-ignore lint/correctness/useYield: an operation of one rank has nothing to wait for
function* nothingToWaitFor<T>(act: () => T): Steps<T> {
  return act()
}
