/* Every buffer between two pages that may not be touched, over random small descriptors of all six operations.
 *
 * Each descriptor runs twice: with all buffers ending directly before a forbidden page, then beginning directly after
 * one. The workspace has exactly the size asked for and is full of NaN, as are outputs that beta 0 must not read. Results
 * are compared with the loop of layer.h within the error bound of the header, and between the two runs bit for bit. */
#include "guard.h"
#include "layer.h"
#include "random.h"
#include <signal.h>

enum { DESCRIPTORS = 3000 };

enum { X, W, BIAS, DY, YIN, ADDEND, Y, DX, DW, DB, DELTA, WORKSPACE, PACKED, BUFFERS };
static const char* const names[BUFFERS] = { "x", "w", "bias", "dy", "y (read)", "addend", "y", "dx", "dw", "db", "delta", "workspace", "packed" };
static guard guards[BUFFERS];

static nc_conv_desc current;                   /* for the message of a fault */

/* -- random descriptors ------------------------------------------------------------------------------------------ */

static nc_conv_desc random_descriptor(random_stream* r)
{
    static const int64_t channel_choices[] = { 1, 2, 3, 4, 5, 7, 8, 13, 16, 17, 31, 33 };
    nc_conv_desc desc;
    int large = choose(r, 0, 99) == 0;         /* several blocks of channels and pixels */
    int32_t rank = large ? 2 : (int32_t)choose(r, 1, 3);
    nc_conv_desc_init(&desc, sizeof desc, (int32_t)choose(r, 0, 1), rank);
    desc.dtype = (int32_t)choose(r, NC_F32, NC_F64);
    desc.algorithm = (int32_t)choose(r, NC_ALGO_AUTO, NC_ALGO_DIRECT);
    desc.batch = choose(r, 0, 9) == 0 ? 0 : choose(r, 1, 3);

    int64_t widest = rank == 1 ? 11 : rank == 2 ? 9 : 5;
    desc.in_channels = channel_choices[choose(r, 0, widest)];
    desc.out_channels = channel_choices[choose(r, 0, widest)];
    if (large) { desc.in_channels = choose(r, 20, 66); desc.out_channels = choose(r, 20, 66); }
    int64_t grouping = choose(r, 0, 5);
    if (grouping == 0) desc.out_channels = desc.groups = desc.in_channels;                     /* depthwise */
    if (grouping == 1) desc.out_channels = (desc.groups = desc.in_channels) * choose(r, 2, 3); /* depthwise with a multiplier */
    if (grouping == 2) { desc.groups = choose(r, 2, 3); desc.in_channels = desc.groups * choose(r, 1, 5); desc.out_channels = desc.groups * choose(r, 1, 5); }

    for (int a = 0; a < rank; a++) {
        int64_t largest = rank == 1 ? 70 : rank == 2 ? 18 : 7;
        for (;;) {
            desc.input[a] = large ? choose(r, 12, 20) : choose(r, 0, 3) == 0 ? choose(r, 1, largest) : choose(r, 1, 9);
            desc.kernel[a] = large || choose(r, 0, 2) == 0 ? 3 : choose(r, 1, rank == 1 ? 9 : 5);
            desc.stride[a] = choose(r, 0, 1) ? choose(r, 0, 1) : choose(r, 2, 5);              /* 0 means 1 */
            desc.dilation[a] = choose(r, 0, 1) ? choose(r, 0, 1) : choose(r, 2, 4);
            desc.pad_begin[a] = choose(r, -3, 5);
            desc.pad_end[a] = choose(r, -3, 5);
            desc.output_padding[a] = desc.kind == NC_DECONV && choose(r, 0, 1) ? choose(r, 0, 6) : 0;
            layer l = layer_of(&desc);
            int64_t extent = (desc.dilation[a] ? desc.dilation[a] : 1) * (desc.kernel[a] - 1) + 1;
            int fits = desc.kind == NC_DECONV || desc.input[a] + desc.pad_begin[a] + desc.pad_end[a] >= extent;
            if (fits && l.output[a] >= 1 && l.output[a] <= 3 * largest) break;
        }
    }

    desc.activation = (int32_t)choose(r, NC_ACT_IDENTITY, NC_ACT_ELU);
    if (desc.activation == NC_ACT_RELU) desc.gradient_rule = (int32_t)choose(r, NC_RULE_BACKPROP, NC_RULE_GUIDED);
    if (desc.activation == NC_ACT_LEAKY_RELU || desc.activation == NC_ACT_ELU) desc.activation_alpha = (double)choose(r, 1, 24) / 16;
    if (desc.activation == NC_ACT_CLIP) { desc.activation_alpha = (double)choose(r, -8, 0) / 16; desc.activation_beta = (double)choose(r, 1, 16) / 16; }
    return desc;
}

