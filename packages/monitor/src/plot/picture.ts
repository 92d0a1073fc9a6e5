/** A number or a text in the data of a picture; `null` where a line is broken. */
export type PictureValue = number | string | null

/** One point of a picture, by the fields that its layers name. */
export type PictureRow = Readonly<Record<string, PictureValue>>

/** A position: which field it is of, what it is called, and on which scale it lies. */
export interface PicturePosition {
  readonly field: string
  readonly type: 'quantitative'
  /** What stands beside the axis; `null` for nothing. */
  readonly title: string | null
  readonly scale: {
    readonly type: 'linear' | 'log'
    /** From where to where the axis goes, round numbers both. */
    readonly domain: readonly [from: number, to: number]
    readonly nice: false
    readonly zero?: false
  }
  readonly axis: {
    /** About how many numbers stand beside it. */
    readonly tickCount: number
    /** Where only whole numbers are on it. */
    readonly tickMinStep?: 1
    /** Which numbers these are, on a logarithmic scale. */
    readonly values?: readonly number[]
    /** How they are written, in the language of Vega's expressions. */
    readonly labelExpr?: string
    /** How they are written, as d3-format has it: shares as percentages. */
    readonly format?: '%'
    /** Where lines across the picture would be taken for some of its own. */
    readonly grid?: false
  }
}

/** The colours of a picture: one for each name. */
export interface PictureColor {
  readonly field: 'series'
  readonly type: 'nominal'
  readonly title: null
  readonly scale: { readonly domain: readonly string[] }
  /** `null` where there is no need to say what is what. */
  readonly legend?: null
}

/** What tells curves apart besides their colours, where there are so many that colours alone do not for everyone. */
export interface PictureDash extends Omit<PictureColor, 'scale'> {
  readonly scale: {
    readonly domain: readonly string[]
    readonly range: readonly (readonly [on: number, off: number])[]
  }
}

/** What is drawn with, and how it is meant: renderers of ours and of others may dress the styles as they like. */
export interface PictureMark {
  readonly type: 'line' | 'point' | 'rule' | 'rect' | 'text'
  /** `faint` lies behind what matters, `contour` is a line of equal height, `lost` is where no number is. */
  readonly style: 'curve' | 'faint' | 'contour' | 'dot' | 'lost' | 'target' | 'mark' | 'bin'
  /** Whether what lies outside the frame is cut off. */
  readonly clip: boolean
  readonly opacity: number
  readonly invalid?: 'break-paths-show-domains'
  readonly shape?: 'cross' | 'diamond' | 'circle'
  readonly size?: number
  readonly filled?: boolean
  readonly strokeWidth?: number
  readonly strokeDash?: readonly number[]
  readonly align?: 'left' | 'right'
  readonly baseline?: 'top'
  readonly dx?: number
}

/** One layer of a picture. */
export interface PictureLayer {
  readonly data: { readonly values: readonly PictureRow[] }
  readonly mark: PictureMark
  readonly encoding: {
    readonly x: PicturePosition
    readonly x2?: { readonly field: string }
    /** On its axis, or in pixels from the upper edge. */
    readonly y?: PicturePosition | { readonly value: number }
    readonly y2?: { readonly datum: number }
    readonly color?: PictureColor
    readonly strokeDash?: PictureDash
    readonly text?: { readonly field: 'series'; readonly type: 'nominal' }
    /** In which order the points of a line are joined. */
    readonly order?: { readonly field: 'i'; readonly type: 'quantitative' }
  }
}

/** What all pictures have. */
interface Described {
  /** The version of Vega-Lite that it is written for. */
  readonly $schema: string
  readonly title: { readonly text: string; readonly subtitle?: readonly string[]; readonly anchor: 'start' }
  /** What is to be seen, in a sentence, for those who do not see it. */
  readonly description: string
}

/** Layers over one another, on the same axes. */
export interface LayeredPicture extends Described {
  /** In pixels, without the axes. */
  readonly width: number
  readonly height: number
  readonly layer: readonly PictureLayer[]
}

/** The same picture several times, one below the other, for each name. */
export interface FacetedPicture extends Described {
  readonly data: { readonly values: readonly PictureRow[] }
  readonly facet: {
    readonly row: {
      readonly field: 'series'
      readonly type: 'nominal'
      readonly title: null
      readonly sort: readonly string[]
    }
  }
  readonly spec: { readonly width: number; readonly height: number } & Omit<PictureLayer, 'data'>
}

/**
 * A picture as plain data: a specification of Vega-Lite 6, of which it is a small part.
 *
 * {@link toText} draws it with characters, `toSvg` of `@gradchain/monitor/svg` as SVG, and whatever reads Vega-Lite as it is.
 *
 * @see {@link https://vega.github.io/vega-lite/docs/spec.html}
 */
export type Picture = LayeredPicture | FacetedPicture

/** Options that every picture has. */
export interface PictureOptions {
  /** What stands above it. @defaultValue says what it shows */
  readonly title?: string
  /** The width in pixels where there are pixels, without the axes, a whole number ≥ 1. @defaultValue `600` */
  readonly width?: number
  /** The height likewise; of histograms, that of each. @defaultValue `260`, of histograms `60`, of a landscape `400` */
  readonly height?: number
}
