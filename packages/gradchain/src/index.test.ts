import * as core from '@gradchain/core'
import * as optimizers from '@gradchain/optimizers'
import * as schedules from '@gradchain/schedules'
import * as transforms from '@gradchain/transforms'
import { expect, test } from 'vitest'
import * as gradchain from './index.js'

// Of two packages that export one name, `export *` would silently take neither.
test('exports all that core, schedules, transforms and optimizers export, and nothing else', () => {
  const floors: readonly object[] = [core, schedules, transforms, optimizers]
  const names = floors.flatMap((floor) => Object.keys(floor))
  expect(Object.keys(gradchain).sort()).toStrictEqual([...new Set(names)].sort())
  for (const floor of floors) expect(gradchain).toMatchObject(floor)
})