/* One line that names the descriptor when something is wrong with it. */
static const char* describe(const nc_conv_desc* d)
{
    static char text[400];
    int at = snprintf(text, sizeof text, "%s rank %d %s %s batch %lld channels %lld -> %lld groups %lld activation %d rule %d;",
        d->kind == NC_DECONV ? "deconv" : "conv", d->rank, d->dtype == NC_F64 ? "f64" : "f32", d->algorithm ? "direct" : "auto", (long long)d->batch,
        (long long)d->in_channels, (long long)d->out_channels, (long long)d->groups, d->activation, d->gradient_rule);
    for (int a = 0; a < d->rank; a++)
        at += snprintf(text + at, sizeof text - (size_t)at, " input %lld kernel %lld stride %lld dilation %lld pads %lld %lld output_padding %lld;", (long long)d->input[a],
            (long long)d->kernel[a], (long long)d->stride[a], (long long)d->dilation[a], (long long)d->pad_begin[a], (long long)d->pad_end[a], (long long)d->output_padding[a]);
    return text;
}

/* -- one descriptor ---------------------------------------------------------------------------------------------- */

typedef struct values { int64_t count; double* at; } values;

static values random_values(uint64_t number, int tensor, int64_t count, int32_t dtype)
{
    values v = { count, allocate((size_t)count * sizeof(double)) };
    for (int64_t i = 0; i < count; i++)
        v.at[i] = (dtype == NC_F64 ? random_long_value : random_value)(number, (uint64_t)tensor, (uint64_t)i);
    return v;
}

/* What the loop says a result is, and how far from it the library's may be. */
typedef struct expected { double *value, *tolerance; } expected;

static expected expected_of(int64_t count)
{
    return (expected){ allocate((size_t)count * sizeof(double)), allocate((size_t)count * sizeof(double)) };
}

typedef struct trial {
    uint64_t number;
    layer l;
    nc_plan* plan;
    double unit;                               /* 2^-24 or 2^-53 */
    double forward_beta, alpha, beta;
    int with_bias, with_addend, with_packed;
    values in[ADDEND + 1], old[BUFFERS];       /* inputs; what the outputs hold before */
    expected want[BUFFERS];
    int64_t count[BUFFERS];                    /* elements of the outputs */
} trial;

static double error_constant(const trial* t, int32_t pass)
{
    nc_pass_info info = { .struct_size = sizeof info };
    if (nc_plan_pass_info(t->plan, pass, &info) != NC_OK) die("nc_plan_pass_info: %s", last_error());
    return strstr(info.algorithm, "winograd") ? 512 : 8;
}

static void expect_forward(trial* t)
{
    const layer* l = &t->l;
    const nc_conv_desc* d = &l->desc;
    expected e = expected_of(l->y_count);
    layer_sum(l, INTO_Y, t->in[X].at, t->in[W].at, NULL, e.value, e.tolerance);
    double c = error_constant(t, NC_FORWARD);
    for (int64_t i = 0; i < l->y_count; i++) {
        double bias = t->with_bias ? t->in[BIAS].at[i / volume(l->y_image) % d->out_channels] : 0;
        double addend = t->forward_beta * (t->with_addend ? t->in[ADDEND].at[i] : t->old[Y].at[i]);
        double error = t->unit * (c * e.tolerance[i] + 4 * fabs(bias) + 4 * fabs(addend));
        e.value[i] = activate(d, e.value[i] + bias + addend);
        e.tolerance[i] = activation_slope(d) * error + 4 * t->unit * fabs(e.value[i]);
    }
    t->want[Y] = e;
}

