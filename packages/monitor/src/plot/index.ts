// `@gradchain/monitor/plot`: pictures as plain data, and drawn with characters.
export type {
  FacetedPicture,
  LayeredPicture,
  Picture,
  PictureColor,
  PictureDash,
  PictureLayer,
  PictureMark,
  PictureOptions,
  PicturePosition,
  PictureRow,
  PictureValue
} from './picture.js'
export { type PlotHistogramsOptions, type PlottedHistogram, plotHistograms } from './plotHistograms.js'
export { type PlotLandscapeOptions, type PlottedPoint, plotLandscape } from './plotLandscape.js'
export { plotLearningRateFinder } from './plotLearningRateFinder.js'
export { type PlotRunOptions, plotRun } from './plotRun.js'
export { type PlotScheduleOptions, plotSchedule } from './plotSchedule.js'
export { type ToTextOptions, toText } from './toText.js'
