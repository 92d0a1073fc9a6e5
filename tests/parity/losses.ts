// Ours for the Optax expressions of `generate_losses.py`, by the same names.
import {
  binaryDiceLoss,
  convexKlDivergence,
  cosineDistance,
  cosineSimilarity,
  ctcLoss,
  ctcLossWithForwardProbs,
  diceLoss,
  generalizedKlDivergence,
  hingeLoss,
  huberLoss,
  klDivergence,
  klDivergenceWithLogTargets,
  l2Loss,
  logCosh,
  logSumExp,
  makeFenchelYoungLoss,
  multiclassGeneralizedDiceLoss,
  multiclassHingeLoss,
  multiclassPerceptronLoss,
  multiclassSparsemaxLoss,
  ntxent,
  perceptronLoss,
  polyLossCrossEntropy,
  rankingSoftmaxLoss,
  safeSoftmaxCrossEntropy,
  sigmoidBinaryCrossEntropy,
  sigmoidFocalLoss,
  smoothLabels,
  softmaxCrossEntropy,
  softmaxCrossEntropyWithIntegerLabels,
  sparsemaxLoss,
  squaredError,
  tripletMarginLoss
} from '@gradchain/losses'
import { maxOf, type Operand, reshape, shapeOf, type Value } from 'gradchain'

/** The arguments of a loss, by name; there is each that its row asks for. */
export type Inputs = Readonly<Record<string, Operand>> & { readonly [K in Name]: Operand }

type Name =
  | 'p'
  | 't'
  | 'x'
  | 'y'
  | 'f'
  | 's'
  | 'where'
  | 'weights'
  | 'labels'
  | 'logits'
  | 'logit_paddings'
  | 'label_paddings'
  | 'predictions'
  | 'targets'
  | 'embeddings'
  | 'anchors'
  | 'positives'
  | 'negatives'

const integerLabels = softmaxCrossEntropyWithIntegerLabels
const aligned = ({ logits, logit_paddings, labels, label_paddings }: Inputs) =>
  [logits, logit_paddings, labels, label_paddings] as const
const largest = makeFenchelYoungLoss((s) => maxOf(s, [shapeOf(s).length - 1]))

