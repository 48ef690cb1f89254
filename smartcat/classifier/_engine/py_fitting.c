/* The function `descend` of the module: checks the arrays of a fit, and lets dual_descent.c do it without the GIL. */
#include "py_objects.h"

#include <math.h>

#include "dual_descent.h"

enum { STARTS, COLUMNS, VALUES, TARGETS, INSIDE, OUTSIDE, ALPHA, WEIGHTS, INTERCEPTS, BUFFERS };

const char sc_descend_doc[] =
    "descend(starts, columns, values, targets, inside, outside, alpha, weights, intercepts, *, first, logistic,\n"
    "        tolerance, max_epochs, seed)\n--\n\n"
    "Fit classes from `first` on, as many as `inside` has costs; see smartcat.training.fitting.dual_descent.";

static size_t length(const Py_buffer *view, size_t item) { return (size_t)view->len / item; }

/* What is wrong with the sizes; NULL if nothing. */
static const char *sizes_problem(const Py_buffer *views, size_t stride, size_t first)
{
    static const size_t items[BUFFERS] = {8, 4, 4, 4, 8, 8, 4, 4, 4};
    for (int i = 0; i < BUFFERS; i++)
        if ((size_t)views[i].len % items[i] || (uintptr_t)views[i].buf % items[i])
            return "an array is not one of whole, aligned numbers";
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
    while (held < BUFFERS &&
           PyObject_GetBuffer(objects[held], &views[held], held < ALPHA ? PyBUF_SIMPLE : PyBUF_WRITABLE) == 0)
        held++;
    if (held == BUFFERS) {
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
