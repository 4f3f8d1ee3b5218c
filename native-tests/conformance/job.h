/* One line of descriptors.tsv with its inputs, and a run of all its passes, reduced to one number per output.
 * README.md has the columns and the inputs' formula; the managed tests read the same lines. */
#ifndef JOB_H
#define JOB_H

#include "layer.h"
#include "random.h"
#include "table.h"

#define DESCRIPTORS "native-tests/conformance/descriptors.tsv"

/* The `tensor` of random_value. */
enum { JOB_X, JOB_W, JOB_BIAS, JOB_DY, JOB_FORWARD_ADDEND, JOB_BACKWARD_ADDEND, JOB_INPUTS, JOB_OLD_Y = JOB_INPUTS, JOB_OLD_DX, JOB_OLD_DW, JOB_OLD_DB, JOB_TENSORS };

enum { OF_Y, OF_DX, OF_DW, OF_DB, OF_DELTA, OUTPUTS };
static const char* const output_names[OUTPUTS] = { "y", "dx", "dw", "db", "delta" };

typedef struct digests { uint64_t of[OUTPUTS]; } digests;

typedef struct job {
    int id;
    layer l;
    int with_bias, with_addend;
    double alpha, beta;
    void* in[JOB_TENSORS];                     /* inputs; after job_add_old also what outputs hold before they are written */
} job;

/* Where a run writes. packed NULL: w as it is; workspace NULL: the library's own. */
typedef struct job_buffers {
    void *out[OUTPUTS], *packed, *workspace;
} job_buffers;

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

/* A line without its data. */
static inline job job_line(const table* t)
{
    nc_conv_desc desc = job_descriptor(t);
    job j = { .id = (int)integer_of(t, "id"), .l = layer_of(&desc), .with_bias = (int)integer_of(t, "bias"), .with_addend = (int)integer_of(t, "addend"),
              .alpha = number_of(t, "alpha"), .beta = number_of(t, "beta") };
    return j;
}

static inline int64_t tensor_count(const job* j, int tensor)
{
    const layer* l = &j->l;
    int64_t outs = l->desc.out_channels;
    int64_t count[JOB_TENSORS] = { l->x_count, l->w_count, outs, l->y_count, l->y_count, l->x_count, l->y_count, l->x_count, l->w_count, outs };
    return count[tensor];
}

static inline size_t tensor_bytes(const job* j, int tensor) { return (size_t)tensor_count(j, tensor) * element_bytes(j->l.desc.dtype); }

static inline void job_add_inputs(job* j)
{
    for (int i = 0; i < JOB_INPUTS; i++) j->in[i] = job_tensor(j, i, tensor_count(j, i));
}

static inline job job_read(const table* t)
{
    job j = job_line(t);
    job_add_inputs(&j);
    return j;
}

static inline void job_free(job* j)
{
    for (int i = 0; i < JOB_TENSORS; i++) free(j->in[i]);
}

static inline void job_add_old(job* j)
{
    for (int i = JOB_INPUTS; i < JOB_TENSORS; i++) j->in[i] = job_tensor(j, i, tensor_count(j, i));
}

static inline nc_plan* job_plan(const job* j)
{
    nc_plan* plan;
    if (nc_plan_create(&j->l.desc, &plan) != NC_OK) die("descriptor %d: nc_plan_create: %s", j->id, last_error());
    return plan;
}

/* What an output holds before; delta is like y. */
static const int old_of[OUTPUTS] = { JOB_OLD_Y, JOB_OLD_DX, JOB_OLD_DW, JOB_OLD_DB, JOB_OLD_Y };

static inline size_t output_bytes(const job* j, int output) { return tensor_bytes(j, old_of[output]); }

/* The largest of the passes' packed weights, and of their workspaces. */
static inline size_t most_packed_bytes(const nc_plan* plan)
{
    size_t forward, backward;
    if (nc_packed_weights_size(plan, NC_FORWARD, &forward) != NC_OK || nc_packed_weights_size(plan, NC_BACKWARD_DATA, &backward) != NC_OK) die("nc_packed_weights_size: %s", last_error());
    return forward > backward ? forward : backward;
}

