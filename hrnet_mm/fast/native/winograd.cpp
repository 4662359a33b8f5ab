// The convolution, fused with bias, addend and ReLU. A thread processes a block of one
// or two panels of tiles: it transforms inputs to V, multiplies V and U to M, and
// transforms M to the output. V and M stay in its cache.
#include "winograd.h"

namespace {

thread_local Buffer v_buffer, m_buffer; // kept from call to call
thread_local std::vector<float> zeros;
constexpr int64_t M_VEC = 16 * ROWS * LANES; // size of M for one vector of K

// Weights of more bytes than this do not stay in a core's cache. Then blocks of two
// panels read them half as often and prefetch them. Measured.
constexpr int64_t LARGE = 5 << 19;

// M of one panel, one xi, VECS vectors of K: the product of V (ROWS, C) and U (C, K).
// I numbers the sums: with constant indices they are certain to stay in registers. With
// AHEAD, one cache line of `ahead` per channel is prefetched for a later call.
template <int VECS, bool AHEAD, int... I>
void product(const float *v, const float *u, int64_t channels, float *m,
             const float *ahead, std::integer_sequence<int, I...>) {
    vec sum[] = {(void(I), vec{})...};
    for (int64_t left = channels; left > 0; left -= LANES, v += ROWS * LANES)
        for (int64_t c = 0; c < std::min<int64_t>(left, LANES); ++c) {
            if (AHEAD) __builtin_prefetch(ahead + (channels - left + c) * LANES, 0, 2);
            __builtin_prefetch(u + 32 * VECS * LANES);
            if (VECS > 1) __builtin_prefetch(u + (32 * VECS + 1) * LANES);
            const vec w[] = {load(u), load(u + (VECS - 1) * LANES)};
            ((sum[I] += v[I / VECS * LANES + c] * w[I % VECS]), ...);
            u += VECS * LANES;
        }
    (store(m + I % VECS * M_VEC + I / VECS * LANES, sum[I]), ...);
}

template <int VECS>
void product(const float *v, const float *u, int64_t channels, float *m,
             const float *ahead, int64_t rows) {
    const std::make_integer_sequence<int, ROWS * VECS> full;
    const std::make_integer_sequence<int, ROWS / 2 * VECS> half;
    if (ahead)
        product<VECS, true>(v, u, channels, m, ahead, full);
    else if (rows > ROWS / 2)
        product<VECS, false>(v, u, channels, m, ahead, full);
    else // the second half of the last panel is empty
        product<VECS, false>(v, u, channels, m, ahead, half);
}

// The work of one thread at a time: panels begin to end, vectors of K first to last.
struct Work {
    int64_t begin, end, first, last;
};

// M of all panels, vectors of K and xi. If there are two panels, each prefetches half of
// the next weights.
void products(const Shape &s, const Work &work, const float *v, const float *u,
              float *m) {
    const int64_t panels = work.end - work.begin;
    for (int xi = 0; xi < 16; ++xi)
        for (int64_t j = work.first; j < work.last; j += 2)
            for (int64_t p = 0; p < panels; ++p) {
                const int64_t vecs = work.last - work.first, k = j - work.first;
                const int64_t rows = s.tiles - (work.begin + p) * ROWS;
                const float *a = v + p * s.v_panel + xi * s.v_xi;
                const float *b = u + (xi * s.k_vecs + j) * s.c * LANES;
                const float *ahead = panels > 1 ? b + (2 + p) * s.c * LANES : nullptr;
                float *to = m + (p * vecs + k) * M_VEC + xi * ROWS * LANES;
                if (j + 1 < work.last)
                    product<2>(a, b, s.c, to, ahead, rows);
                else
                    product<1>(a, b, s.c, to, ahead, rows);
            }
}

struct Output {
    const float *bias, *add;
    bool relu;
    float *out;
};

// Two neighboring output pixels: a product with A^T, then bias, addend and ReLU.
inline void output_pair(const Output &o, int64_t at, int64_t right, int64_t n, vec bias,
                        vec a, vec b, vec c, vec d) {
    const auto put = [=](int64_t to, vec y) {
        y += bias;
        if (o.add) y += load(o.add + to, n);
        if (o.relu) y = y < 0 ? vec{} : y; // NaN stays
        store(o.out + to, y, n);
    };
    put(at, a + b + c);
    if (right) put(at + right, b - c - d);
}

// The 2x2 output pixels of one tile, n <= LANES channels: 16 xi -> 4 pixels.
inline void output_vector(const Output &o, const float *m, int64_t at, int64_t right,
                          int64_t below, int64_t n, vec bias) {
    const auto column = [=](int i) {
        const auto element = [=](int xi) { return load(m + xi * ROWS * LANES); };
        const vec b = element(i + 4), c = element(i + 8);
        return Two{element(i) + b + c, b - c - element(i + 12)};
    };
    const Two p = column(0), q = column(1), r = column(2), s = column(3);
    output_pair(o, at, right, n, bias, p.a, q.a, r.a, s.a);
    if (below) output_pair(o, at + below, right, n, bias, p.b, q.b, r.b, s.b);
}

void output_tile(const Tile &t, const Output &o, const float *m, const Work &work) {
    const int64_t start = t.pixel(), right = t.right(), below = t.below();
    for (int64_t j = work.first; j < work.last; ++j, m += M_VEC) {
        const int64_t k = j * LANES, n = t.s.k - k;
        const vec bias = o.bias ? load(o.bias + k, n) : vec{};
        if (n >= LANES)
            output_vector(o, m, start + k, right, below, LANES, bias);
        else
            output_vector(o, m, start + k, right, below, n, bias);
    }
}

// One block from input to output: (tiles, 4x4, C) -> V -> M -> (tiles, 2x2, part of K).
void compute(const Shape &s, const Work &work, const float *x, const float *u,
             const Output &o) {
    const int64_t panels = work.end - work.begin, first = work.begin * ROWS;
    const int64_t tiles = std::min(panels * ROWS, s.tiles - first);
    const int64_t m_panel = (work.last - work.first) * M_VEC;
    float *v = v_buffer.get(panels * s.v_panel), *m = m_buffer.get(panels * m_panel);
    zeros.resize(std::max<size_t>(zeros.size(), s.c));
    Tile in(s, first), out(s, first);
    for (int64_t i = 0; i < tiles; ++i, in.next())
        input_tile(in, x, zeros.data(), v + i / ROWS * s.v_panel + i % ROWS * LANES);
    products(s, work, v, u, m);
    for (int64_t i = 0; i < tiles; ++i, out.next())
        output_tile(out, o, m + i / ROWS * m_panel + i % ROWS * LANES, work);
}

// Product with G.
inline Four weight_step(vec a, vec b, vec c) {
    const vec even = 0.5f * (a + c), odd = 0.5f * b;
    return {a, even + odd, even - odd, c};
}

// U = G g G^T of LANES output channels and one input channel: 9 elements, LANES^2 apart
// -> 16 xi.
inline void weight_vector(const float *g, vec scale, float *u, int64_t xi) {
    const auto column = [=](int i) {
        const auto element = [=](int at) { return scale * load(g + at * LANES * LANES); };
        return weight_step(element(i), element(i + 3), element(i + 6));
    };
    const Four p = column(0), q = column(1), r = column(2);
    store_row(u, xi, weight_step(p.a, q.a, r.a));
    store_row(u + 4 * xi, xi, weight_step(p.b, q.b, r.b));
    store_row(u + 8 * xi, xi, weight_step(p.c, q.c, r.c));
    store_row(u + 12 * xi, xi, weight_step(p.d, q.d, r.d));
}

} // namespace

