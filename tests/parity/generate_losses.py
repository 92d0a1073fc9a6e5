"""Writes what the real Optax computes of losses, and the real JAX of their derivatives, as data for `losses.test.ts`.

    python tests/parity/generate_losses.py

That takes some minutes; `python tests/parity/generate_losses.py ctc ntxent/` writes only the rows whose names begin so.

CASES has an Optax expression for each name, its arguments, and by which of these the sum of all that comes out is differentiated;
with the first of them goes the product of the Hessian with a vector, in float64. Arguments are multiples of 1/64, so both dtypes
have the same. To cover something new, add a row here and a row of the same name in `losses.ts`.
"""

import json
import platform
import sys
import warnings
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

warnings.filterwarnings('ignore', category=DeprecationWarning)

random = np.random.RandomState(12)


def normal(*shape, scale=2.0):
    return np.round(random.normal(0, scale, shape) * 64) / 64


def share(*shape):
    """Numbers in (0, 1), eighths."""
    return random.randint(1, 8, shape) / 8


def whole(most, *shape):
    return random.randint(0, most, shape)


def mask(*shape):
    return random.randint(0, 4, shape) > 0


def signs(*shape):
    return random.randint(0, 2, shape) * 2.0 - 1


def probabilities(*shape):
    """Numbers that sum up to 1 along the last axis: 64ths."""
    cuts = np.sort(random.randint(0, 65, shape[:-1] + (shape[-1] - 1,)), axis=-1)
    ends = np.concatenate([np.zeros(shape[:-1] + (1,)), cuts, np.full(shape[:-1] + (1,), 64)], axis=-1)
    return np.diff(ends, axis=-1) / 64


def one_hot(classes, *shape):
    return np.eye(classes)[whole(classes, *shape)]


INF = np.inf
P, T = normal(3, 4), normal(3, 4)
X, Y = normal(4, 5), probabilities(4, 5)
X3, Y3 = normal(2, 3, 4), probabilities(2, 3, 4)
LARGE = np.array([[100.0, -100.0, 1000.0, -1000.0], [0.0, 0.015625, -0.015625, 30.0]])
FULL = np.ones((4, 5), bool)
FULL[2] = False
FULL[0, :2] = False
CTC = {
    'logits': normal(3, 6, 5),
    'logit_paddings': np.array([[0.0] * 6, [0, 0, 0, 0, 1, 1], [0, 1, 0, 0, 0, 0]]),
    'labels': np.array([[1, 2, 2], [3, 1, 0], [4, 0, 0]]),
    'label_paddings': np.array([[0.0, 0, 0], [0, 0, 1], [0, 1, 1]]),
}
IMAGE = {'predictions': normal(2, 3, 4, 3), 'targets': one_hot(3, 2, 3, 4)}
PROBABLE = {'predictions': probabilities(2, 3, 4, 3), 'targets': one_hot(3, 2, 3, 4)}
REGION = {'predictions': normal(2, 3, 4), 'targets': whole(2, 2, 3, 4) * 1.0}
PAIRS = {'embeddings': normal(6, 4), 'labels': np.array([0, 1, 0, 2, 1, 0])}
TRIPLETS = {'anchors': normal(5, 3), 'positives': normal(5, 3), 'negatives': normal(5, 3)}
L = 'optax.losses'
CTC_ARGS = 'logits, logit_paddings, labels, label_paddings'

