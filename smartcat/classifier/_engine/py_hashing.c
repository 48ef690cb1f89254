/* The types Tables, Features and Counts of smartcat.classifier._native: from texts to hashed counts. */
#include "py_objects.h"

/* ------------------------------------------------------------------------------------------------ Tables */

/* A hash that distinguishes files, though not against an attacker: FNV-1a. */
static uint64_t content_of(const uint8_t *file, size_t size)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < size; i++) hash = (hash ^ file[i]) * 0x100000001B3u;
    return hash;
}

static PyObject *tables_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"data", NULL};
    Py_buffer file;
    const char *why = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "y*", names, &file)) return NULL;
    sc_tables_object *self = sc_new(type);
    sc_status status = SC_NO_MEMORY;
    if (self) {
        status = sc_unicode_tables_read(&self->tables, file.buf, (size_t)file.len, &why);
        self->content = content_of(file.buf, (size_t)file.len);
    }
    PyBuffer_Release(&file);
    if (status == SC_OK) return (PyObject *)self;
    Py_XDECREF((PyObject *)self);
    return self ? sc_raise(status, why) : NULL;
}

static void tables_dealloc(PyObject *self)
{
    sc_unicode_tables_free(&((sc_tables_object *)self)->tables);
    sc_delete(self);
}

static PyObject *tables_lowercase(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(((sc_tables_object *)self)->tables.flags & SC_FOLDS_CASE);
}

static PyObject *tables_strip(PyObject *self, void *unused)
{
    (void)unused;
    static const char *const names[] = {NULL, "ascii", "unicode"};
    const char *name = names[(((sc_tables_object *)self)->tables.flags & SC_STRIPS) >> 1];
    if (!name) Py_RETURN_NONE;
    return PyUnicode_FromString(name);
}

static PyGetSetDef tables_properties[] = {
    {"lowercase", tables_lowercase, NULL, "Whether text is lowercased.", NULL},
    {"strip_accents", tables_strip, NULL, "How accents are removed: None, 'ascii' or 'unicode'.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot tables_slots[] = {
    {Py_tp_doc, "Tables(data)\n--\n\nWhat characters are and fold to, from the content of a unicode.bin."},
    {Py_tp_new, tables_new},
    {Py_tp_dealloc, tables_dealloc},
    {Py_tp_getset, tables_properties},
    {0, NULL},
};

PyType_Spec sc_tables_spec = {"smartcat.classifier._native.Tables", sizeof(sc_tables_object), 0,
                              Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, tables_slots};

/* ---------------------------------------------------------------------------------------------- Features */

static int read_part(PyObject *item, sc_part *part)
{
    const char *analyzer;
    int shortest, longest, head;
    if (!PyTuple_Check(item)) {
        PyErr_SetString(PyExc_TypeError, "a part should be a tuple (analyzer, shortest, longest, head)");
        return -1;
    }
    if (!PyArg_ParseTuple(item, "siii", &analyzer, &shortest, &longest, &head)) return -1;
    if (strcmp(analyzer, "word") != 0 && strcmp(analyzer, "char_wb") != 0) {
        PyErr_SetString(PyExc_ValueError, "analyzer should be 'word' or 'char_wb'");
        return -1;
    }
    if (shortest < 1 || longest < shortest || longest > (int)SC_LONGEST_NGRAM) {
        PyErr_Format(PyExc_ValueError, "n-grams should be of 1 to %d, the shortest first", (int)SC_LONGEST_NGRAM);
        return -1;
    }
    if (head < 0) {
        PyErr_SetString(PyExc_ValueError, "head should not be negative");
        return -1;
    }
    part->analyzer = strcmp(analyzer, "word") == 0 ? SC_WORDS : SC_CHARS;
    part->shortest = (uint32_t)shortest;
    part->longest = (uint32_t)longest;
    part->head = (uint32_t)head;
    return 0;
}

static int read_parts(PyObject *parts, sc_features *features)
{
    PyObject *items = PySequence_Tuple(parts);
    if (!items) return -1;
    Py_ssize_t count = PyTuple_Size(items);
    int failed = count < 1 || count > (Py_ssize_t)SC_MOST_PARTS;
    if (failed) PyErr_Format(PyExc_ValueError, "there should be 1 to %d parts", (int)SC_MOST_PARTS);
    for (Py_ssize_t i = 0; i < count && !failed; i++)
        failed = read_part(PyTuple_GetItem(items, i), &features->parts[i]) < 0;
    features->part_count = failed ? 0 : (uint32_t)count;
    sc_features_plan(features);
    Py_DECREF(items);
    return failed ? -1 : 0;
}

static PyObject *features_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"tables", "parts", "n_features", "alternate_sign", NULL};
    sc_state *state = sc_state_of(type);
    PyObject *tables, *parts;
    Py_ssize_t buckets;
    int alternate_sign = 0;
    if (!state || !PyArg_ParseTupleAndKeywords(args, kwargs, "O!On|p", names, state->tables, &tables, &parts,
                                               &buckets, &alternate_sign))
        return NULL;
    if (buckets < 16 || buckets > 1 << 24 || (buckets & (buckets - 1))) {
        PyErr_SetString(PyExc_ValueError, "n_features should be a power of two from 2**4 to 2**24");
        return NULL;
    }
    sc_features_object *self = sc_new(type);
    if (!self) return NULL;
    Py_INCREF(tables);
    self->tables = (sc_tables_object *)tables;
    self->seed = state->seed;
    self->features.buckets = (uint32_t)buckets;
    self->features.alternate_sign = alternate_sign;
    if (read_parts(parts, &self->features) == 0) return (PyObject *)self;
    Py_DECREF(self);
    return NULL;
}

