/* What train.py computes, for one core of an x86 CPU that multiplies bfloat16: with AMX (Intel since Sapphire Rapids) or with
 * AVX-512 alone (AMD since Zen 4).  Compiled by train.py itself, for the machine it runs on.
 *
 * Everything is made of one product, `multiply`, of tiles: 16 x 32 times 32 x 16. The right operand has to be "packed": two neighbouring rows
 * interleaved, so that a 32-bit lane holds the pair that is summed over. `bf` is a bfloat16, T a number of tokens, padded to 32.
 */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint16_t bf;
typedef __m512 vec;
typedef __m512i ivec;
enum { TILE = 512 /* elements of a packed tile */, HEAD = 32 };

/* 32 rows of a left operand, as two tiles of 16 rows, and 32 columns of a packed right one, as two tiles of 16 columns. A tile
 * is followed by the next along the sum at a distance of `step`; a left tile's rows lie `row` apart. All in elements. */
typedef struct { const bf *upper, *lower; long row, step; } Left;
typedef struct { const bf *first, *second; long step; } Right;

#ifdef __AMX_BF16__
#include <sys/syscall.h>
#include <unistd.h>

static struct __attribute__((packed)) { uint8_t palette, start, reserved[14]; uint16_t colsb[16]; uint8_t rows[16]; } config;
#define TILES_ON _tile_loadconfig(&config)
#define TILES_OFF _tile_release()

static int allowed(void) {
    config.palette = 1;
    for (int i = 0; i < 8; i++) config.colsb[i] = 64, config.rows[i] = 16;
    return syscall(SYS_arch_prctl, 0x1023 /* ARCH_REQ_XCOMP_PERM */, 18 /* tile data */) == 0;
}
/* c[32][32], whose rows lie `stride` apart, = (or with `add` +=) the sum over `steps` tiles of a b. */
static inline void multiply(Left a, Right b, long steps, float *c, long stride, int add) {
    float *d = c + 16 * stride;
    if (add) {
        _tile_loadd(0, c, stride * 4); _tile_loadd(1, c + 16, stride * 4); _tile_loadd(2, d, stride * 4); _tile_loadd(3, d + 16, stride * 4);
    } else {
        _tile_zero(0); _tile_zero(1); _tile_zero(2); _tile_zero(3);
    }
    for (long k = 0; k < steps; k++) {
        _tile_loadd(4, a.upper + a.step * k, a.row * 2); _tile_loadd(6, b.first + b.step * k, 64);
        _tile_dpbf16ps(0, 4, 6); _tile_loadd(7, b.second + b.step * k, 64);
        _tile_dpbf16ps(1, 4, 7); _tile_loadd(5, a.lower + a.step * k, a.row * 2);
        _tile_dpbf16ps(2, 5, 6); _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, c, stride * 4); _tile_stored(1, c + 16, stride * 4); _tile_stored(2, d, stride * 4); _tile_stored(3, d + 16, stride * 4);
}
#else
#define TILES_ON
#define TILES_OFF
typedef int32_t __attribute__((may_alias, aligned(2))) pair;

static int allowed(void) { return 1; }
/* c[32][32], whose rows lie `stride` apart, = (or with `add` +=) the sum over `steps` tiles of a b. Eight rows at a time: their
 * sums and what is multiplied stay in registers, and each of the left's pairs is spread over a register as it is read. */
