import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** An expression of ours, as it stands in a table of this folder. */
export interface Ours {
  /** The expression, on one line. */
  readonly text: string
  /** The names that it uses. */
  readonly names: ReadonlySet<string>
}

/** The bodies of the functions `() => …` in a table of a file, by name. */
export const oursOf = (file: string, table: string): ReadonlyMap<string, Ours> => {
  const code = readFileSync(new URL(file, import.meta.url), 'utf8')
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true)
  const rows = new Map<string, Ours>()
  const visit = (node: ts.Node): void => {
    const isTable = ts.isVariableDeclaration(node) && node.name.getText() === table
    if (isTable && node.initializer && ts.isObjectLiteralExpression(node.initializer)) {
      for (const row of node.initializer.properties) {
        if (!ts.isPropertyAssignment(row) || !ts.isArrowFunction(row.initializer)) continue
        const name = ts.isStringLiteral(row.name) ? row.name.text : row.name.getText()
        const text = row.initializer.body.getText().replaceAll(/\s+/g, ' ')
        rows.set(name, { text: text.replaceAll(/([([]) | (?=[)\]])/g, '$1'), names: namesIn(row.initializer) })
      }
    } else {
      ts.forEachChild(node, visit)
    }
  }
  visit(source)
  return rows
}

const namesIn = (node: ts.Node): ReadonlySet<string> => {
  const names = new Set<string>()
  const visit = (inner: ts.Node): void => {
    if (ts.isIdentifier(inner)) names.add(inner.text)
    ts.forEachChild(inner, visit)
  }
  visit(node)
  return names
}
