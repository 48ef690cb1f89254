/* Bringing a text into form, see canonical.h. This is Unicode's algorithm for NFC (Unicode Standard Annex 15) with a
 * few more decompositions. Almost all text is in form: the scan copies nothing, and passes over ASCII eight bytes at
 * a time. Where it is not, the characters from the last letter to the next are taken apart, sorted and composed.
 */
#include "canonical.h"

#include "utf8.h"

/* Hangul composes by arithmetic: Unicode Standard, section 3.12. */
enum { SYLLABLES = 0xAC00, LEADS = 0x1100, VOWELS = 0x1161, TAILS = 0x11A7, LEAD = 19, VOWEL = 21, TAIL = 28 };

/* Up to so many marks are sorted by insertion, which suits the two or three of a letter. */
#define FEW 24u

#define CODE(item) ((item) & 0x1FFFFFu)
#define CLASS(item) ((item) >> 24)

static uint32_t composed(const sc_form *form, uint32_t first, uint32_t second)
{
    uint32_t lead = first - LEADS, vowel = second - VOWELS, tail = second - TAILS, syllable = first - SYLLABLES;
    if (lead < LEAD && vowel < VOWEL) return SYLLABLES + (lead * VOWEL + vowel) * TAIL;
    if (syllable < LEAD * VOWEL * TAIL && syllable % TAIL == 0 && tail - 1 < TAIL - 1) return first + tail;
    size_t low = 0, high = form->pair_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const sc_pair *pair = &form->pairs[middle];
        if (pair->first == first && pair->second == second) return pair->composed;
        if (pair->first < first || (pair->first == first && pair->second < second)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}

/* Sort marks by class; those of one class stay in order. */
static sc_status sort_marks(uint32_t *marks, size_t count, sc_array *sorted)
{
    if (count <= FEW) {
        for (size_t i = 1; i < count; i++) {
            uint32_t mark = marks[i];
            size_t at = i;
            for (; at > 0 && CLASS(marks[at - 1]) > CLASS(mark); at--) marks[at] = marks[at - 1];
            marks[at] = mark;
        }
        return SC_OK;
    }
    size_t starts[257] = {0};
    sorted->used = 0;
    sc_status status = sc_reserve(sorted, count, sizeof *marks);
    if (status != SC_OK) return status;
    uint32_t *to = sorted->data;
    for (size_t i = 0; i < count; i++) starts[CLASS(marks[i]) + 1]++;
    for (size_t i = 1; i < 257; i++) starts[i] += starts[i - 1];
    for (size_t i = 0; i < count; i++) to[starts[CLASS(marks[i])]++] = marks[i];
    memcpy(marks, to, count * sizeof *marks);
    return SC_OK;
}

/* Compose what can be composed; what lies between a letter and a mark of the same or a higher class blocks it. */
static size_t compose(const sc_form *form, uint32_t *items, size_t count)
{
    size_t kept = 0, letter = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        uint32_t item = items[i];
        if (letter != SIZE_MAX && (kept == letter + 1 || CLASS(items[kept - 1]) < CLASS(item))) {
            uint32_t one = composed(form, CODE(items[letter]), CODE(item));
            if (one) {
                items[letter] = one;
                continue;
            }
        }
        if (!CLASS(item)) letter = kept;
        items[kept++] = item;
    }
    return kept;
}

/* Sort, compose and write a cluster, and begin the next. */
static sc_status flush(const sc_form *form, sc_canonical *memory)
{
    uint32_t *items = memory->cluster.data;
    size_t count = memory->cluster.used;
    for (size_t i = 0; i < count;) {
        size_t first = i;
        while (i < count && CLASS(items[i])) i++;
        sc_status status = i - first > 1 ? sort_marks(items + first, i - first, &memory->sorted) : SC_OK;
        if (status != SC_OK) return status;
        i += i < count;
    }
    count = compose(form, items, count);
    sc_status status = sc_reserve(&memory->bytes, 4 * count, 1);
    if (status != SC_OK) return status;
    uint8_t *bytes = memory->bytes.data;
    for (size_t i = 0; i < count; i++) memory->bytes.used += sc_encode(bytes + memory->bytes.used, CODE(items[i]));
    memory->cluster.used = 0;
    return SC_OK;
}

/* Whether nothing before such a character can change it, and it nothing before. */
static inline int begins(uint32_t entry)
{
    return !(entry & (SC_FORM_SECOND | SC_FORM_CHANGES)) && !SC_FORM_CLASS(entry);
}

