// The gradient of the weight. The gradient of U, (16, C, K), is the sum over all tiles
// of V^T (A g A^T) for each xi, with g the 2x2 output gradients of a tile; G^T (.) G
// maps it to 3x3. All threads share one block of panels. A g A^T is ordered in memory as
// V, with K in place of C.
#include "winograd.h"

namespace {

constexpr int CHANNELS = LANES == 16 ? 8 : 4; // input channels of one product

// Panels of a block, for weights of up to LARGE bytes and for larger ones: a larger block
// reads and writes the gradient of U less often. Measured.
constexpr int64_t PANELS = 4, LARGE_PANELS = 8, LARGE = 5 << 19;

// Product with A.
inline Four grad_step(vec a, vec b) { return {a, a + b, a - b, -b}; }

// A g A^T of one tile for n <= LANES channels: 2x2 pixels -> 16 xi.
inline void grad_vector(const float *g, int64_t right, int64_t below, int64_t n, float *m,
                        int64_t m_xi) {
    const auto pixel = [=](bool inside, int64_t at) {
        return inside ? load(g + at, n) : vec{};
    };
    const Four p = grad_step(load(g, n), pixel(below, below));
    const Four q = grad_step(pixel(right, right), pixel(right && below, right + below));
    store_row(m, m_xi, grad_step(p.a, q.a));
    store_row(m + 4 * m_xi, m_xi, grad_step(p.b, q.b));
    store_row(m + 8 * m_xi, m_xi, grad_step(p.c, q.c));
    store_row(m + 12 * m_xi, m_xi, grad_step(p.d, q.d));
}

void grad_tile(const Tile &t, const float *g, float *m, int64_t m_xi) {
    const int64_t right = t.right(), below = t.below(), left = t.s.k % LANES;
    const float *end = g + t.pixel() + t.s.k;
    for (g += t.pixel(); g + LANES <= end; g += LANES, m += ROWS * LANES)
        grad_vector(g, right, below, LANES, m, m_xi);
    if (left) grad_vector(g, right, below, left, m, m_xi);
}

// CHANNELS x VECS vectors of the gradient of U: the products of all panels, added to the
// previous blocks' unless this is the first. I numbers the sums.
template <int VECS, int... I>
void accumulate(const float *v, int64_t v_panel, const float *m, int64_t m_panel,
                int64_t panels, int64_t k_vecs, float *du, bool first,
                std::integer_sequence<int, I...>) {
    vec sum[] = {(void(I), vec{})...};
    for (int64_t p = 0; p < panels; ++p, v += v_panel, m += m_panel)
        for (int t = 0; t < ROWS * LANES; t += LANES) {
            const vec w[] = {load(m + t), load(m + t + (VECS - 1) * ROWS * LANES)};
            ((sum[I] += v[t + I / VECS] * w[I % VECS]), ...);
        }
    const auto put = [=](float *to, vec x) { store(to, first ? x : load(to) + x); };
    (put(du + (I / VECS * k_vecs + I % VECS) * LANES, sum[I]), ...);
}

// A weight in memory, and the factor of each of its output channels.
struct Scaled {
    const float *data, *scale;
    int64_t sk, sc, si, sj;
};

// The arrays of one call; the gradient of U is (xi, C, K), padded to whole vectors.
struct Gradient {
    const Shape s;
    int64_t size; // panels of a block
    int64_t m_xi = (s.k_vecs * ROWS + 1) * LANES, m_panel = 16 * m_xi;
    int64_t c_all = s.c_vecs * LANES, k_all = s.k_vecs * LANES;
    Buffer v, m, u;
    std::vector<float> zeros;

    Gradient(const Shape &shape, int64_t panels)
        : s(shape), size(panels), zeros(shape.c) {
        v.get(size * s.v_panel), m.get(size * m_panel), u.get(16 * c_all * k_all);
    }

    // V and A g A^T of panel `index`; tiles beyond the last one count as zeros.
    void transform(const float *x, const float *g, int64_t index) {
        const int64_t first = index * ROWS;
        const int64_t tiles = std::min<int64_t>(ROWS, s.tiles - first);
        float *to_v = v.data + index % size * s.v_panel;
        float *to_m = m.data + index % size * m_panel;
        if (tiles < ROWS) {
            std::memset(to_v, 0, s.v_panel * sizeof(float));
            std::memset(to_m, 0, m_panel * sizeof(float));
        }
        Tile t(s, first);
        for (int64_t i = 0; i < tiles; ++i, t.next()) {
            input_tile(t, x, zeros.data(), to_v + i * LANES);
            grad_tile(t, g, to_m + i * LANES, m_xi);
        }
    }