static inline void multiply(Left a, Right b, long steps, float *c, long stride, int add) {
    enum { ROWS = 8 };
    for (int r = 0; r < 32; r += ROWS, c += ROWS * stride) {
        const bf *left = (r < 16 ? a.upper : a.lower) + r % 16 * a.row;
        vec sum[ROWS][2];
        for (int i = 0; i < ROWS; i++)
            for (int j = 0; j < 2; j++) sum[i][j] = add ? _mm512_loadu_ps(c + i * stride + 16 * j) : _mm512_setzero_ps();
        for (long k = 0; k < steps; k++, left += a.step)
            for (int p = 0; p < 32; p += 2) {
                __m512bh first = (__m512bh)_mm512_loadu_si512(b.first + b.step * k + 16 * p);
                __m512bh second = (__m512bh)_mm512_loadu_si512(b.second + b.step * k + 16 * p);
                for (int i = 0; i < ROWS; i++) {
                    __m512bh spread = (__m512bh)_mm512_set1_epi32(*(const pair *)(left + i * a.row + p));
                    sum[i][0] = _mm512_dpbf16_ps(sum[i][0], first, spread);
                    sum[i][1] = _mm512_dpbf16_ps(sum[i][1], second, spread);
                }
            }
        for (int i = 0; i < ROWS; i++)
            for (int j = 0; j < 2; j++) _mm512_storeu_ps(c + i * stride + 16 * j, sum[i][j]);
    }
}
#endif

/* For the calling thread. 0 if the system lets it have the tiles. */
int start(void) {
    _mm_setcsr(_mm_getcsr() | 0x8040); /* tiny numbers are zero: attention is full of them, and each would cost a trap */
    return !allowed();
}

static inline vec load_bf(const bf *p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}
static inline void store_bf(bf *p, vec v) { _mm256_storeu_si256((__m256i *)p, (__m256i)_mm512_cvtneps_pbh(v)); }
static inline void store_bf2(bf *p, vec low, vec high) { _mm512_storeu_si512(p, (ivec)_mm512_cvtne2ps_pbh(high, low)); }

/* 2^t, good to bfloat16; very negative t give 0. */
static inline vec exp2_(vec t) {
    t = _mm512_max_ps(t, _mm512_set1_ps(-126));
    vec n = _mm512_roundscale_ps(t, 8), r = _mm512_sub_ps(t, n);
    vec p = _mm512_set1_ps(0.0096181291f);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.0555041087f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.2402265070f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.6931471806f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
    return _mm512_scalef_ps(p, n);
}
static inline vec sigmoid_(vec x) {
    vec e = exp2_(_mm512_min_ps(_mm512_mul_ps(x, _mm512_set1_ps(-1.44269504f)), _mm512_set1_ps(126)));
    vec d = _mm512_add_ps(_mm512_set1_ps(1), e), r = _mm512_rcp14_ps(d);
    return _mm512_mul_ps(r, _mm512_fnmadd_ps(d, r, _mm512_set1_ps(2)));
}

/* 16 x 16 transposition of 32-bit lanes. */
static inline void transpose16(ivec r[16]) {
    ivec t[16];
    for (int i = 0; i < 8; i++) {
        t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
    for (int i = 0; i < 4; i++) {
        r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
        r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
    }
    for (int i = 0; i < 4; i++) {
        r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
        r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
        r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
        r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
    }
}
/* Rows 2p and 2p+1 of 16 columns, interleaved. */
static inline ivec interleaved(const bf *row, size_t stride) {
    ivec low = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)row));
    ivec high = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(row + stride)));
    return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

/* ---- products ---- */

/* The right operand B[k][n] = source[k][n]; panels of 16 columns, in them tiles of 32 rows. */
void pack(const bf *source, bf *out, long rows, long columns) {
    for (long n = 0; n < columns; n += 16)
        for (long k = 0; k < rows; k += 32, out += TILE)
            for (int p = 0; p < 16; p++) _mm512_storeu_si512(out + 32 * p, interleaved(source + (k + 2 * p) * columns + n, columns));
}
/* The right operand B[k][n] = source[n][k]. */
void pack_transposed(const bf *source, bf *out, long n_rows, long k_columns) {
    ivec r[16];
    for (long n = 0; n < n_rows; n += 16)
        for (long k = 0; k < k_columns; k += 32, out += TILE) {
            for (int i = 0; i < 16; i++) r[i] = _mm512_loadu_si512(source + (n + i) * k_columns + k);
            transpose16(r);
            for (int i = 0; i < 16; i++) _mm512_storeu_si512(out + 32 * i, r[i]);
        }
}