/* Add a character that is decomposed. One that begins a cluster ends the one before it. */
static sc_status add_decomposed(const sc_form *form, sc_canonical *memory, uint32_t code)
{
    uint32_t entry = sc_form_entry(form, code);
    sc_status status = memory->cluster.used && begins(entry) ? flush(form, memory) : SC_OK;
    if (status == SC_OK) status = sc_reserve(&memory->cluster, 1, sizeof(uint32_t));
    if (status != SC_OK) return status;
    ((uint32_t *)memory->cluster.data)[memory->cluster.used++] = code | SC_FORM_CLASS(entry) << 24;
    return SC_OK;
}

static sc_status add(const sc_form *form, sc_canonical *memory, uint32_t code, uint32_t entry)
{
    uint32_t syllable = code - SYLLABLES;
    int32_t value = SC_FORM_VALUE(entry);
    sc_status status = SC_OK;
    if (syllable < LEAD * VOWEL * TAIL) {
        status = add_decomposed(form, memory, LEADS + syllable / (VOWEL * TAIL));
        if (status == SC_OK) status = add_decomposed(form, memory, VOWELS + syllable / TAIL % VOWEL);
        if (status != SC_OK || syllable % TAIL == 0) return status;
        return add_decomposed(form, memory, TAILS + syllable % TAIL);
    }
    if (!(entry & SC_FORM_SEQUENCE)) return add_decomposed(form, memory, (uint32_t)((int32_t)code + value));
    for (uint32_t i = form->sequences[value]; i < form->sequences[value + 1] && status == SC_OK; i++)
        status = add_decomposed(form, memory, form->items[i]);
    return status;
}

static sc_status copy(sc_canonical *memory, const uint8_t *from, size_t bytes)
{
    sc_status status = sc_reserve(&memory->bytes, bytes + SC_SLACK, 1);
    if (status != SC_OK) return status;
    memcpy((uint8_t *)memory->bytes.data + memory->bytes.used, from, bytes);
    memory->bytes.used += bytes;
    return SC_OK;
}

/* Rewrite the characters from a letter on up to the next that begins a cluster; `*at` is set to that one. */
static sc_status rewrite(const sc_form *form, sc_canonical *memory, const uint8_t **at, const uint8_t *end)
{
    const uint8_t *first = *at;
    sc_status status = SC_OK;
    while (*at < end && status == SC_OK) {
        uint32_t code;
        const uint8_t *next = *at + sc_decode(*at, end, &code);
        uint32_t entry = sc_form_entry(form, code);
        if (*at > first && begins(entry)) break;
        status = add(form, memory, code, entry);
        *at = next;
    }
    return status == SC_OK ? flush(form, memory) : status;
}

sc_status sc_to_form(const sc_form *form, sc_canonical *memory, sc_text *text)
{
    const uint8_t *at = text->at, *end = at + text->bytes;
    /* What is not copied yet; the last letter, before which nothing changes any more; the entry of the last character. */
    const uint8_t *rest = at, *letter = at;
    uint32_t before = SC_FORM_FIRST;
    memory->bytes.used = memory->cluster.used = 0;
    while (at < end) {
        if (*at < 0x80) {
            while (end - at >= 8 && !(sc_load64(at) & 0x8080808080808080u)) at += 8;
            while (at < end && *at < 0x80) at++;
            letter = at - 1;
            before = sc_form_entry(form, *letter);
            continue;
        }
        uint32_t code;
        const uint8_t *next = at + sc_decode(at, end, &code);
        uint32_t entry = sc_form_entry(form, code);
        if (SC_LIKELY(sc_form_stays(before, entry))) {
            if (!SC_FORM_CLASS(entry)) letter = at;
            before = entry;
            at = next;
            continue;
        }
        sc_status status = copy(memory, rest, (size_t)(letter - rest));
        at = letter;
        if (status == SC_OK) status = rewrite(form, memory, &at, end);
        if (status != SC_OK) return status;
        rest = letter = at;
        before = SC_FORM_FIRST;
    }
    if (rest == text->at) return SC_OK;
    sc_status status = copy(memory, rest, (size_t)(end - rest));
    text->at = memory->bytes.data;
    text->bytes = memory->bytes.used;
    return status;
}

size_t sc_form_head(const sc_form *form, sc_text text, uint32_t characters)
{
    const uint8_t *at = text.at, *end = at + text.bytes;
    int after_space = 1;
    while (characters && at < end) {
        uint32_t code;
        const uint8_t *next = at + sc_decode(at, end, &code);
        int space = (sc_form_entry(form, code) & SC_FORM_SPACE) != 0;
        characters -= !(space && after_space);
        after_space = space;
        at = next;
    }
    return (size_t)(at - text.at);
}

void sc_canonical_trim(sc_canonical *memory, size_t keep_bytes)
{
    sc_trim(&memory->bytes, keep_bytes);
    sc_trim(&memory->cluster, keep_bytes / 4);
    sc_trim(&memory->sorted, keep_bytes / 4);
}
