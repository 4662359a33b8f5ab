// BatchNorm with the batch's statistics on channels-last maps, fused with the sum and
// ReLU that follow it: memory is read once or twice, by separate operators five times.
#include "vectors.h"
#include <numeric>
#include <vector>

namespace {

typedef std::vector<float> Floats;
constexpr int64_t CHUNK = 1 << 14; // as many numbers as stay in a core's cache

// A map (pixels, c), seen as n consecutive numbers. After every `period` numbers the
// first channel is at the start of a vector again; arrays of that length hold one value
// per channel, repeated. Chunks do not depend on the number of threads, nor do the sums.
struct Row {
    int64_t n, c;
    int64_t period = std::lcm(c, int64_t(LANES));
    int64_t chunk = period * std::max<int64_t>(1, CHUNK / period);
    int64_t chunks = blocks(n, chunk);

    // Calls `call(position, position in the period, count)` for each vector of a chunk.
    template <class Call> void each(int64_t index, Call call) const {
        int64_t i = index * chunk;
        const int64_t end = std::min(i + chunk, n);
        for (; i + period <= end; i += period)
            for (int64_t j = 0; j < period; j += LANES) call(i + j, j, LANES);
        for (int64_t j = 0; i + j < end; j += LANES)
            call(i + j, j, std::min<int64_t>(LANES, end - i - j));
    }
    int64_t pixels(int64_t index) const {
        return (std::min((index + 1) * chunk, n) - index * chunk) / c;
    }
    Floats repeated(const float *values) const {
        Floats all(period);
        for (int64_t j = 0; j < period; ++j) all[j] = values[j % c];
        return all;
    }
    // (period) -> (c): adds up the values of each channel.
    void fold(const Floats &all, float *values) const {
        std::fill(values, values + c, 0.f);
        for (int64_t j = 0; j < period; ++j) values[j % c] += all[j];
    }
};

inline void accumulate(Floats &sums, int64_t j, vec v, int64_t n) {
    store(&sums[j], load(&sums[j]) + v, n);
}

// Mean (c) of a chunk's channels, and the sum of squared differences from it (c).
void chunk_statistics(const Row &row, const float *x, int64_t index, float *mean,
                      float *squares) {
    Floats sums(row.period);
    row.each(index, [&](int64_t i, int64_t j, int64_t n) {
        accumulate(sums, j, load(x + i, n), n);
    });
    row.fold(sums, mean);
    for (int64_t c = 0; c < row.c; ++c) mean[c] /= row.pixels(index);
    const Floats means = row.repeated(mean);
    std::fill(sums.begin(), sums.end(), 0.f);
    row.each(index, [&](int64_t i, int64_t j, int64_t n) {
        const vec d = load(x + i, n) - load(&means[j]);
        accumulate(sums, j, d * d, n);
    });
    row.fold(sums, squares);
}

// Scale and shift of each channel, repeated; the norm's output is scale * x + shift.
struct Affine {
    Floats scale, shift;
    Affine(const Row &row, const float *a, const float *b)
        : scale(row.repeated(a)), shift(row.repeated(b)) {}
    vec operator()(vec x, int64_t j) const {
        return load(&scale[j]) * x + load(&shift[j]);
    }
};

// The gradient before the ReLU, if there is one: zero where the norm's output is not
// positive.
inline vec masked(vec grad, vec x, const Affine &norm, int64_t j, bool relu) {
    return relu ? (norm(x, j) <= 0 ? vec{} : grad) : grad;
}

} // namespace

extern "C" {

// Computes mean and biased variance (c) of x (n / c, c), over all pixels.
void norm_statistics(const float *x, float *mean, float *variance, int64_t n, int64_t c,
                     int threads) {
    const Row row{n, c};
    Floats means(row.chunks * c), squares(row.chunks * c);
#pragma omp parallel for num_threads(threads)
    for (int64_t k = 0; k < row.chunks; ++k)
        chunk_statistics(row, x, k, &means[k * c], &squares[k * c]);
    const double pixels = n / c;
    for (int64_t ch = 0; ch < c; ++ch) {
        double sum = 0, square = 0;
        for (int64_t k = 0; k < row.chunks; ++k)
            sum += double(means[k * c + ch]) * row.pixels(k);
        for (int64_t k = 0; k < row.chunks; ++k) {
            const double d = means[k * c + ch] - sum / pixels;
            square += squares[k * c + ch] + d * d * row.pixels(k);
        }
        mean[ch] = sum / pixels, variance[ch] = square / pixels;
    }
}

// out = ReLU(scale * x + shift + add); add may be null.
void norm_apply(const float *x, const float *scale, const float *shift, const float *add,
                int relu, float *out, int64_t n, int64_t c, int threads) {
    const Row row{n, c};
    const Affine norm(row, scale, shift);
#pragma omp parallel for num_threads(threads)
    for (int64_t k = 0; k < row.chunks; ++k)
        row.each(k, [&](int64_t i, int64_t j, int64_t count) {
            vec y = norm(load(x + i, count), j);
            if (add) y += load(add + i, count);
            if (relu) y = y < 0 ? vec{} : y; // NaN stays
            store(out + i, y, count);
        });
}

// Sums over the pixels (c): the masked gradient, and its product with x - mean.
void norm_gradient_sums(const float *grad, const float *x, const float *scale,
                        const float *shift, const float *mean, int relu, float *sums,
                        float *products, int64_t n, int64_t c, int threads) {
    const Row row{n, c};
    const Affine norm(row, scale, shift);
    const Floats means = row.repeated(mean);
    Floats all_sums(row.chunks * c), all_products(row.chunks * c);
#pragma omp parallel for num_threads(threads)
    for (int64_t k = 0; k < row.chunks; ++k) {
        Floats sum(row.period), product(row.period);
        row.each(k, [&](int64_t i, int64_t j, int64_t count) {
            const vec v = load(x + i, count);
            const vec g = masked(load(grad + i, count), v, norm, j, relu);
            accumulate(sum, j, g, count);
            accumulate(product, j, g * (v - load(&means[j])), count);
        });
        row.fold(sum, &all_sums[k * c]);
        row.fold(product, &all_products[k * c]);
    }
    for (int64_t ch = 0; ch < c; ++ch) {
        double sum = 0, product = 0;
        for (int64_t k = 0; k < row.chunks; ++k)
            sum += all_sums[k * c + ch], product += all_products[k * c + ch];
        sums[ch] = sum, products[ch] = product;
    }
}

// out = scale * (masked gradient - constant - (x - mean) * slope)
void norm_gradient(const float *grad, const float *x, const float *scale,
                   const float *shift, const float *mean, const float *constant,
                   const float *slope, int relu, float *out, int64_t n, int64_t c,
                   int threads) {
    const Row row{n, c};
    const Affine norm(row, scale, shift);
    const Floats means = row.repeated(mean), slopes = row.repeated(slope);
    const Floats constants = row.repeated(constant);
#pragma omp parallel for num_threads(threads)
    for (int64_t k = 0; k < row.chunks; ++k)
        row.each(k, [&](int64_t i, int64_t j, int64_t count) {
            const vec v = load(x + i, count);
            const vec g = masked(load(grad + i, count), v, norm, j, relu);
            const vec centred = v - load(&means[j]);
            const vec rest = g - load(&constants[j]) - centred * load(&slopes[j]);
            store(out + i, load(&norm.scale[j]) * rest, count);
        });
}
}
