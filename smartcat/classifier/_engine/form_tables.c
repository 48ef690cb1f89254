/* Reading the tables of the canonical form, see form_tables.h. The file may come from anyone. */
#include "form_tables.h"

#define HEADER 16u
#define MOST_SEGMENTS 65536u
#define MOST_SEQUENCES 65536u
#define MOST_ITEMS (1u << 18)
#define MOST_PAIRS (1u << 14)
#define LONGEST_SEQUENCE 18u

typedef struct {
    sc_segments segments;
    uint32_t sequence_count, item_count, pair_count;
} layout;

/* All of ASCII but FIRST: it is passed over without the tables (canonical.c). */
static int ascii_stays(uint32_t first, uint32_t next, uint32_t entry)
{
    for (uint32_t c = first; c < next && c < 128; c++) {
        int space = c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31);
        if ((entry & ~SC_FORM_FIRST) != (space ? SC_FORM_SPACE : 0)) return 0;
    }
    return 1;
}

static const char *check_segments(const layout *file)
{
    if (sc_segment_start(&file->segments, 0) != 0) return "the form's segments do not ascend from 0";
    for (uint32_t i = 0; i < file->segments.count; i++) {
        uint32_t entry = sc_segment_entry(&file->segments, i), first = sc_segment_start(&file->segments, i);
        uint32_t next = sc_segment_start(&file->segments, i + 1);
        int32_t value = SC_FORM_VALUE(entry);
        if (next <= first || next > SC_CODE_POINTS) return "the form's segments do not ascend from 0";
        if (entry & SC_FORM_SEQUENCE) {
            if (value < 0 || (uint32_t)value >= file->sequence_count) return "a sequence of the form is missing";
        } else if (!sc_shift_is_legal(first, next - 1, value)) {
            return "the form turns a character into an invalid one";
        }
        if (!ascii_stays(first, next, entry)) return "the form changes ASCII";
    }
    return NULL;
}

static const char *check_sequences(const sc_form *form, const layout *file)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i <= file->sequence_count; i++) {
        uint32_t offset = form->sequences[i];
        if (i == 0 ? offset != 0 : offset < last || offset - last > LONGEST_SEQUENCE)
            return "the form's sequences do not ascend, or one is too long";
        last = offset;
    }
    if (last != file->item_count) return "the form's sequences and their characters do not agree";
    for (uint32_t i = 0; i < file->item_count; i++)
        if (!sc_is_character(form->items[i])) return "a sequence of the form holds no character";
    return NULL;
}

static const char *check_pairs(const sc_form *form)
{
    for (uint32_t i = 0; i < form->pair_count; i++) {
        sc_pair pair = form->pairs[i], before = form->pairs[i ? i - 1 : 0];
        if (!sc_is_character(pair.first) || !sc_is_character(pair.second) || !sc_is_character(pair.composed))
            return "a pair of the form holds no character";
        if (i && (before.first > pair.first || (before.first == pair.first && before.second >= pair.second)))
            return "the form's pairs do not ascend";
    }
    return NULL;
}

static const char *check_layout(layout *file, const uint8_t *bytes, size_t size)
{
    if (size < HEADER) return "has no canonical form";
    file->segments.count = sc_load32(bytes);
    file->sequence_count = sc_load32(bytes + 4);
    file->item_count = sc_load32(bytes + 8);
    file->pair_count = sc_load32(bytes + 12);
    if (file->segments.count < 1 || file->segments.count > MOST_SEGMENTS || file->sequence_count > MOST_SEQUENCES)
        return "the form has too many segments or sequences";
    if (file->item_count > MOST_ITEMS || file->pair_count > MOST_PAIRS)
        return "the form has too many characters or pairs";
    size_t words = (size_t)file->segments.count * 2 + file->sequence_count + 1 + file->item_count;
    if (size != HEADER + (words + (size_t)file->pair_count * 3) * 4) return "not as long as its header says";
    file->segments.bytes = bytes + HEADER;
    return check_segments(file);
}

sc_status sc_form_read(sc_form *form, const uint8_t *file, size_t size, const char **why)
{
    layout parsed;
    memset(form, 0, sizeof *form);
    *why = check_layout(&parsed, file, size);
    if (*why) return SC_BAD_FILE;
    const uint8_t *at = parsed.segments.bytes + (size_t)parsed.segments.count * 8;
    size_t offsets = (size_t)parsed.sequence_count + 1, pairs = (size_t)parsed.pair_count * 3;
    uint32_t *copy = NULL;
    sc_status status = sc_copy_words(&form->sequences, at, offsets);
    if (status == SC_OK) status = sc_copy_words(&form->items, at + offsets * 4, parsed.item_count);
    if (status == SC_OK) status = sc_copy_words(&copy, at + (offsets + parsed.item_count) * 4, pairs);
    if (status != SC_OK) return status;
    form->pairs = (sc_pair *)(void *)copy;
    form->pair_count = parsed.pair_count;
    *why = check_sequences(form, &parsed);
    if (!*why) *why = check_pairs(form);
    return *why ? SC_BAD_FILE : sc_code_table_fill(&form->codes, &parsed.segments);
}

void sc_form_free(sc_form *form)
{
    sc_release(&form->codes.blocks);
    free(form->sequences);
    free(form->items);
    free(form->pairs);
    memset(form, 0, sizeof *form);
}
