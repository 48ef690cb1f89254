/* From a text to its hashed counts: bring into form, fold, tokenize, hash, count. See counts.h. */
#include "counts.h"

#include "utf8.h"

/* Beyond so many n-grams of a text their hashes are not kept: reasons then hash it again, which is rare, and a text of
 * megabytes does not take four bytes an n-gram. */
#define MOST_HASHES_KEPT ((size_t)1 << 20)

/* Most items reserved by extrapolation from the texts before, which may have been different. */
#define MOST_EXPECTED ((size_t)1 << 19)

/* Most memory that is kept from one large text for the next. */
#define KEEP_BYTES ((size_t)1 << 20)
#define KEEP_SLOTS ((size_t)1 << 16)

void sc_scratch_begin(sc_scratch *scratch, uint64_t seed)
{
    memset(scratch, 0, sizeof *scratch);
    scratch->token_table.seed = seed;
    scratch->table.factor = (uint32_t)(seed >> 16) | 1u;
}

void sc_scratch_trim(sc_scratch *scratch)
{
    sc_canonical_trim(&scratch->canonical, KEEP_BYTES);
    sc_folded_trim(&scratch->folded, KEEP_BYTES);
    sc_trim(&scratch->token_table.slots, KEEP_SLOTS);
    sc_count_table_trim(&scratch->table, KEEP_SLOTS);
}

void sc_scratch_free(sc_scratch *scratch)
{
    sc_canonical_trim(&scratch->canonical, 0);
    sc_folded_trim(&scratch->folded, 0);
    sc_release(&scratch->token_table.slots);
    sc_count_table_free(&scratch->table);
}

void sc_features_plan(sc_features *features)
{
    int planned[SC_MOST_PARTS] = {0};
    features->tokenization_count = 0;
    for (uint32_t first = 0; first < features->part_count; first++) {
        for (uint32_t i = first; i < features->part_count; i++) {
            sc_part part = features->parts[i];
            if (planned[i] || part.head != features->parts[first].head) continue;
            uint32_t known = 0;
            for (; known < features->tokenization_count; known++) {
                sc_tokenization other = features->tokenizations[known];
                if (other.head == part.head && other.analyzer == part.analyzer) break;
            }
            if (known == features->tokenization_count) {
                sc_tokenization fresh = {part.head, part.analyzer};
                features->tokenizations[features->tokenization_count++] = fresh;
            }
            features->tokenization_of[i] = known;
            planned[i] = 1;
        }
    }
}

/* Note where the next text's share of every array begins. */
static sc_status begin_page(sc_counts *counts)
{
    sc_status status = sc_reserve(&counts->pages, 1, sizeof(sc_page));
    if (status != SC_OK) return status;
    sc_page *page = (sc_page *)counts->pages.data + counts->pages.used++;
    memset(page, 0, sizeof *page);
    page->entries[0] = counts->entries.used;
    page->hashes[0] = counts->hashes.used;
    for (uint32_t i = 0; i < SC_MOST_PARTS; i++) {
        page->text[i] = counts->tokens[i].text.used;
        page->ends[i] = counts->tokens[i].ends.used;
        page->repeats[i] = counts->tokens[i].repeats.used;
    }
    return SC_OK;
}

sc_status sc_counts_begin(sc_counts *counts, const sc_features *features)
{
    memset(counts, 0, sizeof *counts);
    sc_status status = sc_reserve(&counts->entries, 1, sizeof(sc_entry));
    if (status == SC_OK) status = sc_reserve(&counts->hashes, 1, sizeof(uint32_t));
    for (uint32_t i = 0; i < features->tokenization_count && status == SC_OK; i++) {
        status = sc_reserve(&counts->tokens[i].ends, 1, sizeof(uint32_t));
        if (status == SC_OK) status = sc_reserve(&counts->tokens[i].repeats, 1, sizeof(uint32_t));
    }
    return status == SC_OK ? begin_page(counts) : status;
}

