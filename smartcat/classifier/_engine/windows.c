/* Hashing the windows of a token, see windows.h. For the usual lengths the compiler unrolls the hash. */
#include "windows.h"

#if SC_ASKS_FOR_AVX2
#include <immintrin.h>
#endif

static inline void hash_one_by_one(const uint8_t *at, size_t windows, size_t bytes, uint32_t *out)
{
    for (size_t i = 0; i < windows; i++) out[i] = sc_murmur(at + i, bytes);
}

#define SC_FOR_EACH_LENGTH(HASH)                                                                                     \
    switch (bytes) {                                                                                                 \
    case 1: HASH(at, windows, 1, out); break;                                                                        \
    case 2: HASH(at, windows, 2, out); break;                                                                        \
    case 3: HASH(at, windows, 3, out); break;                                                                        \
    case 4: HASH(at, windows, 4, out); break;                                                                        \
    case 5: HASH(at, windows, 5, out); break;                                                                        \
    case 6: HASH(at, windows, 6, out); break;                                                                        \
    default: HASH(at, windows, bytes, out); break;                                                                   \
    }

#if SC_ASKS_FOR_AVX2

/* Support is checked when a text is hashed, so one build serves all processors; the numbers are the same. */
#define SC_AVX2 __attribute__((target("avx2")))

/* The four bytes that begin at each of eight adjacent positions. */
SC_AVX2 static inline __m256i load_adjacent(const uint8_t *at)
{
    const __m128i *low = (const __m128i *)(const void *)at, *high = (const __m128i *)(const void *)(at + 4);
    const __m256i each = _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, 0, 1, 2, 3, 1, 2, 3, 4, 2,
                                          3, 4, 5, 3, 4, 5, 6);
    __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(low)), _mm_loadu_si128(high), 1);
    return _mm256_shuffle_epi8(both, each);
}

SC_AVX2 static inline __m256i times(__m256i x, uint32_t by)
{
    return _mm256_mullo_epi32(x, _mm256_set1_epi32((int32_t)by));
}

SC_AVX2 static inline __m256i rotate(__m256i x, int by)
{
    return _mm256_or_si256(_mm256_slli_epi32(x, by), _mm256_srli_epi32(x, 32 - by));
}

SC_AVX2 static inline __m256i mix_word(__m256i k) { return times(rotate(times(k, 0xCC9E2D51u), 15), 0x1B873593u); }

SC_AVX2 static inline __m256i end(__m256i state, __m256i last, size_t bytes)
{
    __m256i mask = _mm256_set1_epi32((int32_t)(((uint32_t)1 << (8 * (bytes & 3))) - 1));
    __m256i h = bytes & 3 ? _mm256_xor_si256(state, mix_word(_mm256_and_si256(last, mask))) : state;
    h = _mm256_xor_si256(h, _mm256_set1_epi32((int32_t)bytes));
    h = times(_mm256_xor_si256(h, _mm256_srli_epi32(h, 16)), 0x85EBCA6Bu);
    h = times(_mm256_xor_si256(h, _mm256_srli_epi32(h, 13)), 0xC2B2AE35u);
    return _mm256_xor_si256(h, _mm256_srli_epi32(h, 16));
}

SC_AVX2 static inline void hash_eight(const uint8_t *at, size_t windows, size_t bytes, uint32_t *out)
{
    for (size_t i = 0; i < windows; i += 8, at += 8) {
        __m256i state = _mm256_setzero_si256();
        size_t block = 0;
        for (; block + 4 <= bytes; block += 4) {
            state = rotate(_mm256_xor_si256(state, mix_word(load_adjacent(at + block))), 13);
            state = _mm256_add_epi32(times(state, 5), _mm256_set1_epi32((int32_t)0xE6546B64u));
        }
        __m256i hashes = end(state, load_adjacent(at + block), bytes);
        _mm256_storeu_si256((__m256i *)(void *)(out + i), hashes);
    }
}

SC_AVX2 static void hash_wide(const uint8_t *at, size_t windows, size_t bytes, uint32_t *out)
{
    SC_FOR_EACH_LENGTH(hash_eight)
}

#endif

void sc_hash_windows(const uint8_t *at, size_t windows, size_t bytes, uint32_t *out)
{
#if SC_ASKS_FOR_AVX2
    if (__builtin_cpu_supports("avx2")) {
        hash_wide(at, windows, bytes, out);
        return;
    }
#endif
    SC_FOR_EACH_LENGTH(hash_one_by_one)
}
