// What nodes do to four numbers at a time, in WGSL. A shader's own exp, log, tanh, pow, min … are not used: their precision is
// anybody's guess, and NaN cannot be seen by comparing. What is special about a number is told by its bits.

/** A function in WGSL, and the names of those that it calls. */
interface ShaderFunction {
  readonly calls: readonly string[]
  readonly text: string
}

const of = (calls: readonly string[], text: string): ShaderFunction => ({ calls, text })

const NAN = '0x7fc00000u'
const INFINITE = '0x7f800000u'

const functions: Readonly<Record<string, ShaderFunction>> = {
  magnitude: of([], 'fn magnitude(x: V) -> U { return bitcast<U>(x) & U(0x7fffffffu); }'),
  isNaN: of(['magnitude'], `fn isNaN(x: V) -> B { return magnitude(x) > U(${INFINITE}); }`),
  isNegative: of([], 'fn isNegative(x: V) -> B { return bitcast<I>(x) < I(0); }'),
  pick: of(
    [],
    'fn pick(x: V, y: V, takes: B) -> V { return bitcast<V>(select(bitcast<U>(x), bitcast<U>(y), takes)); }'
  ),
  withSign: of(
    ['magnitude'],
    'fn withSign(x: V, like: V) -> V { return bitcast<V>(magnitude(x) | (bitcast<U>(like) & U(0x80000000u))); }'
  ),
  // Whole numbers in the order of the numbers; both zeros are 0.
  rank: of(
    ['magnitude', 'isNegative'],
    'fn rank(x: V) -> I { let m = bitcast<I>(magnitude(x)); return select(m, -m, isNegative(x)); }'
  ),
  // The same, but −0 is below 0.
  strictRank: of([], 'fn strictRank(x: V) -> I { let i = bitcast<I>(x); return i ^ ((i >> U(31u)) & I(0x7fffffff)); }'),
  truth: of([], 'fn truth(x: B) -> V { return select(V(0.0), V(1.0), x); }'),
  power2: of([], 'fn power2(n: I) -> V { return bitcast<V>((n + I(127)) << U(23u)); }'),
  // The upper half of the digits: products of two such are exact.
  upper: of([], 'fn upper(x: V) -> V { return bitcast<V>(bitcast<U>(x) & U(0xfffff000u)); }'),

  neg: of([], 'fn neg_(x: V) -> V { return bitcast<V>(bitcast<U>(x) ^ U(0x80000000u)); }'),
  abs: of(['magnitude'], 'fn abs_(x: V) -> V { return bitcast<V>(magnitude(x)); }'),
  floor: of(
    ['magnitude', 'pick'],
    `fn floor_(x: V) -> V {
  let m = magnitude(x);
  let below = pick(V(0.0), pick(x, V(-1.0), m != U(0u)), bitcast<I>(x) < I(0));
  return pick(pick(floor(x), below, m < U(0x3f800000u)), x, m >= U(0x4b000000u));
}`
  ),
  min: of(
    ['isNaN', 'strictRank', 'pick'],
    `fn min_(x: V, y: V) -> V {
  return pick(pick(y, x, strictRank(x) < strictRank(y)), x + y, isNaN(x) | isNaN(y));
}`
  ),
  max: of(
    ['isNaN', 'strictRank', 'pick'],
    `fn max_(x: V, y: V) -> V {
  return pick(pick(y, x, strictRank(x) > strictRank(y)), x + y, isNaN(x) | isNaN(y));
}`
  ),
  less: of(
    ['isNaN', 'rank', 'truth'],
    'fn less_(x: V, y: V) -> V { return truth((rank(x) < rank(y)) & !(isNaN(x) | isNaN(y))); }'
  ),
  lessEqual: of(
    ['isNaN', 'rank', 'truth'],
    'fn lessEqual_(x: V, y: V) -> V { return truth((rank(x) <= rank(y)) & !(isNaN(x) | isNaN(y))); }'
  ),
  equal: of(
    ['isNaN', 'rank', 'truth'],
    'fn equal_(x: V, y: V) -> V { return truth((rank(x) == rank(y)) & !(isNaN(x) | isNaN(y))); }'
  ),
  where: of(['magnitude', 'pick'], 'fn where_(x: V, y: V, z: V) -> V { return pick(z, y, magnitude(x) != U(0u)); }'),

  // e^r 2^n for |r| ≤ ½ ln 2, in two factors: 2^n alone may be beyond the range.
  expOf: of(
    ['power2'],
    `fn expOf(r: V, n: I) -> V {
  let tail = 0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0)))));
  let half = n >> U(1u);
  return (1.0 + (r + r * r * tail)) * power2(half) * power2(n - half);
}`
  ),
  exp: of(
    ['expOf', 'isNaN', 'pick'],
    `fn exp_(x: V) -> V {
  let c = clamp(x, V(-104.0), V(89.0));
  let n = floor(c * 1.4426950408889634 + 0.5);
  let r = (c - n * 0.693359375) - n * -2.1219444005469058e-4;
  return pick(expOf(r, I(n)), x, isNaN(x));
}`
  ),
  // ln(1 + f) for f about 0, by s = f / (2 + f): 2 (s + s³/3 + s⁵/5 + …), and n ln 2.
  logOf: of(
    [],
    `fn logOf(f: V, n: V) -> V {
  let s = f / (2.0 + f);
  let z = s * s;
  let r = z * (2.0 / 3.0 + z * (2.0 / 5.0 + z * (2.0 / 7.0 + z * (2.0 / 9.0))));
  let h = 0.5 * f * f;
  return n * 0.693359375 - ((h - (s * (h + r) + n * -2.1219444005469058e-4)) - f);
}`
  ),
  // x = 2ⁿ m with m between √½ and √2; a subnormal number is a whole number times 2⁻¹⁴⁹.
  mantissa: of(
    ['magnitude'],
    `fn mantissa(x: V, n: ptr<function, I>) -> V {
  let m = magnitude(x);
  let small = m < U(0x00800000u);
  let b = bitcast<I>(select(m, bitcast<U>(V(m)), small));
  let k = (b - I(0x3f3504f3)) >> U(23u);
  *n = k + select(I(0), I(-149), small);
  return bitcast<V>(b - (k << U(23u)));
}`
  ),
  log: of(
    ['logOf', 'mantissa', 'magnitude', 'isNegative'],
    `fn log_(x: V) -> V {
  var n: I;
  let m = mantissa(x, &n);
  let size = magnitude(x);
  let y = select(bitcast<U>(logOf(m - 1.0, V(n))), U(${INFINITE}), size == U(${INFINITE}));
  let undefined_ = (isNegative(x) | (size > U(${INFINITE}))) & (size != U(0u));
  return bitcast<V>(select(select(y, U(0xff800000u), size == U(0u)), U(${NAN}), undefined_));
}`
  ),
  log1p: of(
    ['log', 'logOf', 'rank', 'pick'],
    `fn log1p_(x: V) -> V {
  let near = (rank(x) > rank(V(-0.29))) & (rank(x) < rank(V(0.41)));
  return pick(log_(1.0 + x), logOf(x, V(0.0)), near);
}`
  ),
  tanh: of(
    ['exp', 'magnitude', 'withSign', 'isNaN', 'pick'],
    `fn tanh_(x: V) -> V {
  let a = bitcast<V>(magnitude(x));
  let z = a * a;
  let small = a * (10395.0 + z * (1260.0 + z * 21.0)) / (10395.0 + z * (4725.0 + z * (210.0 + z)));
  let large = 1.0 - 2.0 / (exp_(2.0 * a) + 1.0);
  return pick(withSign(pick(large, small, magnitude(x) < U(0x3f0ccccdu)), x), x, isNaN(x));
}`
  ),
  erf: of(
    ['exp', 'magnitude', 'withSign', 'isNaN', 'pick'],
    `fn erf_(x: V) -> V {
  let a = bitcast<V>(magnitude(x));
  let z = a * a;
  let p = 5.221053413778847e-3 + z * (-8.484396568301781e-4 + z * (1.1268254020681793e-4 + z * -9.67359116943455e-6));
  let small = a * (1.1283791670623606 + z * (-0.37612638475991844 + z * (0.11283782622070117 + z * (-0.02686543831096785 + z * p))));
  let t = (a - 2.0) / (a + 2.0);
  let q = 3.732138369371781e-3 + t * (6.993958076268058e-3 + t * (-8.365721268150803e-4 + t * -9.395477308641101e-4));
  let r = 0.2553956762511267 + t * (-0.4271858483085211 + t * (0.241658211215491 + t * (-0.0789784733722293 + t * q)));
  let large = pick(1.0 - exp_(-z) * r, V(1.0), magnitude(x) >= U(0x40800000u));
  return pick(withSign(pick(large, small, magnitude(x) < U(0x3f800000u)), x), x, isNaN(x));
}`
  ),

  // A number modulo π/2, and which quarter of a turn it is in: 2/π in 96 digits from where it begins to matter, times the 24
  // digits of the number.
  highProduct: of(
    [],
    `fn highProduct(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let m = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let n = (a & 0xffffu) * (b >> 16u) + (m & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (m >> 16u) + (n >> 16u);
}`
  ),
  quarter: of(
    ['highProduct'],
    `const TWO_OVER_PI = array<u32, 9>(0x00000000u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u);
fn digits(at: u32) -> u32 {
  var words = TWO_OVER_PI;
  let i = at >> 5u;
  let s = at & 31u;
  return select((words[i] << s) | (words[i + 1u] >> ((32u - s) & 31u)), words[i], s == 0u);
}
fn quarter(x: f32, n: ptr<function, u32>) -> f32 {
  let b = bitcast<u32>(x) & 0x7fffffffu;
  *n = 0u;
  if (b < 0x3f490fdbu) { return bitcast<f32>(b); }
  let m = (b & 0x7fffffu) | 0x800000u;
  let at = (b >> 23u) - 120u;
  let w2 = digits(at + 64u);
  let w1 = digits(at + 32u);
  let low = m * w2;
  let c1 = highProduct(m, w2);
  let mid = m * w1 + c1;
  let high = m * digits(at) + highProduct(m, w1) + select(0u, 1u, mid < c1);
  let q = high >> 30u;
  var f = (high << 2u) | (mid >> 30u);
  var g = (mid << 2u) | (low >> 30u);
  let up = f >> 31u;
  *n = (q + up) & 3u;
  if (up == 1u) {
    g = ~g + 1u;
    f = ~f + select(0u, 1u, g == 0u);
  }
  if (f == 0u) {
    f = g;
    g = 0u;
    let s0 = countLeadingZeros(f | 1u);
    return select(1.0, -1.0, up == 1u) * f32(f << s0) * bitcast<f32>((63u - s0) << 23u) * 1.5707963267948966;
  }
  let s = countLeadingZeros(f);
  let top = select((f << s) | (g >> ((32u - s) & 31u)), f, s == 0u);
  return select(1.0, -1.0, up == 1u) * f32(top) * bitcast<f32>((95u - s) << 23u) * 1.5707963267948966;
}`
  ),
  sineOf: of(
    ['quarter', 'isNaN'],
    `fn sineOf(x: V, turn: u32) -> V {
  var y: V;
  for (var i = 0u; i < 4u; i++) {
    var n: u32;
    let r = quarter(x[i], &n);
    let z = r * r;
    let s = r + r * z * (-1.0 / 6.0 + z * (1.0 / 120.0 + z * (-1.0 / 5040.0 + z * (1.0 / 362880.0))));
    let c = 1.0 + z * (-0.5 + z * (1.0 / 24.0 + z * (-1.0 / 720.0 + z * (1.0 / 40320.0 + z * (-1.0 / 3628800.0)))));
    let q = n + turn;
    let v = select(s, c, (q & 1u) == 1u);
    y[i] = bitcast<f32>(bitcast<u32>(v) ^ ((q & 2u) << 30u));
  }
  return bitcast<V>(select(bitcast<U>(y), U(${NAN}), (bitcast<U>(x) & U(0x7fffffffu)) >= U(${INFINITE})));
}`
  ),
  sin: of(
    ['sineOf'],
    'fn sin_(x: V) -> V { return bitcast<V>(bitcast<U>(sineOf(x, 0u)) ^ (bitcast<U>(x) & U(0x80000000u))); }'
  ),
  cos: of(['sineOf'], 'fn cos_(x: V) -> V { return sineOf(x, 1u); }'),

  atan2: of(
    ['magnitude', 'withSign', 'isNegative', 'isNaN', 'pick'],
    `fn atan2_(y: V, x: V) -> V {
  let m = magnitude(y);
  let n = magnitude(x);
  let steep = m > n;
  let small = select(m, n, steep);
  let large = select(n, m, steep);
  let tiny = large < U(0x00800000u);
  let whole = V(small) / V(max(large, U(1u)));
  let t = pick(pick(bitcast<V>(small) / bitcast<V>(large), whole, tiny), V(1.0), small == U(${INFINITE}));
  let far = t > V(0.4142135623730951);
  let u = select(t, (t - 1.0) / (t + 1.0), far);
  let z = u * u;
  let p = 0.9999999993920999 + z * (-0.3333330749342972 + z * (0.19998210797569674 + z * (-0.142399829188285 + z * (0.10572814476385836 + z * -0.060332417034507306))));
  let a = u * p + select(V(0.0), V(0.7853981633974483), far);
  let b = select(a, 1.5707963705062866 - (a + 4.371138828673793e-8), steep);
  let c = select(b, 3.1415927410125732 - (b + 8.742277657347586e-8), isNegative(x));
  return pick(withSign(c, y), y + x, isNaN(y) | isNaN(x));
}`
  ),

  // 2^(y log₂ x), the logarithm and the product in two parts each: an error of the exponent would be 128 times as large. That m + 1 loses
  // a digit is not told by taking 1 away again: compilers put constants together.
  pow: of(
    ['magnitude', 'mantissa', 'upper', 'expOf', 'isNegative', 'isNaN'],
    `fn pow_(x: V, y: V) -> V {
  var n: I;
  let m = mantissa(x, &n);
  let f = m - 1.0;
  let d = m + 1.0;
  let s = f / d;
  let sh = upper(s);
  let mh = bitcast<V>(bitcast<U>(m) & U(0xffffc000u));
  let sl = ((f - sh * (mh + 1.0)) - sh * (m - mh)) / d;
  let z = s * s;
  let tail = s * z * (2.0 / 3.0 + z * (2.0 / 5.0 + z * (2.0 / 7.0 + z * (2.0 / 9.0))));
  let high = 2.0 * sh * 1.4423828125;
  let k = V(n);
  let total = k + high;
  let rest = (high - (total - k)) + (2.0 * sh * 3.122283889634e-4 + (2.0 * sl + tail) * 1.4426950408889634);
  let logHigh = upper(total + rest);
  let logLow = rest + (total - logHigh);
  let yHigh = upper(y);
  let first = yHigh * logHigh;
  let beyond = !(abs(first) < V(160.0)) | (magnitude(y) >= U(${INFINITE}));
  let size = magnitude(x);
  let isZero = size == U(0u);
  let isOne = size == U(0x3f800000u);
  let e = select(first, V(0.0), beyond);
  let g = select((y - yHigh) * logHigh + y * logLow, V(0.0), beyond);
  let w = floor(e + g + 0.5);
  let value = expOf(((e - w) + g) * 0.6931471805599453, I(w));
  let grows = ((size > U(0x3f800000u)) != isNegative(y));
  let edge = beyond | isZero | (size >= U(${INFINITE}));
  let limit = select(U(0u), U(${INFINITE}), grows);
  let yMagnitude = magnitude(y);
  let isInteger = (yMagnitude >= U(0x4b000000u)) | (floor(y) == y);
  let isOdd = isInteger & (yMagnitude < U(0x4b800000u)) & ((bitcast<U>(I(clamp(y, V(-16777216.0), V(16777216.0)))) & U(1u)) == U(1u));
  let unsignedBits = select(select(bitcast<U>(value), limit, edge), U(0x3f800000u), isOne);
  let isMinus = isNegative(x);
  let signedBits = unsignedBits | select(U(0u), U(0x80000000u), isMinus & isOdd);
  let undefined_ = isNaN(x) | isNaN(y) | (isOne & (yMagnitude == U(${INFINITE}))) |
    (isMinus & !isInteger & !isZero & (size < U(${INFINITE})));
  return bitcast<V>(select(select(signedBits, U(${NAN}), undefined_), U(0x3f800000u), yMagnitude == U(0u)));
}`
  ),

  // Stored elements of 16 bits: to numbers, and back to the nearest, ties to even.
  unpacked: of(
    [],
    'fn unpacked(w: vec2<u32>) -> U { return U(w.x & 0xffffu, w.x >> 16u, w.y & 0xffffu, w.y >> 16u); }'
  ),
  packed: of([], 'fn packed(b: U) -> vec2<u32> { return vec2<u32>(b.x | (b.y << 16u), b.z | (b.w << 16u)); }'),
  fromBfloat16: of([], 'fn fromBfloat16(b: U) -> V { return bitcast<V>(b << U(16u)); }'),
  toBfloat16: of(
    ['isNaN'],
    `fn toBfloat16(x: V) -> U {
  let b = bitcast<U>(x);
  return select((b + U(0x7fffu) + ((b >> U(16u)) & U(1u))) >> U(16u), U(0x7fc0u), isNaN(x));
}`
  ),
  fromFloat16: of(
    [],
    `fn fromFloat16(b: U) -> V {
  let m = b & U(0x7fffu);
  let normal = (m << U(13u)) + U(0x38000000u);
  let wide = select(normal, (m << U(13u)) | U(${INFINITE}), m >= U(0x7c00u));
  let small = bitcast<U>(V(m) * 5.9604644775390625e-8);
  return bitcast<V>(select(wide, small, m < U(0x0400u)) | ((b & U(0x8000u)) << U(16u)));
}`
  ),
  toFloat16: of(
    ['magnitude'],
    `fn toFloat16(x: V) -> U {
  let m = magnitude(x);
  let sign = (bitcast<U>(x) >> U(16u)) & U(0x8000u);
  let normal = (m + U(0x0fffu) + ((m >> U(13u)) & U(1u)) - U(0x38000000u)) >> U(13u);
  let shift = min(U(126u) - min(m >> U(23u), U(113u)), U(25u));
  let whole = (m & U(0x007fffffu)) | U(0x00800000u);
  let small = (whole + ((U(1u) << (shift - U(1u))) - U(1u)) + ((whole >> shift) & U(1u))) >> shift;
  var h = select(normal, small, m < U(0x38800000u));
  h = select(h, U(0x7c00u), m >= U(0x477ff000u));
  return select(sign | h, U(0x7e00u), m > U(${INFINITE}));
}`
  )
}

