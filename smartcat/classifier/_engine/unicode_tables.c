/* Reading "unicode.bin" into a two-level table. The file may come from anyone: see unicode_tables.h.
 *
 * The file holds segments of equal entries. Most of the 8,704 blocks of 128 characters lie in one segment and
 * share their block with all that look alike, so the table is small and made in a fraction of a millisecond.
 */
#include "unicode_tables.h"

#define HEADER 24u
#define MOST_SEGMENTS 65536u
#define MOST_SEQUENCES 65536u
#define MOST_ITEMS (1u << 20)
#define REMEMBERED 64u

typedef struct {
    const uint8_t *segments;
    uint32_t segment_count, sequence_count, item_count;
} layout;

static uint32_t start_of(const layout *file, uint32_t segment)
{
    return segment < file->segment_count ? sc_load32(file->segments + (size_t)segment * 8) : SC_CODE_POINTS;
}

static uint32_t value_of(const layout *file, uint32_t segment)
{
    return sc_load32(file->segments + (size_t)segment * 8 + 4);
}

static int is_character(uint32_t code) { return code < 0xD800 || (code >= 0xE000 && code < SC_CODE_POINTS); }

/* A shifted segment must stay within Unicode and clear of the surrogates, which have no UTF-8 form. */
static int shift_is_legal(uint32_t first, uint32_t last, int32_t shift)
{
    int64_t from = (int64_t)first + shift, to = (int64_t)last + shift;
    if (shift == 0) return 1;
    return from >= 0 && to < SC_CODE_POINTS && (to < 0xD800 || from >= 0xE000);
}

static const char *check_segment(const layout *file, uint32_t segment)
{
    uint32_t entry = value_of(file, segment), first = start_of(file, segment);
    uint32_t next = start_of(file, segment + 1), kind = SC_KIND(entry);
    int32_t value = SC_VALUE(entry);
    if (next <= first || next > SC_CODE_POINTS) return "segments do not ascend";
    if (entry & 0xC0u) return "a segment has unknown flags";
    if ((entry & SC_WORD) && (entry & SC_SPACE)) return "a character is both word and space";
    if ((entry & SC_CASED) && (entry & SC_IGNORABLE)) return "a character is both cased and ignorable";
    switch (kind) {
    case SC_SHIFT:
        return shift_is_legal(first, next - 1, value) ? NULL : "a character folds to an invalid one";
    case SC_SEQUENCE:
        return value >= 0 && (uint32_t)value < file->sequence_count ? NULL : "a sequence is missing";
    case SC_SIGMA:
        /* An ignorable sigma would let one scan for its context pass over all the others. */
        if (entry & SC_IGNORABLE) return "a sigma is ignorable";
        return value >= 0 && (uint32_t)value + 1 < file->sequence_count ? NULL : "a sequence is missing";
    default:
        return "a segment is of an unknown kind";
    }
}

static const char *check_sequences(const sc_unicode_tables *tables, const layout *file)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i <= file->sequence_count; i++) {
        uint32_t offset = tables->sequences[i];
        if (i == 0 ? offset != 0 : offset < last) return "sequences do not ascend";
        if (offset - last > SC_LONGEST_SEQUENCE) return "a sequence is too long";
        last = offset;
    }
    if (last != file->item_count) return "sequences and their characters do not agree";
    for (uint32_t i = 0; i < file->item_count; i++) {
        uint32_t item = tables->items[i];
        if ((item >> 23) || !is_character(SC_ITEM_CODE(item))) return "a sequence holds no character";
        if (SC_ITEM_WORD(item) && SC_ITEM_SPACE(item)) return "a character is both word and space";
    }
    return NULL;
}

/* ASCII is folded without the tables (folding.c), so the file must agree with it. */
static int ascii_is_standard(const sc_unicode_tables *tables)
{
    for (uint32_t c = 0; c < 128; c++) {
        int upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
        int space = c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31);
        int32_t shift = upper && (tables->flags & SC_FOLDS_CASE) ? 32 : 0;
        uint32_t entry = sc_entry_of(tables, c);
        uint32_t wanted = (upper || lower || digit || c == '_' ? SC_WORD : 0) | (space ? SC_SPACE : 0);
        if ((entry & (SC_WORD | SC_SPACE)) != wanted || SC_KIND(entry) != SC_SHIFT) return 0;
        if (SC_VALUE(entry) != shift) return 0;
    }
    return 1;
}

