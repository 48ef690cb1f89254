/* Reading "unicode.bin". The file may come from anyone: see unicode_tables.h. */
#include "unicode_tables.h"

#define HEADER 24u
#define MOST_SEGMENTS 65536u
#define MOST_SEQUENCES 65536u
#define MOST_ITEMS (1u << 20)
#define HAS_FORM 8u

typedef struct {
    sc_segments segments;
    uint32_t sequence_count, item_count;
    const uint8_t *form; /* what follows the character tables, where there is a form */
    size_t form_bytes;
} layout;

static const char *check_segment(const layout *file, uint32_t segment)
{
    uint32_t entry = sc_segment_entry(&file->segments, segment), first = sc_segment_start(&file->segments, segment);
    uint32_t next = sc_segment_start(&file->segments, segment + 1), kind = SC_KIND(entry);
    int32_t value = SC_VALUE(entry);
    if (next <= first || next > SC_CODE_POINTS) return "segments do not ascend";
    if (entry & (file->form ? 0x80u : 0xC0u)) return "a segment has unknown flags";
    if ((entry & SC_WORD) && (entry & SC_SPACE)) return "a character is both word and space";
    if ((entry & SC_CASED) && (entry & SC_IGNORABLE)) return "a character is both cased and ignorable";
    switch (kind) {
    case SC_SHIFT:
        return sc_shift_is_legal(first, next - 1, value) ? NULL : "a character folds to an invalid one";
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
        if ((item >> 23) || !sc_is_character(SC_ITEM_CODE(item))) return "a sequence holds no character";
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

static const char *check_layout(layout *file, const uint8_t *bytes, size_t size, uint32_t *flags)
{
    if (size < HEADER || memcmp(bytes, "SCUT", 4) != 0) return "not a table of characters";
    if (sc_load32(bytes + 4) != 1) return "another version of the format";
    *flags = sc_load32(bytes + 8);
    if (*flags > 15 || (*flags & SC_STRIPS) == SC_STRIPS) return "unknown flags";
    file->segments.count = sc_load32(bytes + 12);
    file->sequence_count = sc_load32(bytes + 16);
    file->item_count = sc_load32(bytes + 20);
    if (file->segments.count < 1 || file->segments.count > MOST_SEGMENTS) return "too many segments, or none";
    if (file->sequence_count > MOST_SEQUENCES || file->item_count > MOST_ITEMS) return "too many sequences";
    size_t words = (size_t)file->segments.count * 2 + file->sequence_count + 1 + file->item_count;
    size_t tables = HEADER + words * 4;
    if (size < tables || size % 4 || (size > tables && !(*flags & HAS_FORM))) return "not as long as its header says";
    file->form = *flags & HAS_FORM ? bytes + tables : NULL;
    file->form_bytes = size - tables;
    file->segments.bytes = bytes + HEADER;
    if (sc_segment_start(&file->segments, 0) != 0) return "segments do not begin at 0";
    for (uint32_t i = 0; i < file->segments.count; i++) {
        const char *problem = check_segment(file, i);
        if (problem) return problem;
    }
    return NULL;
}

static sc_status read_checked(sc_unicode_tables *tables, const layout *file, const char **why)
{
    const uint8_t *sequences = file->segments.bytes + (size_t)file->segments.count * 8;
    size_t offsets = (size_t)file->sequence_count + 1;
    sc_status status = sc_copy_words(&tables->sequences, sequences, offsets);
    if (status == SC_OK) status = sc_copy_words(&tables->items, sequences + offsets * 4, file->item_count);
    if (status != SC_OK) return status;
    *why = check_sequences(tables, file);
    if (*why) return SC_BAD_FILE;
    status = sc_code_table_fill(&tables->codes, &file->segments);
    if (status != SC_OK) return status;
    if (!ascii_is_standard(tables)) {
        *why = "ASCII does not fold as usual";
        return SC_BAD_FILE;
    }
    if (!file->form) return SC_OK;
    tables->has_form = 1;
    return sc_form_read(&tables->form, file->form, file->form_bytes, why);
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
    sc_release(&tables->codes.blocks);
    if (tables->has_form) sc_form_free(&tables->form);
    free(tables->sequences);
    free(tables->items);
    tables->sequences = tables->items = NULL;
}
