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
export { type AdamMiniOptions, type AdamMiniState, adamMini } from './lowRank/adamMini.js'
export { type ApolloOptions, type ApolloState, apollo } from './lowRank/apollo.js'
export { type CameOptions, type CameState, came } from './lowRank/came.js'
export { type CondaOptions, type CondaState, conda } from './lowRank/conda.js'
export { type FiraOptions, type FiraState, fira } from './lowRank/fira.js'
export { type GaloreOptions, type GaloreState, galore } from './lowRank/galore.js'
export { type LdadamOptions, type LdadamState, ldadam } from './lowRank/ldadam.js'
export {
  type AdamMiniBlocks,
  type ScaleByAdamMiniOptions,
  type ScaleByAdamMiniState,
  scaleByAdamMini
} from './lowRank/scaleByAdamMini.js'
export { type ScaleByApolloOptions, type ScaleByApolloState, scaleByApollo } from './lowRank/scaleByApollo.js'
export { type ScaleByCameOptions, type ScaleByCameState, scaleByCame } from './lowRank/scaleByCame.js'
export { type ScaleByCondaOptions, type ScaleByCondaState, scaleByConda } from './lowRank/scaleByConda.js'
export { type ScaleByFiraOptions, type ScaleByFiraState, scaleByFira } from './lowRank/scaleByFira.js'
export { type ScaleByGaloreOptions, type ScaleByGaloreState, scaleByGalore } from './lowRank/scaleByGalore.js'
export { type ScaleByLdadamOptions, type ScaleByLdadamState, scaleByLdadam } from './lowRank/scaleByLdadam.js'
export { type AdamuonOptions, type AdamuonState, adamuon } from './muon/adamuon.js'
export { type MuonOptions, type MuonState, muon } from './muon/muon.js'
export { type NormuonOptions, type NormuonState, normuon } from './muon/normuon.js'
export { type ScaleByMuonOptions, type ScaleByMuonState, scaleByMuon } from './muon/scaleByMuon.js'
export { type ScaleByMuonRmsOptions, type ScaleByMuonRmsState, scaleByMuonRms } from './muon/scaleByMuonRms.js'
export { type ScaleByShapeOptions, scaleByShape } from './muon/scaleByShape.js'
export {
  type OnlineNewtonStepOptions,
  type OnlineNewtonStepState,
  onlineNewtonStep
} from './online/onlineNewtonStep.js'
export {
  type ScaleByOnlineNewtonOptions,
  type ScaleByOnlineNewtonState,
  scaleByOnlineNewton
} from './online/scaleByOnlineNewton.js'
export { type OrthogonalizeOptions, orthogonalize } from './orthogonal/orthogonalize.js'
export { type KfacOptions, type KfacState, kfac } from './preconditioned/kfac.js'
export { type PsgdKronOptions, type PsgdKronState, psgdKron } from './preconditioned/psgdKron.js'
export {
  type KfacExtra,
  type KfacLayer,
  type KfacLayerFactors,
  type KfacLayerSamples,
  type ScaleByKfacOptions,
  type ScaleByKfacState,
  scaleByKfac
} from './preconditioned/scaleByKfac.js'
export { type ScaleByKronOptions, type ScaleByKronState, scaleByKron } from './preconditioned/scaleByKron.js'
export {
  type ScaleByShampooOptions,
  type ScaleByShampooState,
  scaleByShampoo
} from './preconditioned/scaleByShampoo.js'
export { type ScaleBySidesOptions, scaleBySides } from './preconditioned/scaleBySides.js'
export { type ScaleBySoapOptions, type ScaleBySoapState, scaleBySoap } from './preconditioned/scaleBySoap.js'
export { type ScaleBySplusOptions, type ScaleBySplusState, scaleBySplus } from './preconditioned/scaleBySplus.js'
export { type ShampooOptions, type ShampooState, shampoo } from './preconditioned/shampoo.js'
export { type SoapOptions, type SoapState, soap } from './preconditioned/soap.js'
export { type SplusOptions, type SplusState, splus } from './preconditioned/splus.js'
export { type ScaleByLmoOptions, scaleByLmo } from './scion/scaleByLmo.js'
export { type ScionOptions, type ScionState, scion } from './scion/scion.js'
export { type OrthogonalizeParamsOptions, orthogonalizeParams } from './spectral/orthogonalizeParams.js'
export { projectSpectralNorm } from './spectral/projectSpectralNorm.js'
export { type SpectralNormOptions, type SpectralNormState, spectralNorm } from './spectral/spectralNorm.js'
