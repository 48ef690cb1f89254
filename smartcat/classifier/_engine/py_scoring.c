/* The types Model and Scores of smartcat.classifier._native: from hashed counts to scores and reasons. */
#include "py_objects.h"

/* ------------------------------------------------------------------------------------------------- Model */

static int take_buffer(sc_model_object *self, int which, PyObject *object, const char *name, size_t item)
{
    if (object == Py_None) return 0;
    Py_buffer *view = &self->buffers[which];
    if (PyObject_GetBuffer(object, view, PyBUF_SIMPLE) < 0) {
        view->obj = NULL;
        return -1;
    }
    if ((size_t)view->len % item == 0 && (uintptr_t)view->buf % item == 0) return 0;
    PyErr_Format(PyExc_ValueError, "%s: not an aligned array of %zu-byte numbers", name, item);
    return -1;
}

static int check_length(const sc_model_object *self, int which, const char *name, size_t bytes)
{
    const Py_buffer *view = &self->buffers[which];
    if (!view->obj || (size_t)view->len == bytes) return 0;
    PyErr_Format(PyExc_ValueError, "%s: %zd bytes, but %zu are needed", name, view->len, bytes);
    return -1;
}

/* The size of every array follows from how many features and columns there are. */
static int connect_arrays(sc_model_object *self)
{
    sc_model *model = &self->model;
    const Py_buffer *views = self->buffers;
    size_t rows = (size_t)views[SC_FEATURES].len / 4, columns = (size_t)views[SC_INTERCEPT].len / 4;
    int small = views[SC_SCALE].obj != NULL;
    if (columns < 1 || columns > 65536 || rows > UINT32_MAX / 2) {
        PyErr_SetString(PyExc_ValueError, "a model has 1 to 65536 columns and fewer than 2**31 features");
        return -1;
    }
    if (check_length(self, SC_WEIGHTS, "weights", rows * columns * (small ? 1 : 4)) < 0) return -1;
    if (check_length(self, SC_SCALE, "scale", columns * 4) < 0) return -1;
    if (check_length(self, SC_IDF, "idf", rows * 4) < 0) return -1;
    model->rows = rows;
    model->columns = columns;
    model->features = views[SC_FEATURES].buf;
    model->small_weights = small ? views[SC_WEIGHTS].buf : NULL;
    model->weights = small ? NULL : views[SC_WEIGHTS].buf;
    model->scale = small ? views[SC_SCALE].buf : NULL;
    model->idf = views[SC_IDF].obj ? views[SC_IDF].buf : NULL;
    model->intercept = views[SC_INTERCEPT].buf;
    return 0;
}

static int take_arrays(sc_model_object *self, PyObject *features, PyObject *weights, PyObject *scale, PyObject *idf,
                       PyObject *intercept)
{
    if (take_buffer(self, SC_FEATURES, features, "features", 4) < 0) return -1;
    if (take_buffer(self, SC_WEIGHTS, weights, "weights", scale == Py_None ? 4 : 1) < 0) return -1;
    if (take_buffer(self, SC_SCALE, scale, "scale", 4) < 0) return -1;
    if (take_buffer(self, SC_IDF, idf, "idf", 4) < 0) return -1;
    if (take_buffer(self, SC_INTERCEPT, intercept, "intercept", 4) < 0) return -1;
    if (!self->buffers[SC_FEATURES].obj || !self->buffers[SC_WEIGHTS].obj || !self->buffers[SC_INTERCEPT].obj) {
        PyErr_SetString(PyExc_TypeError, "features, weights and intercept are needed");
        return -1;
    }
    return connect_arrays(self);
}

static PyObject *model_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"space", "features", "weights", "intercept", "scale", "idf", "sublinear", NULL};
    sc_state *state = sc_state_of(type);
    PyObject *space, *features, *weights, *intercept, *scale = Py_None, *idf = Py_None;
    int sublinear = 1;
    if (!state || !PyArg_ParseTupleAndKeywords(args, kwargs, "O!OOO|$OOp", names, state->features, &space, &features,
                                               &weights, &intercept, &scale, &idf, &sublinear))
        return NULL;
    sc_model_object *self = sc_new(type);
    if (!self) return NULL;
    Py_INCREF(space);
    self->features = (sc_features_object *)space;
    self->model.sublinear = sublinear;
    if (take_arrays(self, features, weights, scale, idf, intercept) == 0) {
        const char *why = NULL;
        const sc_features *what = &self->features->features;
        sc_status status = sc_model_index(&self->model, (size_t)what->part_count * what->buckets, &why);
        if (status == SC_OK) return (PyObject *)self;
        sc_raise(status, why);
    }
    Py_DECREF(self);
    return NULL;
}

