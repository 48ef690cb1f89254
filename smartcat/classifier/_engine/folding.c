/* Folding, see folding.h: ASCII sixteen bytes at a time, everything else one character at a time from the table. */
#include "folding.h"

#include "utf8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define STEP 16u

/* Sixteen bytes of text: which are not ASCII, which are word characters, which are no space. */
typedef struct {
    uint32_t foreign, word, solid;
} masks;

#if defined(__SSE2__)

static inline __m128i within(__m128i bytes, char first, int count)
{
    /* A range test in two operations: move the range to the bottom of the signed bytes. */
    __m128i moved = _mm_add_epi8(bytes, _mm_set1_epi8((char)(-128 - first)));
    return _mm_cmplt_epi8(moved, _mm_set1_epi8((char)(-128 + count)));
}

static inline masks fold_ascii(const uint8_t *from, uint8_t *to, int lowercase)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)from);
    __m128i upper = within(bytes, 'A', 26);
    __m128i small = _mm_add_epi8(bytes, _mm_and_si128(upper, _mm_set1_epi8(32)));
    __m128i letter = within(small, 'a', 26);
    __m128i word = _mm_or_si128(_mm_or_si128(letter, within(bytes, '0', 10)),
                                _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_')));
    __m128i space = _mm_or_si128(_mm_or_si128(within(bytes, 9, 5), within(bytes, 28, 4)),
                                 _mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')));
    _mm_storeu_si128((__m128i *)to, lowercase ? small : bytes);
    masks bits = {(uint32_t)_mm_movemask_epi8(bytes), (uint32_t)_mm_movemask_epi8(word),
                   ~(uint32_t)_mm_movemask_epi8(space) & 0xFFFFu};
    return bits;
}

#else

static inline masks fold_ascii(const uint8_t *from, uint8_t *to, int lowercase)
{
    masks bits = {0, 0, 0};
    for (unsigned i = 0; i < STEP; i++) {
        uint32_t c = from[i];
        uint32_t upper = c - 'A' < 26u, letter = (c | 32u) - 'a' < 26u;
        uint32_t word = letter | (c - '0' < 10u) | (c == '_');
        uint32_t space = (c - 9u < 5u) | (c - 28u < 4u) | (c == ' ');
        to[i] = (uint8_t)(c + ((upper & (uint32_t)lowercase) << 5));
        bits.foreign |= (c >> 7) << i;
        bits.word |= word << i;
        bits.solid |= (space ^ 1u) << i;
    }
    return bits;
}

#endif

static inline unsigned lowest(uint32_t bits)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_ctz(bits);
#else
    unsigned n = 0;
    while (!(bits >> n & 1)) n++;
    return n;
#endif
}

/* Append `count` (1..32) bits; what lies beyond them in the two words touched is cleared for later. */
static inline void append_bits(uint64_t *words, size_t at, uint64_t bits, unsigned count)
{
    size_t word = at / 64;
    unsigned shift = at % 64;
    bits &= ((uint64_t)1 << count) - 1;
    words[word] |= bits << shift;
    words[word + 1] = (bits >> 1) >> (63 - shift);
}

/* Room for what is left of the text, should it fold to as many bytes as it has, and one long sequence more. */
static sc_status make_room(sc_folded *folded, size_t left)
{
    size_t wanted = folded->length + left + 4 * SC_LONGEST_SEQUENCE + SC_SLACK;
    folded->bytes.used = folded->length;
    folded->word.used = folded->solid.used = folded->length / 64;
    sc_status status = sc_reserve(&folded->bytes, wanted - folded->length, 1);
    size_t words = folded->bytes.room / 64 + 3 - folded->word.used;
    if (status == SC_OK) status = sc_reserve(&folded->word, words, sizeof(uint64_t));
    if (status == SC_OK) status = sc_reserve(&folded->solid, words, sizeof(uint64_t));
    return status;
}

static inline void put(sc_folded *folded, uint32_t code, int word, int space)
{
    unsigned bytes = sc_encode((uint8_t *)folded->bytes.data + folded->length, code);
    append_bits(folded->word.data, folded->length, word ? 15 : 0, bytes);
    append_bits(folded->solid.data, folded->length, space ? 0 : 15, bytes);
    folded->length += bytes;
    folded->ascii &= code < 0x80;
}

