/* The functions `weigh` and `descend` of the module: they check arrays, and let weighing.c and dual_descent.c work
 * without the GIL. */
#include "py_objects.h"

#include <math.h>

#include "dual_descent.h"
#include "weighing.h"

enum { STARTS, COLUMNS, VALUES, TARGETS, INSIDE, OUTSIDE, ALPHA, WEIGHTS, INTERCEPTS, BUFFERS };

const char sc_descend_doc[] =
    "descend(starts, columns, values, targets, inside, outside, alpha, weights, intercepts, *, first, logistic,\n"
    "        tolerance, max_epochs, seed)\n--\n\n"
    "Fit classes from `first` on, as many as `inside` has costs; see smartcat.training.fitting.dual_descent.";

static size_t length(const Py_buffer *view, size_t item) { return (size_t)view->len / item; }

/* Take the buffers of a sequence's objects, each of whole, aligned numbers of a size; -1 with an error if not all can
 * be had. */
static int take(PyObject *const *objects, const size_t *items, int count, int writable_from, Py_buffer *views, int *held)
{
    for (int i = 0; i < count; i++) {
        if (PyObject_GetBuffer(objects[i], &views[i], i < writable_from ? PyBUF_SIMPLE : PyBUF_WRITABLE) < 0) return -1;
        *held = i + 1;
        if ((size_t)views[i].len % items[i] || (uintptr_t)views[i].buf % items[i]) {
            PyErr_SetString(PyExc_ValueError, "an array is not one of whole, aligned numbers");
            return -1;
        }
    }
    return 0;
}

/* What is wrong with the sizes; NULL if nothing. */
static const char *sizes_problem(const Py_buffer *views, size_t stride, size_t first)
{
    size_t rows = length(&views[TARGETS], 4), count = length(&views[INSIDE], 8);
    if (rows > INT32_MAX || length(&views[WEIGHTS], 4) / (stride ? stride : 1) > INT32_MAX) return "too many rows or features";
    if (length(&views[STARTS], 8) != rows + 1) return "starts and targets do not match";
    if (length(&views[COLUMNS], 4) != length(&views[VALUES], 4)) return "columns and values do not match";
    if (count == 0 || count > SC_LANES) return "expected 1 to 16 classes at a time";
    if (length(&views[OUTSIDE], 8) != count) return "inside and outside do not match";
    if (length(&views[ALPHA], 4) != rows * count) return "alpha does not match rows and classes";
    if (first > stride || count > stride - first) return "there are fewer classes than that";
    if (length(&views[WEIGHTS], 4) % stride) return "weights do not match the classes";
    return NULL;
}

static const char *numbers_problem(const sc_task *task)
{
    for (size_t i = 0; i < task->count; i++) {
        double inside = task->cost_inside[i], outside = task->cost_outside[i];
        if (!(inside >= 1e-6 && inside <= 1e6 && outside >= 1e-6 && outside <= 1e6))
            return "expected costs from a millionth to a million";
    }
    if (!(task->tolerance >= 1e-5 && task->tolerance <= 10.0)) return "expected a tolerance from 0.00001 to 10";
    return NULL;
}

PyObject *sc_descend(PyObject *module, PyObject *positional, PyObject *named)
{
    static char *names[] = {"", "", "", "", "", "", "", "", "", "first", "logistic", "tolerance", "max_epochs", "seed", NULL};
    static const size_t items[BUFFERS] = {8, 4, 4, 4, 8, 8, 4, 4, 4};
    PyObject *objects[BUFFERS], *result = NULL;
    Py_buffer views[BUFFERS];
    Py_ssize_t first;
    unsigned long long seed;
    unsigned int max_epochs;
    sc_task task = {0};
    int held = 0;
    (void)module;
    if (!PyArg_ParseTupleAndKeywords(positional, named, "OOOOOOOOO$npdIK", names, &objects[0], &objects[1], &objects[2],
                                     &objects[3], &objects[4], &objects[5], &objects[6], &objects[7], &objects[8], &first,
                                     &task.logistic, &task.tolerance, &max_epochs, &seed))
        return NULL;
    if (take(objects, items, BUFFERS, ALPHA, views, &held) == 0) {
        size_t stride = length(&views[INTERCEPTS], 4);
        const char *problem = first < 0 ? "there is no such class" : sizes_problem(views, stride, (size_t)first);
        if (!problem) {
            sc_rows rows = {views[STARTS].buf, views[COLUMNS].buf, views[VALUES].buf, views[TARGETS].buf,
                            length(&views[TARGETS], 4), length(&views[VALUES], 4), length(&views[WEIGHTS], 4) / stride};
            task.first = (size_t)first;
            task.count = length(&views[INSIDE], 8);
            task.cost_inside = views[INSIDE].buf;
            task.cost_outside = views[OUTSIDE].buf;
            task.max_epochs = max_epochs;
            task.seed = seed;
            problem = numbers_problem(&task);
            uint32_t epochs = 0;
            sc_status status = SC_OK;
            Py_BEGIN_ALLOW_THREADS
            if (!problem) problem = sc_rows_problem(&rows);
            if (!problem)
                status = sc_dual_descent(&rows, &task, views[ALPHA].buf, (float *)views[WEIGHTS].buf + task.first, stride,
                                         (float *)views[INTERCEPTS].buf + task.first, &epochs);
            Py_END_ALLOW_THREADS
            if (!problem) result = status == SC_OK ? PyLong_FromUnsignedLong(epochs) : sc_raise(status, NULL);
        }
        if (problem) PyErr_SetString(PyExc_ValueError, problem);
    }
    while (held > 0) PyBuffer_Release(&views[--held]);
    return result;
}

