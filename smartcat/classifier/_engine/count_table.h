/* Counting how often each feature of one text occurs, in an open-addressing table that is reused from text to text. */
#ifndef SMARTCAT_COUNT_TABLE_H
#define SMARTCAT_COUNT_TABLE_H

#include "memory.h"

/* A feature and how often it occurs. Where signs alternate, the count is a signed number. */
typedef struct {
    uint32_t feature, count;
} sc_entry;

typedef struct {
    sc_array slots; /* sc_entry, feature + 1 in it, 0 where free; a power of two of them, all free between texts */
    sc_array order; /* uint32_t: slots in order of the features' first occurrence */
    unsigned bits;  /* the table has 2**bits slots */
    uint32_t factor; /* odd, and unknown to the authors of texts */
} sc_count_table;

/* How hashes become features. */
typedef struct {
    uint32_t base; /* number of the first feature of this part */
    uint32_t mask; /* buckets less one */
    int alternate_sign;
} sc_buckets;

/* Prepare for a text of about so many features. The table is empty afterwards. */
sc_status sc_count_table_begin(sc_count_table *table, size_t expected);

/* Count hashed n-grams; `repeats` holds how often each occurs, NULL for once. */
sc_status sc_count_table_add(sc_count_table *table, sc_buckets buckets, const uint32_t *hashes, const uint32_t *repeats,
                       size_t count);

/* Append the counts in order of first occurrence, and empty the table. */
sc_status sc_count_table_take(sc_count_table *table, sc_array *entries);

/* Free what a large text took. */
void sc_count_table_trim(sc_count_table *table, size_t keep_slots);
void sc_count_table_free(sc_count_table *table);

#endif