/* alpha * result + beta * old */
static void expect_scaled(trial* t, int output, expected e, int32_t pass, const double* old)
{
    double c = error_constant(t, pass);
    for (int64_t i = 0; i < t->count[output]; i++) {
        double added = t->beta == 0 ? 0 : t->beta * old[i];
        e.value[i] = t->alpha * e.value[i] + added;
        e.tolerance[i] = t->unit * (c * fabs(t->alpha) * e.tolerance[i] + 4 * fabs(added) + 4 * fabs(e.value[i]));
    }
    t->want[output] = e;
}

static void expect_backward(trial* t)
{
    const layer* l = &t->l;
    expected delta = expected_of(l->y_count), dx = expected_of(l->x_count), dw = expected_of(l->w_count), db = expected_of(l->desc.out_channels);
    for (int64_t i = 0; i < l->y_count; i++) delta.value[i] = gate(&l->desc, t->in[DY].at[i], t->in[YIN].at[i]);
    t->want[DELTA] = delta;

    layer_sum(l, INTO_X, NULL, t->in[W].at, delta.value, dx.value, dx.tolerance);
    expect_scaled(t, DX, dx, NC_BACKWARD_DATA, t->with_addend ? t->in[X].at : t->old[DX].at);
    layer_sum(l, INTO_W, t->in[X].at, NULL, delta.value, dw.value, dw.tolerance);
    expect_scaled(t, DW, dw, NC_BACKWARD_WEIGHTS, t->old[DW].at);
    layer_bias_sum(l, delta.value, db.value, db.tolerance);
    expect_scaled(t, DB, db, NC_BACKWARD_WEIGHTS, t->old[DB].at);
}

/* -- one run ----------------------------------------------------------------------------------------------------- */

static void* placed(const trial* t, int buffer, int at_end, const values* v)
{
    int32_t dtype = t->l.desc.dtype;
    void* memory = guard_place(&guards[buffer], (size_t)v->count * element_bytes(dtype), at_end);
    for (int64_t i = 0; i < v->count; i++) store(memory, dtype, i, v->at[i]);
    return memory;
}

/* An output: NaN where it must not be read, else its old values. */
static void* placed_output(const trial* t, int buffer, int at_end, double beta)
{
    if (beta != 0) return placed(t, buffer, at_end, &t->old[buffer]);
    size_t bytes = (size_t)t->count[buffer] * element_bytes(t->l.desc.dtype);
    return memset(guard_place(&guards[buffer], bytes, at_end), 0xFF, bytes);
}

/* A workspace of exactly the size asked for, full of NaN. */
static int place_workspace(const trial* t, int32_t pass, int at_end, nc_exec* exec)
{
    size_t bytes;
    if (nc_workspace_size(t->plan, pass, exec, &bytes) != NC_OK) { not_ok("edges: nc_workspace_size: %s (%s)", last_error(), describe(&t->l.desc)); return 0; }
    if (bytes > guards[WORKSPACE].capacity) guards[WORKSPACE] = guard_create(2 * bytes);
    exec->workspace_bytes = bytes;
    exec->workspace = bytes ? memset(guard_place(&guards[WORKSPACE], bytes, at_end), 0xFF, bytes) : NULL;
    return 1;
}

static int place_packed(const trial* t, int32_t pass, int at_end, const void* w, nc_exec* exec)
{
    size_t bytes;
    if (nc_packed_weights_size(t->plan, pass, &bytes) != NC_OK || bytes == 0) { not_ok("edges: nc_packed_weights_size: %s (%s)", last_error(), describe(&t->l.desc)); return 0; }
    if (bytes > guards[PACKED].capacity) guards[PACKED] = guard_create(2 * bytes);
    void* packed = memset(guard_place(&guards[PACKED], bytes, at_end), 0xFF, bytes);
    if (nc_pack_weights(t->plan, pass, w, packed, bytes) != NC_OK) { not_ok("edges: nc_pack_weights: %s (%s)", last_error(), describe(&t->l.desc)); return 0; }
    exec->packed_weights = packed;
    exec->packed_bytes = bytes;
    return 1;
}

