/* The engine as Python objects: shared by the py_*.c files. Uses the stable ABI of CPython 3.11 only. */
#ifndef SMARTCAT_PY_OBJECTS_H
#define SMARTCAT_PY_OBJECTS_H

#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "word_reasons.h"

/* Scratch memory that idle threads leave for the next call; more threads than this allocate their own. */
#define SC_IDLE_SCRATCH 4

/* All state of the module: its types, made anew for every interpreter. */
typedef struct {
    PyTypeObject *tables, *features, *counts, *model, *scores;
    uint64_t seed; /* secret of the hash tables, see count_table.c */
} sc_state;

typedef struct {
    PyObject_HEAD
    sc_unicode_tables tables;
    uint64_t content; /* a hash of the file: two tables of one content are the same */
} sc_tables_object;

typedef struct {
    PyObject_HEAD
    sc_tables_object *tables;
    sc_features features;
    uint64_t seed;
    sc_scratch *idle[SC_IDLE_SCRATCH]; /* taken and given back with the GIL held */
} sc_features_object;

typedef struct {
    PyObject_HEAD
    sc_features_object *features;
    sc_counts counts;
} sc_counts_object;

enum { SC_FEATURES, SC_WEIGHTS, SC_SCALE, SC_IDF, SC_INTERCEPT, SC_BUFFERS };

typedef struct {
    PyObject_HEAD
    sc_features_object *features;
    sc_model model;
    Py_buffer buffers[SC_BUFFERS]; /* obj is NULL where there is none */
} sc_model_object;

typedef struct {
    PyObject_HEAD
    sc_model_object *model;
    sc_counts_object *counts;
    sc_scores scores;
} sc_scores_object;

extern PyType_Spec sc_tables_spec, sc_features_spec, sc_counts_spec, sc_model_spec, sc_scores_spec;

/* See py_fitting.c. */
PyObject *sc_descend(PyObject *module, PyObject *positional, PyObject *named);
PyObject *sc_weigh_rows(PyObject *module, PyObject *positional);
extern const char sc_descend_doc[], sc_weigh_doc[];

/* The module's state, found from the type of one of its objects. */
sc_state *sc_state_of(PyTypeObject *type);

/* A new object of one of the types, all zero. */
void *sc_new(PyTypeObject *type);
void sc_delete(PyObject *self);

/* A tuple of the differences between `count + 1` ascending numbers. */
PyObject *sc_differences(const size_t *starts, uint32_t count);

/* Raise what a status stands for and return NULL. */
PyObject *sc_raise(sc_status status, const char *why);

#endif
