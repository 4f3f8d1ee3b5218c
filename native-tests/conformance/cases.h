/* Reads the cases of native-tests/reference: descriptors, inputs and expected results of other projects. */
#ifndef CASES_H
#define CASES_H

#include "layer.h"
#include "table.h"

#define FOLDER "native-tests/reference/"

enum { CASES = 308 };

/* The tensors of a case, and their columns in index.tsv. */
enum { CASE_X, CASE_W, CASE_B, CASE_DY, CASE_Y, CASE_DX, CASE_DW, CASE_DB, CASE_TENSORS };
static const char* const case_columns[CASE_TENSORS] = { "x", "w", "b", "dy", "y", "dx", "dw", "db" };

/* One tensor of a case, in double; NULL where the index has "-". */
static inline double* tensor_of(const table* index, const char* column, int64_t count)
{
    static char* file;
    static char file_group[64];
    static size_t file_bytes;

    const char* group = text_of(index, "group");
    if (strcmp(group, file_group) != 0) {
        char path[160];
        snprintf(path, sizeof path, FOLDER "%s.bin", group);
        free(file);
        file = read_file(path, &file_bytes);
        snprintf(file_group, sizeof file_group, "%s", group);
    }

    const char* place = text_of(index, column);
    if (strcmp(place, "-") == 0) return NULL;

    char type[4];
    size_t offset;
    if (sscanf(place, "%3[a-z0-9]@%zu", type, &offset) != 2) die("%s: %s is not TYPE@OFFSET", column, place);
    size_t bytes = strcmp(type, "i8") == 0 ? 1 : strcmp(type, "i16") == 0 ? 2 : strcmp(type, "f64") == 0 ? 8 : 4;
    if (offset + (size_t)count * bytes > file_bytes) die("%s: beyond the end of %s.bin", column, group);

    double* values = allocate((size_t)count * sizeof(double));
    for (int64_t i = 0; i < count; i++) {
        const char* at = file + offset + (size_t)i * bytes;
        union { int8_t i8; int16_t i16; int32_t i32; float f32; double f64; } v;
        memcpy(&v, at, bytes);
        values[i] = type[0] == 'f' ? (bytes == 8 ? v.f64 : v.f32) : bytes == 1 ? v.i8 : bytes == 2 ? v.i16 : v.i32;
    }
    return values;
}

/* What all tables of the folder have in common: index.tsv has pads besides. */
static inline nc_conv_desc descriptor_of(const table* t)
{
    nc_conv_desc desc;
    int32_t kind = strcmp(text_of(t, "op"), "deconv") == 0 ? NC_DECONV : NC_CONV;
    if (nc_conv_desc_init(&desc, sizeof desc, kind, (int32_t)integer_of(t, "rank")) != NC_OK) die("nc_conv_desc_init: %s", last_error());
    desc.batch = integer_of(t, "batch");
    desc.in_channels = integer_of(t, "in_channels");
    desc.out_channels = integer_of(t, "out_channels");
    desc.groups = integer_of(t, "groups");
    list_of(t, "input", desc.input);
    list_of(t, "kernel", desc.kernel);
    list_of(t, "stride", desc.stride);
    list_of(t, "dilation", desc.dilation);
    list_of(t, "output_padding", desc.output_padding);
    return desc;
}

/* The next case of index.tsv; 0 at the end. */
static inline int next_case(table* index, layer* l, double* tensors[CASE_TENSORS])
{
    if (!table_next(index)) return 0;
    nc_conv_desc desc = descriptor_of(index);
    list_of(index, "pad_begin", desc.pad_begin);
    list_of(index, "pad_end", desc.pad_end);
    *l = layer_of(&desc);
    int64_t count[CASE_TENSORS] = { l->x_count, l->w_count, desc.out_channels, l->y_count, l->y_count, l->x_count, l->w_count, desc.out_channels };
    for (int i = 0; i < CASE_TENSORS; i++) tensors[i] = tensor_of(index, case_columns[i], count[i]);
    return 1;
}

static inline void free_case(double* tensors[CASE_TENSORS])
{
    for (int i = 0; i < CASE_TENSORS; i++) free(tensors[i]);
}

#endif
