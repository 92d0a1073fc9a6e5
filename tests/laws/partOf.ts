import { readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The rows that a test file is about, which is one of several with one name and a number: `wrappers.1.test.ts`,
 * `wrappers.2.test.ts`. They divide the rows among them, whatever their number is, so that they run side by side and none
 * takes long.
 */
export const partOf = <Row>(rows: readonly Row[], url: string): readonly Row[] => {
  const file = fileURLToPath(url)
  const stem = basename(file).replace(/\d+\.test\.ts$/, '')
  const files = readdirSync(dirname(file)).filter(
    (name) => name.startsWith(stem) && /^\d+\.test\.ts$/.test(name.slice(stem.length))
  )
  const own = files.sort().indexOf(basename(file))
  return rows.filter((_, i) => i % files.length === own)
}