static int right_within(const trial* t, int output, const void* got)
{
    const expected* e = &t->want[output];
    for (int64_t i = 0; i < t->count[output]; i++) {
        double value = load(got, t->l.desc.dtype, i);
        if (fabs(value - e->value[i]) <= e->tolerance[i]) continue;
        not_ok("edges #%llu %s[%lld] is %.17g, expected %.17g, tolerance %g (%s)", (unsigned long long)t->number, names[output], (long long)i, value, e->value[i], e->tolerance[i], describe(&t->l.desc));
        return 0;
    }
    return 1;
}

/* All calls with buffers at one side; the outputs' bytes go to `bytes`, one after the other. */
static int run(const trial* t, int at_end, char* bytes)
{
    const layer* l = &t->l;
    size_t element = element_bytes(l->desc.dtype);
    int needs_y = l->desc.activation != NC_ACT_IDENTITY && l->desc.gradient_rule != NC_RULE_DECONVNET;
    void* in[ADDEND + 1];
    for (int i = X; i <= ADDEND; i++) in[i] = placed(t, i, at_end, &t->in[i]);
    const void* y_read = needs_y ? in[YIN] : NULL;
    void* out[BUFFERS] = { NULL };
    nc_exec exec;

#define CALL(call) do { if ((call) != NC_OK) { not_ok("edges #%llu: %s: %s (%s)", (unsigned long long)t->number, #call, last_error(), describe(&l->desc)); return 0; } } while (0)
#define EXEC(pass, ...) do { exec = (nc_exec)NC_EXEC_INIT; exec.num_threads = 1; __VA_ARGS__; if (!place_workspace(t, pass, at_end, &exec)) return 0; } while (0)
#define KEEP(output) do { if (!right_within(t, output, out[output])) return 0; size_t n = (size_t)t->count[output] * element; if (n) memcpy(bytes, out[output], n); bytes += n; } while (0)

    EXEC(NC_FORWARD, exec.beta = t->forward_beta, exec.addend = t->with_addend ? in[ADDEND] : NULL);
    out[Y] = placed_output(t, Y, at_end, t->with_addend ? 0 : exec.beta);
    if (t->with_packed && !place_packed(t, NC_FORWARD, at_end, in[W], &exec)) return 0;
    CALL(run_forward(l, t->plan, in[X], t->with_packed ? NULL : in[W], t->with_bias ? in[BIAS] : NULL, out[Y], &exec));
    KEEP(Y);

    EXEC(NC_BACKWARD_DATA, exec.alpha = t->alpha, exec.beta = t->beta, exec.addend = t->with_addend ? in[X] : NULL);
    out[DX] = placed_output(t, DX, at_end, t->with_addend ? 0 : exec.beta);
    if (t->with_packed && !place_packed(t, NC_BACKWARD_DATA, at_end, in[W], &exec)) return 0;
    CALL(run_backward_data(l, t->plan, in[DY], t->with_packed ? NULL : in[W], y_read, out[DX], &exec));
    KEEP(DX);

    int wanted = (int)(t->number % 4);         /* 0, 1: dw and db, 2: dw alone, 3: db alone */
    EXEC(NC_BACKWARD_WEIGHTS, exec.alpha = t->alpha, exec.beta = t->beta);
    out[DW] = wanted == 3 ? NULL : placed_output(t, DW, at_end, exec.beta);
    out[DB] = wanted == 2 ? NULL : placed_output(t, DB, at_end, exec.beta);
    CALL(run_backward_weights(l, t->plan, wanted == 3 ? NULL : in[X], in[DY], y_read, out[DW], out[DB], &exec));
    if (out[DW]) KEEP(DW);
    if (out[DB]) KEEP(DB);

    out[DELTA] = placed_output(t, DELTA, at_end, 0);
    CALL(nc_activation_backward(t->plan, in[DY], y_read, out[DELTA], NULL));
    KEEP(DELTA);
#undef CALL
#undef EXEC
#undef KEEP

    /* Inputs are what they were. */
    for (int i = X; i <= ADDEND; i++)
        for (int64_t k = 0; k < t->in[i].count; k++)
            if (load(in[i], l->desc.dtype, k) != t->in[i].at[k]) { not_ok("edges #%llu wrote to %s[%lld] (%s)", (unsigned long long)t->number, names[i], (long long)k, describe(&l->desc)); return 0; }
    return 1;
}

