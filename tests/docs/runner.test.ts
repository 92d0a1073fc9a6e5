import { expect, test } from 'vitest'
import { docBlockExamples, markdownExamples } from './collect.js'
import { evaluate } from './evaluate.js'
import { read } from './files.js'
import { typecheck } from './typecheck.js'

const problemsOf = async (name: string) => {
  const file = `tests/docs/fixtures/${name}`
  const collect = name.endsWith('.md') ? markdownExamples : docBlockExamples
  const found = await Promise.all(typecheck(collect(file, read(file))).map(evaluate))
  return found.map((problems) => problems.map((problem) => problem.replace('tests/docs/fixtures/', '').split('\n')[0]))
}

test('examples that are right pass', async () => {
  expect(await problemsOf('right.ts')).toEqual([[], [], [], []])
  expect(await problemsOf('right.md')).toEqual([[], []])
})

test('every way a doc block example may be wrong is told, with its line', async () => {
  expect(await problemsOf('wrong.ts')).toEqual([
    ['wrong.ts:5: says 3, is 2'],
    ["wrong.ts:8: Argument of type 'string' is not assignable to parameter of type 'number'."],
    ["wrong.ts:11: Cannot find name 'halve'.", 'wrong.ts:11: ReferenceError: halve is not defined'],
    ['wrong.ts:14: says throws RangeError: no, is 2'],
    ['wrong.ts:17: says throws RangeError: half: x must not be 1, is throws RangeError: half: x must not be 0'],
    ['wrong.ts:21: is never reached'],
    ['wrong.ts:25: 1 of its `// =>` follow no expression'],
    ['wrong.ts:29: RangeError: half: x must not be 0'],
    ['wrong.ts:32: AssertionError: expected 1 to be 2 // Object.is equality'],
    ['wrong.ts:36: AssertionError: expected 1.5 to be 1 // Object.is equality'],
    ['wrong.ts:40: says 0.25, is -0.25']
  ])
})

test('a page is one program, but for its isolated blocks', async () => {
  expect(await problemsOf('wrong.md')).toEqual([
    ["wrong.md:4: Type 'string' is not assignable to type 'number'."],
    ["wrong.md:8: Cannot find name 'x'.", 'wrong.md:8: ReferenceError: x is not defined']
  ])
})
