// What the house asks of every export: that it is documented, that it is exported at all, that the catalogue has it.
import { existsSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { filesIn, read, root, sourcesOf } from './files.js'
import { hostWith, options } from './typecheck.js'

const hasDoc = (symbol: ts.Symbol, checker: ts.TypeChecker): boolean =>
  symbol.getDocumentationComment(checker).some(({ text }) => text.trim() !== '')

const isCallable = (symbol: ts.Symbol, checker: ts.TypeChecker): boolean =>
  (symbol.flags & ts.SymbolFlags.Value) !== 0 && checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0

const isModule = (declaration: ts.Node): boolean =>
  ts.isNamespaceExport(declaration) || ts.isModuleDeclaration(declaration) || ts.isSourceFile(declaration)

/** What a module exports, by name and resolved to where it is declared; the members of a namespace as `tree.map`. */
const exportsOf = (
  module: ts.Symbol,
  checker: ts.TypeChecker,
  prefix = ''
): readonly (readonly [string, ts.Symbol])[] =>
  checker.getExportsOfModule(module).flatMap((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const name = prefix + symbol.name
    return target.declarations?.some(isModule) ? exportsOf(target, checker, `${name}.`) : [[name, target] as const]
  })

const readModules = (files: readonly string[]) => {
  const names = files.map((file) => join(root, file))
  const program = ts.createProgram(names, options(), hostWith())
  const checker = program.getTypeChecker()
  const exports = (file: string) => {
    const source = program.getSourceFile(join(root, file))
    const symbol = source && checker.getSymbolAtLocation(source)
    return symbol ? exportsOf(symbol, checker) : []
  }
  return { checker, exports }
}

const known = new Map<string, ReturnType<typeof readModules>>()

/** What these files export; files that were asked for before are not read again. */
const modulesOf = (files: readonly string[]): ReturnType<typeof readModules> => {
  const key = files.join()
  const modules = known.get(key) ?? readModules(files)
  known.set(key, modules)
  return modules
}

/** What the docs of these barrels lack, one sentence each. */
export const undocumented = (indexes: readonly string[]): readonly string[] => {
  const { checker, exports } = modulesOf(indexes)
  return indexes.flatMap((index) =>
    exports(index).flatMap(([name, symbol]) => {
      if (!hasDoc(symbol, checker)) return `${index}: ${name} has no doc block`
      if (isCallable(symbol, checker)) {
        const hasExample = symbol.getJsDocTags(checker).some((tag) => tag.name === 'example')
        return hasExample ? [] : `${index}: the function ${name} has no @example`
      }
      if (!/(Options|State)$/.test(name) || !(symbol.flags & ts.SymbolFlags.Interface)) return []
      return [...(symbol.members?.values() ?? [])]
        .filter(({ flags }) => !(flags & ts.SymbolFlags.TypeParameter))
        .filter((member) => !hasDoc(member, checker))
        .map((member) => `${index}: ${name}.${member.name} has no doc sentence`)
    })
  )
}

/** What a literal says, or undefined where it is none: `0.9`, `-1`, `'raw'`, `true`. */
const literalOf = (node: ts.Node): string | undefined => {
  if (ts.isNumericLiteral(node)) return String(Number(node.text))
  if (ts.isStringLiteralLike(node)) return `'${node.text}'`
  if (node.kind === ts.SyntaxKind.TrueKeyword) return 'true'
  if (node.kind === ts.SyntaxKind.FalseKeyword) return 'false'
  if (ts.isPrefixUnaryExpression(node) && ts.isNumericLiteral(node.operand)) return String(-Number(node.operand.text))
  return undefined
}

/** The literals in an object of defaults, by option, with those that it spreads. */
const literalsIn = (node: ts.Node, checker: ts.TypeChecker): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  if (!ts.isObjectLiteralExpression(node)) return found
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) {
      const named = checker.getSymbolAtLocation(property.expression)
      const symbol = named && named.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(named) : named
      const declared = symbol?.valueDeclaration
      if (declared === undefined || !ts.isVariableDeclaration(declared) || declared.initializer === undefined) continue
      for (const [name, value] of literalsIn(declared.initializer, checker)) found.set(name, value)
    }
    if (!ts.isPropertyAssignment(property) || !ts.isIdentifier(property.name)) continue
    const value = literalOf(property.initializer)
    if (value === undefined) found.delete(property.name.text)
    else found.set(property.name.text, value)
  }
  return found
}

