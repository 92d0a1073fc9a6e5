// The page that says of everything in the catalogue what it computes.
import { explain } from '@gradchain/monitor'
import { type AnyGradientTransformation, ndarray, scale } from 'gradchain'
import { catalogue } from '../catalogue/index.js'

const numbers = (count: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: count }, (_, i) => ((i % 5) - 2) / 4 + 0.125)

/** A matrix and a vector. */
const params = { w: ndarray(numbers(12), [4, 3]), b: numbers(3) }

interface Chapter {
  readonly title: string
  readonly kind: 'alias' | 'transformation' | 'wrapper'
}

const CHAPTERS: readonly Chapter[] = [
  { title: 'Optimizers', kind: 'alias' },
  { title: 'Parts', kind: 'transformation' },
  { title: 'Wrappers, each around `scale(0.5)`', kind: 'wrapper' }
]

const HEAD = `# What each one computes

Written by \`explain\` of \`@gradchain/monitor\` and checked by a test, which also computes with these equations and compares what comes out
with what the transformations give. The params are a 4 × 3 matrix \`w\` and a vector \`b\`; the options are those of the tests. How to read
it stands in the documentation of \`explain\`.
`

/** The page, as Markdown. */
export const page = (): string => {
  const said = new Set<string>()
  const chapters = CHAPTERS.map(({ title, kind }) => {
    const sections = catalogue.flatMap((row) => {
      if (row.kind !== kind || said.has(row.name)) return []
      said.add(row.name)
      const tx: AnyGradientTransformation = row.kind === 'wrapper' ? row.make()(scale(0.5)) : row.make()
      return [`### ${row.name}\n\n\`\`\`text\n${explain(tx, params)}\n\`\`\`\n`]
    })
    return `## ${title}\n\n${sections.join('\n')}`
  })
  return [HEAD, ...chapters].join('\n')
}