/* out[M][N] = a[M][K] B, in bfloat16; M, N and K are multiples of 32. */
void product(const bf *a, const bf *b, bf *out, long M, long N, long K) {
    float c[32 * 32] __attribute__((aligned(64)));
    long steps = K / 32;
    TILES_ON;
    for (long m0 = 0; m0 < M; m0 += 64)
        for (long n = 0; n < N; n += 32) {
            const bf *panel = b + n / 16 * steps * TILE;
            for (long m = m0; m < M && m < m0 + 64; m += 32) {
                const bf *rows = a + m * K;
                multiply((Left){rows, rows + 16 * K, K, 32}, (Right){panel, panel + steps * TILE, TILE}, steps, c, 32, 0);
                for (int i = 0; i < 32; i++)
                    store_bf2(out + (m + i) * N + n, _mm512_load_ps(c + 32 * i), _mm512_load_ps(c + 32 * i + 16));
            }
        }
    TILES_OFF;
}

/* out[N][K] += dy[T][N]^T x[T][K], in float: the gradient of a matrix. */
enum { CHUNK = 512 };
void outer(const bf *dy, const bf *x, float *out, long T, long N, long K) {
    static bf left[2048 * CHUNK] __attribute__((aligned(64))), right[CHUNK * 2048] __attribute__((aligned(64)));
    ivec r[16];
    for (long t0 = 0; t0 < T; t0 += CHUNK) {
        long steps = (T - t0 < CHUNK ? T - t0 : CHUNK) / 32;
        pack(x + t0 * K, right, steps * 32, K);
        bf *to = left;
        for (long n = 0; n < N; n += 16)
            for (long k = 0; k < steps; k++, to += TILE) {
                for (int p = 0; p < 16; p++) r[p] = interleaved(dy + (t0 + 32 * k + 2 * p) * N + n, N);
                transpose16(r);
                for (int p = 0; p < 16; p++) _mm512_storeu_si512(to + 32 * p, r[p]);
            }
        TILES_ON;
        for (long n = 0; n < N; n += 32)
            for (long c = 0; c < K; c += 32) {
                const bf *rows = left + n / 16 * steps * TILE, *panel = right + c / 16 * steps * TILE;
                multiply((Left){rows, rows + steps * TILE, 32, TILE}, (Right){panel, panel + steps * TILE, TILE}, steps, out + n * K + c, K, 1);
            }
        TILES_OFF;
    }
}

/* ---- what stands between the products, row by row ---- */

/* x += y (if there is one); h = x / rms(x). */
void add_norm(float *x, const bf *y, bf *h, float *scale, long T, long D) {
    for (long t = 0; t < T; t++, x += D, h += D) {
        vec squares = _mm512_setzero_ps();
        for (long i = 0; i < D; i += 16) {
            vec v = _mm512_loadu_ps(x + i);
            if (y) {
                v = _mm512_add_ps(v, load_bf(y + t * D + i));
                _mm512_storeu_ps(x + i, v);
            }
            squares = _mm512_fmadd_ps(v, v, squares);
        }
        float s = scale[t] = 1 / sqrtf(_mm512_reduce_add_ps(squares) / D + 1e-5f);
        for (long i = 0; i < D; i += 16) store_bf(h + i, _mm512_mul_ps(_mm512_loadu_ps(x + i), _mm512_set1_ps(s)));
    }
}
/* dx += the gradient through the norm; dy = dx in bfloat16. */
void add_norm_back(float *dx, const bf *dh, const bf *h, const float *scale, bf *dy, long T, long D) {
    for (long t = 0; t < T; t++, dx += D, dh += D, h += D, dy += D) {
        vec dots = _mm512_setzero_ps();
        for (long i = 0; i < D; i += 16) dots = _mm512_fmadd_ps(load_bf(dh + i), load_bf(h + i), dots);
        vec mean = _mm512_set1_ps(_mm512_reduce_add_ps(dots) / D), s = _mm512_set1_ps(scale[t]);
        for (long i = 0; i < D; i += 16) {
            vec g = _mm512_fnmadd_ps(load_bf(h + i), mean, load_bf(dh + i));
            g = _mm512_fmadd_ps(g, s, _mm512_loadu_ps(dx + i));
            _mm512_storeu_ps(dx + i, g);
            store_bf(dy + i, g);
        }
    }
}

