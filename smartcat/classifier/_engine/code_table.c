/* Filling a table, see code_table.h. Most of the 8,704 blocks of 128 characters lie in one segment and share their
 * block with all that look alike, so the table is small and made in a fraction of a millisecond.
 */
#include "code_table.h"

#define REMEMBERED 64u

static sc_status add_block(sc_code_table *table, uint16_t *number)
{
    sc_status status = sc_reserve(&table->blocks, SC_BLOCK, sizeof(uint32_t));
    if (status != SC_OK) return status;
    *number = (uint16_t)(table->blocks.used / SC_BLOCK);
    table->blocks.used += SC_BLOCK;
    return SC_OK;
}

/* A block that lies within one segment is shared with the earlier blocks of the same entry. */
sc_status sc_code_table_fill(sc_code_table *table, const sc_segments *segments)
{
    uint32_t remembered = 0, values[REMEMBERED], segment = 0;
    uint16_t numbers[REMEMBERED];
    for (uint32_t block = 0; block < SC_CODE_POINTS / SC_BLOCK; block++) {
        uint32_t first = block * SC_BLOCK, value = sc_segment_entry(segments, segment), known = 0;
        int uniform = sc_segment_start(segments, segment + 1) >= first + SC_BLOCK;
        while (uniform && known < remembered && values[known] != value) known++;
        if (uniform && known < remembered) {
            table->stage[block] = numbers[known];
        } else {
            uint16_t number;
            sc_status status = add_block(table, &number);
            if (status != SC_OK) return status;
            table->stage[block] = number;
            if (uniform && remembered < REMEMBERED) {
                values[remembered] = value;
                numbers[remembered++] = number;
            }
            uint32_t *entries = (uint32_t *)table->blocks.data + (size_t)number * SC_BLOCK;
            for (uint32_t i = 0; i < SC_BLOCK; i++) {
                if (first + i >= sc_segment_start(segments, segment + 1)) segment++;
                entries[i] = sc_segment_entry(segments, segment);
            }
        }
        if (sc_segment_start(segments, segment + 1) == first + SC_BLOCK) segment++;
    }
    return SC_OK;
}