# name: (the expression, its arguments, by which it is differentiated)
CASES = {
    'squared_error': (f'{L}.squared_error(p, t)', {'p': P, 't': T}, 'p t'),
    'squared_error/errors': (f'{L}.squared_error(p)', {'p': P}, 'p'),
    'l2_loss': (f'{L}.l2_loss(p, t)', {'p': P, 't': T}, 'p t'),
    'l2_loss/errors': (f'{L}.l2_loss(p)', {'p': P}, 'p'),
    'huber_loss': (f'{L}.huber_loss(p, t)', {'p': P, 't': T}, 'p t'),
    'huber_loss/delta': (f'{L}.huber_loss(p, t, delta=2.5)', {'p': P, 't': T}, 'p t'),
    'huber_loss/at delta': (f'{L}.huber_loss(p)', {'p': np.array([0.0, 1.0, -1.0, 0.5, 2.0])}, 'p'),
    'log_cosh': (f'{L}.log_cosh(p, t)', {'p': P, 't': T}, 'p t'),
    'log_cosh/large': (f'{L}.log_cosh(p)', {'p': LARGE}, 'p'),
    'cosine_similarity': (f'{L}.cosine_similarity(p, t)', {'p': P, 't': T}, 'p t'),
    'cosine_similarity/axis': (f'{L}.cosine_similarity(p, t, axis=0)', {'p': P, 't': T}, 'p t'),
    'cosine_similarity/axes': (f'{L}.cosine_similarity(p, t, axis=(2, 0))', {'p': X3, 't': Y3}, 'p t'),
    'cosine_similarity/epsilon': (
        f'{L}.cosine_similarity(p, t, epsilon=0.25)',
        {'p': np.array([[0.0, 0.0], [0.25, 0.125], [3.0, 4.0]]), 't': np.array([[1.0, 2.0], [3.0, -1.0], [1.0, 0.0]])},
        'p t',
    ),
    'cosine_similarity/where': (
        f'{L}.cosine_similarity(p, t, where=where)',
        {'p': P, 't': T, 'where': mask(3, 4)},
        'p t',
    ),
    'cosine_distance': (f'{L}.cosine_distance(p, t)', {'p': P, 't': T}, 'p t'),
    'cosine_distance/all': (f'{L}.cosine_distance(p, t, axis=None)', {'p': P, 't': T}, 'p t'),
    'sigmoid_binary_cross_entropy': (
        f'{L}.sigmoid_binary_cross_entropy(x, y)',
        {'x': X, 'y': share(4, 5)},
        'x y',
    ),
    'sigmoid_binary_cross_entropy/large': (
        f'{L}.sigmoid_binary_cross_entropy(x, y)',
        {'x': LARGE, 'y': np.array([[1.0, 0, 0, 1], [1, 0, 0, 0]])},
        'x',
    ),
    'sigmoid_focal_loss': (f'{L}.sigmoid_focal_loss(x, y)', {'x': X, 'y': whole(2, 4, 5) * 1.0}, 'x'),
    'sigmoid_focal_loss/alpha': (
        f'{L}.sigmoid_focal_loss(x, y, alpha=0.25, gamma=1.5)',
        {'x': X, 'y': whole(2, 4, 5) * 1.0},
        'x',
    ),
    'sigmoid_focal_loss/soft': (f'{L}.sigmoid_focal_loss(x, y)', {'x': X, 'y': share(4, 5)}, 'x'),
    'sigmoid_focal_loss/large': (
        f'{L}.sigmoid_focal_loss(x, y)',
        {'x': np.array([100.0, -100.0, 100.0, -100.0]), 'y': np.array([1.0, 0, 0, 1])},
        'x',
    ),
    'softmax_cross_entropy': (f'{L}.softmax_cross_entropy(x, y)', {'x': X, 'y': Y}, 'x y'),
    'softmax_cross_entropy/axis': (f'{L}.softmax_cross_entropy(x, y, axis=0)', {'x': X, 'y': Y}, 'x y'),
    'softmax_cross_entropy/axes': (f'{L}.softmax_cross_entropy(x, y, axis=(0, 2))', {'x': X3, 'y': Y3}, 'x y'),
    'softmax_cross_entropy/all': (f'{L}.softmax_cross_entropy(x, y, axis=None)', {'x': X, 'y': Y}, 'x y'),
    'softmax_cross_entropy/where': (
        f'{L}.softmax_cross_entropy(x, y, where=where)',
        {'x': X, 'y': Y, 'where': FULL},
        'x',
    ),
    'softmax_cross_entropy/large': (
        f'{L}.softmax_cross_entropy(x, y)',
        {'x': LARGE, 'y': probabilities(2, 4)},
        'x y',
    ),
    'safe_softmax_cross_entropy': (f'{L}.safe_softmax_cross_entropy(x, y)', {'x': X, 'y': Y}, 'x y'),
    'safe_softmax_cross_entropy/impossible': (
        f'{L}.safe_softmax_cross_entropy(x, y)',
        {'x': np.array([[0.0, 1, -INF], [-INF, 2, -INF]]), 'y': np.array([[0.5, 0.5, 0], [0, 1, 0]])},
        'x',
    ),
    'softmax_cross_entropy_with_integer_labels': (
        f'{L}.softmax_cross_entropy_with_integer_labels(x, labels)',
        {'x': X, 'labels': whole(5, 4)},
        'x',
    ),
    'softmax_cross_entropy_with_integer_labels/one': (
        f'{L}.softmax_cross_entropy_with_integer_labels(x, labels)',
        {'x': X[0], 'labels': np.array(3)},
        'x',
    ),
    'softmax_cross_entropy_with_integer_labels/axis': (
        f'{L}.softmax_cross_entropy_with_integer_labels(x, labels, axis=1)',
        {'x': X3, 'labels': whole(3, 2, 4)},
        'x',
    ),
    'softmax_cross_entropy_with_integer_labels/axes': (
        f'{L}.softmax_cross_entropy_with_integer_labels(x, labels, axis=(2, 0))',
        {'x': X3, 'labels': np.array([7, 2, 5])},
        'x',
    ),
    'softmax_cross_entropy_with_integer_labels/where': (
        f'{L}.softmax_cross_entropy_with_integer_labels(x, labels, where=where)',
        {'x': X, 'labels': np.array([0, 1, 2, 3]), 'where': FULL},
        'x',
    ),
    'poly_loss_cross_entropy': (f'{L}.poly_loss_cross_entropy(x, y)', {'x': X, 'y': Y}, 'x y'),
    'poly_loss_cross_entropy/epsilon': (
        f'{L}.poly_loss_cross_entropy(x, y, epsilon=-1.0, axis=0)',
        {'x': X, 'y': Y},
        'x y',
    ),
    'poly_loss_cross_entropy/where': (
        f'{L}.poly_loss_cross_entropy(x, y, where=where)',
        {'x': X, 'y': Y, 'where': FULL},
        'x',
    ),
    'hinge_loss': (f'{L}.hinge_loss(f, y)', {'f': normal(4, 3), 'y': signs(4, 3)}, 'f'),
    'hinge_loss/at the margin': (
        f'{L}.hinge_loss(f, y)',
        {'f': np.array([1.0, -1.0, 0.0, -0.0]), 'y': np.array([1.0, -1, 1, -1])},
        'f',
    ),
    'perceptron_loss': (f'{L}.perceptron_loss(f, y)', {'f': normal(4, 3), 'y': signs(4, 3)}, 'f'),
    'perceptron_loss/undecided': (f'{L}.perceptron_loss(f, y)', {'f': np.zeros(2), 'y': np.array([1.0, -1])}, 'f'),
    'sparsemax_loss': (
        f'{L}.sparsemax_loss(x, y)',
        {'x': np.array([-3.0, -1, -0.5, 0, 0.5, 1, 3, 0.25]), 'y': np.array([1.0, 1, 1, 0, 0, 0, 1, 1])},
        'x',
    ),
    'multiclass_hinge_loss': (f'{L}.multiclass_hinge_loss(s, labels)', {'s': X, 'labels': whole(5, 4)}, 's'),
    'multiclass_hinge_loss/ties': (
        f'{L}.multiclass_hinge_loss(s, labels)',
        {'s': np.zeros((2, 3)), 'labels': np.array([0, 2])},
        's',
    ),
    'multiclass_perceptron_loss': (
        f'{L}.multiclass_perceptron_loss(s, labels)',
        {'s': X3, 'labels': whole(4, 2, 3)},
        's',
    ),
    'multiclass_sparsemax_loss': (
        f'{L}.multiclass_sparsemax_loss(s, labels)',
        {'s': normal(6, 4, scale=0.75), 'labels': whole(4, 6)},
        's',
    ),
    'kl_divergence': (f'{L}.kl_divergence(p, t)', {'p': -share(3, 4), 't': share(3, 4)}, 'p t'),
    'kl_divergence/where': (
        f'{L}.kl_divergence(p, t, axis=0, where=where)',
        {'p': -share(3, 4), 't': share(3, 4), 'where': mask(3, 4)},
        'p t',
    ),
    'kl_divergence/nothing': (
        f'{L}.kl_divergence(p, t)',
        {'p': -share(2, 3), 't': np.array([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]])},
        'p',
    ),
    'kl_divergence/slope at nothing': (
        f'{L}.kl_divergence(p, t)',
        {'p': -share(2, 3), 't': np.array([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]])},
        't',
    ),
    'kl_divergence_with_log_targets': (
        f'{L}.kl_divergence_with_log_targets(p, t)',
        {'p': -share(3, 4), 't': -share(3, 4)},
        'p t',
    ),
    'kl_divergence_with_log_targets/where': (
        f'{L}.kl_divergence_with_log_targets(p, t, axis=None, where=where)',
        {'p': -share(3, 4), 't': -share(3, 4), 'where': mask(3, 4)},
        'p t',
    ),
    'kl_divergence_with_log_targets/nothing': (
        f'{L}.kl_divergence_with_log_targets(p, t)',
        {'p': -share(1, 3), 't': np.array([[-INF, -0.5, -1.0]])},
        'p',
    ),
    'generalized_kl_divergence': (f'{L}.generalized_kl_divergence(p, t)', {'p': -share(3, 4), 't': share(3, 4)}, 'p t'),
    'generalized_kl_divergence/where': (
        f'{L}.generalized_kl_divergence(p, t, axis=0, where=where)',
        {'p': -share(3, 4), 't': share(3, 4), 'where': mask(3, 4)},
        'p t',
    ),
    'convex_kl_divergence': (f'{L}.convex_kl_divergence(p, t)', {'p': -share(3, 4), 't': share(3, 4)}, 'p t'),
    'ctc_loss': (f'{L}.ctc_loss({CTC_ARGS})', CTC, 'logits'),
    'ctc_loss/blank': (
        f'{L}.ctc_loss({CTC_ARGS}, blank_id=4, log_epsilon=-1e4)',
        {**CTC, 'labels': np.array([[1, 2, 2], [3, 1, 0], [0, 0, 0]])},
        'logits',
    ),
    'ctc_loss/too short': (
        f'{L}.ctc_loss({CTC_ARGS}, log_epsilon=-100.0)',
        {
            'logits': normal(2, 2, 4),
            'logit_paddings': np.zeros((2, 2)),
            'labels': np.array([[1, 2, 3], [1, 1, 0]]),
            'label_paddings': np.array([[0.0, 0, 0], [0, 0, 1]]),
        },
        'logits',
    ),
    'ctc_loss_with_forward_probs': (f'{L}.ctc_loss_with_forward_probs({CTC_ARGS})', CTC, ''),
    # With the default the logarithms of what is impossible are rounded to 1/128 in float32, and so are slopes by them.
    'ctc_loss_with_forward_probs/slopes': (
        f'{L}.ctc_loss_with_forward_probs({CTC_ARGS}, log_epsilon=-16.0)',
        CTC,
        'logits',
    ),
    'smooth_labels': (f'{L}.smooth_labels(y, 0.1)', {'y': Y}, 'y'),
    'smooth_labels/axis': (f'{L}.smooth_labels(y, 0.25, axis=(0, 2))', {'y': Y3}, 'y'),
    'smooth_labels/where': (
        f'{L}.smooth_labels(y, 0.25, where=where)',
        {'y': Y, 'where': np.arange(20).reshape(4, 5) % 7 > 1},
        'y',
    ),
    'make_fenchel_young_loss': (
        f'{L}.make_fenchel_young_loss(jax.nn.logsumexp)(s, t)',
        {'s': X3, 't': Y3},
        's t',
    ),
    'make_fenchel_young_loss/max': (f'{L}.make_fenchel_young_loss(jnp.max)(s, t)', {'s': X, 't': Y}, 's t'),
    'ranking_softmax_loss': (f'{L}.ranking_softmax_loss(s, y)', {'s': X, 'y': whole(3, 4, 5) * 1.0}, 's'),
    'ranking_softmax_loss/where': (
        f'{L}.ranking_softmax_loss(s, y, where=where)',
        {'s': X, 'y': whole(3, 4, 5) * 1.0, 'where': FULL},
        's',
    ),
    'ranking_softmax_loss/none': (
        f'{L}.ranking_softmax_loss(s, y, where=where, weights=weights, reduce_fn=None)',
        {'s': X, 'y': whole(3, 4, 5) * 1.0, 'where': FULL, 'weights': share(4, 5)},
        's',
    ),
    'ranking_softmax_loss/sum': (
        f'{L}.ranking_softmax_loss(s, y, weights=weights, reduce_fn=jnp.sum)',
        {'s': X, 'y': whole(3, 4, 5) * 1.0, 'weights': share(4, 5)},
        's',
    ),
    'ranking_softmax_loss/nothing': (
        f'{L}.ranking_softmax_loss(s, y, where=where)',
        {'s': X, 'y': Y, 'where': np.zeros((4, 5), bool)},
        's',
    ),
    'dice_loss': (f'{L}.dice_loss(predictions, targets)', IMAGE, 'predictions'),
    'dice_loss/options': (
        f'{L}.dice_loss(predictions, targets, class_weights=weights, smooth=0.5, alpha=0.25, beta=0.75, '
        "reduction='sum', ignore_background=True)",
        {**IMAGE, 'weights': np.array([0.5, 2.0, 1.0])},
        'predictions',
    ),
    'dice_loss/none': (
        f"{L}.dice_loss(predictions, targets, reduction='none', axis=(0, 1))",
        IMAGE,
        'predictions',
    ),
    'dice_loss/probabilities': (
        f'{L}.dice_loss(predictions, targets, apply_softmax=False, smooth=0.0, ignore_background=True)',
        PROBABLE,
        '',
    ),
    'dice_loss/one class': (
        f'{L}.dice_loss(predictions[..., None], targets)',
        REGION,
        'predictions',
    ),
    'multiclass_generalized_dice_loss': (
        f'{L}.multiclass_generalized_dice_loss(predictions, targets)',
        IMAGE,
        'predictions',
    ),
    'multiclass_generalized_dice_loss/options': (
        f'{L}.multiclass_generalized_dice_loss(predictions, targets, smooth=0.5, apply_softmax=False, '
        'ignore_background=True)',
        PROBABLE,
        '',
    ),
    'binary_dice_loss': (f'{L}.binary_dice_loss(predictions, targets)', REGION, 'predictions'),
    'binary_dice_loss/smooth': (f'{L}.binary_dice_loss(predictions, targets, smooth=0.125)', REGION, 'predictions'),
    'ntxent': (f'{L}.ntxent(embeddings, labels)', PAIRS, 'embeddings'),
    'ntxent/temperature': (f'{L}.ntxent(embeddings, labels, temperature=0.5)', PAIRS, 'embeddings'),
    'ntxent/no pair': (f'{L}.ntxent(embeddings, labels)', {**PAIRS, 'labels': np.arange(6)}, ''),
    'triplet_margin_loss': (
        f'{L}.triplet_margin_loss(anchors, positives, negatives)',
        TRIPLETS,
        'anchors positives negatives',
    ),
    'triplet_margin_loss/options': (
        f'{L}.triplet_margin_loss(anchors, positives, negatives, axis=0, norm_degree=4, margin=0.25, eps=1e-3)',
        TRIPLETS,
        'anchors positives negatives',
    ),
    'triplet_margin_loss/odd degree': (
        f'{L}.triplet_margin_loss(anchors, positives, negatives, norm_degree=1, margin=8.0)',
        TRIPLETS,
        '',
    ),
}