static int try(uint64_t number, random_stream* r, nc_conv_desc* desc)
{
    current = *desc = random_descriptor(r);
    trial t = { .number = number, .l = layer_of(desc) };
    if (nc_plan_create(desc, &t.plan) != NC_OK) { not_ok("edges #%llu: nc_plan_create: %s (%s)", (unsigned long long)number, last_error(), describe(desc)); return 0; }

    const layer* l = &t.l;
    t.unit = desc->dtype == NC_F64 ? ldexp(1, -53) : ldexp(1, -24);
    t.with_bias = (int)choose(r, 0, 1);
    t.with_packed = (int)choose(r, 0, 1);
    t.forward_beta = choose(r, 0, 1) ? (double)choose(r, -8, 8) / 8 : 0;
    t.alpha = choose(r, 0, 1) ? (double)choose(r, 1, 12) / 8 : 1;
    t.beta = choose(r, 0, 1) ? (double)choose(r, -8, 8) / 8 : 0;
    t.with_addend = (int)choose(r, 0, 1);

    int64_t count[BUFFERS] = { l->x_count, l->w_count, desc->out_channels, l->y_count, l->y_count, l->y_count, l->y_count, l->x_count, l->w_count, desc->out_channels, l->y_count, 0, 0 };
    memcpy(t.count, count, sizeof count);
    for (int i = X; i <= ADDEND; i++) t.in[i] = random_values(number, i, count[i], desc->dtype);
    for (int i = Y; i <= DB; i++) t.old[i] = random_values(number, i, count[i], desc->dtype);

    /* The y that backward reads: h of something, so that its gates open and close. */
    for (int64_t i = 0; i < l->y_count; i++) {
        double y = activate(desc, t.in[YIN].at[i]);
        t.in[YIN].at[i] = desc->dtype == NC_F64 ? y : (float)y;
    }
    expect_forward(&t);
    expect_backward(&t);

    size_t size = 0;
    for (int i = Y; i <= DELTA; i++) size += (size_t)count[i] * 8;
    char *first = allocate(size), *second = allocate(size);
    int right = run(&t, 1, first) && run(&t, 0, second);
    if (right && memcmp(first, second, size) != 0) { not_ok("edges #%llu: other bits at another address (%s)", (unsigned long long)number, describe(desc)); right = 0; }

    free(first); free(second);
    for (int i = 0; i < BUFFERS; i++) { free(t.want[i].value); free(t.want[i].tolerance); free(t.old[i].at); if (i <= ADDEND) free(t.in[i].at); }
    nc_plan_destroy(t.plan);
    return right;
}

/* Names the buffer and the descriptor before the program ends. (printf in a handler: the fault is not in printf.) */
static void on_fault(int signal, siginfo_t* info, void* context)
{
    (void)signal; (void)context;
    const char *at = info->si_addr, *where = "no buffer of the test";
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < BUFFERS; i++)
        if (at >= guards[i].memory - page && at < guards[i].memory + guards[i].capacity + page) where = names[i];
    die("edges: touched what is outside of a buffer: %s (%s)", where, describe(&current));
}

static void catch_faults(void)
{
    struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_RESETHAND };
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

int main(void)
{
    for (int i = 0; i < BUFFERS; i++) guards[i] = guard_create((size_t)4 << 20);
    nc_abi_version();                          /* the runtime installs its handlers at the first call */
    catch_faults();

    int good[2][3][2] = { { { 0 } } };         /* by kind, rank and dtype */
    random_stream r = { .seed = 1 };
    for (uint64_t number = 0; number < DESCRIPTORS && check_failures < 100; number++) {
        nc_conv_desc desc;
        if (try(number, &r, &desc)) good[desc.kind][desc.rank - 1][desc.dtype - 1]++;
    }
    for (int kind = 0; kind < 2; kind++)
        for (int rank = 0; rank < 3; rank++)
            for (int dtype = 0; dtype < 2; dtype++)
                ok("edges %s rank %d %s (%d descriptors, all passes, both sides)", kind ? "deconv" : "conv", rank + 1, dtype ? "f64" : "f32", good[kind][rank][dtype]);
    return check_result();
}
