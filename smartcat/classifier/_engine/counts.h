/* The hashed counts of a batch of texts, and what is kept to name their n-grams afterwards. Knows no model. */
#ifndef SMARTCAT_COUNTS_H
#define SMARTCAT_COUNTS_H

#include "canonical.h"
#include "ngrams.h"
#include "count_table.h"

#define SC_MOST_PARTS 4u

/* One way to split a text into tokens; parts with the same one share it. */
typedef struct {
    uint32_t head;
    sc_analyzer analyzer;
} sc_tokenization;

/* What a feature is: part i has the features i * buckets .. (i + 1) * buckets - 1. */
typedef struct {
    sc_part parts[SC_MOST_PARTS];
    uint32_t part_count;
    uint32_t buckets; /* a power of two, at most 2**24 */
    int alternate_sign;
    sc_tokenization tokenizations[SC_MOST_PARTS]; /* grouped by head; filled in by sc_features_plan */
    uint32_t tokenization_count;
    uint32_t tokenization_of[SC_MOST_PARTS]; /* of each part */
} sc_features;

/* Determine the tokenizations that the parts need. */
void sc_features_plan(sc_features *features);

/* One text: where its share of each of the arrays of sc_counts begins. */
typedef struct {
    size_t entries[SC_MOST_PARTS + 1]; /* where each part's begin, and where the last ends */
    size_t hashes[SC_MOST_PARTS + 1];
    size_t text[SC_MOST_PARTS], ends[SC_MOST_PARTS], repeats[SC_MOST_PARTS]; /* by tokenization */
    int ascii[SC_MOST_PARTS];
    int hashes_kept;
} sc_page;

typedef struct {
    sc_array pages;                       /* sc_page, one more than there are texts */
    sc_array entries;                     /* sc_entry: each part's features in order of first occurrence */
    sc_token_store tokens[SC_MOST_PARTS]; /* by tokenization */
    sc_array hashes; /* uint32_t: the hash of every n-gram, part after part, of all texts but the largest */
} sc_counts;

/* Memory that is used for one text after the other; one for each thread at work. */
typedef struct {
    sc_canonical canonical;
    sc_folded folded;
    sc_token_table token_table;
    sc_count_table table;
    sc_chunk chunk;
} sc_scratch;

void sc_scratch_begin(sc_scratch *scratch, uint64_t seed);
void sc_scratch_trim(sc_scratch *scratch);
void sc_scratch_free(sc_scratch *scratch);

sc_status sc_counts_begin(sc_counts *counts, const sc_features *features);
/* Count one more text of UTF-8. After a failure the counts may only be freed. */
sc_status sc_count(sc_counts *counts, sc_scratch *scratch, const sc_unicode_tables *tables, const sc_features *features,
                   const uint8_t *text, size_t length);
/* Reserve memory for `left` more bytes of text, assuming they are like the `done` ones: growing copies the counts. */
sc_status sc_counts_expect(sc_counts *counts, size_t done, size_t left);
void sc_counts_free(sc_counts *counts);

static inline size_t sc_page_count(const sc_counts *counts) { return counts->pages.used - 1; }

static inline const sc_page *sc_page_marks(const sc_counts *counts, size_t page)
{
    return (const sc_page *)counts->pages.data + page;
}

/* A text's features of one part. */
static inline const sc_entry *sc_part_entries(const sc_counts *counts, size_t page, uint32_t part, size_t *count)
{
    const size_t *starts = sc_page_marks(counts, page)->entries + part;
    *count = starts[1] - starts[0];
    return (const sc_entry *)counts->entries.data + starts[0];
}

/* A text's features of all parts. */
static inline const sc_entry *sc_page_entries(const sc_counts *counts, size_t page, size_t *count)
{
    const sc_page *marks = sc_page_marks(counts, page);
    *count = marks[1].entries[0] - marks[0].entries[0];
    return (const sc_entry *)counts->entries.data + marks->entries[0];
}

/* A text's tokens for a part. */
sc_tokens sc_page_tokens(const sc_counts *counts, const sc_features *features, size_t page, uint32_t part);

#endif
