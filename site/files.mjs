import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * The files below a folder of the repository whose path, from its root, passes. Links, of which node_modules is full, are not followed.
 * @param {string} folder
 * @param {RegExp} passes
 */
export const filesIn = (folder, passes) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath ?? entry.path, entry.name)
        .slice(root.length)
        .replaceAll('\\', '/')
    )
    .filter((file) => passes.test(file))
    .sort()
