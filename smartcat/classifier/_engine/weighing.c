/* Weighing counts, see weighing.h. Everything is checked where it is read: the arrays come from outside. */
#include "weighing.h"

#include <math.h>

const char *sc_weigh(const sc_weighing *task, int64_t *starts, int32_t *columns, float *values, size_t room)
{
    size_t used = 0;
    double scale = (double)task->part_count;
    starts[0] = 0;
    for (size_t i = 0; i < task->row_count; i++) {
        int64_t row = task->rows[i];
        for (size_t p = 0; p < task->part_count; p++) {
            const sc_part_counts *part = &task->parts[p];
            if (row < 0 || (uint64_t)row >= part->rows) return "a row is out of range";
            int64_t from = part->starts[row], to = part->starts[row + 1];
            if (from < 0 || to < from || (uint64_t)to > part->entries) return "a row's entries are out of range";
            double squares = 0.0;
            size_t first = used;
            /* Twice: the weights are kept as doubles only while they are added up. */
            for (int64_t e = from; e < to; e++) {
                int64_t bucket = part->columns[e];
                if (bucket < 0 || (uint64_t)bucket >= task->buckets) return "a feature is out of range";
                int32_t place = task->places[p * task->buckets + (size_t)bucket];
                if (place < 0) continue;
                float count = part->counts[e];
                if (!(count >= 0.0f && count < (float)task->table_size)) return "a count is out of range";
                if ((uint32_t)place >= task->known) return "a place is out of range";
                if (used >= room) return "there is no room for so many entries";
                double value = task->table[(size_t)count];
                if (task->idf) value *= (double)task->idf[place];
                squares += value * value;
                columns[used] = place;
                values[used++] = count;
            }
            double length = sqrt(squares * scale);
            for (size_t e = first; e < used; e++) {
                double value = task->table[(size_t)values[e]];
                if (task->idf) value *= (double)task->idf[columns[e]];
                values[e] = (float)(value / length);
            }
        }
        starts[i + 1] = (int64_t)used;
    }
    return NULL;
}
