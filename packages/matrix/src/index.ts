export { cholesky } from './decompositions/cholesky.js'
export { type EighResult, eigh } from './decompositions/eigh.js'
export { inverse } from './decompositions/inverse.js'
export {
  type InversePthRootOptions,
  type InversePthRootResult,
  inversePthRoot
} from './decompositions/inversePthRoot.js'
export { type NnlsOptions, nnls } from './decompositions/nnls.js'
export {
  type PowerIterationOptions,
  type PowerIterationResult,
  powerIteration
} from './decompositions/powerIteration.js'
export { type QrOptions, type QrResult, qr } from './decompositions/qr.js'
export { solve } from './decompositions/solve.js'
export { type SvdResult, svd } from './decompositions/svd.js'
export type { Coefficients, Quintic } from './internal/coefficients.js'
export type { DimensionNumbers, WeightDimensionNumbers } from './internal/dimensionNumbers.js'
export { type MuonOptions, type MuonState, muon } from './muon/muon.js'
export { type ScaleByMuonOptions, type ScaleByMuonState, scaleByMuon } from './muon/scaleByMuon.js'
export { type ScaleByShapeOptions, scaleByShape } from './muon/scaleByShape.js'
export { type OrthogonalizeOptions, orthogonalize } from './orthogonal/orthogonalize.js'
