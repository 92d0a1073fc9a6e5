import { add, mul, type NdArray, opaque, sum } from '@gradchain/core'
import { type Expr, nodeOf } from '@gradchain/core/engine'
import { checkAsyncEngine, engineLaws } from '@gradchain/laws'
import { expect, test } from 'vitest'
import { testDevice } from './testing.js'
import { webgpuEngine } from './webgpuEngine.js'
import { webgpuTolerance } from './webgpuTolerance.js'

const obeyed = engineLaws({ tolerance: webgpuTolerance, dtypes: ['float32'], flushes: true, numbers: 'float32' })

test('obeys the laws of engines within the tolerances that are written down', async (context) => {
  const engine = webgpuEngine(await testDevice(context))
  const without = { computesLargeArrays: 'the soak has them', computesEdges: 'a test of its own' }
  await checkAsyncEngine(obeyed, engine, { runs: 3, without })
})

test('every node has the values of the reference at the edges of numbers', async (context) => {
  const engine = webgpuEngine(await testDevice(context))
  expect(await obeyed.computesEdges.later?.(engine, 'every node')).toBeNull()
})

test('an array that a function gives is read back, given to it and brought there again', async (context) => {
  const engine = webgpuEngine(await testDevice(context))
  const twice = mul(new Float32Array([1, 2, 3]), 2) as Expr
  const reversed = opaque(({ data }) => data.slice().reverse(), [twice], { like: new Float32Array(3) })
  const total = sum(mul(reversed, new Float32Array([1, 10, 100]))) as Expr
  await engine.evaluate([add(reversed, 0) as Expr, total])
  expect(nodeOf(total)).toMatchObject({ name: 'leaf', value: 246 })
})

test('float64 is refused, and what was asked stays as it was', async (context) => {
  const engine = webgpuEngine(await testDevice(context))
  const node = add(new Float64Array(2), 1) as Expr
  await expect(engine.evaluate([node])).rejects.toThrow('no float64')
  expect(nodeOf(node).name).toBe('add')
})

test('takes no more than a buffer may have, though what it computes nearly fills one', async (context) => {
  const device = await testDevice(context)
  const sizes: number[] = []
  const limits = {
    maxBufferSize: 1024,
    maxStorageBufferBindingSize: 1024,
    maxStorageBuffersPerShaderStage: 8,
    maxComputeWorkgroupsPerDimension: 65_535,
    minStorageBufferOffsetAlignment: 256
  }
  const small = new Proxy(device, {
    get: (target, key) => {
      if (key === 'limits') return limits
      const value: unknown = Reflect.get(target, key, target)
      if (key !== 'createBuffer') return typeof value === 'function' ? value.bind(target) : value
      return (descriptor: GPUBufferDescriptor) => {
        sizes.push(descriptor.size)
        return target.createBuffer(descriptor)
      }
    }
  })
  const node = mul(new Float32Array(200).fill(1), 2) as Expr
  await webgpuEngine(small).evaluate([node])
  const computed = nodeOf(node)
  expect(computed.name === 'leaf' && (computed.value as NdArray).data).toStrictEqual(new Float32Array(200).fill(2))
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1024)
})
