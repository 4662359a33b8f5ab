// Vectors of float32 of the processor's width, and reusable memory.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>

namespace {

using std::int64_t;
#if defined(__AVX512F__)
constexpr int LANES = 16;
#elif defined(__AVX__)
constexpr int LANES = 8;
#else
constexpr int LANES = 4;
#endif
typedef float vec __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

inline int64_t blocks(int64_t n, int64_t size) { return (n + size - 1) / size; }

inline vec load(const float *p) { return *(const vec *)p; }
inline void store(float *p, vec v) { *(vec *)p = v; }

// Loads the first n numbers of a vector and fills it with zeros.
inline vec load(const float *p, int64_t n) {
    if (n >= LANES) return load(p);
    vec v = {};
    std::memcpy(&v, p, n * sizeof(float));
    return v;
}

inline void store(float *p, vec v, int64_t n) {
    if (n >= LANES) return store(p, v);
    std::memcpy(p, &v, n * sizeof(float));
}

// Memory that is kept from call to call; its contents are undefined.
struct Buffer {
    float *data = nullptr;
    int64_t size = 0;
    ~Buffer() { release(); }
    void release() { ::operator delete[](data, std::align_val_t(64)); }
    float *get(int64_t n) {
        if (n <= size) return data;
        release();
        data = nullptr, size = 0;
        data = new (std::align_val_t(64)) float[n];
        size = n;
        return data;
    }
};

} // namespace
