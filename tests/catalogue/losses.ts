import type { CatalogueRow } from './row.js'

/** What `@gradchain/losses` exports. */
export const losses: readonly CatalogueRow[] = [
  { name: 'binaryDiceLoss', kind: 'function', optax: 'optax.losses.binary_dice_loss' },
  { name: 'convexKlDivergence', kind: 'function', optax: 'optax.losses.convex_kl_divergence' },
  { name: 'cosineDistance', kind: 'function', optax: 'optax.losses.cosine_distance' },
  { name: 'cosineSimilarity', kind: 'function', optax: 'optax.losses.cosine_similarity' },
  { name: 'ctcLoss', kind: 'function', optax: 'optax.losses.ctc_loss' },
  { name: 'ctcLossWithForwardProbs', kind: 'function', optax: 'optax.losses.ctc_loss_with_forward_probs' },
  { name: 'diceLoss', kind: 'function', optax: 'optax.losses.dice_loss' },
  { name: 'generalizedKlDivergence', kind: 'function', optax: 'optax.losses.generalized_kl_divergence' },
  { name: 'hingeLoss', kind: 'function', optax: 'optax.losses.hinge_loss' },
  { name: 'huberLoss', kind: 'function', optax: 'optax.losses.huber_loss' },
  { name: 'klDivergence', kind: 'function', optax: 'optax.losses.kl_divergence' },
  { name: 'klDivergenceWithLogTargets', kind: 'function', optax: 'optax.losses.kl_divergence_with_log_targets' },
  { name: 'l2Loss', kind: 'function', optax: 'optax.losses.l2_loss' },
  { name: 'logCosh', kind: 'function', optax: 'optax.losses.log_cosh' },
  { name: 'logSoftmax', kind: 'function', optax: null },
  { name: 'logSumExp', kind: 'function', optax: null },
  { name: 'makeFenchelYoungLoss', kind: 'function', optax: 'optax.losses.make_fenchel_young_loss' },
  { name: 'multiclassGeneralizedDiceLoss', kind: 'function', optax: 'optax.losses.multiclass_generalized_dice_loss' },
  { name: 'multiclassHingeLoss', kind: 'function', optax: 'optax.losses.multiclass_hinge_loss' },
  { name: 'multiclassPerceptronLoss', kind: 'function', optax: 'optax.losses.multiclass_perceptron_loss' },
  { name: 'multiclassSparsemaxLoss', kind: 'function', optax: 'optax.losses.multiclass_sparsemax_loss' },
  { name: 'ntxent', kind: 'function', optax: 'optax.losses.ntxent' },
  { name: 'perceptronLoss', kind: 'function', optax: 'optax.losses.perceptron_loss' },
  { name: 'polyLossCrossEntropy', kind: 'function', optax: 'optax.losses.poly_loss_cross_entropy' },
  { name: 'rankingSoftmaxLoss', kind: 'function', optax: 'optax.losses.ranking_softmax_loss' },
  { name: 'safeSoftmaxCrossEntropy', kind: 'function', optax: 'optax.losses.safe_softmax_cross_entropy' },
  { name: 'sigmoidBinaryCrossEntropy', kind: 'function', optax: 'optax.losses.sigmoid_binary_cross_entropy' },
  { name: 'sigmoidFocalLoss', kind: 'function', optax: 'optax.losses.sigmoid_focal_loss' },
  { name: 'smoothLabels', kind: 'function', optax: 'optax.losses.smooth_labels' },
  { name: 'softmaxCrossEntropy', kind: 'function', optax: 'optax.losses.softmax_cross_entropy' },
  {
    name: 'softmaxCrossEntropyWithIntegerLabels',
    kind: 'function',
    optax: 'optax.losses.softmax_cross_entropy_with_integer_labels'
  },
  { name: 'sparsemaxLoss', kind: 'function', optax: 'optax.losses.sparsemax_loss' },
  { name: 'squaredError', kind: 'function', optax: 'optax.losses.squared_error' },
  { name: 'tripletMarginLoss', kind: 'function', optax: 'optax.losses.triplet_margin_loss' }
]
