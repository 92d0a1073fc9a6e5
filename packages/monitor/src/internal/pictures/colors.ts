/** What a picture is dressed in. */
export interface Colors {
  readonly paper: string
  readonly ink: string
  readonly muted: string
  readonly grid: string
  readonly lost: string
  /** Those of curves, in order; the first four are told apart by those, too, to whom red and green, or blue and yellow, are alike. */
  readonly series: readonly string[]
}

/** On white. No two are alike, so that each can be found again and be replaced. */
export const LIGHT: Colors = {
  paper: '#ffffff',
  ink: '#1b1f24',
  muted: '#5c6570',
  grid: '#e3e6ea',
  lost: '#c81e1e',
  series: ['#2f62c9', '#b8500f', '#1a7f5a', '#7c2870', '#7d6400', '#b3264a', '#006f86', '#6a6f76']
}

/** On black. */
export const DARK: Colors = {
  paper: '#15181d',
  ink: '#e8eaed',
  muted: '#a3abb5',
  grid: '#2d333b',
  lost: '#ff7b72',
  series: ['#82aaff', '#ffa05c', '#5bd1a0', '#f0c4f0', '#dec253', '#ff8aa3', '#52cce2', '#b3b9c1']
}

/** All colours, in an order that is the same for both. */
export const listOf = ({ paper, ink, muted, grid, lost, series }: Colors): readonly string[] => [
  paper,
  ink,
  muted,
  grid,
  lost,
  ...series
]
