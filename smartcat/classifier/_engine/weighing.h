/* From counts of features to the weighted rows that a model is fitted on: sublinear counts, idf, each part of a row
 * scaled to one length. The numbers are those of smartcat.classifier.features.weigh, to the bit. */
#ifndef SMARTCAT_WEIGHING_H
#define SMARTCAT_WEIGHING_H

#include "memory.h"

/* The counts of one part, a CSR matrix. */
typedef struct {
    const int64_t *starts;
    const int32_t *columns;
    const float *counts;
    size_t rows, entries;
} sc_part_counts;

typedef struct {
    const sc_part_counts *parts;
    size_t part_count, buckets; /* columns of each part */
    const int64_t *rows;        /* which rows to weigh */
    size_t row_count;
    const int32_t *places;      /* place of each bucket of each part among the features known, negative for none */
    const float *idf;           /* of each feature known; NULL for none */
    size_t known;
    const float *table;         /* what each count becomes */
    size_t table_size;
} sc_weighing;

/* Fill `starts` (row_count + 1), `columns` and `values`, which have `room` entries. The problem is NULL if all went
 * well. */
const char *sc_weigh(const sc_weighing *task, int64_t *starts, int32_t *columns, float *values, size_t room);

#endif