/* Each row of gu is gate, then up. */
void swiglu(const bf *gu, bf *out, long T, long F) {
    for (long t = 0; t < T; t++, gu += 2 * F, out += F)
        for (long i = 0; i < F; i += 16) {
            vec g = load_bf(gu + i), u = load_bf(gu + F + i);
            store_bf(out + i, _mm512_mul_ps(_mm512_mul_ps(g, sigmoid_(g)), u));
        }
}
void swiglu_back(const bf *gu, const bf *d, bf *dgu, long T, long F) {
    const vec one = _mm512_set1_ps(1);
    for (long t = 0; t < T; t++, gu += 2 * F, dgu += 2 * F, d += F)
        for (long i = 0; i < F; i += 16) {
            vec g = load_bf(gu + i), u = load_bf(gu + F + i), dy = load_bf(d + i), s = sigmoid_(g);
            vec slope = _mm512_mul_ps(s, _mm512_fmadd_ps(g, _mm512_sub_ps(one, s), one));
            store_bf(dgu + i, _mm512_mul_ps(_mm512_mul_ps(dy, u), slope));
            store_bf(dgu + F + i, _mm512_mul_ps(dy, _mm512_mul_ps(g, s)));
        }
}

/* Softmax and cross entropy: the logits become their gradient (times `weight`). Returns the sum of the losses. */
float cross_entropy(bf *logits, const int64_t *wanted, long rows, long V, float weight) {
    const vec log2e = _mm512_set1_ps(1.44269504f);
    float loss = 0;
    for (long t = 0; t < rows; t++, logits += V) {
        vec most = _mm512_set1_ps(-1e30f), sum = _mm512_setzero_ps();
        for (long i = 0; i < V; i += 16) most = _mm512_max_ps(most, load_bf(logits + i));
        float top = _mm512_reduce_max_ps(most);
        vec shift = _mm512_set1_ps(top * 1.44269504f);
        for (long i = 0; i < V; i += 16) sum = _mm512_add_ps(sum, exp2_(_mm512_fmsub_ps(load_bf(logits + i), log2e, shift)));
        float total = _mm512_reduce_add_ps(sum), right;
        uint32_t bits = (uint32_t)logits[wanted[t]] << 16;
        memcpy(&right, &bits, 4);
        loss += logf(total) + top - right;
        vec factor = _mm512_set1_ps(weight / total);
        for (long i = 0; i < V; i += 16)
            store_bf(logits + i, _mm512_mul_ps(exp2_(_mm512_fmsub_ps(load_bf(logits + i), log2e, shift)), factor));
        float p = expf(right - top) / total;
        float g = weight * (p - 1);
        memcpy(&bits, &g, 4);
        logits[wanted[t]] = (bits + 0x8000) >> 16;
    }
    return loss;
}

/* ---- attention ---- */

enum { LONGEST = 4096 + 32 };
static float cosines[LONGEST][HEAD], sines[LONGEST][HEAD]; /* sines with the sign that the swapped partner takes */