/* Whether a capital sigma ends a word: a cased character before it and none after, ignorable ones passed over. */
static int sigma_is_final(const sc_unicode_tables *tables, const uint8_t *text, const uint8_t *sigma,
                          const uint8_t *next, const uint8_t *end)
{
    uint32_t code, entry = 0;
    const uint8_t *at = sigma;
    do {
        if (at == text) return 0;
        at = sc_decode_before(text, at, &code);
        entry = sc_entry_of(tables, code);
    } while (entry & SC_IGNORABLE);
    if (!(entry & SC_CASED)) return 0;
    for (at = next; at < end;) {
        at += sc_decode(at, end, &code);
        entry = sc_entry_of(tables, code);
        if (!(entry & SC_IGNORABLE)) return !(entry & SC_CASED);
    }
    return 1;
}

/* Whether the character at `at` stays what it is in the canonical form. */
static int stays(const sc_form *form, const uint8_t *text, const uint8_t *at, uint32_t code)
{
    uint32_t before = SC_FORM_FIRST, other;
    if (at > text) {
        sc_decode_before(text, at, &other);
        before = sc_form_entry(form, other);
    }
    return sc_form_stays(before, sc_form_entry(form, code));
}

/* Fold the one character at `at` and return the next; NULL for one that does not stay in the canonical form. */
static const uint8_t *fold_one(const sc_unicode_tables *tables, const sc_form *form, const uint8_t *text,
                               const uint8_t *at, const uint8_t *end, sc_folded *folded)
{
    uint32_t code;
    const uint8_t *next = at + sc_decode(at, end, &code);
    uint32_t entry = sc_entry_of(tables, code);
    int32_t value = SC_VALUE(entry);
    if (SC_UNLIKELY(entry & SC_LOOK) && form && !stays(form, text, at, code)) return NULL;
    if (SC_KIND(entry) == SC_SHIFT) {
        put(folded, (uint32_t)((int32_t)code + value), entry & SC_WORD, entry & SC_SPACE);
        return next;
    }
    if (SC_KIND(entry) == SC_SIGMA) value += sigma_is_final(tables, text, at, next, end);
    for (uint32_t i = tables->sequences[value]; i < tables->sequences[value + 1]; i++) {
        uint32_t item = tables->items[i];
        put(folded, SC_ITEM_CODE(item), SC_ITEM_WORD(item), SC_ITEM_SPACE(item));
    }
    return next;
}

sc_status sc_fold(const sc_unicode_tables *tables, const sc_form *form, const uint8_t *text, size_t length,
                  sc_folded *folded)
{
    const uint8_t *at = text, *end = text + length;
    int lowercase = tables->flags & SC_FOLDS_CASE;
    folded->length = 0;
    folded->ascii = 1;
    if (length > SC_MAX_TEXT) return SC_TOO_LONG;
    sc_status status = make_room(folded, length);
    if (status != SC_OK) return status;
    *(uint64_t *)folded->word.data = *(uint64_t *)folded->solid.data = 0;
    while (at < end) {
        size_t left = (size_t)(end - at);
        unsigned count = left < STEP ? (unsigned)left : STEP;
        uint8_t rest[STEP] = {0};
        if (left < STEP) memcpy(rest, at, left);
        masks bits = fold_ascii(left < STEP ? rest : at, (uint8_t *)folded->bytes.data + folded->length, lowercase);
        if (bits.foreign) count = lowest(bits.foreign);
        if (count) {
            append_bits(folded->word.data, folded->length, bits.word, count);
            append_bits(folded->solid.data, folded->length, bits.solid, count);
            folded->length += count;
            at += count;
        }
        /* Characters beyond ASCII mostly occur in runs, except in languages where they occur singly. */
        while (at < end && *at >= 0x80) {
            if (folded->bytes.room < folded->length + (size_t)(end - at) + 4 * SC_LONGEST_SEQUENCE + SC_SLACK) {
                status = make_room(folded, (size_t)(end - at));
                if (status != SC_OK) return status;
            }
            at = fold_one(tables, form, text, at, end, folded);
            if (!at) return SC_NOT_IN_FORM;
        }
    }
    return SC_OK;
}

void sc_folded_trim(sc_folded *folded, size_t keep_bytes)
{
    sc_trim(&folded->bytes, keep_bytes);
    sc_trim(&folded->word, keep_bytes / 64 + 3);
    sc_trim(&folded->solid, keep_bytes / 64 + 3);
}