static void model_dealloc(PyObject *object)
{
    sc_model_object *self = (sc_model_object *)object;
    sc_model_free(&self->model);
    for (int i = 0; i < SC_BUFFERS; i++)
        if (self->buffers[i].obj) PyBuffer_Release(&self->buffers[i]);
    Py_XDECREF((PyObject *)self->features);
    sc_delete(object);
}

/* Whether counts hold the model's features: another model's counts may. */
static int same_features(const sc_features_object *a, const sc_features_object *b)
{
    if (a == b) return 1;
    if (a->tables->content != b->tables->content || a->features.part_count != b->features.part_count) return 0;
    if (a->features.buckets != b->features.buckets) return 0;
    if (!a->features.alternate_sign != !b->features.alternate_sign) return 0;
    for (uint32_t i = 0; i < a->features.part_count; i++) {
        sc_part x = a->features.parts[i], y = b->features.parts[i];
        if (x.analyzer != y.analyzer || x.head != y.head) return 0;
        if (x.shortest != y.shortest || x.longest != y.longest) return 0;
    }
    return 1;
}

static sc_counts_object *as_counts(PyObject *model, PyObject *argument)
{
    sc_state *state = sc_state_of(Py_TYPE(model));
    if (!state) return NULL;
    if (Py_IS_TYPE(argument, state->counts)) return (sc_counts_object *)argument;
    PyErr_SetString(PyExc_TypeError, "Counts are needed");
    return NULL;
}

PyDoc_STRVAR(fits_doc, "fits(counts, /)\n--\n\nWhether counts are of this model's features.");

static PyObject *model_fits(PyObject *object, PyObject *argument)
{
    sc_counts_object *counts = as_counts(object, argument);
    return counts ? PyBool_FromLong(same_features(((sc_model_object *)object)->features, counts->features)) : NULL;
}

PyDoc_STRVAR(score_doc, "score(counts, /)\n--\n\nScore every text of some counts; the GIL is released.");

static PyObject *model_score(PyObject *object, PyObject *argument)
{
    sc_model_object *self = (sc_model_object *)object;
    sc_state *state = sc_state_of(Py_TYPE(object));
    sc_counts_object *counts = as_counts(object, argument);
    if (!state || !counts) return NULL;
    if (!same_features(self->features, counts->features)) {
        PyErr_SetString(PyExc_ValueError, "the counts are of other features than the model's");
        return NULL;
    }
    sc_scores_object *scores = sc_new(state->scores);
    if (!scores) return NULL;
    Py_INCREF((PyObject *)self);
    scores->model = self;
    Py_INCREF((PyObject *)counts);
    scores->counts = counts;
    sc_status status;
    Py_BEGIN_ALLOW_THREADS
    status = sc_score(&self->model, &self->features->features, &counts->counts, &scores->scores);
    Py_END_ALLOW_THREADS
    if (status == SC_OK) return (PyObject *)scores;
    Py_DECREF(scores);
    return sc_raise(status, NULL);
}

static PyMethodDef model_methods[] = {
    {"fits", model_fits, METH_O, fits_doc},
    {"score", model_score, METH_O, score_doc},
    {NULL, NULL, 0, NULL},
};

static PyObject *model_columns(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromSize_t(((sc_model_object *)self)->model.columns);
}

static PyObject *model_rows(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromSize_t(((sc_model_object *)self)->model.rows);
}

