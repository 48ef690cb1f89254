/* A linear model over hashed features: from counts to scores. Reads the model's arrays in place. */
#ifndef SMARTCAT_MODEL_H
#define SMARTCAT_MODEL_H

#include "counts.h"

#define SC_NO_ROW UINT32_MAX

/* Which of 64 neighbouring features a model keeps, and how many it keeps before them: one cache line answers
 * "which row has this feature", and 2**20 buckets take 256 KB. */
typedef struct {
    uint64_t kept;
    uint64_t before;
} sc_rank;

/* The arrays belong to the caller, who keeps them as long as the model. */
typedef struct {
    const uint32_t *features; /* kept features, ascending */
    size_t rows, columns;
    const int8_t *small_weights; /* rows x columns, or NULL */
    const float *weights;        /* the same as float32, or NULL; exactly one of the two */
    const float *scale;          /* columns: factor of a small weight; NULL without them */
    const float *idf;            /* rows, or NULL */
    const float *intercept;      /* columns */
    int sublinear;
    sc_rank *ranks;
    size_t rank_count;
    float *logarithms; /* 1 + ln c of every small count c, as the training side rounds it */
} sc_model;

/* Check the features and index them; the other fields are set by the caller. */
sc_status sc_model_index(sc_model *model, size_t feature_count, const char **why);
void sc_model_free(sc_model *model);

/* A model's scores of the texts of some counts. */
typedef struct {
    uint32_t part_count;
    sc_array starts;   /* size_t: where each part of each text begins in the rows, and where the last ends */
    sc_array rows;     /* uint32_t: the kept features of the texts */
    sc_array values;   /* float: their values */
    sc_array numbers;  /* double: texts x columns */
    sc_array products; /* double: the values of one part before they are scaled */
} sc_scores;

sc_status sc_score(const sc_model *model, const sc_features *features, const sc_counts *counts, sc_scores *scores);
void sc_scores_free(sc_scores *scores);

/* Where a text's kept features of all parts begin among the rows, and how many they are. */
static inline size_t sc_kept(const sc_scores *scores, size_t page, size_t *first)
{
    const size_t *starts = (const size_t *)scores->starts.data + page * scores->part_count;
    *first = starts[0];
    return starts[scores->part_count] - starts[0];
}

static inline uint32_t sc_count_ones(uint64_t x)
{
    /* Counting bits without an instruction for it, which not every x86-64 has. */
    x -= x >> 1 & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (uint32_t)(x * 0x0101010101010101u >> 56);
}

/* A feature's row, or SC_NO_ROW. */
static inline uint32_t sc_row_of(const sc_model *model, uint32_t feature)
{
    const sc_rank *rank = &model->ranks[feature / 64];
    uint64_t below = rank->kept & (((uint64_t)1 << feature % 64) - 1);
    if (!(rank->kept >> feature % 64 & 1)) return SC_NO_ROW;
    return (uint32_t)rank->before + sc_count_ones(below);
}

/* The weight of a row for a column. */
static inline float sc_weight(const sc_model *model, uint32_t row, size_t column)
{
    size_t at = (size_t)row * model->columns + column;
    if (model->weights) return model->weights[at];
    return model->scale[column] * (float)model->small_weights[at];
}

#endif
