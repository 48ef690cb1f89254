/* One number for every character there is: a two-level table made from the segments of a file. */
#ifndef SMARTCAT_CODE_TABLE_H
#define SMARTCAT_CODE_TABLE_H

#include "memory.h"

#define SC_CODE_POINTS 0x110000u
#define SC_BLOCK 128u

typedef struct {
    uint16_t stage[SC_CODE_POINTS / SC_BLOCK];
    sc_array blocks; /* uint32_t entries, SC_BLOCK a block */
} sc_code_table;

/* Segments as they stand in a file: eight bytes each, the first character and the entry of all up to the next. */
typedef struct {
    const uint8_t *bytes;
    uint32_t count;
} sc_segments;

static inline uint32_t sc_segment_start(const sc_segments *segments, uint32_t segment)
{
    return segment < segments->count ? sc_load32(segments->bytes + (size_t)segment * 8) : SC_CODE_POINTS;
}

static inline uint32_t sc_segment_entry(const sc_segments *segments, uint32_t segment)
{
    return sc_load32(segments->bytes + (size_t)segment * 8 + 4);
}

/* Whether a code point is a character: no surrogate, which has no UTF-8 form. */
static inline int sc_is_character(uint32_t code) { return code < 0xD800 || (code >= 0xE000 && code < SC_CODE_POINTS); }

/* Whether all of first..last stay characters when they are shifted. */
static inline int sc_shift_is_legal(uint32_t first, uint32_t last, int32_t shift)
{
    int64_t from = (int64_t)first + shift, to = (int64_t)last + shift;
    if (shift == 0) return 1;
    return from >= 0 && to < SC_CODE_POINTS && (to < 0xD800 || from >= 0xE000);
}

/* Fill an empty table from at least one segment; they ascend from 0. */
sc_status sc_code_table_fill(sc_code_table *table, const sc_segments *segments);

static inline uint32_t sc_code_entry(const sc_code_table *table, uint32_t code)
{
    const uint32_t *blocks = table->blocks.data;
    return blocks[(size_t)table->stage[code / SC_BLOCK] * SC_BLOCK + code % SC_BLOCK];
}

/* Copy words of a file, which may lie at any address. */
static inline sc_status sc_copy_words(uint32_t **copy, const uint8_t *from, size_t words)
{
    *copy = sc_resize(NULL, words * 4);
    if (!*copy) return SC_NO_MEMORY;
    memcpy(*copy, from, words * 4);
    return SC_OK;
}

#endif
