/* The canonical form of texts as recorded where the model was trained: the second half of "unicode.bin", written and
 * described by smartcat/classifier/canonical_tables.py. Every number in it is checked before it is used.
 */
#ifndef SMARTCAT_FORM_TABLES_H
#define SMARTCAT_FORM_TABLES_H

#include "code_table.h"

#define SC_FORM_CLASS(entry) ((entry) & 0xFFu) /* canonical combining class; 0 for a letter */
#define SC_FORM_SEQUENCE 0x100u                /* becomes the characters of sequence `value`, else is shifted by it */
#define SC_FORM_CHANGES 0x200u                 /* never stays */
#define SC_FORM_SECOND 0x400u                  /* may compose with a character before it */
#define SC_FORM_FIRST 0x800u                   /* may compose with one after it */
#define SC_FORM_SPACE 0x1000u                  /* white space */
#define SC_FORM_VALUE(entry) ((int32_t)(entry) >> 13)

/* Three words each, ascending by the first two. */
typedef struct {
    uint32_t first, second, composed;
} sc_pair;

typedef struct {
    sc_code_table codes;
    uint32_t *sequences; /* offsets into items, one more than there are sequences */
    uint32_t *items;     /* characters, fully decomposed */
    sc_pair *pairs;
    uint32_t pair_count;
} sc_form;

/* Read the tables. On failure `*why` says what is wrong with them, unless memory ran out; free what there is. */
sc_status sc_form_read(sc_form *form, const uint8_t *file, size_t size, const char **why);
void sc_form_free(sc_form *form);

static inline uint32_t sc_form_entry(const sc_form *form, uint32_t code) { return sc_code_entry(&form->codes, code); }

/* Whether a character stays what it is in text that is in form up to the one before it, whose entry is `before`: a
 * letter; a mark in order that composes with nothing; one right after a letter that composes with nothing; a vowel
 * sign that a mark keeps from its letter. */
static inline int sc_form_stays(uint32_t before, uint32_t entry)
{
    if ((entry & SC_FORM_CHANGES) || (SC_FORM_CLASS(entry) && SC_FORM_CLASS(before) > SC_FORM_CLASS(entry))) return 0;
    if (!(entry & SC_FORM_SECOND)) return 1;
    return SC_FORM_CLASS(before) ? !SC_FORM_CLASS(entry) : !(before & (SC_FORM_FIRST | SC_FORM_SEQUENCE));
}

#endif