enum { ROWS, PLACES, IDF, TABLE, OUT_STARTS, OUT_COLUMNS, OUT_VALUES, FIXED, MOST = FIXED + 3 * SC_MOST_PARTS };

const char sc_weigh_doc[] = "weigh(parts, rows, places, idf, table, starts, columns, values, /)\n--\n\n"
                            "Weigh rows of counts in place; see smartcat.training.weighing.";

/* Weigh with the arrays in place; what is wrong, or NULL. */
static const char *weigh(Py_buffer *views, size_t parts)
{
    sc_part_counts counts[SC_MOST_PARTS];
    for (size_t p = 0; p < parts; p++) {
        Py_buffer *of_part = &views[FIXED + 3 * p];
        if (length(&of_part[0], 8) == 0 || length(&of_part[1], 4) != length(&of_part[2], 4)) return "counts do not match";
        counts[p] = (sc_part_counts){of_part[0].buf, of_part[1].buf, of_part[2].buf, length(&of_part[0], 8) - 1,
                                     length(&of_part[1], 4)};
    }
    size_t rows = length(&views[ROWS], 8), known = length(&views[IDF], 4);
    if (length(&views[PLACES], 4) % parts) return "places do not match the parts";
    if (length(&views[OUT_STARTS], 8) != rows + 1) return "starts and rows do not match";
    if (length(&views[OUT_COLUMNS], 4) != length(&views[OUT_VALUES], 4)) return "columns and values do not match";
    if (length(&views[TABLE], 4) > 1u << 24) return "the table is too large";
    sc_weighing task = {counts, parts, length(&views[PLACES], 4) / parts, views[ROWS].buf, rows, views[PLACES].buf,
                        known ? views[IDF].buf : NULL, known ? known : INT32_MAX, views[TABLE].buf,
                        length(&views[TABLE], 4)};
    const char *problem;
    Py_BEGIN_ALLOW_THREADS
    problem = sc_weigh(&task, views[OUT_STARTS].buf, views[OUT_COLUMNS].buf, views[OUT_VALUES].buf,
                       length(&views[OUT_VALUES], 4));
    Py_END_ALLOW_THREADS
    return problem;
}

PyObject *sc_weigh_rows(PyObject *module, PyObject *positional)
{
    static const size_t items[MOST] = {8, 4, 4, 4, 8, 4, 4, 8, 4, 4, 8, 4, 4, 8, 4, 4, 8, 4, 4};
    PyObject *objects[MOST], *parts;
    Py_buffer views[MOST];
    int held = 0;
    const char *problem = NULL;
    (void)module;
    if (!PyArg_ParseTuple(positional, "O!OOOOOOO", &PyTuple_Type, &parts, &objects[ROWS], &objects[PLACES], &objects[IDF],
                          &objects[TABLE], &objects[OUT_STARTS], &objects[OUT_COLUMNS], &objects[OUT_VALUES]))
        return NULL;
    Py_ssize_t count = PyTuple_Size(parts);
    if (count < 3 || count > 3 * SC_MOST_PARTS || count % 3) {
        PyErr_SetString(PyExc_ValueError, "expected three arrays a part");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) objects[FIXED + i] = PyTuple_GetItem(parts, i);
    /* The three arrays that are written stand last of the fixed ones; the parts' are read only. */
    int taken = take(objects, items, OUT_STARTS, OUT_STARTS, views, &held);
    for (int i = OUT_STARTS; taken == 0 && i < FIXED + (int)count; i++) {
        int one = 0;
        taken = take(&objects[i], &items[i], 1, i < FIXED ? 0 : 1, &views[i], &one);
        held += one;
    }
    if (taken == 0 && (problem = weigh(views, (size_t)count / 3))) PyErr_SetString(PyExc_ValueError, problem);
    while (held > 0) PyBuffer_Release(&views[--held]);
    if (taken < 0 || problem) return NULL;
    Py_INCREF(Py_None);
    return Py_None;
}