static void features_dealloc(PyObject *object)
{
    sc_features_object *self = (sc_features_object *)object;
    for (int i = 0; i < SC_IDLE_SCRATCH; i++) {
        if (!self->idle[i]) continue;
        sc_scratch_free(self->idle[i]);
        free(self->idle[i]);
    }
    Py_XDECREF((PyObject *)self->tables);
    sc_delete(object);
}

static sc_scratch *take_scratch(sc_features_object *self)
{
    for (int i = 0; i < SC_IDLE_SCRATCH; i++) {
        sc_scratch *scratch = self->idle[i];
        self->idle[i] = NULL;
        if (scratch) return scratch;
    }
    sc_scratch *scratch = sc_resize(NULL, sizeof *scratch);
    if (scratch) sc_scratch_begin(scratch, self->seed);
    return scratch;
}

static void return_scratch(sc_features_object *self, sc_scratch *scratch)
{
    for (int i = 0; i < SC_IDLE_SCRATCH; i++) {
        if (self->idle[i]) continue;
        self->idle[i] = scratch;
        return;
    }
    sc_scratch_free(scratch);
    free(scratch);
}

/* The UTF-8 of texts, borrowed from the strings themselves where they have it. */
typedef struct {
    const char *text;
    Py_ssize_t bytes;
} utf8;

/* Lone surrogates have no UTF-8 and become question marks; the bytes of such a text are kept in `replaced`. */
static int borrow_utf8(PyObject *text, utf8 *to, PyObject *replaced)
{
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "a text should be a str");
        return -1;
    }
    to->text = PyUnicode_AsUTF8AndSize(text, &to->bytes);
    if (to->text) return 0;
    if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) return -1;
    PyErr_Clear();
    PyObject *bytes = PyUnicode_AsEncodedString(text, "utf-8", "replace");
    if (!bytes) return -1;
    int failed = PyList_Append(replaced, bytes);
    to->text = PyBytes_AsString(bytes);
    to->bytes = PyBytes_Size(bytes);
    Py_DECREF(bytes); /* the list holds it */
    return failed;
}