void rope_start(double base) {
    for (int t = 0; t < LONGEST; t++)
        for (int i = 0; i < HEAD / 2; i++) {
            double angle = t * pow(base, -2.0 * i / HEAD);
            cosines[t][2 * i] = cosines[t][2 * i + 1] = cos(angle);
            sines[t][2 * i] = -sin(angle);
            sines[t][2 * i + 1] = sin(angle);
        }
}
static inline vec turned(vec v, int t, int half, int back) {
    vec swapped = _mm512_mul_ps(_mm512_permute_ps(v, 0xb1), _mm512_loadu_ps(sines[t] + 16 * half));
    vec straight = _mm512_mul_ps(v, _mm512_loadu_ps(cosines[t] + 16 * half));
    return back ? _mm512_sub_ps(straight, swapped) : _mm512_add_ps(straight, swapped);
}

/* One head of one conversation in the forms the tiles want; rows past the end are zero. */
typedef struct { bf row[LONGEST * HEAD], column[HEAD * LONGEST]; } Keys; /* [key][dim] and [dim][key] */
static Keys K __attribute__((aligned(64))), V __attribute__((aligned(64)));
static bf q_rows[LONGEST * HEAD] __attribute__((aligned(64)));

/* A head's rows out of the [token][stride] array, turned by their places if `rope`, times `factor`. */
static void fetch(bf *to, const bf *from, size_t stride, long L, long padded, int rope, float factor) {
    vec f = _mm512_set1_ps(factor);
    for (long t = 0; t < L; t++, from += stride) {
        if (!rope) { memcpy(to + t * HEAD, from, HEAD * sizeof(bf)); continue; }
        vec low = _mm512_mul_ps(turned(load_bf(from), t, 0, 0), f), high = _mm512_mul_ps(turned(load_bf(from + 16), t, 1, 0), f);
        store_bf2(to + t * HEAD, low, high);
    }
    memset(to + L * HEAD, 0, (padded - L) * HEAD * sizeof(bf));
}
static void columns(Keys *keys, long padded) {
    ivec r[16];
    for (long t = 0; t < padded; t += 32)
        for (int half = 0; half < 2; half++) {
            for (int p = 0; p < 16; p++) r[p] = interleaved(keys->row + (t + 2 * p) * HEAD + 16 * half, HEAD);
            transpose16(r);
            for (int i = 0; i < 16; i++) _mm512_storeu_si512(keys->column + (16 * half + i) * (long)LONGEST + t, r[i]);
        }
}
/* B[dim][query] of 16 queries. */
static inline void pack_queries(const bf *rows, bf *out) {
    ivec r[16];
    for (int i = 0; i < 16; i++) r[i] = _mm512_loadu_si512(rows + i * HEAD);
    transpose16(r);
    for (int i = 0; i < 16; i++) _mm512_storeu_si512(out + 32 * i, r[i]);
}
/* 32 x 32 scores, transposed: out[key][query] of 32 keys (rows) and two packed query tiles. */
static inline void scores(const bf *rows, const bf *queries, float *out) {
    multiply((Left){rows, rows + 16 * HEAD, HEAD, 0}, (Right){queries, queries + TILE, 0}, 1, out, 32, 0);
}
/* Which of 16 queries, starting `ahead` after the key, may see it. */
static inline __mmask16 seen(int ahead) { return ahead >= 0 ? 0xffff : ahead <= -16 ? 0 : (__mmask16)(0xffff << -ahead); }
/* Two rows of 16 in float to one packed row. */
static inline ivec packed_pair(vec low, vec high) {
    ivec l = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(low)), h = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(high));
    return _mm512_or_si512(l, _mm512_slli_epi32(h, 16));
}

static const float LOG2E = 1.44269504f;

