/* One execution with all that it could want, all of it right: what runs.h runs, and what spoils.h spoils. */
#ifndef CALLS_H
#define CALLS_H

#include "../conformance/parallel.h"
#include "plans.h"

/* The passes of the header, and nc_activation_backward. */
enum { PASS_DELTA = 3 };

typedef struct call {
    nc_conv_desc desc;
    int32_t kind;                              /* of the function, which is the plan's unless it is spoiled */
    const nc_plan* plan;
    int32_t pass;
    size_t element;
    char *x, *w, *bias, *dy, *y, *result, *db; /* result: y, dx, dw or delta */
    size_t x_bytes, w_bytes, bias_bytes, y_bytes, result_bytes, db_bytes, workspace_bytes, packed_bytes;
    int needs_x, needs_w, needs_dy, needs_y;
    nc_exec exec, *exec_at;
} call;

/* -- ways of running the indices of a stage --------------------------------------------------------------------------- */

/* Backwards, each index twice, and some that are none. */
static void NC_CALL run_oddly(void* user, nc_task_fn fn, void* task, int32_t count)
{
    (void)user;
    fn(task, -1);
    fn(task, count);
    for (int32_t i = count; i-- > 0;) { fn(task, i); fn(task, i); }
}

static void NC_CALL run_not_all(void* user, nc_task_fn fn, void* task, int32_t count)
{
    (void)user;
    for (int32_t i = 1; i < count; i++) fn(task, i);
}

static inline nc_status call_run(const call* k)
{
    const nc_exec* exec = k->exec_at;
    switch (k->pass * 2 + k->kind) {
        case NC_FORWARD * 2 + NC_CONV: return CALL(nc_conv_forward, k->plan, k->x, k->w, k->bias, k->result, exec);
        case NC_FORWARD * 2 + NC_DECONV: return CALL(nc_deconv_forward, k->plan, k->x, k->w, k->bias, k->result, exec);
        case NC_BACKWARD_DATA * 2 + NC_CONV: return CALL(nc_conv_backward_data, k->plan, k->dy, k->w, k->y, k->result, exec);
        case NC_BACKWARD_DATA * 2 + NC_DECONV: return CALL(nc_deconv_backward_data, k->plan, k->dy, k->w, k->y, k->result, exec);
        case NC_BACKWARD_WEIGHTS * 2 + NC_CONV: return CALL(nc_conv_backward_weights, k->plan, k->x, k->dy, k->y, k->result, k->db, exec);
        case NC_BACKWARD_WEIGHTS * 2 + NC_DECONV: return CALL(nc_deconv_backward_weights, k->plan, k->x, k->dy, k->y, k->result, k->db, exec);
        default: return CALL(nc_activation_backward, k->plan, k->dy, k->y, k->result, exec);
    }
}

static inline size_t described_bytes(const nc_conv_desc* d, int32_t tensor)
{
    nc_tensor info = { .struct_size = sizeof info };
    if (CALL(nc_describe_tensor, d, tensor, &info) != NC_OK) wrong("tensor %d of a planned layer", tensor);
    return (size_t)info.bytes;
}

/* Where the buffers are: before or after the page that faults. Inputs are what the pattern says there. */
static inline void call_place(call* k, int at_end)
{
    k->x = room_take(ROOM_X, k->x_bytes, at_end, k->element);
    k->w = room_take(ROOM_W, k->w_bytes, at_end, k->element);
    k->bias = room_take(ROOM_BIAS, k->bias_bytes, at_end, k->element);
    k->dy = room_take(ROOM_DY, k->y_bytes, at_end, k->element);
    k->y = room_take(ROOM_Y, k->y_bytes, at_end, k->element);
    k->result = room_take(ROOM_RESULT, k->result_bytes, at_end, k->element);
    k->db = room_take(ROOM_DB, k->db_bytes, at_end, k->element);
}

/* False if the layer is larger than what is executed. */
static inline int call_open(call* k, const nc_conv_desc* d, const nc_plan* plan, int32_t pass, double most_products, choices* c)
{
    const int32_t info_pass = pass == PASS_DELTA ? NC_FORWARD : pass;
    nc_pass_info info = ask_pass(plan, info_pass, c);
    *k = (call){ .desc = *d, .kind = d->kind, .plan = plan, .pass = pass, .element = d->dtype == NC_F64 ? 8 : 4, .exec = NC_EXEC_INIT };
    k->x_bytes = described_bytes(d, NC_X);
    k->w_bytes = described_bytes(d, NC_W);
    k->bias_bytes = described_bytes(d, NC_BIAS);
    k->y_bytes = described_bytes(d, NC_Y);
    if (info.flops / 2 > most_products || k->x_bytes > TENSOR_BYTES || k->w_bytes > TENSOR_BYTES || k->bias_bytes > TENSOR_BYTES || k->y_bytes > TENSOR_BYTES
        || info.workspace_bytes > SCRATCH_BYTES || info.packed_bytes > SCRATCH_BYTES)
        return 0;

    layer l = layer_of(d);
    if (k->x_bytes != (size_t)l.x_count * k->element || k->w_bytes != (size_t)l.w_count * k->element || k->y_bytes != (size_t)l.y_count * k->element) wrong("sizes of tensors");
    double products = (double)l.w_count * (double)d->batch * (double)volume(d->kind == NC_CONV ? l.y_image : l.x_image);
    if (info.flops != 2 * products) wrong("pass %d: %g flops, there are %g products", info_pass, info.flops, products);

    int is_empty = d->batch == 0, needs_y = d->activation != NC_ACT_IDENTITY && d->gradient_rule != NC_RULE_DECONVNET;
    k->result_bytes = pass == NC_BACKWARD_DATA ? k->x_bytes : pass == NC_BACKWARD_WEIGHTS ? k->w_bytes : k->y_bytes;
    k->db_bytes = pass == NC_BACKWARD_WEIGHTS ? k->bias_bytes : 0;
    k->workspace_bytes = pass == PASS_DELTA ? 0 : (size_t)info.workspace_bytes;
    k->packed_bytes = pass <= NC_BACKWARD_DATA ? (size_t)info.packed_bytes : 0;
    k->needs_x = !is_empty && (pass == NC_FORWARD || pass == NC_BACKWARD_WEIGHTS);
    k->needs_w = !is_empty && pass <= NC_BACKWARD_DATA;
    k->needs_dy = !is_empty && pass != NC_FORWARD;
    k->needs_y = !is_empty && pass != NC_FORWARD && needs_y;
    k->exec.num_threads = 1;
    call_place(k, 1);
    return 1;
}

static inline void call_untouched(const call* k, nc_status status)
{
    static const char* const names[] = { "x", "w", "bias", "dy", "y", "addend", "the result", "db" };
    for (int r = ROOM_X; r <= ROOM_DB; r++)
        if (!room_untouched(r) && (status != NC_OK || r < ROOM_RESULT)) wrong("pass %d: %s, and %s was written", k->pass, nc_status_string(status), names[r]);
}

#endif
