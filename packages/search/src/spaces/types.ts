/** A number between two ends, each as likely as any other. */
export interface Uniform {
  readonly kind: 'uniform'
  readonly low: number
  readonly high: number
}

/** A positive number between two ends, whose logarithm is uniform. */
export interface LogUniform {
  readonly kind: 'logUniform'
  readonly low: number
  readonly high: number
}

/** A whole number between two ends, both of them among the values. */
export interface Integer {
  readonly kind: 'integer'
  readonly low: number
  readonly high: number
  /** Whether small numbers are told apart more finely than large ones. */
  readonly log: boolean
}

/** What a choice may be between. */
export type Choosable = string | number | boolean | null

/** One of some values that have no order. */
export interface Choice<T extends Choosable = Choosable> {
  readonly kind: 'choice'
  readonly values: readonly T[]
}

/** A hyperparameter: what values it may have, and which of them are near each other. */
export type Dimension = Uniform | LogUniform | Integer | Choice

/** Hyperparameters by name; objects may be nested. */
export interface Fields {
  readonly [name: string]: Dimension | Variants | Fields
}

/** One of several sets of hyperparameters, each with a name. */
export interface Variants<Tag extends string = string, Cases extends { readonly [name: string]: Fields } = AnyCases> {
  readonly kind: 'variants'
  readonly tag: Tag
  readonly cases: Cases
}

interface AnyCases {
  readonly [name: string]: Fields
}

/** What a configuration out of these hyperparameters looks like. */
export type ConfigOf<F> = F extends Uniform | LogUniform | Integer
  ? number
  : F extends Choice<infer T>
    ? T
    : F extends Variants<infer Tag, infer Cases>
      ? { [K in keyof Cases & string]: { readonly [T in Tag]: K } & ConfigOf<Cases[K]> }[keyof Cases & string]
      : { readonly [K in keyof F]: ConfigOf<F[K]> }

declare const CONFIG: unique symbol

/** Hyperparameters that were checked; the type of their configurations goes with it. Plain data. */
export interface Space<Config> {
  readonly fields: Fields | Variants
  readonly [CONFIG]?: Config
}
