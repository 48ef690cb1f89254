/* Counting features, see count_table.h.
 *
 * The feature's number is multiplied by a secret odd factor and the top bits choose the slot: the n-grams' own hash
 * is public, so an attacker could write texts whose features all collide in one slot. Results are in the order of the
 * text, so nothing depends on the factor.
 */
#include "count_table.h"

#include "murmur.h"

#define FEWEST_BITS 8u
#define BATCH 64u
/* Small texts get a table of the first-level cache's size; others begin there and grow. */
#define MOST_BITS_AT_FIRST 16u

static inline uint32_t slot_of(const sc_count_table *table, uint32_t key)
{
    return (uint32_t)(key * table->factor) >> (32 - table->bits);
}

static sc_status allocate(sc_count_table *table, unsigned bits)
{
    size_t slots = (size_t)1 << bits;
    void *fresh = sc_zeroed(slots, sizeof(sc_entry));
    if (!fresh) return SC_NO_MEMORY;
    free(table->slots.data);
    table->slots.data = fresh;
    table->slots.room = slots;
    table->bits = bits;
    return SC_OK;
}

/* Move everything into a table of twice the size. */
static sc_status grow(sc_count_table *table)
{
    sc_entry *old = table->slots.data;
    uint32_t *order = table->order.data;
    unsigned bits = table->bits + 1;
    sc_entry *fresh = sc_zeroed((size_t)1 << bits, sizeof *fresh);
    if (!fresh) return SC_NO_MEMORY;
    table->bits = bits;
    size_t mask = ((size_t)1 << bits) - 1;
    for (size_t i = 0; i < table->order.used; i++) {
        sc_entry entry = old[order[i]];
        size_t slot = slot_of(table, entry.feature);
        while (fresh[slot].feature) slot = (slot + 1) & mask;
        fresh[slot] = entry;
        order[i] = (uint32_t)slot;
    }
    free(old);
    table->slots.data = fresh;
    table->slots.room = mask + 1;
    return SC_OK;
}

/* N-grams on their way into the table: their slots are worked out and fetched a batch ahead. */
typedef struct {
    uint32_t keys[BATCH], slots[BATCH];
    size_t count;
} batch;

static inline void prepare(const sc_count_table *table, sc_buckets buckets, const uint32_t *hashes, size_t count,
                           batch *to)
{
    const sc_entry *slots = table->slots.data;
    to->count = count < BATCH ? count : BATCH;
    for (size_t i = 0; i < to->count; i++) {
        to->keys[i] = buckets.base + sc_bucket(hashes[i], buckets.mask) + 1;
        to->slots[i] = slot_of(table, to->keys[i]);
    }
    for (size_t i = 0; i < to->count; i++) SC_PREFETCH(&slots[to->slots[i]]);
}

/* Count one batch for which there is room. There is no branch on whether a feature is new: on a page every second
 * one is, at random, and a mispredicted branch costs more than the rest of a step. */
static inline void add_batch(sc_count_table *table, int alternate_sign, const batch *from, const uint32_t *hashes,
                             const uint32_t *repeats)
{
    sc_entry *slots = table->slots.data;
    uint32_t *order = table->order.data;
    size_t used = table->order.used, mask = ((size_t)1 << table->bits) - 1;
    for (size_t i = 0; i < from->count; i++) {
        uint32_t key = from->keys[i], more = repeats ? repeats[i] : 1;
        if (alternate_sign && hashes[i] >> 31) more = 0u - more;
        size_t slot = from->slots[i];
        uint32_t there = slots[slot].feature;
        while (SC_UNLIKELY(there != key && there != 0)) {
            slot = (slot + 1) & mask;
            there = slots[slot].feature;
        }
        order[used] = (uint32_t)slot;
        used += there == 0;
        slots[slot].feature = key;
        slots[slot].count += more;
    }
    table->order.used = used;
}

static inline void add_some(sc_count_table *table, sc_buckets buckets, const uint32_t *hashes, const uint32_t *repeats,
                            size_t count)
{
    batch batches[2];
    prepare(table, buckets, hashes, count, &batches[0]);
    for (size_t done = 0, turn = 0; done < count; turn ^= 1) {
        const batch *now = &batches[turn];
        size_t next = done + now->count;
        prepare(table, buckets, hashes + next, count - next, &batches[turn ^ 1]);
        add_batch(table, buckets.alternate_sign, now, hashes + done, repeats ? repeats + done : NULL);
        done = next;
    }
}

sc_status sc_count_table_add(sc_count_table *table, sc_buckets buckets, const uint32_t *hashes, const uint32_t *repeats,
                       size_t count)
{
    while (count) {
        size_t free_slots = ((size_t)1 << table->bits) / 2 - table->order.used;
        if (free_slots == 0) {
            sc_status status = grow(table);
            if (status != SC_OK) return status;
            continue;
        }
        size_t some = count < free_slots ? count : free_slots;
        /* One slot beyond the last is written before it is known whether it is needed. */
        sc_status status = sc_reserve(&table->order, some + 1, sizeof(uint32_t));
        if (status != SC_OK) return status;
        if (repeats) {
            add_some(table, buckets, hashes, repeats, some);
            repeats += some;
        } else {
            add_some(table, buckets, hashes, NULL, some);
        }
        hashes += some;
        count -= some;
    }
    return SC_OK;
}

/* Empty the table slot by slot; `to` may be NULL. */
static void empty(sc_count_table *table, sc_entry *to)
{
    sc_entry *slots = table->slots.data;
    const uint32_t *order = table->order.data;
    const sc_entry none = {0, 0};
    for (size_t i = 0; i < table->order.used; i++) {
        sc_entry *slot = &slots[order[i]];
        if (to) {
            to[i].feature = slot->feature - 1;
            to[i].count = slot->count;
        }
        *slot = none;
    }
    table->order.used = 0;
}

sc_status sc_count_table_begin(sc_count_table *table, size_t expected)
{
    unsigned bits = FEWEST_BITS;
    while (bits < MOST_BITS_AT_FIRST && ((size_t)1 << bits) < expected * 4) bits++;
    empty(table, NULL); /* what a failed text left behind */
    if (table->slots.room >= (size_t)1 << bits) {
        table->bits = bits; /* a part of a larger table serves a small text from the cache */
        return SC_OK;
    }
    return allocate(table, bits);
}

sc_status sc_count_table_take(sc_count_table *table, sc_array *entries)
{
    size_t count = table->order.used;
    sc_status status = sc_reserve(entries, count, sizeof(sc_entry));
    empty(table, status == SC_OK ? (sc_entry *)entries->data + entries->used : NULL);
    if (status == SC_OK) entries->used += count;
    return status;
}

void sc_count_table_trim(sc_count_table *table, size_t keep_slots)
{
    empty(table, NULL);
    sc_trim(&table->slots, keep_slots);
    sc_trim(&table->order, keep_slots);
}

void sc_count_table_free(sc_count_table *table)
{
    sc_release(&table->slots);
    sc_release(&table->order);
}
