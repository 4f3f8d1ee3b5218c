/* One line of descriptors.tsv with its inputs, and a run of all its passes, reduced to one number per output.
 * README.md has the columns and the inputs' formula; the managed tests read the same lines. */
#ifndef JOB_H
#define JOB_H

#include "layer.h"
#include "random.h"
#include "table.h"

#define DESCRIPTORS "native-tests/conformance/descriptors.tsv"

/* The `tensor` of random_value. */
enum { JOB_X, JOB_W, JOB_BIAS, JOB_DY, JOB_FORWARD_ADDEND, JOB_BACKWARD_ADDEND, JOB_INPUTS, JOB_OLD_Y = JOB_INPUTS, JOB_OLD_DX, JOB_OLD_DW, JOB_OLD_DB };

enum { OF_Y, OF_DX, OF_DW, OF_DB, OF_DELTA, OUTPUTS };
static const char* const output_names[OUTPUTS] = { "y", "dx", "dw", "db", "delta" };

typedef struct digests { uint64_t of[OUTPUTS]; } digests;

typedef struct job {
    int id;
    layer l;
    int with_bias, with_addend;
    double alpha, beta;
    void* in[JOB_INPUTS];
} job;

/* FNV-1a, 64 bits. */
static inline uint64_t digest_bytes(uint64_t digest, const void* bytes, size_t count)
{
    const unsigned char* at = bytes;
    for (size_t i = 0; i < count; i++) digest = (digest ^ at[i]) * 0x100000001B3u;
    return digest;
}

static const uint64_t digest_start = 0xCBF29CE484222325u;

static inline void* job_tensor(const job* j, int tensor, int64_t count)
{
    void* buffer = allocate((size_t)count * element_bytes(j->l.desc.dtype));
    for (int64_t i = 0; i < count; i++) store(buffer, j->l.desc.dtype, i, random_value((uint64_t)j->id, (uint64_t)tensor, (uint64_t)i));
    return buffer;
}

static inline int32_t word_of(const table* t, const char* column, const char* const* words, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(text_of(t, column), words[i]) == 0) return i;
    die("%s: line %d: %s is not a %s", t->path, t->line, text_of(t, column), column);
    return -1;
}

static inline nc_conv_desc job_descriptor(const table* t)
{
    static const char* const kinds[] = { "conv", "deconv" };
    static const char* const dtypes[] = { "", "f32", "f64" };
    static const char* const algorithms[] = { "auto", "direct" };
    static const char* const activations[] = { "identity", "relu", "leaky_relu", "clip", "sigmoid", "tanh", "elu" };
    static const char* const rules[] = { "backprop", "deconvnet", "guided" };

    nc_conv_desc desc;
    if (nc_conv_desc_init(&desc, sizeof desc, word_of(t, "kind", kinds, 2), (int32_t)integer_of(t, "rank")) != NC_OK) die("nc_conv_desc_init: %s", last_error());
    desc.dtype = word_of(t, "dtype", dtypes, 3);
    desc.algorithm = word_of(t, "algorithm", algorithms, 2);
    desc.batch = integer_of(t, "batch");
    desc.in_channels = integer_of(t, "in_channels");
    desc.out_channels = integer_of(t, "out_channels");
    desc.groups = integer_of(t, "groups");
    list_of(t, "input", desc.input);
    list_of(t, "kernel", desc.kernel);
    list_of(t, "stride", desc.stride);
    list_of(t, "dilation", desc.dilation);
    list_of(t, "pad_begin", desc.pad_begin);
    list_of(t, "pad_end", desc.pad_end);
    list_of(t, "output_padding", desc.output_padding);
    desc.activation = word_of(t, "activation", activations, 7);
    desc.activation_alpha = number_of(t, "activation_alpha");
    desc.activation_beta = number_of(t, "activation_beta");
    desc.gradient_rule = word_of(t, "gradient_rule", rules, 3);
    return desc;
}