static sc_status count_all(sc_counts_object *self, sc_scratch *scratch, const utf8 *texts, Py_ssize_t count)
{
    const sc_features_object *features = self->features;
    size_t done = 0, left = 0;
    sc_status status = sc_counts_begin(&self->counts, &features->features);
    for (Py_ssize_t i = 0; i < count; i++) left += (size_t)texts[i].bytes;
    for (Py_ssize_t i = 0; i < count && status == SC_OK; i++) {
        size_t bytes = (size_t)texts[i].bytes;
        status = sc_counts_expect(&self->counts, done, left);
        if (status == SC_OK)
            status = sc_count(&self->counts, scratch, &features->tables->tables, &features->features,
                              (const uint8_t *)texts[i].text, bytes);
        done += bytes;
        left -= bytes;
    }
    return status;
}

static int count_into(sc_counts_object *self, PyObject *texts, PyObject *replaced)
{
    Py_ssize_t count = PyTuple_Size(texts);
    utf8 *borrowed = sc_zeroed((size_t)count, sizeof *borrowed);
    sc_scratch *scratch = take_scratch(self->features);
    sc_status status = borrowed && scratch ? SC_OK : SC_NO_MEMORY;
    int failed = status != SC_OK;
    for (Py_ssize_t i = 0; i < count && !failed; i++)
        failed = borrow_utf8(PyTuple_GetItem(texts, i), &borrowed[i], replaced) < 0;
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        status = count_all(self, scratch, borrowed, count);
        Py_END_ALLOW_THREADS
    }
    free(borrowed);
    if (scratch) return_scratch(self->features, scratch);
    if (status != SC_OK) sc_raise(status, NULL);
    return failed || status != SC_OK ? -1 : 0;
}

PyDoc_STRVAR(count_doc, "count(texts, /)\n--\n\nHash and count the n-grams of each text; the GIL is released.");

static PyObject *features_count(PyObject *self, PyObject *texts)
{
    sc_state *state = sc_state_of(Py_TYPE(self));
    PyObject *items = PySequence_Tuple(texts), *replaced = PyList_New(0);
    sc_counts_object *counts = state && items && replaced ? sc_new(state->counts) : NULL;
    if (counts) {
        Py_INCREF((PyObject *)self);
        counts->features = (sc_features_object *)self;
        if (count_into(counts, items, replaced) < 0) Py_CLEAR(counts);
    }
    Py_XDECREF(items);
    Py_XDECREF(replaced);
    return (PyObject *)counts;
}

static PyObject *features_has_form(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(((sc_features_object *)self)->tables->tables.has_form);
}

