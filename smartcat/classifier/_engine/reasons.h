/* Reasons: the n-grams of a document that contributed most to a column. Exact, and traced back through the hash. */
#ifndef SMARTCAT_REASONS_H
#define SMARTCAT_REASONS_H

#include "model.h"

/* A page of the document and its weight, >= 0. */
typedef struct {
    size_t page;
    double weight;
} sc_weighted_page;

/* One n-gram: where a copy of it stands in the tokens of the counts, and what it added. */
typedef struct {
    uint32_t feature;
    double contribution;
    const uint8_t *text;
    size_t bytes;
} sc_reason;

/* Find the features with the largest sum over the pages of weight * value * weight of the column, > 0: largest
 * first, equals by ascending feature. Where several n-grams of the pages share a feature, the most frequent stands
 * for it, of equals the first by name. Nothing depends on the order of the pages.
 *
 * `reasons` has room for `limit`; `*found` is set to how many there are. */
sc_status sc_find_reasons(const sc_model *model, const sc_features *features, const sc_counts *counts,
                          const sc_scores *scores, const sc_weighted_page *weighted, size_t page_count, size_t column,
                          size_t limit, sc_reason *reasons, size_t *found);

#endif