extern "C" {

// Number of floats of a packed weight: 16 * c * k, with k padded to whole vectors.
int64_t winograd_packed_size(int64_t c, int64_t k) {
    return 16 * c * blocks(k, LANES) * LANES;
}

// Packs U of a weight times scale. Element (k, c, i, j) is at
// w[k * sk + c * sc + i * si + j * sj]. The scale is (k) or (c), or null for 1.
void winograd_pack(const float *w, const float *scale, int scale_of_k, int64_t c,
                   int64_t k, int64_t sk, int64_t sc, int64_t si, int64_t sj, float *u,
                   int threads) {
    const auto factor = [=](int64_t k_first, int64_t ch) {
        if (!scale) return vec{} + 1;
        return scale_of_k ? load(scale + k_first, k - k_first) : vec{} + scale[ch];
    };
    const int64_t k_vecs = blocks(k, LANES), xi = k_vecs * c * LANES;
#pragma omp parallel for num_threads(threads) collapse(2)
    for (int64_t j = 0; j < k_vecs; ++j)
        for (int64_t first = 0; first < c; first += LANES) {
            const int64_t pair = j / 2 * 2, width = std::min<int64_t>(k_vecs - pair, 2);
            const int64_t n = std::min<int64_t>(c - first, LANES);
            const int64_t k_count = std::min<int64_t>(k - j * LANES, LANES);
            float g[9 * LANES * LANES] = {};
            Block{sk, sc, si, sj, k_count, n}.read(w + j * LANES * sk + first * sc, g);
            float *to = u + (pair * c + first * width + j - pair) * LANES;
            for (int64_t ch = 0; ch < n; ++ch)
                weight_vector(g + ch * LANES, factor(j * LANES, first + ch),
                              to + ch * width * LANES, xi);
        }
}

// x (n, h, w, c), add and out (n, h, w, k), bias (k); bias and add may be null.
void winograd_conv(const float *x, const float *u, const float *bias, const float *add,
                   int relu, float *out, int64_t n, int64_t c, int64_t k, int64_t h,
                   int64_t w, int threads) {
    const Shape s{n, c, k, h, w};
    const Output o{bias, add, relu != 0, out};
    const int64_t size = winograd_packed_size(c, k) * 4 > LARGE ? 2 : 1;
    const int64_t count = blocks(s.panels, size), pairs = blocks(s.k_vecs, 2);
    // With few panels, threads would be idle at the end: K is divided among them as well.
    const bool split = threads > 1 && s.panels < 4 * threads;
    const int64_t parts = split ? std::min<int64_t>(threads, pairs) : 1;
#pragma omp parallel for num_threads(threads) schedule(dynamic) collapse(2)
    for (int64_t b = 0; b < count; ++b)
        for (int64_t part = 0; part < parts; ++part) {
            const int64_t last = std::min((part + 1) * pairs / parts * 2, s.k_vecs);
            const Work work{b * s.panels / count, (b + 1) * s.panels / count,
                            part * pairs / parts * 2, last};
            compute(s, work, x, u, o);
        }
}
}
