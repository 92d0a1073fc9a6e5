/** A process for one probe: what to do is its argument, as JSON; the answer goes to stdout. */
import type { SizeName } from './cases.js'
import { allReduceTimes } from './probes/allReduce.js'
import { checkpointTimes } from './probes/checkpoint.js'
import { donatedSteps } from './probes/donatedSteps.js'
import { firstSteps, type Way } from './probes/firstStep.js'
import { jaxjsAdam } from './probes/jaxjsAdam.js'
import { lbfgsSteps } from './probes/lbfgs.js'
import { costOfLeaf, type Path } from './probes/leafCount.js'
import { measureCosts } from './probes/measures.js'
import { muonSteps } from './probes/muon.js'
import { products } from './probes/products.js'
import { quantizedSteps } from './probes/quantizedSteps.js'
import { tfjsAdam } from './probes/tfjsAdam.js'
import { webgpuSteps } from './probes/webgpu.js'

export type Probe =
  | { readonly do: 'firstSteps'; readonly size: SizeName; readonly way: Way }
  | { readonly do: 'costOfLeaf'; readonly count: number; readonly path: Path }
  | { readonly do: 'products'; readonly size: number }
  | { readonly do: 'muonSteps' }
  | { readonly do: 'quantizedSteps'; readonly size: number }
  | { readonly do: 'donatedSteps'; readonly size: number }
  | { readonly do: 'lbfgsSteps' }
  | { readonly do: 'tfjsAdam' }
  | { readonly do: 'jaxjsAdam' }
  | { readonly do: 'webgpuSteps' }
  | { readonly do: 'measureCosts'; readonly size: number; readonly leaves: number; readonly threads: number }
  | { readonly do: 'checkpointTimes' }
  | { readonly do: 'allReduceTimes' }

const probe = JSON.parse(process.argv[2] ?? '') as Probe
// What a library prints must not come between the answers.
console.log = console.error
const answerTo = async (asked: Probe): Promise<unknown> => {
  if (asked.do === 'firstSteps') return firstSteps(asked.size, asked.way)
  if (asked.do === 'products') return products(asked.size)
  if (asked.do === 'muonSteps') return muonSteps()
  if (asked.do === 'quantizedSteps') return quantizedSteps(asked.size)
  if (asked.do === 'donatedSteps') return donatedSteps(asked.size)
  if (asked.do === 'lbfgsSteps') return lbfgsSteps()
  if (asked.do === 'tfjsAdam') return tfjsAdam()
  if (asked.do === 'jaxjsAdam') return jaxjsAdam()
  if (asked.do === 'webgpuSteps') return webgpuSteps()
  if (asked.do === 'measureCosts') return measureCosts(asked.size, asked.leaves, asked.threads)
  if (asked.do === 'checkpointTimes') return checkpointTimes()
  if (asked.do === 'allReduceTimes') return allReduceTimes()
  return costOfLeaf(asked.count, asked.path)
}
const answer = await answerTo(probe)
process.stdout.write(JSON.stringify(answer), () => process.exit())
