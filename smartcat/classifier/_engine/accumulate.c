/* Adding up rows of weights, see accumulate.h. Each tile of columns is summed in registers, feature by feature in the
 * order of the text whatever the width of the registers, so that all machines get the same bits.
 *
 * Columns that do not fill the last tile are summed by one that overlaps its neighbour: it reads nothing beyond the
 * row, and columns summed twice get the same sum twice.
 */
#include "accumulate.h"

#if SC_ASKS_FOR_AVX2
#include <immintrin.h>
#endif

/* Features summed in float32 before their sum is added in float64. */
#define SPAN 256u
#define LINE 64u

static inline void prefetch_row(const void *row, size_t bytes)
{
    const char *at = row;
    for (size_t i = 0; i < bytes; i += LINE) SC_PREFETCH(at + i);
    SC_PREFETCH(at + bytes - 1);
}

/* A loop over features with the columns of a tile in registers; WIDTH is a constant, so the compiler unrolls and
 * vectorises the inner loops. */
#define SC_TILE(NAME, WEIGHT, WIDTH)                                                                                 \
    static void NAME(const WEIGHT *weights, size_t columns, const uint32_t *rows, const float *values, size_t count, \
                     float *sums)                                                                                    \
    {                                                                                                                \
        float tile[WIDTH] = {0};                                                                                     \
        for (size_t i = 0; i < count; i++) {                                                                         \
            const WEIGHT *row = weights + (size_t)rows[i] * columns;                                                 \
            float value = values[i];                                                                                 \
            for (size_t column = 0; column < WIDTH; column++) tile[column] += value * (float)row[column];            \
        }                                                                                                            \
        memcpy(sums, tile, sizeof tile);                                                                             \
    }

#define SC_ACCUMULATE(NAME, WEIGHT)                                                                                  \
    SC_TILE(NAME##_1, WEIGHT, 1)                                                                                     \
    SC_TILE(NAME##_4, WEIGHT, 4)                                                                                     \
    SC_TILE(NAME##_8, WEIGHT, 8)                                                                                     \
    SC_TILE(NAME##_16, WEIGHT, 16)                                                                                   \
    static void NAME##_span(const WEIGHT *weights, size_t columns, const uint32_t *rows, const float *values,        \
                            size_t count, double *sums)                                                              \
    {                                                                                                                \
        size_t done = 0;                                                                                             \
        while (done < columns) {                                                                                     \
            size_t left = columns - done;                                                                            \
            size_t width = left > 8 ? 16 : left > 4 ? 8 : 4;                                                         \
            while (width > columns) width /= 2;                                                                      \
            if (width == 2) width = 1;                                                                               \
            size_t first = width > left ? columns - width : done;                                                    \
            float tile[16];                                                                                          \
            (width == 16  ? NAME##_16                                                                                \
             : width == 8 ? NAME##_8                                                                                 \
             : width == 4 ? NAME##_4                                                                                 \
                          : NAME##_1)(weights + first, columns, rows, values, count, tile);                          \
            for (size_t i = done - first; i < width; i++) sums[first + i] += (double)tile[i];                        \
            done = first + width;                                                                                    \
        }                                                                                                            \
    }

SC_ACCUMULATE(add_f32, float)
SC_ACCUMULATE(add_i8, int8_t)

#if SC_ASKS_FOR_AVX2

/* The same for processors that widen eight small weights in one instruction: a strip of up to 32 columns takes one
 * pass over the features. Support is checked when a text is scored, so one build serves all processors. */
#define SC_AVX2 __attribute__((target("avx2")))
#define HAS_AVX2 __builtin_cpu_supports("avx2")

SC_AVX2 static inline __m256 load_f32(const float *at) { return _mm256_loadu_ps(at); }

SC_AVX2 static inline __m256 load_i8(const int8_t *at)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)at)));
}

