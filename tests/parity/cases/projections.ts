import {
  projectionBox,
  projectionHalfspace,
  projectionHypercube,
  projectionHyperplane,
  projectionL1Ball,
  projectionL1Sphere,
  projectionL2Ball,
  projectionL2Sphere,
  projectionLinfBall,
  projectionNonNegative,
  projectionSimplex,
  projectionVector
} from '@gradchain/losses'
import {
  abs,
  equal,
  force,
  grad,
  type Leaf,
  mul,
  neg,
  type Operand,
  sin,
  square,
  type Tree,
  tree,
  where
} from 'gradchain'

/** `PULLED` of generate.py: the gradient by the params of what is left of the gradients along the projected params. */
const pulled =
  (projection: (x: Tree, gradients: Tree) => Tree) =>
  (gradients: Tree, params: Tree): unknown =>
    grad((x: Tree) => tree.vdot(gradients, projection(x, gradients)))(params)

/** `BOUNDS` of generate.py. */
const lower = (params: Tree): Tree => tree.map((p) => neg(abs(p)), params)
const upper = (params: Tree): Tree => tree.map(square, params)
const sine = (gradients: Tree): Tree => tree.map(sin, gradients)

/** `NO_ZEROS` of generate.py. */
const noZeros = (gradients: Tree): Tree<Leaf> => force(tree.map((g) => where(equal(g, 0), 0.25, g), gradients))

/** `BY_SCALE` of generate.py. */
const byScale = (gradients: Tree, params: Tree): Tree => {
  const slope = grad((s: Operand) => tree.vdot(gradients, projectionSimplex(params, mul(s, 1))))(2)
  return force(tree.scale(slope, params))
}

/** Our projections for the rows of generate.py. */
export const projections: Readonly<Record<string, (gradients: never, params: never) => unknown>> = {
  projection_non_negative: (x) => projectionNonNegative(x),
  'projection_non_negative/gradient': pulled((x) => projectionNonNegative(x)),
  projection_box: (x, params) => projectionBox(x, lower(params), upper(params)),
  'projection_box/gradient': pulled((x, g) => projectionBox(x, lower(g), upper(g))),
  projection_hypercube: (x, params) => projectionHypercube(x, tree.map(abs, params as Tree)),
  'projection_hypercube/number': (x) => projectionHypercube(x, 0.25),
  projection_simplex: (x) => projectionSimplex(x),
  'projection_simplex/scale': (x) => projectionSimplex(x, 3.5),
  'projection_simplex/gradient': pulled((x) => projectionSimplex(x, 2)),
  'projection_simplex/by_scale': byScale,
  projection_l1_sphere: (x) => projectionL1Sphere(noZeros(x)),
  'projection_l1_sphere/scale': (x) => projectionL1Sphere(noZeros(x), 40),
  'projection_l1_sphere/gradient': pulled((x) => projectionL1Sphere(x, 2)),
  projection_l1_ball: (x) => projectionL1Ball(x),
  'projection_l1_ball/inside': (x) => projectionL1Ball(x, 1000),
  'projection_l1_ball/gradient': pulled((x) => projectionL1Ball(x, 1.5)),
  projection_l2_sphere: (x) => projectionL2Sphere(x),
  'projection_l2_sphere/scale': (x) => projectionL2Sphere(x, 3.5),
  'projection_l2_sphere/gradient': pulled((x) => projectionL2Sphere(x, 2)),
  projection_l2_ball: (x) => projectionL2Ball(x),
  'projection_l2_ball/inside': (x) => projectionL2Ball(x, 1000),
  'projection_l2_ball/gradient': pulled((x) => projectionL2Ball(x, 0.5)),
  projection_linf_ball: (x) => projectionLinfBall(x),
  'projection_linf_ball/scale': (x) => projectionLinfBall(x, 0.25),
  'projection_linf_ball/gradient': pulled((x) => projectionLinfBall(x, 0.5)),
  projection_vector: (x, params) => projectionVector(x, params),
  'projection_vector/gradient': pulled((x, g) => projectionVector(x, g)),
  projection_hyperplane: (x, params) => projectionHyperplane(x, params, 0.75),
  'projection_hyperplane/gradient': pulled((x, g) => projectionHyperplane(x, sine(g), 0.75)),
  projection_halfspace: (x, params) => projectionHalfspace(x, params, 0.75),
  'projection_halfspace/inside': (x, params) => projectionHalfspace(x, params, 1000),
  'projection_halfspace/gradient': pulled((x, g) => projectionHalfspace(x, sine(g), -1.5))
}
