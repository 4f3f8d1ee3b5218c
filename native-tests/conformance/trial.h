/* One descriptor with everything that its calls read: a random one, or a case of native-tests/reference. */
#ifndef TRIAL_H
#define TRIAL_H

#include "cases.h"
#include "random_layer.h"

/* All buffers that a test owns. The addend of backward-data is x: it has the shape of dx. */
enum { X, W, BIAS, DY, YIN, ADDEND, INPUTS, Y = INPUTS, DX, DW, DB, DELTA, WORKSPACE, PACKED, BUFFERS };
static const char* const buffer_names[BUFFERS] = { "x", "w", "bias", "dy", "y (read)", "addend", "y", "dx", "dw", "db", "delta", "workspace", "packed" };

/* Which of dw and db a call wants. */
enum { BOTH, BOTH_AGAIN, DW_ALONE, DB_ALONE, WANTS };

typedef struct trial {
    char name[160];
    uint64_t number;
    layer l;
    double forward_beta, alpha, beta;
    int with_bias, with_addend, with_packed, wanted;
    int64_t count[WORKSPACE];                  /* elements; the library says how large the other two are */
    void* data[WORKSPACE];                     /* inputs, and what the outputs hold before */
} trial;

static inline size_t bytes_of(const trial* t, int buffer) { return (size_t)t->count[buffer] * element_bytes(t->l.desc.dtype); }

/* 1 if backward reads a y. */
static inline int reads_y(const trial* t) { return t->l.desc.activation != NC_ACT_IDENTITY && t->l.desc.gradient_rule != NC_RULE_DECONVNET; }

static inline void trial_sizes(trial* t)
{
    const layer* l = &t->l;
    int64_t outs = l->desc.out_channels;
    int64_t count[WORKSPACE] = { l->x_count, l->w_count, outs, l->y_count, l->y_count, l->y_count, l->y_count, l->x_count, l->w_count, outs, l->y_count };
    memcpy(t->count, count, sizeof count);
    for (int i = X; i < WORKSPACE; i++) t->data[i] = allocate(bytes_of(t, i));
}

static inline void trial_random(trial* t, int buffer)
{
    int32_t dtype = t->l.desc.dtype;
    for (int64_t i = 0; i < t->count[buffer]; i++)
        store(t->data[buffer], dtype, i, (dtype == NC_F64 ? random_long_value : random_value)(t->number, (uint64_t)buffer, (uint64_t)i));
}

static inline trial random_trial(uint64_t number)
{
    nc_conv_desc desc = random_layer(number);
    trial t = { .number = number, .l = layer_of(&desc), .wanted = (int)(number / LAYER_SORTS % WANTS) };
    snprintf(t.name, sizeof t.name, "#%llu", (unsigned long long)number);
    trial_sizes(&t);
    random_stream r = { .seed = ~number };
    t.with_bias = (int)choose(&r, 0, 1);
    t.with_packed = (int)choose(&r, 0, 1);
    t.forward_beta = choose(&r, 0, 1) ? (double)choose(&r, -8, 8) / 8 : 0;
    t.alpha = choose(&r, 0, 1) ? (double)choose(&r, 1, 12) / 8 : 1;
    t.beta = choose(&r, 0, 1) ? (double)choose(&r, -8, 8) / 8 : 0;
    t.with_addend = (int)choose(&r, 0, 1);
    for (int i = X; i < DELTA; i++) trial_random(&t, i);

    /* The y that backward reads: h of something, so that its gates open and close. */
    for (int64_t i = 0; i < t.count[YIN]; i++) store(t.data[YIN], desc.dtype, i, activate(&desc, load(t.data[YIN], desc.dtype, i)));
    return t;
}

/* A case in one element type; a dy that it does not have is random. */
static inline trial case_trial(const table* index, const layer* l, double* const tensors[CASE_TENSORS], int32_t dtype)
{
    static const int from[] = { CASE_X, CASE_W, CASE_B, CASE_DY };
    trial t = { .number = (uint64_t)index->line, .l = *l, .with_bias = tensors[CASE_B] != NULL, .with_packed = index->line & 1, .alpha = 1 };
    snprintf(t.name, sizeof t.name, "reference %s", text_of(index, "name"));
    t.l.desc.dtype = dtype;
    trial_sizes(&t);
    for (int i = X; i <= DY; i++) {
        if (!tensors[from[i]]) trial_random(&t, i);
        else for (int64_t k = 0; k < t.count[i]; k++) store(t.data[i], dtype, k, tensors[from[i]][k]);
    }
    return t;
}

static inline void trial_free(trial* t)
{
    for (int i = X; i < WORKSPACE; i++) free(t->data[i]);
}

#endif