sc_status sc_counts_expect(sc_counts *counts, size_t done, size_t left)
{
    double share = done ? 1.125 * (double)left / (double)done : 0.0;
    sc_array *arrays[] = {&counts->entries, &counts->hashes};
    const size_t items[] = {sizeof(sc_entry), sizeof(uint32_t)};
    for (size_t i = 0; i < 2; i++) {
        double more = share * (double)arrays[i]->used;
        sc_status status = sc_reserve(arrays[i], more < MOST_EXPECTED ? (size_t)more : MOST_EXPECTED, items[i]);
        if (status != SC_OK) return status;
    }
    return SC_OK;
}

sc_tokens sc_page_tokens(const sc_counts *counts, const sc_features *features, size_t page, uint32_t part)
{
    const sc_page *here = sc_page_marks(counts, page), *next = here + 1;
    uint32_t tokenization = features->tokenization_of[part];
    const sc_token_store *store = &counts->tokens[tokenization];
    int chars = features->parts[part].analyzer == SC_CHARS;
    sc_tokens tokens = {
        .text = (const uint8_t *)store->text.data + here->text[tokenization],
        .ends = (const uint32_t *)store->ends.data + here->ends[tokenization],
        .repeats = chars ? (const uint32_t *)store->repeats.data + here->repeats[tokenization] : NULL,
        .count = next->ends[tokenization] - here->ends[tokenization],
        .ascii = here->ascii[tokenization],
    };
    return tokens;
}

/* Bytes of the first `characters` characters; of all for 0. */
static size_t head_bytes(const sc_unicode_tables *tables, sc_text text, uint32_t characters)
{
    const uint8_t *at = text.at, *end = at + text.bytes;
    uint32_t code;
    if (!characters) return text.bytes;
    if (tables->has_form) return sc_form_head(&tables->form, text, characters);
    while (characters && at < end) {
        if (characters >= 8 && end - at >= 8 && !(sc_load64(at) & 0x8080808080808080u)) {
            at += 8;
            characters -= 8;
        } else {
            at += sc_decode(at, end, &code);
            characters--;
        }
    }
    return (size_t)(at - text.at);
}

/* Bring the text into form and fold it, or its head. Folding finds out whether the whole text is in form already; the
 * head can only be measured then. */
static sc_status fold_in_form(sc_scratch *scratch, const sc_unicode_tables *tables, sc_text *text, uint32_t head,
                              int *in_form)
{
    const sc_form *form = &tables->form;
    sc_status status = SC_OK;
    if (!*in_form && !head) {
        status = sc_fold(tables, form, text->at, text->bytes, &scratch->folded);
        *in_form = status == SC_OK;
        if (status != SC_NOT_IN_FORM) return status;
        status = SC_OK;
    }
    if (!*in_form) status = sc_to_form(form, &scratch->canonical, text);
    if (status != SC_OK) return status;
    *in_form = 1;
    return sc_fold(tables, NULL, text->at, head_bytes(tables, *text, head), &scratch->folded);
}

/* Fold the text, or each head of it, and tokenize it in every way the parts need. A head is folded by itself: the text
 * after it does not decide whether its last sigma is a final one. */
static sc_status tokenize(sc_counts *counts, sc_scratch *scratch, const sc_unicode_tables *tables,
                          const sc_features *features, sc_text text, int *ascii)
{
    int in_form = !tables->has_form;
    for (uint32_t i = 0; i < features->tokenization_count; i++) {
        sc_tokenization tokenization = features->tokenizations[i];
        sc_status status = SC_OK;
        if (i == 0 || tokenization.head != features->tokenizations[i - 1].head)
            status = fold_in_form(scratch, tables, &text, tokenization.head, &in_form);
        if (status == SC_OK)
            status = sc_tokenize(&scratch->folded, tokenization.analyzer, &scratch->token_table, &counts->tokens[i]);
        if (status != SC_OK) return status;
        ascii[i] = scratch->folded.ascii;
    }
    return SC_OK;
}