static sc_status add_block(sc_unicode_tables *tables, uint16_t *number)
{
    sc_status status = sc_reserve(&tables->blocks, SC_BLOCK, sizeof(uint32_t));
    if (status != SC_OK) return status;
    *number = (uint16_t)(tables->blocks.used / SC_BLOCK);
    tables->blocks.used += SC_BLOCK;
    return SC_OK;
}

/* A block that lies within one segment is shared with the earlier blocks of the same entry. */
static sc_status fill_blocks(sc_unicode_tables *tables, const layout *file)
{
    uint32_t remembered = 0, values[REMEMBERED], segment = 0;
    uint16_t numbers[REMEMBERED];
    for (uint32_t block = 0; block < SC_CODE_POINTS / SC_BLOCK; block++) {
        uint32_t first = block * SC_BLOCK, value = value_of(file, segment), known = 0;
        int uniform = start_of(file, segment + 1) >= first + SC_BLOCK;
        while (uniform && known < remembered && values[known] != value) known++;
        if (uniform && known < remembered) {
            tables->stage[block] = numbers[known];
        } else {
            uint16_t number;
            sc_status status = add_block(tables, &number);
            if (status != SC_OK) return status;
            tables->stage[block] = number;
            if (uniform && remembered < REMEMBERED) {
                values[remembered] = value;
                numbers[remembered++] = number;
            }
            uint32_t *entries = (uint32_t *)tables->blocks.data + (size_t)number * SC_BLOCK;
            for (uint32_t i = 0; i < SC_BLOCK; i++) {
                if (first + i >= start_of(file, segment + 1)) segment++;
                entries[i] = value_of(file, segment);
            }
        }
        if (start_of(file, segment + 1) == first + SC_BLOCK) segment++;
    }
    return SC_OK;
}

static const char *check_layout(layout *file, const uint8_t *bytes, size_t size, uint32_t *flags)
{
    if (size < HEADER || memcmp(bytes, "SCUT", 4) != 0) return "not a table of characters";
    if (sc_load32(bytes + 4) != 1) return "another version of the format";
    *flags = sc_load32(bytes + 8);
    if (*flags > 7 || (*flags & SC_STRIPS) == SC_STRIPS) return "unknown flags";
    file->segment_count = sc_load32(bytes + 12);
    file->sequence_count = sc_load32(bytes + 16);
    file->item_count = sc_load32(bytes + 20);
    if (file->segment_count < 1 || file->segment_count > MOST_SEGMENTS) return "too many segments, or none";
    if (file->sequence_count > MOST_SEQUENCES || file->item_count > MOST_ITEMS) return "too many sequences";
    size_t words = (size_t)file->segment_count * 2 + file->sequence_count + 1 + file->item_count;
    if (size != HEADER + words * 4) return "not as long as its header says";
    file->segments = bytes + HEADER;
    if (start_of(file, 0) != 0) return "segments do not begin at 0";
    for (uint32_t i = 0; i < file->segment_count; i++) {
        const char *problem = check_segment(file, i);
        if (problem) return problem;
    }
    return NULL;
}

static sc_status copy_words(uint32_t **copy, const uint8_t *from, size_t words)
{
    *copy = sc_resize(NULL, words * 4);
    if (!*copy) return SC_NO_MEMORY;
    memcpy(*copy, from, words * 4);
    return SC_OK;
}

static sc_status read_checked(sc_unicode_tables *tables, const layout *file, const char **why)
{
    const uint8_t *sequences = file->segments + (size_t)file->segment_count * 8;
    size_t offsets = (size_t)file->sequence_count + 1;
    sc_status status = copy_words(&tables->sequences, sequences, offsets);
    if (status == SC_OK) status = copy_words(&tables->items, sequences + offsets * 4, file->item_count);
    if (status != SC_OK) return status;
    *why = check_sequences(tables, file);
    if (*why) return SC_BAD_FILE;
    status = fill_blocks(tables, file);
    if (status != SC_OK) return status;
    if (ascii_is_standard(tables)) return SC_OK;
    *why = "ASCII does not fold as usual";
    return SC_BAD_FILE;
}

sc_status sc_unicode_tables_read(sc_unicode_tables *tables, const uint8_t *file, size_t size, const char **why)
{
    layout parsed;
    memset(tables, 0, sizeof *tables);
    *why = check_layout(&parsed, file, size, &tables->flags);
    if (*why) return SC_BAD_FILE;
    sc_status status = read_checked(tables, &parsed, why);
    if (status != SC_OK) sc_unicode_tables_free(tables);
    return status;
}

void sc_unicode_tables_free(sc_unicode_tables *tables)
{
    sc_release(&tables->blocks);
    free(tables->sequences);
    free(tables->items);
    tables->sequences = tables->items = NULL;
}