static PyGetSetDef model_properties[] = {
    {"columns", model_columns, NULL, "Scores of each text.", NULL},
    {"rows", model_rows, NULL, "Features that the model keeps.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot model_slots[] = {
    {Py_tp_doc, "Model(space, features, weights, intercept, *, scale=None, idf=None, sublinear=True)\n--\n\n"
                "A linear model over a feature space. The arrays are buffers, read where they lie."},
    {Py_tp_new, model_new},
    {Py_tp_dealloc, model_dealloc},
    {Py_tp_methods, model_methods},
    {Py_tp_getset, model_properties},
    {0, NULL},
};

PyType_Spec sc_model_spec = {"smartcat.classifier._native.Model", sizeof(sc_model_object), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, model_slots};

/* ------------------------------------------------------------------------------------------------ Scores */

static void scores_dealloc(PyObject *object)
{
    sc_scores_object *self = (sc_scores_object *)object;
    sc_scores_free(&self->scores);
    Py_XDECREF((PyObject *)self->model);
    Py_XDECREF((PyObject *)self->counts);
    sc_delete(object);
}

static PyObject *row_of(const sc_scores_object *self, size_t page)
{
    size_t columns = self->model->model.columns;
    const double *numbers = (const double *)self->scores.numbers.data + page * columns;
    PyObject *row = PyList_New((Py_ssize_t)columns);
    for (size_t i = 0; row && i < columns; i++) {
        PyObject *number = PyFloat_FromDouble(numbers[i]);
        if (!number || PyList_SetItem(row, (Py_ssize_t)i, number) < 0) Py_CLEAR(row);
    }
    return row;
}

static PyObject *scores_rows(PyObject *object, PyObject *unused)
{
    (void)unused;
    const sc_scores_object *self = (sc_scores_object *)object;
    size_t pages = sc_page_count(&self->counts->counts);
    PyObject *rows = PyList_New((Py_ssize_t)pages);
    for (size_t page = 0; rows && page < pages; page++) {
        PyObject *row = Py_None;
        size_t first;
        if (sc_kept(&self->scores, page, &first)) {
            row = row_of(self, page);
        } else {
            Py_INCREF(row);
        }
        if (!row || PyList_SetItem(rows, (Py_ssize_t)page, row) < 0) Py_CLEAR(rows);
    }
    return rows;
}

static PyObject *scores_kept(PyObject *object, PyObject *unused)
{
    (void)unused;
    const sc_scores_object *self = (sc_scores_object *)object;
    size_t pages = sc_page_count(&self->counts->counts);
    uint32_t parts = self->scores.part_count;
    PyObject *list = PyList_New((Py_ssize_t)pages);
    for (size_t page = 0; list && page < pages; page++) {
        PyObject *sizes = sc_differences((const size_t *)self->scores.starts.data + page * parts, parts);
        if (!sizes || PyList_SetItem(list, (Py_ssize_t)page, sizes) < 0) Py_CLEAR(list);
    }
    return list;
}

static PyObject *scores_numbers(PyObject *object, PyObject *unused)
{
    (void)unused;
    const sc_array *numbers = &((sc_scores_object *)object)->scores.numbers;
    return PyBytes_FromStringAndSize(numbers->data, (Py_ssize_t)(numbers->used * sizeof(double)));
}

PyDoc_STRVAR(values_doc, "values(page, /)\n--\n\n"
                         "A text's kept features and values as (indices, values): bytes of uint32 and float32, in "
                         "order of occurrence.");

static PyObject *scores_values(PyObject *object, PyObject *argument)
{
    const sc_scores_object *self = (sc_scores_object *)object;
    Py_ssize_t page = PyLong_AsSsize_t(argument);
    if (page == -1 && PyErr_Occurred()) return NULL;
    if (page < 0 || page >= (Py_ssize_t)sc_page_count(&self->counts->counts)) {
        PyErr_SetString(PyExc_IndexError, "no such text");
        return NULL;
    }
    size_t first, kept = sc_kept(&self->scores, (size_t)page, &first);
    PyObject *indices = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)kept * 4);
    PyObject *values = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)kept * 4), *result = NULL;
    if (indices && values) {
        uint32_t *index = (uint32_t *)PyBytes_AsString(indices);
        for (size_t i = 0; i < kept; i++)
            index[i] = self->model->model.features[((const uint32_t *)self->scores.rows.data)[first + i]];
        if (kept) memcpy(PyBytes_AsString(values), (const float *)self->scores.values.data + first, kept * 4);
        result = PyTuple_Pack(2, indices, values);
    }
    Py_XDECREF(indices);
    Py_XDECREF(values);
    return result;
}

static int read_pages(PyObject *pairs, size_t pages, sc_weighted_page *weighted)
{
    for (Py_ssize_t i = 0; i < PyTuple_Size(pairs); i++) {
        PyObject *pair = PyTuple_GetItem(pairs, i);
        Py_ssize_t page;
        double weight;
        if (!PyTuple_Check(pair)) {
            PyErr_SetString(PyExc_TypeError, "pages should be tuples (page, weight)");
            return -1;
        }
        if (!PyArg_ParseTuple(pair, "nd", &page, &weight)) return -1;
        if (page < 0 || (size_t)page >= pages) {
            PyErr_SetString(PyExc_IndexError, "no such text");
            return -1;
        }
        if (!(weight >= 0)) {
            PyErr_SetString(PyExc_ValueError, "a page's weight should not be negative");
            return -1;
        }
        weighted[i].page = (size_t)page;
        weighted[i].weight = weight;
    }
    return 0;
}

static PyObject *list_reasons(const sc_reason *reasons, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        PyObject *word = PyUnicode_FromStringAndSize((const char *)reasons[i].text, (Py_ssize_t)reasons[i].bytes);
        PyObject *weight = PyFloat_FromDouble(reasons[i].contribution);
        PyObject *pair = word && weight ? PyTuple_Pack(2, word, weight) : NULL;
        Py_XDECREF(word);
        Py_XDECREF(weight);
        if (!pair || PyList_SetItem(list, (Py_ssize_t)i, pair) < 0) Py_CLEAR(list);
    }
    return list;
}

