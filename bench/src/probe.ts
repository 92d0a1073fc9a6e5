/** A process for one probe: what to do is its argument, as JSON; the answer goes to stdout. */
import type { SizeName } from './cases.js'
import { firstSteps, type Way } from './probes/firstStep.js'
import { costOfLeaf, type Path } from './probes/leafCount.js'
import { products } from './probes/products.js'

export type Probe =
  | { readonly do: 'firstSteps'; readonly size: SizeName; readonly way: Way }
  | { readonly do: 'costOfLeaf'; readonly count: number; readonly path: Path }
  | { readonly do: 'products'; readonly size: number }

const probe = JSON.parse(process.argv[2] ?? '') as Probe
// What a library prints must not come between the answers.
console.log = console.error
const answer =
  probe.do === 'firstSteps'
    ? await firstSteps(probe.size, probe.way)
    : probe.do === 'products'
      ? await products(probe.size)
      : await costOfLeaf(probe.count, probe.path)
process.stdout.write(JSON.stringify(answer), () => process.exit())
