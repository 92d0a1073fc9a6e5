// `@gradchain/monitor/svg`: pictures as SVG, and pages with them, drawn by Vega, which whoever imports this has installed.
export { type PagePart, toHtml } from './toHtml.js'
export { type ToSvgOptions, toSvg } from './toSvg.js'
