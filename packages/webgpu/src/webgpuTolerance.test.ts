import { nodes } from '@gradchain/core/engine'
import { expect, test } from 'vitest'
import { webgpuTolerance } from './webgpuTolerance.js'

test('names nodes, and tolerates no more than a few units of the last place', () => {
  for (const [name, tolerance] of Object.entries(webgpuTolerance)) {
    expect(nodes).toHaveProperty(name)
    expect(tolerance).toBeGreaterThan(0)
    expect(tolerance).toBeLessThanOrEqual(1e-6)
  }
  // What basic operations are is known to the last bit.
  for (const name of ['add', 'mul', 'div', 'sqrt', 'min', 'where', 'matmul'])
    expect(webgpuTolerance).not.toHaveProperty(name)
})
