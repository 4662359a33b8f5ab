// 3x3 convolutions with 2.25 times fewer multiplications: Winograd's F(2x2, 3x3).
//
// The output is divided into tiles of 2x2 pixels, each of which needs 4x4 input pixels
// d:
//     tile = A^T [ (G g G^T) * (B^T d B) ] A
// with g the 3x3 weight. The product * is element-wise and summed over the input
// channels, so that each of the 16 elements ("xi") is one matrix product
// (tiles, C) x (C, K):
//     B^T = 1  0 -1  0    G =  1    0   0    A^T = 1  1  1  0
//           0  1  1  0        1/2  1/2 1/2         0  1 -1 -1
//           0 -1  1  0        1/2 -1/2 1/2
//           0  1  0 -1         0    0   1
// Source: A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks,
// arXiv 1509.09308, section 4.1.
//
// Maps are channels-last float32. A panel is ROWS tiles: as many as can keep two
// vectors of sums each in registers. Order in memory:
//     V = B^T d B:    [panel][xi][vector of C][ROWS][LANES]
//     U = G g G^T:    [xi][pair of vectors of K][C][1 or 2 vectors][LANES]
//     M = U * V:      [panel][vector of K][xi][ROWS][LANES]
#pragma once
#include "vectors.h"
#include <utility>
#include <vector>

namespace {

constexpr int ROWS = LANES == 16 ? 14 : 6;

struct Two {
    vec a, b;
};

struct Four {
    vec a, b, c, d;
};

struct Shape {
    int64_t n, c, k, h, w;
    int64_t rows = blocks(h, 2), columns = blocks(w, 2), tiles = n * rows * columns;
    int64_t panels = blocks(tiles, ROWS);
    int64_t c_vecs = blocks(c, LANES), k_vecs = blocks(k, LANES);
    // Padded by a vector, so that a tile's 16 elements do not share one cache set.
    int64_t v_xi = (c_vecs * ROWS + 1) * LANES, v_panel = 16 * v_xi;
};

// The upper left output pixel of a tile. `next` avoids divisions, which are slow.
struct Tile {
    const Shape &s;
    int64_t image, y, x;
    Tile(const Shape &shape, int64_t index)
        : s(shape), image(index / (s.rows * s.columns)),
          y(index / s.columns % s.rows * 2), x(index % s.columns * 2) {}
    void next() {
        if ((x += 2) < s.w) return;
        x = 0;
        if ((y += 2) < s.h) return;
        y = 0, ++image;
    }
    // Position of the pixel's channels in an output, and the distances to the neighbors
    // on the right and below; 0 if there is none.
    int64_t pixel() const { return ((image * s.h + y) * s.w + x) * s.k; }
    int64_t right() const { return x + 1 < s.w ? s.k : 0; }
    int64_t below() const { return y + 1 < s.h ? s.w * s.k : 0; }
};

// A block of at most LANES x LANES of a weight's k and c; element (k, c, i, j) is at
// k * sk + c * sc + i * si + j * sj.
struct Block {
    int64_t sk, sc, si, sj, k, c;

    // Calls `call(position in the weight, position in an array [3 * i + j][c][k])` for
    // each number, in the order of the weight's memory.
    template <class Call> void each(Call call) const {
        const bool outer_k = sk >= sc;
        const int64_t outer = outer_k ? k : c, inner = outer_k ? c : k;
        const int64_t far = std::max(sk, sc), near = std::min(sk, sc);
        const int64_t to_far = outer_k ? 1 : LANES, to_near = outer_k ? LANES : 1;
        for (int64_t a = 0; a < outer; ++a)
            for (int i = 0; i < 9; ++i)
                for (int64_t b = 0; b < inner; ++b)
                    call(a * far + b * near + i / 3 * si + i % 3 * sj,
                         i * LANES * LANES + a * to_far + b * to_near);
    }
    void read(const float *weight, float *array) const {
        each([=](int64_t from, int64_t to) { array[to] = weight[from]; });
    }
    void write(const float *array, float *weight) const {
        each([=](int64_t to, int64_t from) { weight[to] = array[from]; });
    }
};

inline void store_row(float *to, int64_t step, Four f) {
    store(to, f.a), store(to + step, f.b);
    store(to + 2 * step, f.c), store(to + 3 * step, f.d);
}

// Product with B^T.
inline Four input_step(vec a, vec b, vec c, vec d) {
    return {a - c, b + c, c - b, b - d};
}

// V = B^T d B of one tile, for n <= LANES channels from c on: 4x4 pixels -> 16 xi.
inline void input_vector(const float *const *pixel, int64_t c, int64_t n, float *v,
                         int64_t v_xi) {
    const auto column = [=](int i) {
        return input_step(load(pixel[i] + c, n), load(pixel[i + 4] + c, n),
                          load(pixel[i + 8] + c, n), load(pixel[i + 12] + c, n));
    };
    const Four p = column(0), q = column(1), r = column(2), s = column(3);
    store_row(v, v_xi, input_step(p.a, q.a, r.a, s.a));
    store_row(v + 4 * v_xi, v_xi, input_step(p.b, q.b, r.b, s.b));
    store_row(v + 8 * v_xi, v_xi, input_step(p.c, q.c, r.c, s.c));
    store_row(v + 12 * v_xi, v_xi, input_step(p.d, q.d, r.d, s.d));
}

// V of one tile for all channels; pixels outside the image are read from `zero`.
inline void input_tile(const Tile &t, const float *x, const float *zero, float *v) {
    const Shape &s = t.s;
    const float *pixel[16];
    for (int i = 0; i < 16; ++i) {
        const int64_t y = t.y + i / 4 - 1, col = t.x + i % 4 - 1;
        const bool inside = y >= 0 && y < s.h && col >= 0 && col < s.w;
        pixel[i] = inside ? x + ((t.image * s.h + y) * s.w + col) * s.c : zero;
    }
    int64_t c = 0;
    for (; c + LANES <= s.c; c += LANES, v += ROWS * LANES)
        input_vector(pixel, c, LANES, v, s.v_xi);
    if (c < s.c) input_vector(pixel, c, s.c - c, v, s.v_xi);
}

} // namespace
