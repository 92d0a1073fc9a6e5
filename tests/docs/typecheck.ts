// Type-checks all examples in one TypeScript program.
import { basename, dirname, join } from 'node:path'
import ts from 'typescript'
import type { Example } from './collect.js'
import { root } from './files.js'

/** An example with the imports it needs, and what the compiler holds against it. */
export interface CheckedExample extends Example {
  /** `file:line`. */
  readonly title: string
  /** What is wrong with its types, each as `file:line: message`. */
  readonly problems: readonly string[]
}

/** Where a doc block's names come from when the file it stands in has no such export. */
const packages = [
  'gradchain',
  '@gradchain/laws',
  '@gradchain/matrix',
  '@gradchain/losses',
  '@gradchain/curvature',
  '@gradchain/search',
  '@gradchain/tfjs',
  '@gradchain/webgpu',
  '@gradchain/jax-js',
  '@gradchain/checkpoint',
  '@gradchain/checkpoint/node',
  '@gradchain/checkpoint/browser',
  '@gradchain/checkpoint/keras',
  '@gradchain/distributed',
  '@gradchain/distributed/node',
  '@gradchain/monitor',
  '@gradchain/monitor/plot',
  '@gradchain/monitor/svg',
  '@gradchain/frameworks',
  '@gradchain/core',
  '@gradchain/schedules',
  '@gradchain/transforms'
]

/** The settings examples are compiled with: those of the sources. */
export const options = (): ts.CompilerOptions => {
  const file = join(root, 'tsconfig.base.json')
  const { config } = ts.readConfigFile(file, ts.sys.readFile)
  const strict = ts.parseJsonConfigFileContent(config, ts.sys, root, undefined, file).options
  // An example shows one thing: what it declares need not be used, and a type may be imported like a value.
  return { ...strict, noUnusedLocals: false, noUnusedParameters: false, verbatimModuleSyntax: false }
}

const parsed = new Map<string, ts.SourceFile | undefined>()

/** A compiler host that reads some files from memory and parses those of the disk once, for every program. */
export const hostWith = (files: ReadonlyMap<string, string> = new Map()): ts.CompilerHost => {
  const host = ts.createCompilerHost(options())
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (name) => files.has(name) || fileExists(name)
  host.readFile = (name) => files.get(name) ?? readFile(name)
  host.getSourceFile = (name, ...rest) => {
    if (files.has(name)) return getSourceFile(name, ...rest)
    if (!parsed.has(name)) parsed.set(name, getSourceFile(name, ...rest))
    return parsed.get(name)
  }
  return host
}

/** The names an example uses and does not declare or import at its top level. */
const freeNames = (code: string): ReadonlySet<string> => {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true)
  const declared = new Set<string>()
  const used = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const { parent } = node
      const isMember =
        (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
        ((ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) && parent.name === node)
      if (!isMember) used.add(node.text)
    }
    ts.forEachChild(node, visit)
  }
  const bind = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) declared.add(name.text)
    else for (const element of name.elements) if (ts.isBindingElement(element)) bind(element.name)
  }
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) bind(name)
    else if (ts.isImportDeclaration(statement)) {
      const { name, namedBindings } = statement.importClause ?? {}
      if (name) bind(name)
      if (namedBindings && ts.isNamespaceImport(namedBindings)) bind(namedBindings.name)
      else for (const element of namedBindings?.elements ?? []) bind(element.name)
    } else if ('name' in statement && ts.isIdentifier(statement.name as ts.Node)) bind(statement.name as ts.Identifier)
  }
  visit(source)
  return new Set([...used].filter((name) => !declared.has(name)))
}

/** Adds the imports an example leaves out and type-checks all of them together. */
export const typecheck = (examples: readonly Example[]): readonly CheckedExample[] => {
  const settings = options()
  const files = new Map<string, string>()
  const host = hostWith(files)

  const barrel = join(root, 'tests/docs/every-package.ts')
  files.set(barrel, packages.map((name) => `import '${name}'`).join('\n'))
  const implicit = [...new Set(examples.filter((one) => one.implicit).map(({ file }) => join(root, file)))]
  const sources = ts.createProgram([barrel, ...implicit], settings, host)
  const checker = sources.getTypeChecker()
  const exportsOf = (node: ts.Node | undefined): readonly string[] => {
    const symbol = node && checker.getSymbolAtLocation(node)
    return symbol ? checker.getExportsOfModule(symbol).map(({ name }) => name) : []
  }
  const exported = new Map(
    (sources.getSourceFile(barrel)?.statements ?? []).map((statement, i) => [
      packages[i] as string,
      new Set(exportsOf((statement as ts.ImportDeclaration).moduleSpecifier))
    ])
  )

  const imports = ({ file, code }: Example): string => {
    const own = `./${basename(file, '.ts')}.js`
    const scopes = new Map([[own, new Set(exportsOf(sources.getSourceFile(join(root, file))))], ...exported])
    return [...freeNames(code)]
      .flatMap((name) => {
        const from = [...scopes].find(([, names]) => names.has(name))?.[0]
        return from ? `import { ${name} } from '${from}'; ` : []
      })
      .join('')
  }
  const completed = examples.map((one) => (one.implicit ? { ...one, code: imports(one) + one.code } : one))
  // A page may import what the root does not have and the tests do, as it may when it runs.
  const folderOf = (file: string) => (/^(docs\/|[^/]*$)/.test(file) ? 'tests/docs' : dirname(file))
  const names = completed.map(({ file }, i) => join(root, folderOf(file), `example-${i}.ts`))
  for (const [i, { code }] of completed.entries()) files.set(names[i] as string, code)

  const program = ts.createProgram(names, settings, host, sources)
  return completed.map((one, i) => {
    const source = program.getSourceFile(names[i] as string)
    const diagnostics = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    const problems = diagnostics.map(({ messageText, start = 0 }) => {
      const line = (source?.getLineAndCharacterOfPosition(start).line ?? 0) + 1
      return `${one.file}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
    return { ...one, title: `${one.file}:${one.line}`, problems }
  })
}