PyDoc_STRVAR(reasons_doc, "reasons(pages, column, limit)\n--\n\n"
                          "The n-grams of some texts that contributed most to a column, as (n-gram, contribution): "
                          "pages are tuples (page, weight), and the GIL is released.");

static PyObject *find_reasons(PyObject *object, PyObject *args, PyObject *kwargs, int in_words)
{
    static char *names[] = {"pages", "column", "limit", NULL};
    const sc_scores_object *self = (sc_scores_object *)object;
    PyObject *pages;
    Py_ssize_t column, limit;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "Onn", names, &pages, &column, &limit)) return NULL;
    if (column < 0 || (size_t)column >= self->model->model.columns) {
        PyErr_SetString(PyExc_IndexError, "no such column");
        return NULL;
    }
    if (limit < 0) {
        PyErr_SetString(PyExc_ValueError, "limit should not be negative");
        return NULL;
    }
    /* No more reasons than the texts have features, or tokens. */
    size_t most = in_words ? 0 : self->scores.rows.used;
    for (int i = 0; in_words && i < (int)SC_MOST_PARTS; i++) most += self->counts->counts.tokens[i].ends.used;
    if ((size_t)limit > most) limit = (Py_ssize_t)most;
    PyObject *pairs = PySequence_Tuple(pages), *result = NULL;
    if (!pairs) return NULL;
    size_t count = (size_t)PyTuple_Size(pairs), found = 0;
    sc_weighted_page *weighted = sc_zeroed(count, sizeof *weighted);
    sc_reason *reasons = sc_zeroed((size_t)limit, sizeof *reasons);
    sc_status status = weighted && reasons ? SC_OK : SC_NO_MEMORY;
    if (status != SC_OK) {
        sc_raise(status, NULL);
    } else if (read_pages(pairs, sc_page_count(&self->counts->counts), weighted) == 0) {
        Py_BEGIN_ALLOW_THREADS
        const sc_features_object *space = self->counts->features;
        if (in_words) {
            status = sc_find_word_reasons(&self->model->model, &space->features, &space->tables->tables,
                                          &self->counts->counts, &self->scores, weighted, count, (size_t)column,
                                          space->seed, (size_t)limit, reasons, &found);
        } else {
            status = sc_find_reasons(&self->model->model, &space->features, &self->counts->counts, &self->scores,
                                     weighted, count, (size_t)column, (size_t)limit, reasons, &found);
        }
        Py_END_ALLOW_THREADS
        result = status == SC_OK ? list_reasons(reasons, found) : sc_raise(status, NULL);
    }
    free(weighted);
    free(reasons);
    Py_DECREF(pairs);
    return result;
}

static PyObject *scores_reasons(PyObject *object, PyObject *args, PyObject *kwargs)
{
    return find_reasons(object, args, kwargs, 0);
}

PyDoc_STRVAR(word_reasons_doc, "word_reasons(pages, column, limit)\n--\n\n"
                               "The same in whole words, each with the sum of its n-grams' shares; of a long word the "
                               "first 41 characters.");

static PyObject *scores_word_reasons(PyObject *object, PyObject *args, PyObject *kwargs)
{
    return find_reasons(object, args, kwargs, 1);
}

static PyMethodDef scores_methods[] = {
    {"rows", scores_rows, METH_NOARGS,
     "rows()\n--\n\nEach text's scores as a list of numbers, None for a text without a kept feature."},
    {"kept", scores_kept, METH_NOARGS, "kept()\n--\n\nHow many features of each part of each text the model keeps."},
    {"numbers", scores_numbers, METH_NOARGS, "numbers()\n--\n\nAll scores as bytes of float64, text after text."},
    {"values", scores_values, METH_O, values_doc},
    {"reasons", (PyCFunction)(void (*)(void))scores_reasons, METH_VARARGS | METH_KEYWORDS, reasons_doc},
    {"word_reasons", (PyCFunction)(void (*)(void))scores_word_reasons, METH_VARARGS | METH_KEYWORDS, word_reasons_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot scores_slots[] = {
    {Py_tp_doc, "A model's scores of some texts; made by Model.score()."},
    {Py_tp_dealloc, scores_dealloc},
    {Py_tp_methods, scores_methods},
    {0, NULL},
};

PyType_Spec sc_scores_spec = {"smartcat.classifier._native.Scores", sizeof(sc_scores_object), 0,
                              Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                              scores_slots};
