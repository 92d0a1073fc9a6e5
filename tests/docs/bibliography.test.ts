import { expect, test } from 'vitest'
import { citations, page, works, worksOf } from './bibliography.js'

test('every paper is cited as authors, year, title, place and link, by the same authors and under one title everywhere', () => {
  expect(works().problems).toEqual([])
})

// Where something else is cited, `npx vitest run --project docs bibliography -u` writes it anew.
test('docs/bibliography.md is what the doc blocks say', async () => {
  await expect(page(works().works)).toMatchFileSnapshot('../../docs/bibliography.md')
})

test('a line may cite several works, with or without titles, places and links', () => {
  const line =
    "Van Loan and Müller et al. (1999) first; De Mol, O'Neil and Ba (2014), Adam: A, B and C, algorithm 1, {@link https://a.b/c}, for nothing"
  expect(citations(line).at(-1)).toStrictEqual({
    authors: "De Mol, O'Neil and Ba",
    year: '2014',
    title: 'Adam: A, B and C',
    place: 'algorithm 1',
    link: 'https://a.b/c'
  })
  expect(citations('Kim (2001), section 2; Lee (2002) for the rest').map(({ title, place }) => [title, place])).toEqual(
    [
      [undefined, 'section 2'],
      [undefined, undefined]
    ]
  )
})

const source = (file: string, see: string) => ({
  file,
  text: `/**\n * What it does.\n *\n * @see ${see}\n */\nexport const it = 1\n`
})

test('a work is one, however often it is cited', () => {
  const { works: found, problems } = worksOf([
    source('packages/a/src/b.ts', 'Kim (2001), A Title, algorithm 1, {@link https://a.b/c}'),
    source('packages/frameworks/src/keras/b.ts', 'Kim (2001), section 2'),
    source('packages/a/src/internal/b.ts', 'Kim (2001)')
  ])
  expect(problems).toEqual([])
  expect(page(found).split('\n').slice(-2)).toEqual([
    '- Kim (2001), [A Title](https://a.b/c): `it` (algorithm 1), `keras.it` (section 2)',
    ''
  ])
})

test.each([
  ['a paper without authors', ['{@link https://arxiv.org/abs/1}'], 'a.ts: not to be read as'],
  ['a year that no name stands before', ['the paper (2001), A Title'], 'a.ts: not to be read as'],
  ['a work without a title', ['Kim (2001), section 2'], 'a.ts: Kim (2001) has no title'],
  [
    'two titles',
    ['Kim (2001), A, {@link https://a.b/c}', 'Kim (2001), B, {@link https://a.b/c}'],
    'https://a.b/c has more'
  ],
  [
    'two years',
    ['Kim (2001), A, {@link https://a.b/c}', 'Kim (2002), {@link https://a.b/c}'],
    'https://a.b/c has more'
  ],
  [
    'a work that may be one of two',
    ['Kim (2001), A, {@link https://a.b/c}; Kim (2001), B, {@link https://a.b/d}', 'Kim (2001)'],
    'b.ts: which work of Kim (2001)'
  ]
])('%s is told', (_, sees, problem) => {
  const { problems } = worksOf(sees.map((see, i) => source(i === 0 ? 'a.ts' : 'b.ts', see)))
  expect(problems.map((one) => one.slice(0, problem.length))).toEqual([problem])
})