static sc_status keep_hashes(sc_counts *counts, sc_page *page, const sc_chunk *chunk)
{
    if (counts->hashes.used - page->hashes[0] + chunk->count > MOST_HASHES_KEPT) page->hashes_kept = 0;
    if (!page->hashes_kept) return SC_OK;
    sc_status status = sc_reserve(&counts->hashes, chunk->count, sizeof(uint32_t));
    if (status != SC_OK) return status;
    memcpy((uint32_t *)counts->hashes.data + counts->hashes.used, chunk->hashes, chunk->count * sizeof(uint32_t));
    counts->hashes.used += chunk->count;
    return SC_OK;
}

/* Count one part's n-grams. The estimated number of features decides the initial size of the table. */
static sc_status count_part(sc_counts *counts, sc_scratch *scratch, const sc_features *features, uint32_t part,
                            size_t page)
{
    sc_page *marks = (sc_page *)counts->pages.data + page;
    sc_part what = features->parts[part];
    sc_tokens tokens = sc_page_tokens(counts, features, page, part);
    sc_buckets buckets = {part * features->buckets, features->buckets - 1, features->alternate_sign};
    sc_cursor cursor = {0};
    sc_chunk *chunk = &scratch->chunk;
    size_t expected = tokens.count * (what.longest - what.shortest + 1) * (what.analyzer == SC_CHARS ? 4 : 1);
    sc_status status = sc_count_table_begin(&scratch->table, expected);
    while (status == SC_OK) {
        sc_next_ngrams(&tokens, what, &cursor, chunk);
        if (!chunk->count) return sc_count_table_take(&scratch->table, &counts->entries);
        const uint32_t *repeats = what.analyzer == SC_CHARS ? chunk->repeats : NULL;
        status = sc_count_table_add(&scratch->table, buckets, chunk->hashes, repeats, chunk->count);
        if (status == SC_OK) status = keep_hashes(counts, marks, chunk);
    }
    return status;
}

static sc_status count_parts(sc_counts *counts, sc_scratch *scratch, const sc_features *features, size_t page)
{
    sc_page *marks = (sc_page *)counts->pages.data + page;
    marks->hashes_kept = 1;
    for (uint32_t i = 0; i < features->part_count; i++) {
        sc_status status = count_part(counts, scratch, features, i, page);
        if (status != SC_OK) return status;
        marks->entries[i + 1] = counts->entries.used;
        marks->hashes[i + 1] = counts->hashes.used;
    }
    if (!marks->hashes_kept) counts->hashes.used = marks->hashes[0];
    marks[1].entries[0] = counts->entries.used;
    marks[1].hashes[0] = counts->hashes.used;
    return SC_OK;
}

sc_status sc_count(sc_counts *counts, sc_scratch *scratch, const sc_unicode_tables *tables, const sc_features *features,
                   const uint8_t *text, size_t length)
{
    size_t page = sc_page_count(counts);
    int ascii[SC_MOST_PARTS] = {0};
    sc_status status = length > SC_MAX_TEXT ? SC_TOO_LONG : SC_OK;
    if (status == SC_OK) status = tokenize(counts, scratch, tables, features, (sc_text){text, length}, ascii);
    if (status == SC_OK) status = begin_page(counts); /* which ends this text's tokens, and later its counts */
    if (status == SC_OK) {
        memcpy(((sc_page *)counts->pages.data)[page].ascii, ascii, sizeof ascii);
        status = count_parts(counts, scratch, features, page);
    }
    if (length > KEEP_BYTES / 4) sc_scratch_trim(scratch);
    return status;
}

void sc_counts_free(sc_counts *counts)
{
    sc_release(&counts->pages);
    sc_release(&counts->entries);
    sc_release(&counts->hashes);
    for (uint32_t i = 0; i < SC_MOST_PARTS; i++) sc_token_store_free(&counts->tokens[i]);
}
