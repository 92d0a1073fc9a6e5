// Finds the programs in the documentation. The code of each stands on the very lines it has in its file, everything else
// blanked out, so that whatever is said about a line is said about the file.

/** A program found in the documentation. */
export interface Example {
  /** Its file, as a path from the root of the repository. */
  readonly file: string
  /** The line its code starts on, from 1. */
  readonly line: number
  /** Its code, on the lines it has in the file. */
  readonly code: string
  /** Whether exports it mentions are in scope without an import: true in doc blocks. */
  readonly implicit: boolean
}

const example = (file: string, implicit: boolean, lines: ReadonlyMap<number, string>): Example => ({
  file,
  line: Math.min(...lines.keys()) + 1,
  code: Array.from({ length: Math.max(...lines.keys()) + 1 }, (_, i) => lines.get(i) ?? '').join('\n'),
  implicit
})

const withCode = (lines: ReadonlyMap<number, string>): boolean => [...lines.values()].some((line) => line.trim() !== '')

/** What stands between fences when there are any, otherwise all of it. */
const unfenced = (lines: ReadonlyMap<number, string>): ReadonlyMap<number, string> => {
  const isFence = (line: string) => line.trimStart().startsWith('```')
  if (![...lines.values()].some(isFence)) return lines
  const inside = new Map<number, string>()
  let open = false
  for (const [i, line] of lines) {
    if (isFence(line)) open = !open
    else if (open) inside.set(i, line)
  }
  return inside
}

/** Every `@example` in the doc blocks of a TypeScript source. */
export const docBlockExamples = (file: string, text: string): readonly Example[] => {
  const found: Map<number, string>[] = []
  let inBlock = false
  let current: Map<number, string> | undefined
  for (const [i, line] of text.split('\n').entries()) {
    if (/^\s*\/\*\*/.test(line)) inBlock = true
    if (!inBlock) continue
    const content = /^\s*\* ?(?!\/)(.*?)(?:\*\/)?\s*$/.exec(line)?.[1]
    if (content?.startsWith('@')) {
      current = content.startsWith('@example') ? new Map() : undefined
      if (current) found.push(current)
    } else if (content !== undefined) current?.set(i, content)
    if (line.includes('*/')) {
      inBlock = false
      current = undefined
    }
  }
  return found
    .map(unfenced)
    .filter(withCode)
    .map((lines) => example(file, true, lines))
}

/**
 * The programs of a Markdown page: all its `ts` blocks are one program, as in a notebook, except those marked
 * `ts isolated`, which are one each. A comment `<!-- ts … -->` is code that readers do not see. Imports from `./…` are
 * dropped: they stand for a file that an earlier block shows.
 */
export const markdownExamples = (file: string, text: string): readonly Example[] => {
  const notebook = new Map<number, string>()
  const isolated: Map<number, string>[] = []
  let current: Map<number, string> | undefined
  let end: RegExp | undefined
  for (const [i, line] of text.split('\n').entries()) {
    if (end) {
      if (end.test(line)) end = undefined
      else if (!/^import .* from '\.\//.test(line)) current?.set(i, line)
    } else {
      const fence = /^```(\w*) ?(.*)$/.exec(line)
      if (!fence && line !== '<!-- ts') continue
      end = fence ? /^```\s*$/ : /^-->\s*$/
      if (!fence) current = notebook
      else if (fence[1] !== 'ts') current = undefined
      else if (fence[2] !== 'isolated') current = notebook
      else {
        current = new Map()
        isolated.push(current)
      }
    }
  }
  return [notebook, ...isolated].filter(withCode).map((lines) => example(file, false, lines))
}
