/* Every function works on a thread with the least stack that nativeconv.h promises to be enough, the first call of the process included.
 *
 *     small-stacks LIBRARY [BYTES]   BYTES: of stack instead, to find out what is enough */
#include "../conformance/process.h"
#include "../conformance/parallel.h"
#include "host.h"
#include <sys/resource.h>

/* nativeconv.h, 8. */
enum { ENOUGH = 64 << 10 };

static library l;

enum { CHANNELS = 16, SIDE = 24, TENSOR = CHANNELS * SIDE * SIDE * 2, WEIGHTS = CHANNELS * CHANNELS * 9 };

static float x[TENSOR], w[WEIGHTS], y[TENSOR], dx[TENSOR], dw[WEIGHTS], db[CHANNELS];
static char packed[1 << 20];

/* NULL, or what failed. */
#define TRY(call) do { if ((call) != NC_OK) return #call; } while (0)

static const char* call_everything(int32_t kind, int32_t rank, int32_t dtype, nc_parallel_for_fn run, int32_t threads)
{
    static char text[1 << 14];
    nc_conv_desc desc;
    nc_plan* plan = NULL;
    TRY(l.conv_desc_init(&desc, sizeof desc, kind, rank));
    desc.batch = 1;
    desc.dtype = dtype;
    desc.activation = NC_ACT_TANH;
    desc.in_channels = desc.out_channels = dtype == NC_F64 ? CHANNELS / 2 : CHANNELS;
    for (int axis = 0; axis < rank; axis++) {
        desc.input[axis] = rank == 3 ? 8 : SIDE;
        desc.kernel[axis] = rank == 3 ? 2 : 3;
        desc.pad_begin[axis] = desc.pad_end[axis] = rank == 3 ? 0 : 1;
    }
    int64_t shape[3];
    nc_tensor tensor = { .struct_size = sizeof tensor };
    nc_pass_info info = { .struct_size = sizeof info };
    size_t bytes;
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = threads;
    exec.parallel_for = run;
    TRY(l.output_shape(&desc, shape));
    TRY(l.describe_tensor(&desc, NC_X, &tensor));
    TRY(l.plan_create(&desc, &plan));
    TRY(l.plan_pass_info(plan, NC_FORWARD, &info));
    TRY(l.explain(plan, text, sizeof text, &bytes));
    for (int32_t pass = NC_FORWARD; pass <= NC_BACKWARD_WEIGHTS; pass++) TRY(l.workspace_size(plan, pass, &exec, &bytes));
    TRY(kind == NC_CONV ? l.conv_forward(plan, x, w, db, y, &exec) : l.deconv_forward(plan, x, w, db, y, &exec));
    TRY(kind == NC_CONV ? l.conv_backward_data(plan, y, w, x, dx, &exec) : l.deconv_backward_data(plan, y, w, x, dx, &exec));
    TRY(kind == NC_CONV ? l.conv_backward_weights(plan, x, y, y, dw, db, &exec) : l.deconv_backward_weights(plan, x, y, y, dw, db, &exec));
    TRY(l.activation_backward(plan, y, x, dx, &exec));
    for (int32_t pass = NC_FORWARD; pass <= NC_BACKWARD_DATA; pass++) {
        TRY(l.packed_weights_size(plan, pass, &exec.packed_bytes));
        if (exec.packed_bytes > sizeof packed) return "the packed weights are too large for this test";
        TRY(l.pack_weights(plan, pass, w, packed, exec.packed_bytes));
        exec.packed_weights = packed;
        if (pass == NC_FORWARD) TRY(kind == NC_CONV ? l.conv_forward(plan, x, NULL, NULL, y, &exec) : l.deconv_forward(plan, x, NULL, NULL, y, &exec));
        else TRY(kind == NC_CONV ? l.conv_backward_data(plan, y, NULL, x, dx, &exec) : l.deconv_backward_data(plan, y, NULL, x, dx, &exec));
    }
    l.plan_destroy(plan);
    desc.kernel[0] = -1;
    if (l.plan_create(&desc, &plan) != NC_ERROR_INVALID_SHAPE || plan) return "nc_plan_create of a wrong descriptor";
    char message[600];
    if (l.last_error(message, sizeof message) < 10 || l.status_string(NC_OK)[0] == 0) return "nc_last_error";
    TRY(l.set_num_threads(3));
    return l.get_num_threads() == 3 ? NULL : "nc_get_num_threads";
}

static void* all_kinds(void* unused)
{
    (void)unused;
    for (int32_t kind = NC_CONV; kind <= NC_DECONV; kind++)
        for (int32_t rank = 1; rank <= 3; rank++)
            for (int32_t dtype = NC_F32; dtype <= NC_F64; dtype++)
                for (int threads = 1; threads <= 3; threads += 2) {
                    const char* why = call_everything(kind, rank, dtype, threads == 1 ? NULL : in_order, threads);
                    if (why) return (void*)why;
                }
    return NULL;
}

/* The pool's own threads do not have the caller's stack, but the caller works with them. */
static void* with_the_pool(void* unused)
{
    (void)unused;
    for (int32_t kind = NC_CONV; kind <= NC_DECONV; kind++) {
        const char* why = call_everything(kind, 2, NC_F32, NULL, 3);
        if (why) return (void*)why;
    }
    return NULL;
}

static const char* on_thread(void* (*f)(void*), size_t stack)
{
    pthread_attr_t attributes;
    pthread_t thread;
    void* why;
    pthread_attr_init(&attributes);
    if (pthread_attr_setstacksize(&attributes, stack) != 0 || pthread_create(&thread, &attributes, f, NULL) != 0) return "no thread with such a stack";
    pthread_join(thread, &why);
    return why;
}

typedef struct trial { const char* name; void* (*f)(void*); size_t stack; } trial;

static int run_trial(const void* argument)
{
    const trial* t = argument;
    check(t->name, on_thread(t->f, t->stack));
    return check_result();
}

static void try_in_child(trial t) { check_child(t.name, in_child(run_trial, &t)); }

int main(int count, char** arguments)
{
    if (count < 2) die("usage: small-stacks LIBRARY [BYTES]");
    size_t stack = count > 2 ? strtoul(arguments[2], NULL, 10) : ENOUGH;
    if (count == 4) {                          /* this process was started again with a small main stack */
        l = open_library(arguments[1]);
        check("every function on a small main stack", all_kinds(NULL));
        return check_result();
    }
    l = open_library(arguments[1]);
    try_in_child((trial){ "every function on a thread with a small stack", all_kinds, stack });
    try_in_child((trial){ "the pool, called from a thread with a small stack", with_the_pool, stack });

    /* The limit of a main thread's stack is what the process starts with; new threads get as much. */
    struct rlimit limit = { 256 << 10, 256 << 10 };
    if (setrlimit(RLIMIT_STACK, &limit) != 0) die("setrlimit");
    fflush(stdout);
    if (check_failures) return check_result();
    execl("/proc/self/exe", arguments[0], arguments[1], "0", "again", (char*)NULL);
    die("execl");
}