/** The declarations of some functions and of all that they call, those that are called first. */
export const declarationsOf = (names: Iterable<string>): string => {
  const written = new Set<string>()
  const texts = ['alias V = vec4<f32>;', 'alias U = vec4<u32>;', 'alias I = vec4<i32>;', 'alias B = vec4<bool>;']
  const write = (name: string): void => {
    const found = functions[name]
    if (found === undefined || written.has(name)) return
    written.add(name)
    found.calls.forEach(write)
    texts.push(found.text)
  }
  for (const name of names) write(name)
  return texts.join('\n')
}

const BETWEEN: Readonly<Record<string, string>> = { add: '+', sub: '-', mul: '*', div: '/' }

/** What an elementwise node is of its operands, in WGSL; that of a cast rounds to a dtype of 16 bits. */
export const expressionOf = (
  name: string,
  dtype: string,
  operands: readonly string[],
  uses: (functionName: string) => void
): string => {
  const between = BETWEEN[name]
  if (between !== undefined) return operands.join(` ${between} `)
  if (name === 'fill' || name === 'cast' || name === 'reshape') {
    const [x = ''] = operands
    return dtype === 'bfloat16' || dtype === 'float16' ? decoded(dtype, encoded(dtype, x, uses), uses) : x
  }
  if (name === 'sqrt') return `sqrt(${operands[0]})`
  uses(name)
  return `${name}_(${operands.join(', ')})`
}

const suffixOf = (dtype: 'bfloat16' | 'float16'): string => (dtype === 'bfloat16' ? 'Bfloat16' : 'Float16')

/** The numbers of stored elements of 16 bits. */
export const decoded = (dtype: 'bfloat16' | 'float16', bits: string, uses: (name: string) => void): string => {
  uses(`from${suffixOf(dtype)}`)
  return `from${suffixOf(dtype)}(${bits})`
}

/** The stored elements of 16 bits for numbers. */
export const encoded = (dtype: 'bfloat16' | 'float16', x: string, uses: (name: string) => void): string => {
  uses(`to${suffixOf(dtype)}`)
  return `to${suffixOf(dtype)}(${x})`
}
