import { expect, test } from 'vitest'
import { catalogue } from '../catalogue/index.js'
import { barrels, filesIn, packageFolders, sourcesOf } from './files.js'
import { loose, misstated, starred, undocumented, unexplained, unlisted, unsteady, untested } from './house.js'

test('every export is documented, every function by an example, every field of options and states by a sentence', () => {
  // Who writes an engine looks at ours.
  const isInner = (line: string): boolean => /^packages\/core\/src\/foreign\/.* has no @example$/.test(line)
  expect(undocumented(barrels).filter((line) => !isInner(line))).toEqual([])
})

test('what a doc block gives as the default of an option is its default', () => {
  expect(misstated(barrels)).toEqual([])
})

test.each(['schedules', 'transforms', 'optimizers', 'losses', 'curvature', 'search', 'monitor', 'distributed'])(
  'every file of %s is exported and in the catalogue',
  (name) => {
    expect(unlisted(`packages/${name}`, catalogue)).toEqual([])
  }
)

test('every exported function is tested beside its source', () => {
  const found = untested(barrels)
  // What is to be like another library is tested against it, all in one place: tests/parity.
  expect(found.filter((line) => !line.startsWith('packages/frameworks/'))).toEqual([])
})

test('every @ts-expect-error gives its reason', () => {
  const isSource = (path: string) => /(?<!\.d)\.ts$/.test(path) && !/node_modules|dist|tests\/docs/.test(path)
  expect(unexplained(['packages', 'tests', 'examples'].flatMap((folder) => filesIn(folder, isSource)))).toEqual([])
})

test('no package but the umbrella exports a file without naming what it exports', () => {
  expect(starred(packageFolders.filter((folder) => folder !== 'packages/gradchain').flatMap(sourcesOf))).toEqual([])
})

/** The files that may, and why. */
const unsteadyBecause: Readonly<Record<string, string>> = {
  'packages/core/src/expression/operations/arithmetic.ts':
    'powers of expressions are those of the JavaScript engine, in every engine',
  'packages/core/src/expression/operations/functions.ts':
    'functions of expressions are those of the JavaScript engine, in every engine',
  'packages/core/src/packing/kernel.ts': 'the logarithm of a constant that is a power of two',
  'packages/core/src/engine/product/modules.ts': 'the logarithm of a constant that is a power of two',
  'packages/core/src/expression/methods/reducing.ts': 'the logarithm of a constant that is a power of two',
  'packages/monitor/src/internal/equations/fit.ts':
    'which formula fits numbers that are there decides what is printed, never a number',
  'packages/monitor/src/internal/equations/terms.ts': 'numbers of formulas are printed in a few digits',
  'packages/matrix/src/internal/reflector.ts': 'which power of two a matrix is divided by changes nothing',
  'packages/matrix/src/internal/solveOf.ts': 'which power of two a row is multiplied by changes nothing'
}

test('nothing that decides about bits calls what differs from one JavaScript engine to the next', () => {
  const files = packageFolders
    .flatMap(sourcesOf)
    .filter((file) => !/\/testing\b|[a-z]Testing\.ts$|packages\/laws/.test(file))
  const found = unsteady(files)
  const isAllowed = (line: string): boolean => unsteadyBecause[line.slice(0, line.indexOf(':'))] !== undefined
  expect(found.filter((line) => !isAllowed(line))).toEqual([])
  // What needs no permission has none.
  expect(Object.keys(unsteadyBecause).filter((file) => !found.some((line) => line.startsWith(`${file}:`)))).toEqual([])
})

test('no test compares numbers by toEqual', () => {
  const isTest = (path: string) => path.endsWith('.test.ts') && !/node_modules|dist/.test(path)
  expect(loose(['packages', 'tests', 'examples', 'bench'].flatMap((folder) => filesIn(folder, isTest)))).toEqual([])
})