# Of which there is no second derivative to compare: it has none, or is at a kink, or so small (1e-42) that JAX has three digits of it.
ONCE = ('ctc_loss', 'huber_loss/at delta', 'sigmoid_focal_loss/large')


def numbers(array):
    special = {INF: 'Infinity', -INF: '-Infinity'}
    return [x if np.isfinite(x) else special.get(x, 'NaN') for x in np.asarray(array, np.float64).ravel().tolist()]


def arrays(results):
    return [{'shape': list(jnp.shape(x)), 'numbers': numbers(x)} for x in jax.tree.leaves(results)]


def run(expression, inputs, names, dtype, twice):
    with jax.enable_x64(dtype == 'float64'):
        given = {key: jnp.asarray(x, dtype if x.dtype == np.float64 else None) for key, x in inputs.items()}

        def total(x, name):
            results = eval(expression, {'optax': optax, 'jnp': jnp, 'jax': jax, **given, name: x})
            return sum(jnp.sum(leaf) for leaf in jax.tree.leaves(results))

        out = {
            'results': arrays(eval(expression, {'optax': optax, 'jnp': jnp, 'jax': jax, **given})),
            'gradients': {name: numbers(jax.grad(total)(given[name], name)) for name in names},
        }
        if dtype == 'float64' and names and twice:
            x = given[names[0]]
            along = jnp.cos(jnp.arange(x.size, dtype=dtype)).reshape(x.shape)
            out['along'] = numbers(along)
            out['product'] = numbers(jax.jvp(jax.grad(lambda x: total(x, names[0])), (x,), (along,))[1])
        return out


def case(name, expression, inputs, names):
    return {
        'name': name,
        'expression': expression,
        'inputs': {key: {'shape': list(x.shape), 'numbers': numbers(x)} for key, x in inputs.items()},
        **{dtype: run(expression, inputs, names.split(), dtype, not name.startswith(ONCE)) for dtype in ('float64', 'float32')},
    }


path = Path(__file__).parent / 'data' / 'losses.json'
prefixes = tuple(sys.argv[1:]) or ('',)
known = {row['name']: row for row in json.loads(path.read_text())['cases']} if sys.argv[1:] else {}
content = {
    'command': 'python tests/parity/generate_losses.py',
    'versions': {
        'python': platform.python_version(),
        'jax': jax.__version__,
        'optax': optax.__version__,
        'numpy': np.__version__,
    },
    'cases': [case(name, *row) if name.startswith(prefixes) else known[name] for name, row in CASES.items()],
}
path.write_text(json.dumps(content) + '\n')
