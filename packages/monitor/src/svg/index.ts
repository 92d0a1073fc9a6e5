// `@gradchain/monitor/svg`: pictures as SVG, drawn by Vega, which whoever imports this has installed.
export { type ToSvgOptions, toSvg } from './toSvg.js'
