import { describe, expect, test } from 'vitest'
import { chainNames, chains, split } from './cases.js'
import { deviation, expected, sameBits } from './expected.js'
import { makeInputs } from './inputs.js'
import type { Contestant, Prepare } from './rivals/contestant.js'
import { loopFresh, loopInPlace } from './rivals/loops.js'
import { inPlace, layers, oneEvaluation, record, twoEvaluations } from './rivals/ours.js'

const LENGTH = 120
const LEAVES = 5
const inputs = makeInputs(LENGTH)

const cut = (flat: Float32Array): Float32Array[] => split(flat, LEAVES).map((leaf) => leaf.slice())
const join = (leaves: readonly Float32Array[]): Float32Array => Float32Array.from(leaves.flatMap((leaf) => [...leaf]))

const ours: Readonly<Record<string, Prepare>> = {
  transient: inPlace(record),
  'transient, in layers': inPlace(layers),
  step: oneEvaluation(record),
  'update, applyUpdates': twoEvaluations(layers)
}
const loops: Readonly<Record<string, Prepare>> = { 'loop in place': loopInPlace, 'loop, fresh arrays': loopFresh }

describe.each(chainNames)('%s', (chain) => {
  const { hyper, checkedSteps } = chains[chain]
  const wanted = expected(chain, inputs, checkedSteps, hyper, LEAVES)
  const run = async (prepare: Prepare): Promise<Float32Array> => {
    const grads = inputs.grads.map(cut)
    const problem = { chain, hyper, threads: 1, params: cut(inputs.params), grads: grads[0] as Float32Array[] }
    const contestant: Contestant = await prepare(problem)
    for (let t = 0; t < checkedSteps; t++) {
      contestant.feed(grads[t % grads.length] as Float32Array[])
      contestant.step()
    }
    await contestant.finish()
    return join(contestant.params())
  }

  test.each(Object.entries({ ...ours, ...loops }))('%s is what is expected', async (_, prepare) => {
    expect(deviation(await run(prepare), wanted, inputs.params, 0)).toMatchObject({ strays: 0, isFine: true })
  })

  test('the ways to run gradchain agree bit for bit', async () => {
    const [first, ...others] = await Promise.all(Object.values(ours).map(run))
    for (const other of others) expect(sameBits(other, first as Float32Array)).toBe(true)
  })
})

describe('a deviation', () => {
  const start = new Float32Array(4)
  const moved = Float64Array.of(1, -1, 1, -1)

  test.each([
    ['an element that is off', Float32Array.of(1, -1, 1.01, -1)],
    ['a NaN', Float32Array.of(1, -1, NaN, -1)],
    ['an infinity', Float32Array.of(1, -1, Infinity, -1)],
    ['a missing element', Float32Array.of(1, -1, 1)]
  ])('sees %s', (_, params) => {
    expect(deviation(params, moved, start, 0).isFine).toBe(false)
  })

  test('lets strays pass where some are allowed', () => {
    expect(deviation(Float32Array.of(1, -1, -1, -1), moved, start, 1 / 4)).toStrictEqual({
      error: 0,
      strays: 1,
      isFine: true
    })
  })

  test('does not take -0 for 0', () => {
    expect(sameBits(Float32Array.of(0), Float32Array.of(-0))).toBe(false)
  })
})
