// Runs an example and compares what it does with its `// =>` comments.
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import ts from 'typescript'
import * as vitest from 'vitest'
import { root } from './files.js'
import type { CheckedExample } from './typecheck.js'

/** One `// =>` comment: its line, what it says, and the lines that may continue it. */
interface Expectation {
  readonly line: number
  readonly said: readonly string[]
}

const comment = /[ \t]*(?:\n[ \t]*)?\/\/ => ?(.*)((?:\n[ \t]*\/\/(?! =>).*)*)/y

/** The expression a comment after this statement speaks of. */
const subject = (statement: ts.Node): ts.Expression | undefined => {
  if (ts.isVariableStatement(statement)) {
    const name = statement.declarationList.declarations[0]?.name
    return name && ts.isIdentifier(name) ? name : undefined
  }
  if (!ts.isExpressionStatement(statement)) return undefined
  const { expression } = statement
  const isLog = ts.isCallExpression(expression) && expression.expression.getText() === 'console.log'
  return isLog ? expression.arguments[0] : expression
}

/** The code with every expression that a `// =>` speaks of reported to `saw` or `threw`. */
const instrument = (code: string): { readonly code: string; readonly expectations: readonly Expectation[] } => {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true)
  const expectations: Expectation[] = []
  const edits: { readonly from: number; readonly to: number; readonly text: string }[] = []
  const visit = (node: ts.Node): void => {
    const expression = subject(node)
    comment.lastIndex = node.end
    const match = expression && comment.exec(code)
    if (match) {
      const [, first = '', more = ''] = match
      const continued = more.split('\n').map((line) => line.replace(/^\s*\/\/ ?/, ''))
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
      const text = expression.getText()
      const report = first.startsWith('throws ')
        ? `await threw(${expectations.length}, async () => (${text}))`
        : `saw(${expectations.length}, (${text}))`
      expectations.push({ line, said: [first, ...continued.slice(1)] })
      const from = ts.isVariableStatement(node) ? node.end : node.getStart()
      edits.push({ from, to: node.end, text: `;${report};` })
    } else ts.forEachChild(node, visit)
  }
  visit(source)
  const edited = edits.reduceRight((rest, { from, to, text }) => rest.slice(0, from) + text + rest.slice(to), code)
  return { code: edited, expectations }
}

/** Printed values without the spaces, lengths and prototypes that Node adds to them. */
const plain = (printed: string): string =>
  printed
    .replace(/((?:Float|Int|Uint|BigInt|BigUint)\w*Array)\(\d+\)/g, '$1')
    .replace(/\[Object: null prototype\] /g, '')
    .replace(/\s*([[\]{}(),:])\s*/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()

/** Whether a comment says what was printed; `…` and `...` stand for anything. */
const says = (said: string, printed: string): boolean => {
  const parts = plain(said).split(/…|\.\.\./)
  const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')
  return new RegExp(`^${pattern}$`, 's').test(plain(printed))
}

const print = (value: unknown): string =>
  inspect(value, { depth: Infinity, breakLength: Infinity, maxArrayLength: null, maxStringLength: null })

/** Vitest as an example sees it: its tests run when the example has run, as a part of it. */
const vitestInside = (tests: (() => unknown)[]) => {
  const add = (_name: string, ...rest: readonly unknown[]) => {
    tests.push(rest.find((one) => typeof one === 'function') as () => unknown)
  }
  const each = (rows: readonly unknown[]) => (name: string, body: (...row: readonly unknown[]) => unknown) => {
    for (const row of rows) add(name, () => body(...(Array.isArray(row) ? row : [row])))
  }
  const test = Object.assign(add, { each })
  return { ...vitest, test, it: test, describe: (_name: string, body: () => void) => body() }
}

const AsyncFunction = (async () => {}).constructor as new (
  ...parts: readonly string[]
) => (...values: readonly unknown[]) => Promise<unknown>

/** Runs an example; the answer is all that is wrong with it, types included. */
export const evaluate = async (example: CheckedExample): Promise<readonly string[]> => {
  const problems = [...example.problems]
  const { code, expectations } = instrument(example.code)
  const reached = new Set<Expectation>()
  const compare = (index: number, printed: string): void => {
    const expectation = expectations[index] as Expectation
    reached.add(expectation)
    const { line, said } = expectation
    if (said.some((_, i) => says(said.slice(0, i + 1).join(' '), printed))) return
    problems.push(`${example.file}:${line}: says ${said.join(' ')}, is ${printed}`)
  }
  const saw = (index: number, value: unknown): void => compare(index, print(value))
  const threw = async (index: number, run: () => Promise<unknown>): Promise<void> => {
    try {
      compare(index, print(await run()))
    } catch (error) {
      compare(index, `throws ${error}`)
    }
  }

  // Not those of a doc block that the example itself contains.
  const written = example.code.match(/^(?!\s*\*).*\/\/ =>/gm)?.length ?? 0
  if (written !== expectations.length) {
    problems.push(`${example.title}: ${written - expectations.length} of its \`// =>\` follow no expression`)
  }
  const module = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true }
  const { outputText } = ts.transpileModule(code, { compilerOptions: module })
  const tests: (() => unknown)[] = []
  try {
    const modules = new Map<string, unknown>([['vitest', { ...vitestInside(tests), __esModule: true }]])
    for (const [, name = ''] of outputText.matchAll(/\brequire\("([^"]+)"\)/g)) {
      if (modules.has(name)) continue
      const path = name.startsWith('.') ? join(root, dirname(example.file), name.replace(/\.js$/, '.ts')) : name
      modules.set(name, { ...(await import(/* @vite-ignore */ path)), __esModule: true })
    }
    const run = new AsyncFunction('require', 'exports', 'saw', 'threw', outputText)
    await run((name: string) => modules.get(name), {}, saw, threw)
    for (const test of tests) await test()
  } catch (error) {
    return [...problems, `${example.title}: ${error}`]
  }
  for (const expectation of expectations) {
    if (!reached.has(expectation)) problems.push(`${example.file}:${expectation.line}: is never reached`)
  }
  return problems
}
