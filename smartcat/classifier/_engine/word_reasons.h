/* Reasons in whole words: what every n-gram of a document added to a column, summed over the words that hold it. */
#ifndef SMARTCAT_WORD_REASONS_H
#define SMARTCAT_WORD_REASONS_H

#include "reasons.h"

/* A word of more characters is no word that a reader would recognise: base64, a path, a line of dashes. */
#define SC_LONGEST_WORD 40u

/* Find the words with the largest sum of the shares of their n-grams, > 0: largest first, equals by name. A feature's
 * part in the score (page weight * value * weight of the column) is shared equally by all its occurrences on the
 * page. An n-gram of characters belongs to the run that it lies in, which is named without the signs around it; one
 * of words to each of its words, in equal parts. So all words together, those against the column too, make up the
 * whole score but the intercept. Of words longer than SC_LONGEST_WORD only the strongest is a reason.
 *
 * Shares and sums are rounded to float32, so that they do not depend on the order of the pages. `seed` keys the table
 * of words. `reasons` has room for `limit`; `*found` is set to how many there are; their `feature` is not set. */
sc_status sc_find_word_reasons(const sc_model *model, const sc_features *features, const sc_unicode_tables *tables,
                               const sc_counts *counts, const sc_scores *scores, const sc_weighted_page *weighted,
                               size_t page_count, size_t column, uint64_t seed, size_t limit, sc_reason *reasons,
                               size_t *found);

#endif
