/* Tokenizing a folded text, see tokens.h.
 *
 * Character n-grams of a word do not depend on its context, so a word that occurs ten times is hashed once and
 * counted ten times: half the work on a page, more on a long text.
 */
#include "tokens.h"

#include "text_hash.h"
#include "utf8.h"

/* A crafted text could make every word collide in one slot of the table: beyond so many probes a word is simply listed
 * again, which costs no more than not looking it up and counts the same. */
#define MOST_STEPS 16u

typedef struct {
    uint64_t hash;
    uint32_t token; /* 1 + its number; 0 for a free slot */
    uint32_t bytes;
} token_slot;

typedef struct {
    sc_token_store *store;
    sc_token_table *table;
    uint8_t *text; /* where this text's tokens go */
    size_t length; /* bytes written so far */
    size_t first;  /* number of tokens in the store before this text */
    size_t mask;   /* slots of the table, less one */
    size_t free;   /* words that the table still takes */
    int ascii;
} tokenizer;

static inline int same_bytes(const uint8_t *a, const uint8_t *b, size_t bytes)
{
    if (bytes > 8) return memcmp(a, b, bytes) == 0;
    return ((sc_load64(a) ^ sc_load64(b)) << (64 - 8 * bytes)) == 0;
}

/* Copy a token and the space that ends it. Both buffers have slack, so a short one is one fixed-size copy. */
static inline void write_token(tokenizer *to, const uint8_t *from, size_t bytes)
{
    uint8_t *text = to->text + to->length;
    if (SC_LIKELY(bytes <= 16)) {
        memcpy(text, from, 16);
    } else {
        memcpy(text, from, bytes);
    }
    text[bytes] = ' ';
    sc_array *ends = &to->store->ends;
    ((uint32_t *)ends->data)[ends->used++] = (uint32_t)(to->length + bytes);
    to->length += bytes + 1;
}

static sc_status grow_table(tokenizer *to, size_t slots)
{
    sc_array *array = &to->table->slots;
    const token_slot *old = array->data;
    size_t old_slots = to->mask + 1;
    token_slot *fresh = sc_zeroed(slots, sizeof *fresh);
    if (!fresh) return SC_NO_MEMORY;
    for (size_t i = 0; old && i < old_slots; i++) {
        if (!old[i].token) continue;
        size_t slot = old[i].hash & (slots - 1);
        while (fresh[slot].token) slot = (slot + 1) & (slots - 1);
        fresh[slot] = old[i];
    }
    free(array->data);
    array->data = fresh;
    array->room = slots;
    to->free += (slots - old_slots) / 2;
    to->mask = slots - 1;
    return SC_OK;
}

static sc_status begin_table(tokenizer *to, size_t bytes)
{
    size_t slots = 64;
    while (slots < 65536 && slots < bytes / 4) slots *= 2;
    to->mask = slots - 1;
    to->free = slots / 2;
    if (to->table->slots.room >= slots) {
        memset(to->table->slots.data, 0, slots * sizeof(token_slot));
        return SC_OK;
    }
    sc_release(&to->table->slots);
    to->table->slots.data = sc_zeroed(slots, sizeof(token_slot));
    if (!to->table->slots.data) return SC_NO_MEMORY;
    to->table->slots.room = slots;
    return SC_OK;
}

/* Count a token that was seen before, or list it. */
static inline sc_status note_token(tokenizer *to, const uint8_t *from, size_t bytes)
{
    if (SC_UNLIKELY(!to->free)) {
        sc_status status = grow_table(to, (to->mask + 1) * 2);
        if (status != SC_OK) return status;
    }
    token_slot *slots = to->table->slots.data;
    uint32_t *repeats = to->store->repeats.data;
    const uint32_t *ends = (uint32_t *)to->store->ends.data + to->first;
    uint64_t hash = sc_hash_text(from, bytes, to->table->seed);
    size_t slot = hash & to->mask;
    for (unsigned steps = 0; slots[slot].token; steps++) {
        const token_slot *seen = &slots[slot];
        uint32_t number = seen->token - 1;
        if (seen->hash == hash && seen->bytes == bytes &&
            same_bytes(to->text + ends[number] - bytes, from, bytes)) {
            repeats[to->store->repeats.used - (to->store->ends.used - to->first) + number]++;
            return SC_OK;
        }
        if (steps == MOST_STEPS) goto list_only;
        slot = (slot + 1) & to->mask;
    }
    slots[slot].hash = hash;
    slots[slot].bytes = (uint32_t)bytes;
    slots[slot].token = (uint32_t)(to->store->ends.used - to->first + 1);
    to->free--;
list_only:
    repeats[to->store->repeats.used++] = 1;
    write_token(to, from, bytes);
    return SC_OK;
}

static inline sc_status take_run(tokenizer *to, const uint8_t *from, size_t bytes, sc_analyzer analyzer)
{
    sc_status status = sc_reserve(&to->store->ends, 1, sizeof(uint32_t));
    if (status != SC_OK) return status;
    if (analyzer == SC_CHARS) {
        status = sc_reserve(&to->store->repeats, 1, sizeof(uint32_t));
        return status == SC_OK ? note_token(to, from, bytes) : status;
    }
    /* One character makes no word; five bytes or more are always two. */
    if (bytes < 2 || (!to->ascii && bytes < 5 && sc_characters(from, bytes) < 2)) return SC_OK;
    write_token(to, from, bytes);
    return SC_OK;
}

static inline unsigned lowest(uint64_t bits)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_ctzll(bits);
#else
    unsigned n = 0;
    while (!(bits >> n & 1)) n++;
    return n;
#endif
}

/* Visit the runs of set bits: a run begins and ends where a bit differs from the one before it. */
static sc_status take_runs(tokenizer *to, const sc_folded *folded, const uint64_t *bits, sc_analyzer analyzer)
{
    const uint8_t *bytes = folded->bytes.data;
    size_t start = 0, words = folded->length / 64 + 1;
    uint64_t before = 0;
    int inside = 0;
    for (size_t word = 0; word < words; word++) {
        uint64_t now = bits[word];
        uint64_t edges = now ^ (now << 1 | before);
        before = now >> 63;
        for (; edges; edges &= edges - 1) {
            size_t at = word * 64 + lowest(edges);
            if (inside) {
                sc_status status = take_run(to, bytes + start, at - start, analyzer);
                if (status != SC_OK) return status;
            }
            start = at;
            inside = !inside;
        }
    }
    return SC_OK;
}

sc_status sc_tokenize(const sc_folded *folded, sc_analyzer analyzer, sc_token_table *table, sc_token_store *store)
{
    tokenizer to = {.store = store, .table = table, .first = store->ends.used, .ascii = folded->ascii};
    size_t start = store->text.used;
    /* Tokens and their spaces take no more than the text itself, a space before the first and one after the last. */
    sc_status status = sc_reserve(&store->text, folded->length + 2 + SC_SLACK, 1);
    if (status == SC_OK && analyzer == SC_CHARS) status = begin_table(&to, folded->length);
    if (status != SC_OK) return status;
    to.text = (uint8_t *)store->text.data + start;
    if (analyzer == SC_CHARS) to.text[to.length++] = ' ';
    status = take_runs(&to, folded, analyzer == SC_CHARS ? folded->solid.data : folded->word.data, analyzer);
    memset(to.text + to.length, 0, SC_SLACK);
    store->text.used = start + to.length + SC_SLACK;
    return status;
}

void sc_token_store_free(sc_token_store *store)
{
    sc_release(&store->text);
    sc_release(&store->ends);
    sc_release(&store->repeats);
}