/* BLOCKS blocks of eight columns, the last of which begins at `last`. */
#define SC_STRIP(NAME, WEIGHT, LOAD, BLOCKS)                                                                         \
    SC_AVX2 static void NAME(const WEIGHT *weights, size_t columns, size_t last, const uint32_t *rows,               \
                             const float *values, size_t count, float *sums)                                         \
    {                                                                                                                \
        __m256 tile[BLOCKS];                                                                                         \
        for (size_t b = 0; b < BLOCKS; b++) tile[b] = _mm256_setzero_ps();                                           \
        for (size_t i = 0; i < count; i++) {                                                                         \
            const WEIGHT *row = weights + (size_t)rows[i] * columns;                                                 \
            __m256 value = _mm256_set1_ps(values[i]);                                                                \
            for (size_t b = 0; b < BLOCKS; b++) {                                                                    \
                __m256 eight = LOAD(row + (b + 1 < BLOCKS ? 8 * b : last));                                          \
                tile[b] = _mm256_add_ps(tile[b], _mm256_mul_ps(value, eight));                                       \
            }                                                                                                        \
        }                                                                                                            \
        for (size_t b = 0; b < BLOCKS; b++) _mm256_storeu_ps(sums + (b + 1 < BLOCKS ? 8 * b : last), tile[b]);       \
    }

#define SC_WIDE(NAME, WEIGHT, LOAD)                                                                                  \
    SC_STRIP(NAME##_strip8, WEIGHT, LOAD, 1)                                                                              \
    SC_STRIP(NAME##_strip16, WEIGHT, LOAD, 2)                                                                             \
    SC_STRIP(NAME##_strip24, WEIGHT, LOAD, 3)                                                                             \
    SC_STRIP(NAME##_strip32, WEIGHT, LOAD, 4)                                                                             \
    static void NAME##_wide(const WEIGHT *weights, size_t columns, const uint32_t *rows, const float *values,        \
                            size_t count, double *sums)                                                              \
    {                                                                                                                \
        for (size_t done = 0; done < columns;) {                                                                     \
            size_t left = columns - done, first = left < 8 ? columns - 8 : done;                                     \
            size_t width = left > 32 ? 32 : left < 8 ? 8 : left;                                                     \
            float tile[32];                                                                                          \
            (width > 24   ? NAME##_strip32                                                                           \
             : width > 16 ? NAME##_strip24                                                                           \
             : width > 8  ? NAME##_strip16                                                                           \
                          : NAME##_strip8)(weights + first, columns, width - 8, rows, values, count, tile);          \
            for (size_t i = done - first; i < width; i++) sums[first + i] += (double)tile[i];                        \
            done = first + width;                                                                                    \
        }                                                                                                            \
    }

SC_WIDE(add_f32, float, load_f32)
SC_WIDE(add_i8, int8_t, load_i8)

#else
#define HAS_AVX2 0
#define add_f32_wide add_f32_span
#define add_i8_wide add_i8_span
#endif

#define SC_BY_SPANS(NAME, ADD, WEIGHT)                                                                               \
    void NAME(const WEIGHT *weights, size_t columns, const uint32_t *rows, const float *values, size_t count,        \
              double *sums)                                                                                          \
    {                                                                                                                \
        int wide = columns >= 8 && HAS_AVX2;                                                                         \
        for (size_t i = 0; i < count; i += SPAN) {                                                                   \
            size_t span = count - i < SPAN ? count - i : SPAN;                                                       \
            for (size_t j = 0; j < span; j++)                                                                        \
                prefetch_row(weights + (size_t)rows[i + j] * columns, columns * sizeof(WEIGHT));                     \
            (wide ? ADD##_wide : ADD##_span)(weights, columns, rows + i, values + i, span, sums);                    \
        }                                                                                                            \
    }

SC_BY_SPANS(sc_accumulate_f32, add_f32, float)
SC_BY_SPANS(sc_accumulate_i8, add_i8, int8_t)
