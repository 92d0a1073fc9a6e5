import type { families, LawOptions, Measure, Wrapper } from '@gradchain/laws'
import type { AnyGradientTransformation, Schedule } from 'gradchain'

/** A name that `gradchain` or a wing exports. */
type Name =
  | keyof typeof import('gradchain')
  | keyof typeof import('@gradchain/matrix')
  | keyof typeof import('@gradchain/losses')
  | keyof typeof import('@gradchain/curvature')
  | keyof typeof import('@gradchain/search')
  | keyof typeof import('@gradchain/monitor')
  | keyof typeof import('@gradchain/monitor/plot')
  | keyof typeof import('@gradchain/monitor/svg')
  | keyof typeof import('@gradchain/distributed')
  | keyof typeof import('@gradchain/distributed/node')

/** A family of laws that a transformation obeys; where it takes options, with them. */
export type FamilyEntry =
  | Exclude<keyof typeof families, 'wrapper' | 'schedule'>
  | readonly [
      family: 'elementwise' | 'groupingBlind' | 'odd' | 'scaleBlind' | 'linear' | 'idempotent',
      options: Pick<LawOptions, 'of' | 'tolerance' | 'params'>
    ]
  | readonly [family: 'bounded', bound: number, measure?: Measure]

interface Row {
  /** The export that the row is about. */
  readonly name: Name
  /** What is special about this row, where an export has several. */
  readonly variant?: string
  /** The same in Optax; `null` where Optax has no such thing. */
  readonly optax: `optax.${string}` | null
}

/** A transformation, or a chain that has a name of its own. */
export interface TransformationRow extends Row {
  readonly kind: 'transformation' | 'alias'
  readonly make: () => AnyGradientTransformation
  /** The universal laws that it does not obey, each with the reason. */
  readonly without?: Readonly<Record<string, string>>
  /** The universal laws that it does not obey for 16-bit params, each with the reason. */
  readonly notInHalves?: Readonly<Record<string, string>>
  /** The families of laws it obeys, beyond the universal ones. */
  readonly laws: readonly FamilyEntry[]
  /** How long a leaf may be on which it is tried, where what is kept grows as its square. */
  readonly longest?: number
}

/** What makes a transformation out of others. */
export interface WrapperRow extends Row {
  readonly kind: 'wrapper'
  readonly make: () => Wrapper
  /** The laws of wrappers that it does not obey, each with the reason. */
  readonly without?: Readonly<Record<string, string>>
  /** The universal laws that it does not obey for 16-bit params, each with the reason. */
  readonly notInHalves?: Readonly<Record<string, string>>
  /** Families of laws that it obeys around the identity. */
  readonly laws: readonly FamilyEntry[]
}

/** A schedule. */
export interface ScheduleRow extends Row {
  readonly kind: 'schedule'
  readonly make: () => Schedule
  /** The smallest and the largest value. */
  readonly range: readonly [least: number, most: number]
}

/** A function of trees that is no part of a chain: what it obeys stands in its own tests. */
export interface FunctionRow extends Row {
  readonly kind: 'function'
}

/** A row that laws run over. */
export type LawfulRow = TransformationRow | WrapperRow | ScheduleRow

/** A row of the catalogue. */
export type CatalogueRow = LawfulRow | FunctionRow