static PyGetSetDef features_properties[] = {
    {"has_form", features_has_form, NULL, "Whether text is brought into canonical form.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef features_methods[] = {{"count", features_count, METH_O, count_doc}, {NULL, NULL, 0, NULL}};

static PyType_Slot features_slots[] = {
    {Py_tp_doc, "Features(tables, parts, n_features, alternate_sign=False)\n--\n\n"
                "What a feature is; parts are tuples ('word' or 'char_wb', shortest, longest, head or 0)."},
    {Py_tp_new, features_new},
    {Py_tp_dealloc, features_dealloc},
    {Py_tp_methods, features_methods},
    {Py_tp_getset, features_properties},
    {0, NULL},
};

PyType_Spec sc_features_spec = {"smartcat.classifier._native.Features", sizeof(sc_features_object), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, features_slots};

/* ------------------------------------------------------------------------------------------------ Counts */

static void counts_dealloc(PyObject *object)
{
    sc_counts_object *self = (sc_counts_object *)object;
    sc_counts_free(&self->counts);
    Py_XDECREF((PyObject *)self->features);
    sc_delete(object);
}

static Py_ssize_t counts_length(PyObject *self)
{
    return (Py_ssize_t)sc_page_count(&((sc_counts_object *)self)->counts);
}

static PyObject *counts_distinct(PyObject *object, PyObject *unused)
{
    (void)unused;
    const sc_counts_object *self = (sc_counts_object *)object;
    size_t pages = sc_page_count(&self->counts);
    PyObject *list = PyList_New((Py_ssize_t)pages);
    for (size_t page = 0; list && page < pages; page++) {
        const sc_page *marks = sc_page_marks(&self->counts, page);
        PyObject *sizes = sc_differences(marks->entries, self->features->features.part_count);
        if (!sizes || PyList_SetItem(list, (Py_ssize_t)page, sizes) < 0) Py_CLEAR(list);
    }
    return list;
}

static int by_feature(const void *a, const void *b)
{
    const sc_entry *x = a, *y = b;
    return (x->feature > y->feature) - (x->feature < y->feature);
}

static sc_status fill_csr(const sc_counts *counts, size_t start, size_t stop, int64_t *indptr, int64_t *indices,
                          float *data)
{
    int64_t at = 0;
    *indptr++ = 0;
    for (size_t page = start; page < stop; page++) {
        size_t count;
        const sc_entry *entries = sc_page_entries(counts, page, &count);
        sc_entry *sorted = sc_resize(NULL, count * sizeof *sorted);
        if (!sorted) return SC_NO_MEMORY;
        memcpy(sorted, entries, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, by_feature);
        for (size_t i = 0; i < count; i++, at++) {
            indices[at] = sorted[i].feature;
            data[at] = (float)(int32_t)sorted[i].count;
        }
        free(sorted);
        *indptr++ = at;
    }
    return SC_OK;
}

PyDoc_STRVAR(csr_doc, "csr(start=0, stop=None)\n--\n\n"
                      "Counts of adjacent texts as (indptr, indices, data): bytes of int64, int64 and float32, "
                      "indices ascending within a text.");

static PyObject *counts_csr(PyObject *object, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"start", "stop", NULL};
    const sc_counts *counts = &((sc_counts_object *)object)->counts;
    Py_ssize_t pages = (Py_ssize_t)sc_page_count(counts), start = 0, stop = pages;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|nn", names, &start, &stop)) return NULL;
    if (start < 0 || stop < start || stop > pages) {
        PyErr_SetString(PyExc_IndexError, "no such texts");
        return NULL;
    }
    const sc_page *marks = counts->pages.data;
    Py_ssize_t entries = (Py_ssize_t)(marks[stop].entries[0] - marks[start].entries[0]);
    PyObject *indptr = PyBytes_FromStringAndSize(NULL, (stop - start + 1) * 8);
    PyObject *indices = PyBytes_FromStringAndSize(NULL, entries * 8);
    PyObject *data = PyBytes_FromStringAndSize(NULL, entries * 4), *result = NULL;
    if (indptr && indices && data) {
        sc_status status = fill_csr(counts, (size_t)start, (size_t)stop, (int64_t *)PyBytes_AsString(indptr),
                                    (int64_t *)PyBytes_AsString(indices), (float *)PyBytes_AsString(data));
        result = status == SC_OK ? PyTuple_Pack(3, indptr, indices, data) : sc_raise(status, NULL);
    }
    Py_XDECREF(indptr);
    Py_XDECREF(indices);
    Py_XDECREF(data);
    return result;
}

static PyMethodDef counts_methods[] = {
    {"csr", (PyCFunction)(void (*)(void))counts_csr, METH_VARARGS | METH_KEYWORDS, csr_doc},
    {"distinct", counts_distinct, METH_NOARGS, "distinct()\n--\n\nHow many different features each part of each text has."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot counts_slots[] = {
    {Py_tp_doc, "The hashed counts of some texts; made by Features.count()."},
    {Py_tp_dealloc, counts_dealloc},
    {Py_tp_methods, counts_methods},
    {Py_sq_length, counts_length},
    {0, NULL},
};

PyType_Spec sc_counts_spec = {"smartcat.classifier._native.Counts", sizeof(sc_counts_object), 0,
                              Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                              counts_slots};
