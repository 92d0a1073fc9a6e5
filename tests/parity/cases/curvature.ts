import {
  lbfgs,
  scaleByBacktrackingLinesearch,
  scaleByLbfgs,
  scaleByZoomLinesearch,
  valueAndGradFromState
} from '@gradchain/curvature'
import {
  add,
  chain,
  definitionOf,
  type GradientTransformation,
  identity,
  type Leaf,
  mul,
  type Operand,
  scale,
  square,
  sub,
  type Tree,
  trace,
  transformation,
  tree,
  type Value,
  valueAndGrad,
  viewsOf
} from 'gradchain'
import { type Cases, linear } from './shared.js'

/** What a search needs to be told. */
interface Told {
  readonly value: number
  readonly grad: Tree
  valueFn(params: Tree): Value
}

/** `BOWL` of generate.py. */
const bowl = (params: Tree): Value =>
  tree.sum(tree.map((p: Operand) => add(square(sub(p, 0.5)), mul(0.125, square(square(p)))), params))

/** A transformation on a loss, as `of_loss` makes it in generate.py. */
const ofLoss = <S>(
  tx: GradientTransformation<S, Told>,
  valueAndGradOf: (params: Tree<Leaf>, state: S) => readonly [number, Tree] = valueAndGrad(bowl)
): GradientTransformation<S> => {
  const { init, update } = definitionOf('ofLoss', tx)
  return transformation<S>({
    init,
    update: (_, state, params) => {
      const [value, grad] = valueAndGradOf(viewsOf(params), state)
      return update(grad, state, params, { value, grad, valueFn: bowl })
    }
  })
}

/** What is in `@gradchain/curvature`, on a loss of its own. */
export const curvature: Cases = {
  scale_by_lbfgs: () => ofLoss(chain(scaleByLbfgs(), scale(-0.5))),
  'scale_by_lbfgs/memory': () => ofLoss(chain(scaleByLbfgs({ memorySize: 3, scaleInitPrecond: false }), scale(-0.125))),
  lbfgs: () => ofLoss(lbfgs()),
  'lbfgs/from_state': () => ofLoss(lbfgs(), valueAndGradFromState({ valueFn: bowl })),
  'lbfgs/backtracking': () =>
    ofLoss(
      lbfgs({
        learningRate: 0.5,
        memorySize: 2,
        scaleInitPrecond: false,
        linesearch: scaleByBacktrackingLinesearch(20)
      })
    ),
  'lbfgs/alone': () => ofLoss(lbfgs({ learningRate: linear, linesearch: identity() })),
  scale_by_backtracking_linesearch: () => ofLoss(chain(scale(-1), scaleByBacktrackingLinesearch(20))),
  'scale_by_backtracking_linesearch/all': () =>
    ofLoss(
      chain(
        trace(0.5),
        scale(-2),
        scaleByBacktrackingLinesearch(40, {
          slopeRtol: 0.3,
          decreaseFactor: 0.6,
          increaseFactor: 1.25,
          maxLearningRate: 1.5,
          atol: 1e-3,
          rtol: 1e-2,
          storeGrad: true
        })
      )
    ),
  scale_by_zoom_linesearch: () => ofLoss(chain(scale(-0.01), scaleByZoomLinesearch(20))),
  'scale_by_zoom_linesearch/all': () =>
    ofLoss(
      chain(
        scale(-1),
        scaleByZoomLinesearch(20, {
          maxLearningRate: 0.75,
          tol: 1e-3,
          increaseFactor: 1.5,
          slopeRtol: 0.01,
          curvRtol: 0.5,
          approxDecRtol: null,
          stepsizePrecision: 1e-3,
          initialGuessStrategy: 'one'
        })
      )
    )
}