/** What a doc block gives as a literal, such as `` `0.9` ``, as {@link literalOf} writes it; undefined where it speaks in words. */
const statedBy = (symbol: ts.Symbol): string | undefined => {
  const tag = symbol.getJsDocTags().find(({ name }) => name === 'defaultValue')
  const text = /^`([^`]*)`\.?$/.exec(ts.displayPartsToString(tag?.text).trim())?.[1]
  return text === undefined || text === '' || Number.isNaN(Number(text)) ? text : String(Number(text))
}

/** Where the doc of an option gives another default than the function that takes it. */
export const misstated = (indexes: readonly string[]): readonly string[] => {
  const { checker, exports } = modulesOf(indexes)
  const ofCall = (index: string, call: ts.CallExpression): readonly string[] => {
    const [owner, given, defaults] = call.arguments
    if (owner === undefined || given === undefined || defaults === undefined || !ts.isStringLiteral(owner)) return []
    const literals = literalsIn(defaults, checker)
    return checker
      .getNonNullableType(checker.getTypeAtLocation(given))
      .getProperties()
      .flatMap((option) => {
        const [real, stated] = [literals.get(option.name), statedBy(option)]
        if (real === undefined || stated === undefined || real === stated) return []
        return `${index}: ${owner.text}.${option.name} is ${real} by default, its doc says ${stated}`
      })
  }
  return indexes.flatMap((index) =>
    exports(index).flatMap(([, symbol]) => {
      const calls: ts.CallExpression[] = []
      const visit = (node: ts.Node): void => {
        if (ts.isCallExpression(node) && node.expression.getText() === 'withDefaults') calls.push(node)
        node.forEachChild(visit)
      }
      symbol.valueDeclaration?.forEachChild(visit)
      return calls.flatMap((call) => ofCall(index, call))
    })
  )
}

/** The barrel that a source is handed on by: that of its folder where this is an entry of its own, or that of its package. */
const barrelOf = (folder: string, file: string): string => {
  const own = `${folder}/src/${file.slice(`${folder}/src/`.length).split('/')[0]}/index.ts`
  return existsSync(join(root, own)) ? own : `${folder}/src/index.ts`
}

/** The sources of a package that its barrel does not name, and the functions they export that the catalogue lacks. */
export const unlisted = (folder: string, catalogue: readonly { readonly name: string }[]): readonly string[] => {
  const own = sourcesOf(folder).filter((file) => barrelOf(folder, file) !== file && !file.includes('/internal/'))
  const { checker, exports } = modulesOf(own)
  const rows = new Set(catalogue.map(({ name }) => name))
  return own.flatMap((file) => {
    const barrel = barrelOf(folder, file)
    const specifier = `./${file.slice(dirname(barrel).length + 1).replace(/\.ts$/, '.js')}`
    const functions = exports(file).filter(([, symbol]) => isCallable(symbol, checker))
    return [
      ...(read(barrel).includes(`'${specifier}'`) ? [] : [`${file} is not exported by ${basename(barrel)}`]),
      ...functions.filter(([name]) => !rows.has(name)).map(([name]) => `${file}: ${name} is not in the catalogue`)
    ]
  })
}

/** The test files that may be about a source: those of its folder, and of the folder above within its package. */
const testsNear = (file: string): readonly string[] => {
  const folder = dirname(file)
  const above = basename(folder) === 'src' ? folder : dirname(folder)
  const isNear = (path: string): boolean => path.endsWith('.test.ts') && [folder, above].includes(dirname(path))
  return filesIn(above, isNear)
}

/** The functions of these barrels that no test file beside their source speaks of, as `file: name`. */
export const untested = (indexes: readonly string[]): readonly string[] => {
  const { checker, exports } = modulesOf(indexes)
  const texts = new Map<string, string>()
  const textNear = (file: string): string => {
    const known = texts.get(dirname(file)) ?? testsNear(file).map(read).join('\n')
    texts.set(dirname(file), known)
    return known
  }
  return indexes.flatMap((index) =>
    exports(index).flatMap(([name, symbol]) => {
      const declared = symbol.declarations?.[0]?.getSourceFile().fileName
      if (declared === undefined || !isCallable(symbol, checker)) return []
      const file = relative(root, declared).replaceAll('\\', '/')
      // Of another package: its own barrel has it, too.
      if (!file.startsWith(`${dirname(index)}/`)) return []
      return new RegExp(`\\b${symbol.name}\\b`).test(textNear(file)) ? [] : [`${file}: ${name}`]
    })
  )
}

/** The `@ts-expect-error` comments that give no reason, as `file:line`. */
export const unexplained = (files: readonly string[]): readonly string[] =>
  files.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, i) => (/\/[/*] @ts-expect-error(?! -- \S)/.test(line) ? `${file}:${i + 1}` : []))
  )

/** The files that hand on all of another file without naming it; `export * as name` does name it. */
export const starred = (files: readonly string[]): readonly string[] =>
  files.filter((file) => /^export \* from/m.test(read(file)))

/** Functions of `Math` whose last digits differ from one JavaScript engine to the next, as those of `**` do. */
const UNSTEADY = new Set(
  'acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp expm1 hypot log log10 log1p log2 pow sin sinh tan tanh'.split(
    ' '
  )
)

/** Powers of two are exact everywhere. */
const isUnsteady = (node: ts.Node): boolean => {
  if (ts.isPropertyAccessExpression(node)) return node.expression.getText() === 'Math' && UNSTEADY.has(node.name.text)
  if (!ts.isBinaryExpression(node)) return false
  return node.operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskToken && node.left.getText() !== '2'
}

/** Where files call what differs from one JavaScript engine to the next, as `file: code`. */
export const unsteady = (files: readonly string[]): readonly string[] =>
  files.flatMap((file) => {
    const found: string[] = []
    // To read it as code takes longer than to see that there is nothing.
    if (!/Math\.|\*\*/.test(read(file).replaceAll(/\/\*[\s\S]*?\*\//g, ''))) return found
    const visit = (node: ts.Node): void => {
      if (isUnsteady(node)) found.push(`${file}: ${node.getText()}`)
      ts.forEachChild(node, visit)
    }
    visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.ESNext, true))
    return found
  })

const holdsNumber = (node: ts.Node): boolean => {
  if (ts.isNumericLiteral(node)) return true
  if (ts.isFunctionLike(node) || ts.isElementAccessExpression(node)) return false
  return ts.forEachChild(node, (child) => holdsNumber(child) || undefined) ?? false
}

/** The comparisons of numbers by `toEqual`, to which a list of numbers is a Float64Array's equal, as `file:line`. */
export const loose = (files: readonly string[]): readonly string[] =>
  files.flatMap((file) => {
    const found: string[] = []
    if (!read(file).includes('.toEqual(')) return found
    const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.ESNext, true)
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
        const { name } = node.expression
        const isLoose = name.text === 'toEqual' && node.arguments.some(holdsNumber)
        if (isLoose) found.push(`${file}:${source.getLineAndCharacterOfPosition(name.getStart()).line + 1}`)
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
    return found
  })