    // The products of one block of panels, for one xi and one vector of C.
    void products(int xi, int64_t c_vec, int64_t panels, bool first) {
        const std::make_integer_sequence<int, CHANNELS> one;
        const std::make_integer_sequence<int, CHANNELS * 2> two;
        float *du = u.data + (xi * c_all + c_vec * LANES) * k_all;
        for (int64_t j = 0; j < s.k_vecs; j += 2)
            for (int c = 0; c < LANES; c += CHANNELS) {
                const float *a = v.data + xi * s.v_xi + c_vec * ROWS * LANES + c;
                const float *b = m.data + xi * m_xi + j * ROWS * LANES;
                float *to = du + c * k_all + j * LANES;
                if (j + 1 < s.k_vecs)
                    accumulate<2>(a, s.v_panel, b, m_panel, panels, s.k_vecs, to, first,
                                  two);
                else
                    accumulate<1>(a, s.v_panel, b, m_panel, panels, s.k_vecs, to, first,
                                  one);
            }
    }

    // G^T (.) G for LANES output channels and one input channel: 16 xi -> 9 elements,
    // LANES^2 apart.
    void weight_vector(int64_t c, int64_t k, float *to) const {
        const auto step = [](vec a, vec b, vec c, vec d) {
            const vec even = 0.5f * (b + c), odd = 0.5f * (b - c);
            return Four{a + even, odd, even + d, vec{}};
        };
        const auto element = [=](int xi) {
            return load(u.data + (xi * c_all + c) * k_all + k);
        };
        Four f[4];
        for (int i = 0; i < 4; ++i)
            f[i] = step(element(i), element(i + 4), element(i + 8), element(i + 12));
        const Four r[] = {step(f[0].a, f[1].a, f[2].a, f[3].a),
                          step(f[0].b, f[1].b, f[2].b, f[3].b),
                          step(f[0].c, f[1].c, f[2].c, f[3].c)};
        for (int i = 0; i < 3; ++i) {
            store(to + 3 * i * LANES * LANES, r[i].a);
            store(to + (3 * i + 1) * LANES * LANES, r[i].b);
            store(to + (3 * i + 2) * LANES * LANES, r[i].c);
        }
    }

    // The gradients of the weight and of its scale, for one vector of K.
    void weight(int64_t k, const Scaled &weight, float *dw, float *dscale) const {
        vec total = {};
        for (int64_t c = 0; c < s.c; c += LANES) {
            const Block block{weight.sk,
                              weight.sc,
                              weight.si,
                              weight.sj,
                              std::min<int64_t>(s.k - k, LANES),
                              std::min<int64_t>(s.c - c, LANES)};
            const int64_t at = k * weight.sk + c * weight.sc;
            float grad[9 * LANES * LANES];
            for (int64_t ch = 0; ch < block.c; ++ch)
                weight_vector(c + ch, k, grad + ch * LANES);
            if (weight.scale) total += scale(block, weight, at, k, grad);
            block.write(grad, dw + at);
        }
        if (weight.scale) store(dscale + k, total, s.k - k);
    }

    // Multiplies a block's gradient by the scale; returns its part of the gradient of
    // the scale.
    vec scale(const Block &block, const Scaled &weight, int64_t at, int64_t k,
              float *grad) const {
        const vec factor = load(weight.scale + k, s.k - k);
        float w[9 * LANES * LANES] = {};
        block.read(weight.data + at, w);
        vec total = {};
        for (int i = 0; i < 9; ++i)
            for (int64_t c = 0; c < block.c; ++c) {
                const int64_t to = (i * LANES + c) * LANES;
                total += load(grad + to) * load(w + to);
                store(grad + to, load(grad + to) * factor);
            }
        return total;
    }
};

} // namespace

// x (n, h, w, c), g (n, h, w, k). The convolution's weight is w * scale; if scale is
// null, w and dscale are not used. Element (k, c, i, j) of w and dw is at
// k * sk + c * sc + ...
extern "C" void winograd_weight_grad(const float *x, const float *g, const float *w,
                                     const float *scale, float *dw, float *dscale,
                                     int64_t n, int64_t c, int64_t k, int64_t h,
                                     int64_t width, int64_t sk, int64_t sc, int64_t si,
                                     int64_t sj, int threads) {
    const Shape s{n, c, k, h, width};
    const Scaled weight{w, scale, sk, sc, si, sj};
    const int64_t most = 64 * c * k > LARGE ? LARGE_PANELS : PANELS;
    const int64_t size = std::min(most, s.panels);
    Gradient all(s, size);
#pragma omp parallel num_threads(threads)
    {
        for (int64_t b = 0; b < s.panels; b += size) {
            const int64_t end = std::min(b + size, s.panels);
#pragma omp for
            for (int64_t p = b; p < end; ++p) all.transform(x, g, p);
#pragma omp for collapse(2)
            for (int xi = 0; xi < 16; ++xi)
                for (int64_t j = 0; j < s.c_vecs; ++j)
                    all.products(xi, j, end - b, b == 0);
        }
#pragma omp for
        for (int64_t j = 0; j < s.k_vecs; ++j) all.weight(j * LANES, weight, dw, dscale);
    }
}
