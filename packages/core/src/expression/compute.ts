import { Op } from './op.js'

/** What an elementwise operation does to float64 numbers. */
export type Rule = (a: number, b: number, c: number) => number

// What each elementwise operation does to float64 numbers. On arrays an engine does the same and rounds the result to the
// dtype; for + − × ÷ √ that is exactly the operation in the dtype itself, because float64 has more than twice its digits.
const basicRules = (): Rule[] => {
  const rules: Rule[] = []
  rules[Op.Fill] = (a) => a
  rules[Op.Cast] = (a) => a
  rules[Op.Reshape] = (a) => a
  rules[Op.Neg] = (a) => -a
  rules[Op.Abs] = Math.abs
  rules[Op.Sqrt] = Math.sqrt
  rules[Op.Floor] = Math.floor
  rules[Op.Add] = (a, b) => a + b
  rules[Op.Sub] = (a, b) => a - b
  rules[Op.Mul] = (a, b) => a * b
  rules[Op.Div] = (a, b) => a / b
  rules[Op.Min] = (a, b) => Math.min(a, b)
  rules[Op.Max] = (a, b) => Math.max(a, b)
  rules[Op.Less] = (a, b) => (a < b ? 1 : 0)
  rules[Op.LessEqual] = (a, b) => (a <= b ? 1 : 0)
  rules[Op.Equal] = (a, b) => (a === b ? 1 : 0)
  rules[Op.Where] = (a, b, c) => (a !== 0 ? b : c)
  return rules
}

const rules = /* @__PURE__ */ basicRules()

const undefinedRule: Rule = () => {
  throw new Error('not an elementwise operation')
}

/** What an elementwise operation does to float64 numbers. */
export const ruleOf = (op: number): Rule => rules[op] ?? undefinedRule

/** An elementwise operation on float64 numbers. */
export const compute = (op: number, a: number, b: number, c: number): number => ruleOf(op)(a, b, c)

/** Says what a function does that is not here. */
export const define = (op: number, rule: Rule): void => {
  rules[op] = rule
}