/* qkv is [token][heads, keys, values]; lse (base 2) is [head][token]. */
void attention(const bf *qkv, bf *out, float *lse, const int32_t *starts, long count, long heads, long kv_heads, long T) {
    static float s[LONGEST * 32] __attribute__((aligned(64)));
    static bf p[LONGEST * 32] __attribute__((aligned(64)));
    bf queries[2 * TILE] __attribute__((aligned(64)));
    float o[32 * 32] __attribute__((aligned(64)));
    size_t stride = (heads + 2 * kv_heads) * HEAD;
    float factor = LOG2E / sqrtf(HEAD);
    TILES_ON;
    for (long c = 0; c < count; c++)
        for (long head = 0; head < heads; head++) {
            long begin = starts[c], L = starts[c + 1] - begin, padded = (L + 31) / 32 * 32, kv = head * kv_heads / heads;
            const bf *base = qkv + begin * stride;
            if (head % (heads / kv_heads) == 0) {
                fetch(K.row, base + (heads + kv) * HEAD, stride, L, padded, 1, 1);
                fetch(V.row, base + (heads + kv_heads + kv) * HEAD, stride, L, padded, 0, 1);
                columns(&V, padded);
            }
            fetch(q_rows, base + head * HEAD, stride, L, padded, 1, factor);
            for (long q = 0; q < L; q += 32) {
                vec most[2], sum[2], scale[2];
                most[0] = most[1] = _mm512_set1_ps(-1e30f);
                sum[0] = sum[1] = _mm512_setzero_ps();
                pack_queries(q_rows + q * HEAD, queries);
                pack_queries(q_rows + (q + 16) * HEAD, queries + TILE);
                for (long k = 0; k <= q; k += 32) {
                    scores(K.row + k * HEAD, queries, s + k * 32);
                    if (k == q)
                        for (int i = 0; i < 32; i++)
                            for (int j = 0; j < 2; j++) {
                                float *at = s + (k + i) * 32 + 16 * j;
                                _mm512_store_ps(at, _mm512_mask_blend_ps(seen(16 * j - i), _mm512_set1_ps(-1e30f), _mm512_load_ps(at)));
                            }
                    for (int i = 0; i < 32; i++)
                        for (int j = 0; j < 2; j++) most[j] = _mm512_max_ps(most[j], _mm512_load_ps(s + (k + i) * 32 + 16 * j));
                }
                /* Tiles read slowly what was written a moment ago: so first all weights, then all products. */
                for (long k = 0; k <= q; k += 32)
                    for (int i = 0; i < 32; i += 2)
                        for (int j = 0; j < 2; j++) {
                            const float *at = s + (k + i) * 32 + 16 * j;
                            vec a = exp2_(_mm512_sub_ps(_mm512_load_ps(at), most[j])), b = exp2_(_mm512_sub_ps(_mm512_load_ps(at + 32), most[j]));
                            sum[j] = _mm512_add_ps(sum[j], _mm512_add_ps(a, b));
                            _mm512_store_si512(p + k * 32 + j * TILE + i * 16, packed_pair(a, b));
                        }
                multiply((Left){V.column, V.column + 16L * LONGEST, LONGEST, 32}, (Right){p, p + TILE, 2 * TILE}, q / 32 + 1, o, 32, 0);
                for (int j = 0; j < 2; j++) {
                    scale[j] = _mm512_div_ps(_mm512_set1_ps(1), sum[j]);
                    ivec low[16], high[16];
                    for (int i = 0; i < 16; i++) {
                        low[i] = _mm512_castps_si512(_mm512_mul_ps(_mm512_load_ps(o + 32 * i + 16 * j), scale[j]));
                        high[i] = _mm512_castps_si512(_mm512_mul_ps(_mm512_load_ps(o + 32 * (16 + i) + 16 * j), scale[j]));
                    }
                    transpose16(low);
                    transpose16(high);
                    float sums[16], tops[16];
                    _mm512_storeu_ps(sums, sum[j]);
                    _mm512_storeu_ps(tops, most[j]);
                    for (int i = 0; i < 16 && q + 16 * j + i < L; i++) {
                        long t = begin + q + 16 * j + i;
                        store_bf2(out + (t * heads + head) * HEAD, _mm512_castsi512_ps(low[i]), _mm512_castsi512_ps(high[i]));
                        lse[head * T + t] = tops[i] + log2f(sums[i]);
                    }
                }
            }
        }
    TILES_OFF;
}

