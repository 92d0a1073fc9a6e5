import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url))

/** The text of a file of the repository. */
export const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** The files below a folder of the repository whose path passes, as sorted paths from its root. */
export const filesIn = (folder: string, passes: (path: string) => boolean): readonly string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
        .filter(passes)
        .sort()
    : []

/** The folders of the packages, such as `packages/core`. */
export const packageFolders: readonly string[] = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)

/** The sources of a package: its TypeScript files that are no tests. */
export const sourcesOf = (folder: string): readonly string[] =>
  filesIn(`${folder}/src`, (path) => path.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(path))

/** The pages below `docs`. */
export const pagesOfDocs: readonly string[] = filesIn('docs', (path) => path.endsWith('.md'))

/** The barrels of the packages: of each its own, and those of the folders that are entries of their own. */
export const barrels: readonly string[] = packageFolders.flatMap((folder) =>
  filesIn(`${folder}/src`, (path) => /\/src\/(?:[^/]+\/)?index\.ts$/.test(path) && !path.includes('/internal/'))
)
