/**
 * The kinds of node an expression is made of. The set is closed: an engine is an interpreter of exactly these.
 *
 * Every elementwise operation rounds its result to the dtype of its node, so that it makes no difference where a
 * computation is cut, stored or fused; that of a bfloat16 or float16 array is float32, and only `Cast`
 * goes back (`Reshape` leaves the elements as they are). A comparison gives 1 or 0 in the dtype of its operands; `Where` takes its second
 * operand where the first is not 0. Scalars (sums, and arithmetic on sums and numbers alone) are float64.
 */
export const Op = {
  // A value that is there: an array, or the number of a forced scalar.
  Leaf: 0,
  // Elementwise, on one operand.
  Fill: 1,
  Cast: 2,
  Neg: 3,
  Abs: 4,
  Sqrt: 5,
  Floor: 6,
  Reshape: 7,
  // Elementwise functions without an instruction, which kernels call; from `Pow` on they are on two operands.
  Exp: 8,
  Log: 9,
  Log1p: 10,
  Tanh: 11,
  Sin: 12,
  Cos: 13,
  Erf: 14,
  Pow: 15,
  Atan2: 16,
  // Elementwise, on two operands.
  Add: 17,
  Sub: 18,
  Mul: 19,
  Div: 20,
  Min: 21,
  Max: 22,
  Less: 23,
  LessEqual: 24,
  Equal: 25,
  // Elementwise, on three operands.
  Where: 28,
  // One scalar out of a whole array (two for Dot): the order of additions is that of `sumOf`.
  Sum: 32,
  SumSquares: 33,
  Dot: 34,
  MinOf: 35,
  MaxOf: 36,
  // Array to array, on materialised operands: `detail` holds the axes, the function or the product.
  Reduce: 40,
  Broadcast: 41,
  Opaque: 42,
  Permute: 43,
  Matmul: 44,
  // One scalar out of a number of each of many arrays, in a given order: `detail` says which. Nobody but the engines that know
  // of arrays side by side is given any.
  Fold: 45
} as const

/** One of {@link Op}. */
export type Op = (typeof Op)[keyof typeof Op]

/** Whether a node is elementwise: every element of the result depends on the elements at the same place alone. */
export const isElementwise = (op: number): boolean => op >= Op.Fill && op <= Op.Where

/** Whether a node is of an elementwise function that kernels call, as there is no instruction for it. */
export const isCalled = (op: number): boolean => op >= Op.Exp && op <= Op.Atan2

/** The names of these functions. */
export const CALLED = {
  exp: Op.Exp,
  log: Op.Log,
  log1p: Op.Log1p,
  tanh: Op.Tanh,
  sin: Op.Sin,
  cos: Op.Cos,
  erf: Op.Erf,
  pow: Op.Pow,
  atan2: Op.Atan2
} as const

/** Whether a node reduces a whole array to a scalar. */
export const isReduction = (op: number): boolean => op >= Op.Sum && op <= Op.MaxOf

/** Whether a node needs its operands as arrays before it runs. */
export const isStandalone = (op: number): boolean => op >= Op.Reduce

/** The name of an operation, as its function is called. */
export const nameOf = (op: number): string => {
  const name = Object.keys(Op).find((key) => Op[key as keyof typeof Op] === op) ?? 'operation'
  return name.charAt(0).toLowerCase() + name.slice(1)
}
