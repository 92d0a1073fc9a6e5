import { expect, test } from 'vitest'
import { catalogue } from '../catalogue/index.js'
import { filesIn, packageFolders, sourcesOf } from './files.js'
import { starred, undocumented, unexplained, unlisted } from './house.js'

test('every export is documented, every function by an example, every field of options and states by a sentence', () => {
  expect(undocumented(packageFolders.map((folder) => `${folder}/src/index.ts`))).toEqual([])
})

test.each(['schedules', 'transforms', 'optimizers'])('every file of %s is exported and in the catalogue', (name) => {
  expect(unlisted(`packages/${name}`, catalogue)).toEqual([])
})

test('every @ts-expect-error gives its reason', () => {
  const isSource = (path: string) => /(?<!\.d)\.ts$/.test(path) && !/node_modules|dist|tests\/docs/.test(path)
  expect(unexplained(['packages', 'tests', 'examples'].flatMap((folder) => filesIn(folder, isSource)))).toEqual([])
})

test('no package but the umbrella exports a file without naming what it exports', () => {
  expect(starred(packageFolders.filter((folder) => folder !== 'packages/gradchain').flatMap(sourcesOf))).toEqual([])
})
