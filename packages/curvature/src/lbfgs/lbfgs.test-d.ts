import { identity } from '@gradchain/core'
import { expectTypeOf, test } from 'vitest'
import { banana, rosenbrock } from '../internal/testing/losses.js'
import { scaleByBacktrackingLinesearch } from '../linesearch/scaleByBacktrackingLinesearch.js'
import { valueAndGradFromState } from '../linesearch/valueAndGradFromState.js'
import { type LbfgsState, lbfgs } from './lbfgs.js'

test('what an update needs is part of its type', () => {
  const tx = lbfgs()
  const params = banana()
  const state = tx.init(params)
  expectTypeOf(state).toEqualTypeOf<LbfgsState>()
  const [value, grad] = valueAndGradFromState(rosenbrock)(params, state)
  expectTypeOf(grad).toExtend<typeof params>()
  tx.update(grad, state, params, { value, grad, ...rosenbrock })
  tx.update(grad, state, params, { value, grad, valueAndGradFn: () => [value, grad] })
  // @ts-expect-error -- nothing is told
  tx.update(grad, state, params)
  // @ts-expect-error -- the loss as a function is missing
  tx.update(grad, state, params, { value, grad })
  // @ts-expect-error -- the gradient is missing
  tx.update(grad, state, params, { value, ...rosenbrock })
  // @ts-expect-error -- the loss must be a number
  tx.update(grad, state, params, { value: '1', grad, ...rosenbrock })
})

test('with another line search it has the state and the needs of that', () => {
  const none = lbfgs({ linesearch: identity() })
  const params = banana()
  none.update(params, none.init(params), params)
  const backtracking = lbfgs({ linesearch: scaleByBacktrackingLinesearch(15) })
  expectTypeOf(backtracking.init(params)[2].info.numLinesearchSteps).toBeNumber()
  // @ts-expect-error -- this one searches too
  backtracking.update(params, backtracking.init(params), params)
})
