/* The extension module smartcat.classifier._native: its types and functions. All state is the module's. */
#include "py_objects.h"

#include <math.h>

sc_state *sc_state_of(PyTypeObject *type) { return PyType_GetModuleState(type); }

void *sc_new(PyTypeObject *type) { return PyType_GenericAlloc(type, 0); }

void sc_delete(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

PyObject *sc_differences(const size_t *starts, uint32_t count)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (uint32_t i = 0; tuple && i < count; i++) {
        PyObject *number = PyLong_FromSize_t(starts[i + 1] - starts[i]);
        if (!number || PyTuple_SetItem(tuple, (Py_ssize_t)i, number) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

PyObject *sc_raise(sc_status status, const char *why)
{
    if (status == SC_NO_MEMORY) return PyErr_NoMemory();
    if (status == SC_TOO_LONG)
        return PyErr_Format(PyExc_ValueError, "a text is larger than %zu bytes", SC_MAX_TEXT);
    PyErr_SetString(PyExc_ValueError, why ? why : "unknown");
    return NULL;
}

/* The smallest and the largest of some float32; minus and plus infinity where any is NaN. Sixteen lanes, so that a
 * compiler can vectorise it. */
static void bounds_of(const char *at, size_t count, float *least, float *greatest)
{
    enum { LANES = 16 };
    float low[LANES], high[LANES], values[LANES] = {0};
    int has_nan = 0;
    for (size_t lane = 0; lane < LANES; lane++) low[lane] = INFINITY, high[lane] = -INFINITY;
    for (size_t i = 0; i < count; i += LANES) {
        size_t some = count - i < LANES ? count - i : LANES;
        memcpy(values, at + 4 * i, 4 * some);
        for (size_t lane = 0; lane < some; lane++) {
            has_nan |= values[lane] != values[lane];
            low[lane] = values[lane] < low[lane] ? values[lane] : low[lane];
            high[lane] = values[lane] > high[lane] ? values[lane] : high[lane];
        }
    }
    *least = has_nan ? -INFINITY : low[0];
    *greatest = has_nan ? INFINITY : high[0];
    for (size_t lane = 1; lane < LANES; lane++) {
        if (low[lane] < *least) *least = low[lane];
        if (high[lane] > *greatest) *greatest = high[lane];
    }
}

PyDoc_STRVAR(bounds_doc, "bounds(buffer, /)\n--\n\n"
                         "The smallest and the largest value of a buffer of float32; both infinite where any is NaN.");

static PyObject *bounds(PyObject *module, PyObject *object)
{
    (void)module;
    Py_buffer view;
    float least, greatest;
    if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    bounds_of(view.buf, (size_t)view.len / 4, &least, &greatest);
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&view);
    return Py_BuildValue("dd", (double)least, (double)greatest);
}

/* A seed that the author of a text cannot know: Python's own hashes are keyed with a secret of the process, and an
 * address adds to it where that was switched off. */
static int make_seed(PyObject *module, uint64_t *seed)
{
    PyObject *text = PyUnicode_FromString("smartcat tables");
    if (!text) return -1;
    Py_hash_t hash = PyObject_Hash(text);
    Py_DECREF(text);
    if (hash == -1 && PyErr_Occurred()) return -1;
    *seed = ((uint64_t)hash ^ (uint64_t)(uintptr_t)module >> 4) * 0x9E3779B97F4A7C15u;
    return 0;
}

static int add_type(PyObject *module, PyType_Spec *spec, PyTypeObject **type)
{
    *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    return *type ? PyModule_AddType(module, *type) : -1;
}

static int execute(PyObject *module)
{
    sc_state *state = PyModule_GetState(module);
    if (make_seed(module, &state->seed) < 0) return -1;
    if (add_type(module, &sc_tables_spec, &state->tables) < 0) return -1;
    if (add_type(module, &sc_features_spec, &state->features) < 0) return -1;
    if (add_type(module, &sc_counts_spec, &state->counts) < 0) return -1;
    if (add_type(module, &sc_model_spec, &state->model) < 0) return -1;
    if (add_type(module, &sc_scores_spec, &state->scores) < 0) return -1;
    return PyModule_AddIntConstant(module, "MAX_TEXT_BYTES", (long)SC_MAX_TEXT);
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    sc_state *state = PyModule_GetState(module);
    Py_VISIT(state->tables);
    Py_VISIT(state->features);
    Py_VISIT(state->counts);
    Py_VISIT(state->model);
    Py_VISIT(state->scores);
    return 0;
}

static int clear(PyObject *module)
{
    sc_state *state = PyModule_GetState(module);
    Py_CLEAR(state->tables);
    Py_CLEAR(state->features);
    Py_CLEAR(state->counts);
    Py_CLEAR(state->model);
    Py_CLEAR(state->scores);
    return 0;
}

static void release(void *module) { clear(module); }

static PyMethodDef functions[] = {
    {"bounds", bounds, METH_O, bounds_doc},
    {"descend", (PyCFunction)(void (*)(void))sc_descend, METH_VARARGS | METH_KEYWORDS, sc_descend_doc},
    {"weigh", sc_weigh_rows, METH_VARARGS, sc_weigh_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{Py_mod_exec, execute}, {0, NULL}};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "smartcat.classifier._native",
    .m_doc = "Hashed features and linear scores in one pass over a text; see smartcat.classifier.native_binding.",
    .m_size = sizeof(sc_state),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = release,
};

PyMODINIT_FUNC PyInit__native(void);
PyMODINIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&definition); }
