// The faults that are planted in a source file: what people get wrong, found in its syntax tree.
import ts from 'typescript'

/**
 * One fault: what stands at a place, and what to put there.
 * @typedef {{ readonly start: number, readonly end: number, readonly line: number, readonly before: string, readonly after: string }} Mutant
 */

/** @type {Readonly<Record<number, string>>} */
const OPERATORS = {
  [ts.SyntaxKind.PlusToken]: '-',
  [ts.SyntaxKind.MinusToken]: '+',
  [ts.SyntaxKind.AsteriskToken]: '/',
  [ts.SyntaxKind.SlashToken]: '*',
  [ts.SyntaxKind.PercentToken]: '*',
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
  [ts.SyntaxKind.AmpersandAmpersandToken]: '||',
  [ts.SyntaxKind.BarBarToken]: '&&',
  [ts.SyntaxKind.PlusEqualsToken]: '-=',
  [ts.SyntaxKind.MinusEqualsToken]: '+=',
  [ts.SyntaxKind.PlusPlusToken]: '--'
}

/** What its first two arguments may be swapped of. */
const COMMUTATIVE = new Set(['add', 'equal', 'max', 'min', 'mul', 'notEqual', 'Math.max', 'Math.min', 'Object.is'])

/**
 * All faults that this knows how to plant in a text.
 * @param {string} text
 * @returns {readonly Mutant[]}
 */
export const mutantsOf = (text) => {
  const file = ts.createSourceFile('mutated.ts', text, ts.ScriptTarget.Latest, true)
  /** @type {Mutant[]} */
  const found = []
  /** @param {ts.Node} node @param {string} after */
  const plant = (node, after) => {
    const [start, end] = [node.getStart(), node.getEnd()]
    const line = file.getLineAndCharacterOfPosition(start).line + 1
    found.push({ start, end, line, before: text.slice(start, end), after })
  }
  /** @param {ts.Node} node */
  const visit = (node) => {
    // Types are the compiler's to check; what a message says is checked where it matters, in whole sentences.
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isThrowStatement(node)) return
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return
    if (ts.isBinaryExpression(node)) {
      const other = OPERATORS[node.operatorToken.kind]
      if (other !== undefined) plant(node.operatorToken, other)
      if (node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) plant(node, node.right.getText())
    }
    if (ts.isPostfixUnaryExpression(node) && !ts.isForStatement(node.parent)) {
      plant(
        node,
        node.operator === ts.SyntaxKind.PlusPlusToken ? `${node.operand.getText()}--` : `${node.operand.getText()}++`
      )
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
      plant(node, node.operand.getText())
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken)
      plant(node, node.operand.getText())
    if (ts.isConditionalExpression(node)) {
      plant(node, `${node.condition.getText()} ? ${node.whenFalse.getText()} : ${node.whenTrue.getText()}`)
    }
    if (ts.isIfStatement(node)) {
      plant(node.expression, 'false')
      plant(node.expression, 'true')
    }
    if (ts.isNumericLiteral(node) && !ts.isPropertyAssignment(node.parent)) plant(node, String(Number(node.text) + 1))
    if (node.kind === ts.SyntaxKind.TrueKeyword) plant(node, 'false')
    if (node.kind === ts.SyntaxKind.FalseKeyword) plant(node, 'true')
    const isSwappable = ts.isCallExpression(node) && !COMMUTATIVE.has(node.expression.getText())
    if (isSwappable && node.arguments.length >= 2) {
      const [first, second] = node.arguments
      if (first !== undefined && second !== undefined) {
        const rest = text.slice(second.getEnd(), node.getEnd())
        const head = text.slice(node.getStart(), first.getStart())
        plant(node, `${head}${second.getText()}, ${first.getText()}${rest}`)
      }
    }
    if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) plant(node, ';')
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/**
 * A text with a fault in it.
 * @param {string} text
 * @param {Mutant} mutant
 */
export const planted = (text, { start, end, after }) => text.slice(0, start) + after + text.slice(end)