static inline size_t most_workspace_bytes(const nc_plan* plan, const nc_exec* how)
{
    size_t most = 0, bytes;
    for (int32_t pass = NC_FORWARD; pass <= NC_BACKWARD_WEIGHTS; pass++) {
        if (nc_workspace_size(plan, pass, how, &bytes) != NC_OK) die("nc_workspace_size: %s", last_error());
        if (bytes > most) most = bytes;
    }
    return most;
}

/* Packs the weights of a pass if they are wanted packed, and gives a workspace of exactly the size that it asks for. */
static inline nc_status job_prepare(const job* j, const nc_plan* plan, int32_t pass, const job_buffers* to, nc_exec* exec)
{
    nc_status status = NC_OK;
    exec->packed_weights = NULL;
    exec->packed_bytes = 0;
    if (to->packed && pass != NC_BACKWARD_WEIGHTS) {
        status = nc_packed_weights_size(plan, pass, &exec->packed_bytes);
        if (status == NC_OK) status = nc_pack_weights(plan, pass, j->in[JOB_W], to->packed, exec->packed_bytes);
        exec->packed_weights = to->packed;
    }
    if (to->workspace && status == NC_OK) {
        status = nc_workspace_size(plan, pass, exec, &exec->workspace_bytes);
        exec->workspace = exec->workspace_bytes ? to->workspace : NULL;
    }
    return status;
}

/* Runs all passes of a job that has its old values with `how` (its threads, workspace and flags; NULL: defaults). The
   backward passes get the y of this forward pass. */
static inline nc_status job_run_to(const job* j, const nc_plan* plan, const nc_exec* how, const job_buffers* to)
{
    const layer* l = &j->l;
    const nc_exec none = NC_EXEC_INIT;
    nc_exec exec = how ? *how : none;
    const void* w = to->packed ? NULL : j->in[JOB_W];
    void *y = to->out[OF_Y], *dx = to->out[OF_DX];
    for (int i = OF_Y; i <= OF_DB; i++)
        if (output_bytes(j, i)) memcpy(to->out[i], j->in[old_of[i]], output_bytes(j, i));

    exec.beta = j->beta;
    exec.addend = j->with_addend ? j->in[JOB_FORWARD_ADDEND] : NULL;
    nc_status status = job_prepare(j, plan, NC_FORWARD, to, &exec);
    if (status == NC_OK) status = run_forward(l, plan, j->in[JOB_X], w, j->with_bias ? j->in[JOB_BIAS] : NULL, y, &exec);

    exec.alpha = j->alpha;
    exec.addend = j->with_addend ? j->in[JOB_BACKWARD_ADDEND] : NULL;
    if (status == NC_OK) status = job_prepare(j, plan, NC_BACKWARD_DATA, to, &exec);
    if (status == NC_OK) status = run_backward_data(l, plan, j->in[JOB_DY], w, y, dx, &exec);

    exec.addend = NULL;
    if (status == NC_OK) status = job_prepare(j, plan, NC_BACKWARD_WEIGHTS, to, &exec);
    if (status == NC_OK) status = run_backward_weights(l, plan, j->in[JOB_X], j->in[JOB_DY], y, to->out[OF_DW], to->out[OF_DB], &exec);

    exec.alpha = exec.beta = 0;
    if (status == NC_OK) status = nc_activation_backward(plan, j->in[JOB_DY], y, to->out[OF_DELTA], &exec);
    return status;
}

/* The same for any job, reduced to digests, with `packed` weights or not. Safe from many threads at once. */
static inline nc_status job_run(const job* j, const nc_plan* plan, const nc_exec* how, int packed, digests* result)
{
    job mine = *j;
    job_add_old(&mine);
    job_buffers to = { .packed = packed ? allocate(most_packed_bytes(plan)) : NULL };
    for (int i = 0; i < OUTPUTS; i++) to.out[i] = allocate(output_bytes(j, i));
    nc_status status = job_run_to(&mine, plan, how, &to);
    for (int i = 0; i < OUTPUTS; i++) {
        result->of[i] = digest_bytes(digest_start, to.out[i], output_bytes(j, i));
        free(to.out[i]);
    }
    for (int i = JOB_INPUTS; i < JOB_TENSORS; i++) free(mine.in[i]);
    free(to.packed);
    return status;
}

#endif
