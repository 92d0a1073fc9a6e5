import { add, mul, type Operand, read, square, step, sum, type Tree, type Value, valueAndGrad } from '@gradchain/core'
import { adam, sgd } from '@gradchain/optimizers'
import { expect, test } from 'vitest'
import { selectOptimizer } from './selectOptimizer.js'

const curvatures = new Float64Array([1, 25])
const bowl = (w: Operand): Value => sum(mul(curvatures, square(w)))
const start = new Float64Array([1, 1])
const rates = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => [`rate ${i}`, sgd(0.003 * i)]))

test('the rungs are those of successive halving', () => {
  const { rungs, name } = selectOptimizer(rates, bowl, start, { steps: 90 })
  expect(rungs.map(({ steps, losses }) => `${Object.keys(losses).length}×${steps}`).join(' ')).toBe('9×10 3×30 1×90')
  expect(name).toBe('rate 9')
})

test('what comes out is what that optimizer comes to alone', () => {
  const found = selectOptimizer(rates, bowl, start, { steps: 18 })
  const tx = rates[found.name] ?? sgd(0)
  let params = start.slice()
  let state = tx.init(params)
  for (let t = 0; t < 18; t++) [params, state] = step(tx, valueAndGrad(bowl)(params)[1], state, params)
  expect(found.params.join()).toBe(params.join())
  expect(found.loss).toBe(read(bowl(params)))
  expect(JSON.stringify(found.state)).toBe(JSON.stringify(state))
  expect(start.join()).toBe('1,1')
})

test('one that fails goes no further, even if it was ahead', () => {
  const cliff = (w: Operand, t: number): Value => (t < 3 ? bowl(w) : mul(bowl(w), read(sum(w)) > 1e3 ? NaN : 1))
  const found = selectOptimizer({ wild: sgd(1e300), mild: adam(0.1) }, cliff, start, {
    steps: 10,
    minSteps: 4,
    factor: 2
  })
  expect(found.name).toBe('mild')
  expect(found.rungs[0]?.losses['wild']).toBe(Infinity)
})

test('the loss that counts may be another, and steps are told to the loss', () => {
  const seen = new Set<number>()
  const loss = (p: { w: Operand }, t: number): Value => {
    seen.add(t)
    return add(square(p.w), 0)
  }
  const found = selectOptimizer(
    { slow: sgd(0.01), fast: sgd(0.4) },
    loss,
    { w: 1 },
    {
      steps: 6,
      validate: (p: { w: number }) => -p.w * p.w
    }
  )
  expect(found.name).toBe('slow')
  expect([...seen].sort().join()).toBe('0,1,2,3,4,5')
})

test('one optimizer is its own choice', () => {
  expect(selectOptimizer({ only: sgd(0.01) }, bowl, start, { steps: 3 }).name).toBe('only')
})

const nothing = (_: Tree): Value => NaN

test.each([
  [() => selectOptimizer({}, bowl, start, { steps: 1 }), 'optimizers must be at least one, got none'],
  [() => selectOptimizer(rates, bowl, start, { steps: 0 }), 'steps must be a whole number ≥ 1, got 0'],
  [() => selectOptimizer(rates, bowl, start, { steps: 9, factor: 1 }), 'factor must be a finite number > 1, got 1'],
  [() => selectOptimizer(rates, bowl, start, { steps: 9, minSteps: 0 }), 'minSteps must be a whole number ≥ 1, got 0'],
  [() => selectOptimizer({ a: 1 as never }, bowl, start, { steps: 1 }), 'selectOptimizer: a'],
  [
    () => selectOptimizer(rates, bowl, start, { steps: 3, validate: () => NaN }),
    'optimizers must reach a finite loss, got none that does'
  ],
  [
    () => selectOptimizer(rates, bowl, start, { steps: 3, validate: 3 as never }),
    'selectOptimizer: validate must be a function'
  ],
  [() => selectOptimizer(rates, 3 as never, start, { steps: 3 }), 'loss must be a function, got 3'],
  [() => selectOptimizer(rates, nothing, start, { steps: 3 }), 'must']
])('refuses %s', (make, message) => {
  expect(make).toThrow(message)
})
