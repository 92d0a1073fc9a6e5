import { Op } from '../expression/op.js'

/** How a node stands to its operands. */
export type NodeForm =
  /** A value that is there: an array or a number. */
  | 'leaf'
  /** Each element of the result comes from the elements at the same place; a number stands for itself at every place. */
  | 'elementwise'
  /** One number out of all elements of an array, or of two. */
  | 'reduction'
  /** An array out of whole arrays. */
  | 'whole'

/** The dtype of a result. */
export type NodeDType =
  /** That of the operands, the wider of two; float32 where they are of 16 bits. */
  | 'wide'
  /** That of the operand, of 16 bits too. */
  | 'same'
  /** One that the node names. */
  | 'named'
  /** None: a number, which is float64. */
  | 'number'

/** What is known of a kind of node. */
export interface NodeFacts {
  /** How it stands to its operands. */
  readonly form: NodeForm
  /** How many operands it has; `null` for any number of them. */
  readonly arity: number | null
  /** The dtype of its result. */
  readonly dtype: NodeDType
  /** What it computes, of operands a, b and c. */
  readonly meaning: string
  /** The cotangents of the operands, out of that of the result, dy; `null` where nothing depends smoothly on them. */
  readonly derivative: string | null
}

const facts = (
  form: NodeForm,
  arity: number | null,
  dtype: NodeDType,
  meaning: string,
  derivative: string | null
): NodeFacts => ({ form, arity, dtype, meaning, derivative })

const of = (arity: number, meaning: string, derivative: string | null): NodeFacts =>
  facts('elementwise', arity, 'wide', meaning, derivative)

const made = () =>
  ({
    leaf: facts('leaf', 0, 'same', 'an array or a number that is there', null),
    fill: facts('elementwise', 1, 'named', 'a, a number, at every place', 'Σ dy'),
    cast: facts('elementwise', 1, 'named', 'a, rounded to a dtype: to the nearest, ties to even', 'dy'),
    reshape: facts('elementwise', 1, 'same', 'the elements of a in another shape', 'dy in the shape of a'),
    neg: of(1, '−a', '−dy'),
    abs: of(1, '|a|', 'dy · sign a, 0 at 0'),
    sqrt: of(1, '√a', 'dy / (2y); 0 at 0 where a is a sum of squares'),
    floor: of(1, 'the largest whole number ≤ a', null),
    exp: of(1, 'eᵃ', 'dy · y'),
    log: of(1, 'ln a', 'dy / a'),
    log1p: of(1, 'ln(1 + a)', 'dy / (1 + a)'),
    tanh: of(1, 'tanh a', 'dy · (1 + y)(1 − y)'),
    sin: of(1, 'sin a', 'dy · cos a'),
    cos: of(1, 'cos a', '−dy · sin a'),
    erf: of(1, 'erf a', 'dy · 2/√π · exp(−a²)'),
    pow: of(2, 'aᵇ, for whole b by products; a⁰ = 1', 'dy · b · aᵇ⁻¹ and dy · y · ln a, 0 where a is 0'),
    atan2: of(2, 'the angle of the point (b, a)', 'dy · b/(a² + b²) and −dy · a/(a² + b²), 0 at the origin'),
    add: of(2, 'a + b', 'dy and dy'),
    sub: of(2, 'a − b', 'dy and −dy'),
    mul: of(2, 'a · b', 'dy · b and dy · a'),
    div: of(2, 'a / b', 'dy / b and −dy · y / b'),
    min: of(2, 'the smaller; NaN where one is NaN; −0 is below 0', 'dy to the smaller, half to each of two that tie'),
    max: of(2, 'the larger; NaN where one is NaN; −0 is below 0', 'dy to the larger, half to each of two that tie'),
    less: of(2, '1 where a < b, else 0', null),
    lessEqual: of(2, '1 where a ≤ b, else 0', null),
    equal: of(2, '1 where a = b, else 0; NaN is equal to nothing', null),
    where: of(3, 'b where a is not 0, which NaN is not either, else c', 'dy to b where a is not 0, to c where it is'),
    sum: facts('reduction', 1, 'number', 'Σ a, in blocks of 4096 with four lanes', 'dy at every place'),
    sumSquares: facts('reduction', 1, 'number', 'Σ a², in the order of a sum', '2 dy · a'),
    dot: facts('reduction', 2, 'number', 'Σ a · b, in the order of a sum', 'dy · b and dy · a'),
    minOf: facts('reduction', 1, 'number', 'the smallest, Infinity of none', 'dy, shared by those that tie'),
    maxOf: facts('reduction', 1, 'number', 'the largest, −Infinity of none', 'dy, shared by those that tie'),
    reduce: facts(
      'whole',
      1,
      'wide',
      'a sum, smallest or largest along axes, which keep length 1',
      'dy along the axes, or shared by those that tie'
    ),
    broadcast: facts('whole', 1, 'same', 'a, repeated along axes of length 1', 'Σ dy along those axes'),
    opaque: facts('whole', null, 'named', 'what a function makes of the arrays', 'its own, where it has one'),
    permute: facts('whole', 1, 'same', 'a with its axes in another order', 'dy with its axes back in order'),
    matmul: facts('whole', 2, 'wide', 'Σₗ aᵢₗ bₗⱼ for each matrix of a batch', 'dy bᵀ and aᵀ dy')
  }) as const

/** The name of a kind of node. */
export type NodeName = keyof ReturnType<typeof made>

/**
 * The kinds of node that an expression is made of: the set is closed, and an engine computes these.
 *
 * Every elementwise operation rounds its result to the dtype of its node, so that it makes no difference where a computation is
 * cut, stored or fused. Operands of bfloat16 and float16 are read as float32. A number among arrays is rounded to the dtype
 * of the node that it meets.
 *
 * @example
 * nodes.where.arity // => 3
 * nodes.sum.dtype // => 'number'
 * nodes.tanh.derivative // => 'dy · (1 + y)(1 − y)'
 */
export const nodes: Readonly<Record<NodeName, NodeFacts>> = /* @__PURE__ */ made()

const byOp: readonly (NodeName | undefined)[] = /* @__PURE__ */ (() => {
  const names: (NodeName | undefined)[] = []
  for (const [key, op] of Object.entries(Op)) {
    const name = key.charAt(0).toLowerCase() + key.slice(1)
    if (name in nodes) names[op] = name as NodeName
  }
  return names
})()

/** The name of an operation; `undefined` for what no graph has that an engine is given. */
export const nodeNameOf = (op: number): NodeName | undefined => byOp[op]
