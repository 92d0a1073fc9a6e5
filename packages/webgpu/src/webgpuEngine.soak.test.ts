import { checkAsyncEngine, engineLaws } from '@gradchain/laws'
import { expect, test } from 'vitest'
import { testDevice } from './testing.js'
import { webgpuEngine } from './webgpuEngine.js'
import { webgpuTolerance } from './webgpuTolerance.js'

const obeyed = engineLaws({
  tolerance: webgpuTolerance,
  dtypes: ['float32', 'float16', 'bfloat16'],
  flushes: true,
  numbers: 'float32'
})

test('every dtype, large arrays and many graphs have the values of the reference', async (context) => {
  const engine = webgpuEngine(await testDevice(context))
  await checkAsyncEngine(obeyed, engine, { runs: 100 })
})

test('the tolerances are needed: with none at all the functions are found out', async (context) => {
  const engine = webgpuEngine(await testDevice(context))
  const exact = engineLaws({ tolerance: {}, dtypes: ['float32'], flushes: true, numbers: 'float32' })
  expect(await exact.computesEdges.later?.(engine, 'every node')).not.toBeNull()
})
