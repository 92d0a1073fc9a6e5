// How Node finds the sources of the workspace by the names of the packages, and reads TypeScript. They are in the thread that loads
// modules (https://nodejs.org/docs/latest-v20.x/api/module.html#customization-hooks).
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { transform } from 'esbuild'

const root = new URL('../../', import.meta.url)

/** @type {{ compilerOptions: { paths: Record<string, [string]> } }} */
const { compilerOptions } = JSON.parse(readFileSync(new URL('tsconfig.base.json', root), 'utf8'))

/**
 * Where the source of an entry of ours is, by the name that others import.
 * @param {string} specifier
 */
const sourceOf = (specifier) => {
  const exact = compilerOptions.paths[specifier]
  if (exact !== undefined) return new URL(exact[0], root)
  const [, stem, entry] = /^(@gradchain\/[^/]+\/)(.+)$/.exec(specifier) ?? []
  const pattern = compilerOptions.paths[`${stem}*`]
  return pattern === undefined ? undefined : new URL(pattern[0].replace('*', `${entry}`), root)
}

/** @type {import('node:module').ResolveHook} */
export const resolve = (specifier, context, next) => {
  const source = sourceOf(specifier)
  if (source !== undefined) return { url: source.href, shortCircuit: true }
  // TypeScript has imports name what the build makes of a source.
  if (/^\.{1,2}\/.*\.js(?:\?|$)/.test(specifier) && context.parentURL?.includes('/node_modules/') === false) {
    const beside = new URL(specifier.replace(/\.js(?=\?|$)/, '.ts'), context.parentURL)
    if (existsSync(beside)) return { url: beside.href, shortCircuit: true }
  }
  return next(specifier, context)
}

/** @type {import('node:module').LoadHook} */
export const load = async (url, context, next) => {
  if (!/^file:.*\.ts(?:\?|$)/.test(url)) return next(url, context)
  const file = fileURLToPath(url)
  const { code } = await transform(await readFile(file, 'utf8'), {
    loader: 'ts',
    target: 'node20',
    sourcefile: pathToFileURL(file).href,
    sourcemap: 'inline',
    sourcesContent: false
  })
  return { format: 'module', source: code, shortCircuit: true }
}