/** Our results. */
export const losses: Readonly<Record<string, (inputs: Inputs) => Value | readonly Value[]>> = {
  squared_error: ({ p, t }) => squaredError(p, t),
  'squared_error/errors': ({ p }) => squaredError(p),
  l2_loss: ({ p, t }) => l2Loss(p, t),
  'l2_loss/errors': ({ p }) => l2Loss(p),
  huber_loss: ({ p, t }) => huberLoss(p, t),
  'huber_loss/delta': ({ p, t }) => huberLoss(p, t, { delta: 2.5 }),
  'huber_loss/at delta': ({ p }) => huberLoss(p),
  log_cosh: ({ p, t }) => logCosh(p, t),
  'log_cosh/large': ({ p }) => logCosh(p),
  cosine_similarity: ({ p, t }) => cosineSimilarity(p, t),
  'cosine_similarity/axis': ({ p, t }) => cosineSimilarity(p, t, { axis: 0 }),
  'cosine_similarity/axes': ({ p, t }) => cosineSimilarity(p, t, { axis: [2, 0] }),
  'cosine_similarity/epsilon': ({ p, t }) => cosineSimilarity(p, t, { epsilon: 0.25 }),
  'cosine_similarity/where': ({ p, t, where }) => cosineSimilarity(p, t, { where }),
  cosine_distance: ({ p, t }) => cosineDistance(p, t),
  'cosine_distance/all': ({ p, t }) => cosineDistance(p, t, { axis: null }),
  sigmoid_binary_cross_entropy: ({ x, y }) => sigmoidBinaryCrossEntropy(x, y),
  'sigmoid_binary_cross_entropy/large': ({ x, y }) => sigmoidBinaryCrossEntropy(x, y),
  sigmoid_focal_loss: ({ x, y }) => sigmoidFocalLoss(x, y),
  'sigmoid_focal_loss/alpha': ({ x, y }) => sigmoidFocalLoss(x, y, { alpha: 0.25, gamma: 1.5 }),
  'sigmoid_focal_loss/soft': ({ x, y }) => sigmoidFocalLoss(x, y),
  'sigmoid_focal_loss/large': ({ x, y }) => sigmoidFocalLoss(x, y),
  softmax_cross_entropy: ({ x, y }) => softmaxCrossEntropy(x, y),
  'softmax_cross_entropy/axis': ({ x, y }) => softmaxCrossEntropy(x, y, { axis: 0 }),
  'softmax_cross_entropy/axes': ({ x, y }) => softmaxCrossEntropy(x, y, { axis: [0, 2] }),
  'softmax_cross_entropy/all': ({ x, y }) => softmaxCrossEntropy(x, y, { axis: null }),
  'softmax_cross_entropy/where': ({ x, y, where }) => softmaxCrossEntropy(x, y, { where }),
  'softmax_cross_entropy/large': ({ x, y }) => softmaxCrossEntropy(x, y),
  safe_softmax_cross_entropy: ({ x, y }) => safeSoftmaxCrossEntropy(x, y),
  'safe_softmax_cross_entropy/impossible': ({ x, y }) => safeSoftmaxCrossEntropy(x, y),
  softmax_cross_entropy_with_integer_labels: ({ x, labels }) => integerLabels(x, labels),
  'softmax_cross_entropy_with_integer_labels/one': ({ x, labels }) => integerLabels(x, labels),
  'softmax_cross_entropy_with_integer_labels/axis': ({ x, labels }) => integerLabels(x, labels, { axis: 1 }),
  'softmax_cross_entropy_with_integer_labels/axes': ({ x, labels }) => integerLabels(x, labels, { axis: [2, 0] }),
  'softmax_cross_entropy_with_integer_labels/where': ({ x, labels, where }) => integerLabels(x, labels, { where }),
  poly_loss_cross_entropy: ({ x, y }) => polyLossCrossEntropy(x, y),
  'poly_loss_cross_entropy/epsilon': ({ x, y }) => polyLossCrossEntropy(x, y, { epsilon: -1, axis: 0 }),
  'poly_loss_cross_entropy/where': ({ x, y, where }) => polyLossCrossEntropy(x, y, { where }),
  hinge_loss: ({ f, y }) => hingeLoss(f, y),
  'hinge_loss/at the margin': ({ f, y }) => hingeLoss(f, y),
  perceptron_loss: ({ f, y }) => perceptronLoss(f, y),
  'perceptron_loss/undecided': ({ f, y }) => perceptronLoss(f, y),
  sparsemax_loss: ({ x, y }) => sparsemaxLoss(x, y),
  multiclass_hinge_loss: ({ s, labels }) => multiclassHingeLoss(s, labels),
  'multiclass_hinge_loss/ties': ({ s, labels }) => multiclassHingeLoss(s, labels),
  multiclass_perceptron_loss: ({ s, labels }) => multiclassPerceptronLoss(s, labels),
  multiclass_sparsemax_loss: ({ s, labels }) => multiclassSparsemaxLoss(s, labels),
  kl_divergence: ({ p, t }) => klDivergence(p, t),
  'kl_divergence/where': ({ p, t, where }) => klDivergence(p, t, { axis: 0, where }),
  'kl_divergence/nothing': ({ p, t }) => klDivergence(p, t),
  'kl_divergence/slope at nothing': ({ p, t }) => klDivergence(p, t),
  kl_divergence_with_log_targets: ({ p, t }) => klDivergenceWithLogTargets(p, t),
  'kl_divergence_with_log_targets/where': ({ p, t, where }) => klDivergenceWithLogTargets(p, t, { axis: null, where }),
  'kl_divergence_with_log_targets/nothing': ({ p, t }) => klDivergenceWithLogTargets(p, t),
  generalized_kl_divergence: ({ p, t }) => generalizedKlDivergence(p, t),
  'generalized_kl_divergence/where': ({ p, t, where }) => generalizedKlDivergence(p, t, { axis: 0, where }),
  convex_kl_divergence: ({ p, t }) => convexKlDivergence(p, t),
  ctc_loss: (inputs) => ctcLoss(...aligned(inputs)),
  'ctc_loss/blank': (inputs) => ctcLoss(...aligned(inputs), { blankId: 4, logEpsilon: -1e4 }),
  'ctc_loss/too short': (inputs) => ctcLoss(...aligned(inputs), { logEpsilon: -100 }),
  ctc_loss_with_forward_probs: (inputs) => ctcLossWithForwardProbs(...aligned(inputs)),
  'ctc_loss_with_forward_probs/slopes': (inputs) => ctcLossWithForwardProbs(...aligned(inputs), { logEpsilon: -16 }),
  smooth_labels: ({ y }) => smoothLabels(y, 0.1),
  'smooth_labels/axis': ({ y }) => smoothLabels(y, 0.25, { axis: [0, 2] }),
  'smooth_labels/where': ({ y, where }) => smoothLabels(y, 0.25, { where }),
  make_fenchel_young_loss: ({ s, t }) => makeFenchelYoungLoss((scores) => logSumExp(scores))(s, t),
  'make_fenchel_young_loss/max': ({ s, t }) => largest(s, t),
  ranking_softmax_loss: ({ s, y }) => rankingSoftmaxLoss(s, y),
  'ranking_softmax_loss/where': ({ s, y, where }) => rankingSoftmaxLoss(s, y, { where }),
  'ranking_softmax_loss/none': ({ s, y, where, weights }) =>
    rankingSoftmaxLoss(s, y, { where, weights, reduction: 'none' }),
  'ranking_softmax_loss/sum': ({ s, y, weights }) => rankingSoftmaxLoss(s, y, { weights, reduction: 'sum' }),
  'ranking_softmax_loss/nothing': ({ s, y, where }) => rankingSoftmaxLoss(s, y, { where }),
  dice_loss: ({ predictions, targets }) => diceLoss(predictions, targets),
  'dice_loss/options': ({ predictions, targets, weights: classWeights }) =>
    diceLoss(predictions, targets, {
      classWeights,
      smooth: 0.5,
      alpha: 0.25,
      beta: 0.75,
      reduction: 'sum',
      ignoreBackground: true
    }),
  'dice_loss/none': ({ predictions, targets }) => diceLoss(predictions, targets, { reduction: 'none', axis: [0, 1] }),
  'dice_loss/probabilities': ({ predictions, targets }) =>
    diceLoss(predictions, targets, { applySoftmax: false, smooth: 0, ignoreBackground: true }),
  'dice_loss/one class': ({ predictions, targets }) =>
    diceLoss(reshape(predictions, [...shapeOf(predictions), 1]), targets),
  multiclass_generalized_dice_loss: ({ predictions, targets }) => multiclassGeneralizedDiceLoss(predictions, targets),
  'multiclass_generalized_dice_loss/options': ({ predictions, targets }) =>
    multiclassGeneralizedDiceLoss(predictions, targets, { smooth: 0.5, applySoftmax: false, ignoreBackground: true }),
  binary_dice_loss: ({ predictions, targets }) => binaryDiceLoss(predictions, targets),
  'binary_dice_loss/smooth': ({ predictions, targets }) => binaryDiceLoss(predictions, targets, { smooth: 0.125 }),
  ntxent: ({ embeddings, labels }) => ntxent(embeddings, labels),
  'ntxent/temperature': ({ embeddings, labels }) => ntxent(embeddings, labels, { temperature: 0.5 }),
  'ntxent/no pair': ({ embeddings, labels }) => ntxent(embeddings, labels),
  triplet_margin_loss: ({ anchors, positives, negatives }) => tripletMarginLoss(anchors, positives, negatives),
  'triplet_margin_loss/options': ({ anchors, positives, negatives }) =>
    tripletMarginLoss(anchors, positives, negatives, { axis: 0, normDegree: 4, margin: 0.25, eps: 1e-3 }),
  'triplet_margin_loss/odd degree': ({ anchors, positives, negatives }) =>
    tripletMarginLoss(anchors, positives, negatives, { normDegree: 1, margin: 8 })
}

/** Where ours is something else, and why. */
export const deviations: Readonly<Record<string, string>> = {
  'kl_divergence/slope at nothing': 'by a target of 0 Optax has a slope of NaN, ours is 0',
  'kl_divergence_with_log_targets/nothing': 'of a target of 0 Optax makes NaN, here it adds nothing',
  'ntxent/no pair': 'of a batch in which no label stands twice Optax makes NaN, ours is 0',
  'triplet_margin_loss/odd degree': 'Optax takes no absolute values, so that its distance is none'
}
