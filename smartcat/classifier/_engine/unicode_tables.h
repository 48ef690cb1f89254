/* What a character is and what it folds to, as recorded where the model was trained ("unicode.bin").
 *
 * The serving machine's own Unicode tables are never asked. The file is written and described by
 * smartcat/classifier/unicode_tables.py; here it is only read, and every number in it is checked before it is used.
 */
#ifndef SMARTCAT_UNICODE_TABLES_H
#define SMARTCAT_UNICODE_TABLES_H

#include "form_tables.h"

/* A character's entry. Word and space are properties of the folded character, cased and ignorable of the original
 * (final sigma depends on the text before folding). */
#define SC_WORD 1u      /* part of a word: \w */
#define SC_SPACE 2u     /* white space: \s */
#define SC_CASED 4u     /* cased, and not case-ignorable */
#define SC_IGNORABLE 8u /* case-ignorable */
#define SC_LOOK 64u     /* may change in the canonical form, or change the letter before it */
#define SC_KIND(entry) (((entry) >> 4) & 3u)
#define SC_SHIFT 0u    /* becomes the character `value` further on; 0 is itself */
#define SC_SEQUENCE 1u /* becomes the characters of sequence `value`, none included */
#define SC_SIGMA 2u    /* becomes sequence `value`, or `value` + 1 where a final sigma stands */
#define SC_VALUE(entry) ((int32_t)(entry) >> 8)

/* One character of a sequence: its code point, and whether it is a word character or white space. */
#define SC_ITEM_CODE(item) ((item) & 0x1FFFFFu)
#define SC_ITEM_WORD(item) (((item) >> 21) & 1u)
#define SC_ITEM_SPACE(item) (((item) >> 22) & 1u)

#define SC_LONGEST_SEQUENCE 18u /* U+FDFA, the longest compatibility decomposition there is */

#define SC_FOLDS_CASE 1u
#define SC_STRIPS 6u /* two bits: no accents removed, ascii, unicode */

typedef struct {
    uint32_t flags;
    sc_code_table codes;
    uint32_t *sequences; /* offsets into items, one more than there are sequences */
    uint32_t *items;
    int has_form;
    sc_form form; /* the canonical form of texts, where they have one */
} sc_unicode_tables;

/* Read a file. On failure `*why` says in a few words what is wrong with it, and nothing is left allocated. */
sc_status sc_unicode_tables_read(sc_unicode_tables *tables, const uint8_t *file, size_t size, const char **why);
void sc_unicode_tables_free(sc_unicode_tables *tables);

static inline uint32_t sc_entry_of(const sc_unicode_tables *tables, uint32_t code)
{
    return sc_code_entry(&tables->codes, code);
}

#endif