#ifndef SPAN
#define SPAN 64 /* keys at a time on the way back */
#endif
/* dqkv of attention; everything is computed again from the scores' sums. */
void attention_back(const bf *qkv, const bf *out, const float *lse, const bf *d_out, bf *dqkv, const int32_t *starts, long count,
                    long heads, long kv_heads, long T) {
    static bf do_rows[LONGEST * HEAD] __attribute__((aligned(64)));
    static float dk[LONGEST * HEAD] __attribute__((aligned(64))), dv[LONGEST * HEAD] __attribute__((aligned(64)));
    static float lse_row[LONGEST], delta[LONGEST];
    bf queries[2 * TILE] __attribute__((aligned(64))), outs[2 * TILE] __attribute__((aligned(64)));
    bf q_pairs[2 * TILE] __attribute__((aligned(64))), do_pairs[2 * TILE] __attribute__((aligned(64)));
    static bf p_rows[32 * SPAN] __attribute__((aligned(64))), ds_rows[32 * SPAN] __attribute__((aligned(64))), ds_pairs[32 * SPAN] __attribute__((aligned(64)));
    static float s[32 * SPAN] __attribute__((aligned(64))), dp[32 * SPAN] __attribute__((aligned(64))), dq[32 * 32] __attribute__((aligned(64)));
    size_t stride = (heads + 2 * kv_heads) * HEAD;
    float factor = LOG2E / sqrtf(HEAD);
    TILES_ON;
    for (long c = 0; c < count; c++)
        for (long head = 0; head < heads; head++) {
            long begin = starts[c], L = starts[c + 1] - begin, padded = (L + 31) / 32 * 32, group = heads / kv_heads, kv = head / group;
            const bf *base = qkv + begin * stride;
            if (head % group == 0) {
                fetch(K.row, base + (heads + kv) * HEAD, stride, L, padded, 1, 1);
                fetch(V.row, base + (heads + kv_heads + kv) * HEAD, stride, L, padded, 0, 1);
                columns(&K, padded);
                memset(dk, 0, padded * HEAD * sizeof(float));
                memset(dv, 0, padded * HEAD * sizeof(float));
            }
            fetch(q_rows, base + head * HEAD, stride, L, padded, 1, factor);
            fetch(do_rows, d_out + (begin * heads + head) * HEAD, heads * HEAD, L, padded, 0, 1);
            for (long t = 0; t < padded; t++) {
                lse_row[t] = 1e30f;
                delta[t] = 0;
                if (t >= L) continue;
                const bf *o = out + ((begin + t) * heads + head) * HEAD, *d = do_rows + t * HEAD;
                lse_row[t] = lse[head * T + begin + t];
                delta[t] = _mm512_reduce_add_ps(_mm512_fmadd_ps(load_bf(o), load_bf(d), _mm512_mul_ps(load_bf(o + 16), load_bf(d + 16))));
            }
            for (long q = 0; q < L; q += 32) {
                for (int j = 0; j < 2; j++) {
                    pack_queries(q_rows + (q + 16 * j) * HEAD, queries + j * TILE);
                    pack_queries(do_rows + (q + 16 * j) * HEAD, outs + j * TILE);
                    for (int i = 0; i < 16; i++) {
                        _mm512_store_si512(q_pairs + j * TILE + 32 * i, interleaved(q_rows + (q + 2 * i) * HEAD + 16 * j, HEAD));
                        _mm512_store_si512(do_pairs + j * TILE + 32 * i, interleaved(do_rows + (q + 2 * i) * HEAD + 16 * j, HEAD));
                    }
                }
                memset(dq, 0, sizeof dq);
                for (long from = 0; from <= q; from += SPAN) {
                    long to = from + SPAN - 32 < q ? from + SPAN - 32 : q;
                    for (long k = from; k <= to; k += 32) {
                        scores(K.row + k * HEAD, queries, s + (k - from) * 32);
                        scores(V.row + k * HEAD, outs, dp + (k - from) * 32);
                    }
                    for (long k = from; k <= to; k += 32)
                        for (int i = 0; i < 32; i += 2) {
                            vec pr[2][2], ds[2][2];
                            for (int r = 0; r < 2; r++)
                                for (int j = 0; j < 2; j++) {
                                    long at = (k - from + i + r) * 32 + 16 * j;
                                    vec e = exp2_(_mm512_sub_ps(_mm512_load_ps(s + at), _mm512_loadu_ps(lse_row + q + 16 * j)));
                                    if (k == q) e = _mm512_maskz_mov_ps(seen(16 * j - i - r), e);
                                    pr[r][j] = e;
                                    ds[r][j] = _mm512_mul_ps(e, _mm512_sub_ps(_mm512_load_ps(dp + at), _mm512_loadu_ps(delta + q + 16 * j)));
                                }
                            for (int r = 0; r < 2; r++) {
                                store_bf2(p_rows + (k - from + i + r) * 32, pr[r][0], pr[r][1]);
                                store_bf2(ds_rows + (k - from + i + r) * 32, ds[r][0], ds[r][1]);
                                _mm512_store_si512(ds_pairs + (k - from) * 32 + r * TILE + 16 * i, packed_pair(ds[0][r], ds[1][r]));
                            }
                        }
                    for (int w = 0; w < 2; w++) {
                        const bf *pairs = w ? q_pairs : do_pairs;
                        for (long k = from; k <= to; k += 32) {
                            const bf *rows = (w ? ds_rows : p_rows) + (k - from) * 32;
                            multiply((Left){rows, rows + 512, 32, 0}, (Right){pairs, pairs + TILE, 0}, 1, (w ? dk : dv) + k * HEAD, HEAD, 1);
                        }
                    }
                    multiply((Left){K.column + from, K.column + 16L * LONGEST + from, LONGEST, 32}, (Right){ds_pairs, ds_pairs + TILE, 2 * TILE},
                             (to - from) / 32 + 1, dq, 32, 1);
                }
                for (int j = 0; j < 2; j++) {
                    ivec low[16], high[16];
                    for (int i = 0; i < 16; i++) {
                        low[i] = _mm512_load_si512(dq + 32 * i + 16 * j);
                        high[i] = _mm512_load_si512(dq + 32 * (16 + i) + 16 * j);
                    }
                    transpose16(low);
                    transpose16(high);
                    vec f = _mm512_set1_ps(1 / sqrtf(HEAD));
                    for (int i = 0; i < 16 && q + 16 * j + i < L; i++) {
                        long t = q + 16 * j + i;
                        store_bf2(dqkv + (begin + t) * stride + head * HEAD, _mm512_mul_ps(turned(_mm512_castsi512_ps(low[i]), t, 0, 1), f),
                                  _mm512_mul_ps(turned(_mm512_castsi512_ps(high[i]), t, 1, 1), f));
                    }
                }
            }
            if (head % group != group - 1) continue;
            vec f = _mm512_set1_ps(1 / LOG2E); /* the queries were stored in base 2 */
            for (long t = 0; t < L; t++) {
                bf *to = dqkv + (begin + t) * stride + (heads + kv) * HEAD;
                vec low = _mm512_mul_ps(_mm512_load_ps(dk + t * HEAD), f), high = _mm512_mul_ps(_mm512_load_ps(dk + t * HEAD + 16), f);
                store_bf2(to, turned(low, t, 0, 1), turned(high, t, 1, 1));
                store_bf2(to + kv_heads * HEAD, _mm512_load_ps(dv + t * HEAD), _mm512_load_ps(dv + t * HEAD + 16));
            }
        }
    TILES_OFF;
}
