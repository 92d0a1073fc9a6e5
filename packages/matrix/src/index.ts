export { type AttentionHeads, type QkClipExtra, type QkClipOptions, qkClip } from './attention/qkClip.js'
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
export { type DionOptions, type DionState, dion } from './dion/dion.js'
export { type ScaleByDionOptions, type ScaleByDionState, scaleByDion } from './dion/scaleByDion.js'
export type { Coefficients, Quintic } from './internal/coefficients.js'
export type { DimensionNumbers, WeightDimensionNumbers } from './internal/dimensionNumbers.js'
export { type AdamuonOptions, type AdamuonState, adamuon } from './muon/adamuon.js'
export { type MuonOptions, type MuonState, muon } from './muon/muon.js'
export { type NormuonOptions, type NormuonState, normuon } from './muon/normuon.js'
export { type ScaleByMuonOptions, type ScaleByMuonState, scaleByMuon } from './muon/scaleByMuon.js'
export { type ScaleByMuonRmsOptions, type ScaleByMuonRmsState, scaleByMuonRms } from './muon/scaleByMuonRms.js'
export { type ScaleByShapeOptions, scaleByShape } from './muon/scaleByShape.js'
export { type OrthogonalizeOptions, orthogonalize } from './orthogonal/orthogonalize.js'
export { type ScaleByLmoOptions, scaleByLmo } from './scion/scaleByLmo.js'
export { type ScionOptions, type ScionState, scion } from './scion/scion.js'
export { type OrthogonalizeParamsOptions, orthogonalizeParams } from './spectral/orthogonalizeParams.js'
export { orthogonalPenalty } from './spectral/orthogonalPenalty.js'
export { projectSpectralNorm } from './spectral/projectSpectralNorm.js'
export { type SpectralNormOptions, type SpectralNormState, spectralNorm } from './spectral/spectralNorm.js'