static inline job job_read(const table* t)
{
    nc_conv_desc desc = job_descriptor(t);
    job j = { .id = (int)integer_of(t, "id"), .l = layer_of(&desc), .with_bias = (int)integer_of(t, "bias"), .with_addend = (int)integer_of(t, "addend"),
              .alpha = number_of(t, "alpha"), .beta = number_of(t, "beta") };
    int64_t count[JOB_INPUTS] = { j.l.x_count, j.l.w_count, desc.out_channels, j.l.y_count, j.l.y_count, j.l.x_count };
    for (int i = 0; i < JOB_INPUTS; i++) j.in[i] = job_tensor(&j, i, count[i]);
    return j;
}

static inline void job_free(job* j)
{
    for (int i = 0; i < JOB_INPUTS; i++) free(j->in[i]);
}

static inline nc_plan* job_plan(const job* j)
{
    nc_plan* plan;
    if (nc_plan_create(&j->l.desc, &plan) != NC_OK) die("descriptor %d: nc_plan_create: %s", j->id, last_error());
    return plan;
}

/* Runs all passes with `how` (its threads, workspace and flags; NULL: defaults), `packed` weights or not. The backward
   passes get the y of this forward pass. Safe from many threads at once. */
static inline nc_status job_run(const job* j, const nc_plan* plan, const nc_exec* how, int packed, digests* result)
{
    const layer* l = &j->l;
    int32_t dtype = l->desc.dtype;
    void* out[OUTPUTS] = { job_tensor(j, JOB_OLD_Y, l->y_count), job_tensor(j, JOB_OLD_DX, l->x_count), job_tensor(j, JOB_OLD_DW, l->w_count),
                           job_tensor(j, JOB_OLD_DB, l->desc.out_channels), allocate((size_t)l->y_count * element_bytes(dtype)) };
    int64_t count[OUTPUTS] = { l->y_count, l->x_count, l->w_count, l->desc.out_channels, l->y_count };
    const nc_exec none = NC_EXEC_INIT;
    nc_exec exec = how ? *how : none;
    void* weights = NULL;
    nc_status status = NC_OK;

#define PACK(pass) \
        if (status == NC_OK && packed) { \
            status = nc_packed_weights_size(plan, pass, &exec.packed_bytes); \
            weights = realloc(weights, exec.packed_bytes); \
            exec.packed_weights = weights; \
            if (status == NC_OK) status = nc_pack_weights(plan, pass, j->in[JOB_W], weights, exec.packed_bytes); \
        }
    exec.beta = j->beta;
    exec.addend = j->with_addend ? j->in[JOB_FORWARD_ADDEND] : NULL;
    PACK(NC_FORWARD);
    if (status == NC_OK) status = run_forward(l, plan, j->in[JOB_X], packed ? NULL : j->in[JOB_W], j->with_bias ? j->in[JOB_BIAS] : NULL, out[OF_Y], &exec);

    exec.alpha = j->alpha;
    exec.addend = j->with_addend ? j->in[JOB_BACKWARD_ADDEND] : NULL;
    PACK(NC_BACKWARD_DATA);
    if (status == NC_OK) status = run_backward_data(l, plan, j->in[JOB_DY], packed ? NULL : j->in[JOB_W], out[OF_Y], out[OF_DX], &exec);
#undef PACK

    exec.addend = exec.packed_weights = NULL;
    exec.packed_bytes = 0;
    if (status == NC_OK) status = run_backward_weights(l, plan, j->in[JOB_X], j->in[JOB_DY], out[OF_Y], out[OF_DW], out[OF_DB], &exec);

    exec.alpha = exec.beta = 0;
    if (status == NC_OK) status = nc_activation_backward(plan, j->in[JOB_DY], out[OF_Y], out[OF_DELTA], &exec);

    for (int i = 0; i < OUTPUTS; i++) {
        result->of[i] = digest_bytes(digest_start, out[i], (size_t)count[i] * element_bytes(dtype));
        free(out[i]);
    }
    free(weights);
    return status;
}

#endif
