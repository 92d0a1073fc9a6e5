// What every factory owes to those who save how an optimizer was made: a description that is JSON, and that makes it again.

import * as curvature from '@gradchain/curvature'
import * as distributed from '@gradchain/distributed'
import * as frameworks from '@gradchain/frameworks'
import * as losses from '@gradchain/losses'
import * as matrix from '@gradchain/matrix'
import * as monitor from '@gradchain/monitor'
import * as search from '@gradchain/search'
import {
  type AnyGradientTransformation,
  adam,
  type Description,
  describe as description,
  fromDescription,
  masked,
  type Origin,
  scaleBySchedule
} from 'gradchain'
import { expect, test } from 'vitest'
import { catalogue, type LawfulRow } from '../catalogue/index.js'
import * as shared from '../catalogue/shared.js'
import { titleOf } from './checkRows.js'
import { run } from './fewSteps.js'

/** What is no factory: functions that a row calls inside a transformation of its own. */
const noFactories = [
  'averagedParams',
  'biasCorrection',
  'setHyperparams',
  'unitwiseClip',
  'unitwiseNorm',
  'updateMoment'
]

/** What is described by another name, and why. */
const otherwise: Readonly<Record<string, string>> = {
  asSchedule: 'constantSchedule, which it makes of a number; of a schedule it makes nothing'
}

const factories = {
  ...matrix,
  ...curvature,
  ...losses,
  ...search,
  ...monitor,
  ...distributed,
  ...frameworks,
  ...shared
}

interface Made {
  readonly origin?: Origin
  readonly init?: unknown
  readonly update?: Made
  readonly measure?: Made
}

/** The functions of the row itself in what something was made of, by names of the test. */
const functionsIn = (tx: unknown): Readonly<Record<string, unknown>> => {
  const found = new Set<unknown>()
  const look = (value: unknown): void => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') || ArrayBuffer.isView(value))
      return
    const { origin, update, measure } = value as Made
    const known = origin ?? update?.origin ?? measure?.origin
    if (known !== undefined) known.slice(1).forEach(look)
    else if (typeof value === 'function') found.add(value)
    else Object.values(value).forEach(look)
  }
  look(tx)
  return Object.fromEntries([...found].map((f, i) => [`own${i}`, f]))
}

const made = (row: LawfulRow): AnyGradientTransformation => {
  if (row.kind === 'schedule') return scaleBySchedule(row.make())
  return row.kind === 'wrapper' ? row.make()(adam(0.1)) : row.make()
}

const rows = catalogue.flatMap((row) =>
  row.kind === 'function' || noFactories.includes(row.name) ? [] : [[titleOf(row), row] as const]
)

test.each(rows)('%s: its description is JSON, and what is made of it gives the same bits', (_title, row) => {
  const tx = made(row)
  const functions = functionsIn(tx)
  const text = JSON.stringify(description(tx, { functions }))
  // A name that is missing here is that of a factory that does not hand on its origin: see CONTRIBUTING.
  if (otherwise[row.name] === undefined) expect(text).toContain(`"${row.name}"`)

  const again = fromDescription(JSON.parse(text) as Description, { functions, factories })
  expect(JSON.stringify(description(again, { functions }))).toBe(text)
  expect(run(again)).toStrictEqual(run(tx))
})

type Factory = (...given: readonly unknown[]) => unknown

/** The functions of a namespace of frameworks, by their names with dots. */
const functionsOf = (namespace: object, prefix: string): readonly (readonly [string, Factory])[] =>
  Object.entries(namespace).flatMap(([name, member]: readonly [string, unknown]) => {
    if (typeof member === 'function') return [[`${prefix}${name}`, member as Factory] as const]
    return typeof member === 'object' && member !== null ? functionsOf(member, `${prefix}${name}.`) : []
  })

const ofFrameworks = functionsOf(frameworks, '')

const isSchedule = (name: string): boolean => name.includes('.schedules.')

/** What takes matrices alone is given nothing else. */
const isForMatrices = (name: string): boolean => name === 'pytorch.muon'
const onMatrices = { kernel: true, bias: false, deep: [{ scale: false, shift: false }] }

test.each(ofFrameworks.filter(([name]) => !isSchedule(name)))('%s of a learning rate is made again', (name, make) => {
  const own = make(0.1) as AnyGradientTransformation
  const tx = isForMatrices(name) ? masked(own, onMatrices) : own
  const text = JSON.stringify(description(tx))
  expect(text).toContain(`["${name}",0.1`)
  expect(run(fromDescription(JSON.parse(text), { factories }))).toStrictEqual(run(tx))
})

/** Schedules of frameworks, as they are called. */
const schedulesOfFrameworks: readonly AnyGradientTransformation[] = [
  frameworks.pytorch.schedules.linearLR(0.1),
  frameworks.pytorch.schedules.cosineAnnealingLR(0.1, { tMax: 10 }),
  frameworks.pytorch.schedules.chainedScheduler(0.1, [
    frameworks.pytorch.schedules.constantLR(1),
    frameworks.pytorch.schedules.exponentialLR(1, { gamma: 0.5 })
  ]),
  frameworks.keras.schedules.polynomialDecay(0.1, { decaySteps: 4 }),
  frameworks.keras.schedules.cosineDecayRestarts(0.1, { firstDecaySteps: 3 }),
  frameworks.timm.schedules.noisy(frameworks.timm.schedules.step(0.1, { decayT: 2 }), { noiseRangeT: 1 }),
  frameworks.transformers.schedules.linear(0.1, { numWarmupSteps: 2, numTrainingSteps: 5 })
].map(scaleBySchedule)

test.each(schedulesOfFrameworks.map((tx) => [JSON.stringify(description(tx)), tx] as const))(
  '%s is made again',
  (text, tx) => {
    expect(run(fromDescription(JSON.parse(text), { factories }))).toStrictEqual(run(tx))
  }
)
