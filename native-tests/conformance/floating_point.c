/* The mode that the caller's thread computes in - rounding, denormals, traps - never shows in a result, and is left as it
 * was on every thread that the library computes on. NC_EXEC_FLUSH_DENORMALS does show, in its own call only.
 *
 *     floating_point [EVERY]    every EVERY-th of the 24 descriptors; default 1, or TEST_SHARE (settings.h) */
#include "job.h"
#include "settings.h"
#include <pthread.h>

/* -- a thread's mode and its sticky flags, as the processor has them --------------------------------------------------- */

#if defined(__x86_64__)
#include <xmmintrin.h>

/* MXCSR: flags in bits 0-5, denormals are zero 6, masks 7-12, rounding 13-14, flush to zero 15. */
static uint64_t get_mode(void) { return _mm_getcsr(); }
static void set_mode(uint64_t mode) { _mm_setcsr((uint32_t)mode); }

#define DEFAULT_MODE 0x1F80u
static const struct { const char* name; uint64_t mode; } modes[] = {
    { "rounding upward", 0x5F80 }, { "rounding downward", 0x3F80 }, { "rounding toward zero", 0x7F80 }, { "flush to zero", 0x9F80 }, { "denormals are zero", 0x1FC0 },
    { "every exception unmasked", 0x0000 }, { "all at once", 0xC040 }, { "flags raised", 0x1FBF } };

#elif defined(__aarch64__)

/* FPCR in the low half: traps in bits 8-12 and 15, rounding 22-23, flush to zero 24, default NaN 25; FPSR, the flags, in the high half.
   A processor without traps reads their bits as 0. */
static uint64_t get_mode(void)
{
    uint64_t mode, flags;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    __asm__ volatile("mrs %0, fpsr" : "=r"(flags));
    return flags << 32 | mode;
}

static void set_mode(uint64_t mode)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(mode & UINT32_MAX));
    __asm__ volatile("msr fpsr, %0" : : "r"(mode >> 32));
}

#define DEFAULT_MODE 0u
static const struct { const char* name; uint64_t mode; } modes[] = {
    { "rounding upward", 1u << 22 }, { "rounding downward", 2u << 22 }, { "rounding toward zero", 3u << 22 }, { "flush to zero", 1u << 24 }, { "default NaN", 1u << 25 },
    { "every exception unmasked", 0x9F00 }, { "all at once", 0x9F00 | 1u << 22 | 3u << 24 }, { "flags raised", UINT64_C(0x9F) << 32 } };

#else
#error "no floating-point mode for this architecture"
#endif

enum { MODES = sizeof modes / sizeof *modes };

/* -- a parallel_for whose threads all have modes of their own ------------------------------------------------------------ */

typedef struct strange_thread {
    pthread_t thread;
    nc_task_fn fn;
    void* task;
    int32_t index;
    int kept;
} strange_thread;

static void* strange_run(void* argument)
{
    strange_thread* t = argument;
    set_mode(modes[t->index % MODES].mode);
    uint64_t before = get_mode();
    t->fn(t->task, t->index);
    t->kept = get_mode() == before;
    set_mode(DEFAULT_MODE);
    return NULL;
}

static int strange_threads_kept = 1;

static void NC_CALL strange_threads(void* user, nc_task_fn fn, void* task, int32_t count)
{
    (void)user;
    strange_thread threads[MODES];
    for (int32_t i = 0; i < count; i++) {
        threads[i] = (strange_thread){ .fn = fn, .task = task, .index = i };
        if (pthread_create(&threads[i].thread, NULL, strange_run, &threads[i]) != 0) die("floating_point: no thread");
    }
    for (int32_t i = 0; i < count; i++) {
        pthread_join(threads[i].thread, NULL);
        strange_threads_kept &= threads[i].kept;
    }
}

/* -- the runtime starts at the first call, in whatever mode that comes --------------------------------------------------------- */

static void first_call(void)
{
    const int last = MODES - 2;                /* all at once */
    set_mode(modes[last].mode);
    uint64_t before = get_mode();
    uint32_t version = nc_abi_version();
    int32_t threads = nc_get_num_threads();
    uint64_t after = get_mode();
    set_mode(DEFAULT_MODE);
    if (version != NC_ABI_VERSION || threads < 1) not_ok("floating_point: first call: version %u, %d threads", (unsigned)version, (int)threads);
    else if (after != before) not_ok("floating_point: first call: the mode is not kept");
    else ok("floating_point: the first call may come in any mode");
}

/* -- jobs whose numbers show the mode -------------------------------------------------------------------------------------- */

static void scale(job* j, int tensor, int64_t count, int exponent)
{
    for (int64_t i = 0; i < count; i++) store(j->in[tensor], j->l.desc.dtype, i, ldexp(load(j->in[tensor], j->l.desc.dtype, i), exponent));
}

/* What is summed into y (`forward`), or into the gradients, becomes so small that sums are denormal. */
static void make_small(job* j, int forward)
{
    int lowest = j->l.desc.dtype == NC_F64 ? -1022 : -126;
    j->beta = 0;                               /* old values are not small */
    if (forward) {
        scale(j, JOB_X, j->l.x_count, lowest);
        scale(j, JOB_BIAS, j->l.desc.out_channels, lowest);
    } else {
        scale(j, JOB_DY, j->l.y_count, lowest);
    }
}

/* Plans and runs in a mode, which must be kept; the bits must be the expected ones. Nothing between the two set_mode calls
   but the library and exact steps of job_run computes: traps are unmasked. */
static void run_in(const job* j, int mode, const char* what, const nc_exec* exec, const digests* expected)
{
    digests got;
    nc_plan* plan;
    set_mode(modes[mode].mode);
    uint64_t before = get_mode();
    nc_status status = nc_plan_create(&j->l.desc, &plan);
    uint64_t planned = get_mode();
    if (status == NC_OK) status = job_run(j, plan, exec, j->id % 20 == 3, &got);
    uint64_t after = get_mode();
    set_mode(DEFAULT_MODE);
    if (status != NC_OK) { not_ok("floating_point: descriptor %d, %s, %s: %s", j->id, modes[mode].name, what, last_error()); return; }
    if (planned != before) not_ok("floating_point: descriptor %d: nc_plan_create does not keep %s", j->id, modes[mode].name);
    if (after != before) not_ok("floating_point: descriptor %d, %s: %s is not kept", j->id, what, modes[mode].name);
    if (!strange_threads_kept) not_ok("floating_point: descriptor %d, %s: a thread's mode is not kept", j->id, what);
    if (memcmp(&got, expected, sizeof got) != 0) not_ok("floating_point: descriptor %d, %s: %s changes the bits", j->id, what, modes[mode].name);
    strange_threads_kept = 1;
    nc_plan_destroy(plan);
}

/* The same with denormals flushed, on threads of all modes too; whether that differs from `kept`. */
static int flushes(const job* j, nc_plan* plan, const digests* kept)
{
    digests alone, threads;
    nc_exec exec = NC_EXEC_INIT;
    exec.flags = NC_EXEC_FLUSH_DENORMALS;
    exec.num_threads = 1;
    nc_status status = job_run(j, plan, &exec, 0, &alone);
    exec.num_threads = MODES;
    exec.parallel_for = strange_threads;
    if (status == NC_OK) status = job_run(j, plan, &exec, 0, &threads);
    if (status != NC_OK) die("floating_point: %s", last_error());
    if (memcmp(&alone, &threads, sizeof alone) != 0) not_ok("floating_point: descriptor %d: threads flush other numbers than one", j->id);
    return memcmp(&alone, kept, sizeof alone) != 0;
}

static digests normal_run(const job* j, int* sensitive)
{
    digests result;
    nc_plan* plan = job_plan(j);
    if (job_run(j, plan, NULL, 0, &result) != NC_OK) die("floating_point: %s", last_error());
    if (sensitive) *sensitive += flushes(j, plan, &result);
    nc_plan_destroy(plan);
    return result;
}

static void callers_modes(int every)
{
    table lines = table_open(DESCRIPTORS);
    int count = 0, sensitive = 0, small = 0, lines_seen = 0;
    nc_exec alone = NC_EXEC_INIT, threads = NC_EXEC_INIT;
    alone.num_threads = 1;
    threads.num_threads = MODES;
    threads.parallel_for = strange_threads;
    while (table_next(&lines)) {
        if (integer_of(&lines, "id") % 10 != 3 || lines_seen++ % every != 0) continue;
        for (int data = 0; data < 3; data++) { /* as they are, small x, small dy */
            job j = job_read(&lines);
            if (data > 0) make_small(&j, data == 1);
            digests expected = normal_run(&j, data > 0 ? &sensitive : NULL);
            small += data > 0;
            for (int m = 0; m < MODES; m++) run_in(&j, m, "one thread", &alone, &expected);
            run_in(&j, j.id / 10 % MODES, "parallel_for", &threads, &expected);
            job_free(&j);
        }
        count++;
    }
    /* The rest have sums of nothing, or only products of numbers that are small both. */
    if (sensitive * 2 < small) not_ok("floating_point: only %d of %d small jobs show whether denormals are kept", sensitive, small);
    else ok("floating_point: %d modes of the caller and of parallel_for's threads show nowhere and are kept (%d descriptors, thrice)", MODES, count);
}

/* -- the pool's threads get the mode of whoever starts them ------------------------------------------------------------------ */

static void pools_modes(void)
{
    nc_conv_desc d;
    if (nc_conv_desc_init(&d, sizeof d, NC_CONV, 2) != NC_OK) die("floating_point: %s", last_error());
    d.batch = 2;                               /* more than 2^21 products: smaller layers stay on one thread */
    d.in_channels = d.out_channels = 40;
    d.activation = NC_ACT_TANH;
    for (int a = 0; a < 2; a++) { d.input[a] = 11; d.kernel[a] = 3; d.pad_begin[a] = d.pad_end[a] = 1; }
    for (d.dtype = NC_F32; d.dtype <= NC_F64; d.dtype++)
        for (int data = 0; data < 2; data++) {
            job j = { .id = 3, .l = layer_of(&d), .with_bias = 1, .alpha = 0.7 };
            int64_t count[JOB_INPUTS] = { j.l.x_count, j.l.w_count, d.out_channels, j.l.y_count, j.l.y_count, j.l.x_count };
            for (int i = 0; i < JOB_INPUTS; i++) j.in[i] = job_tensor(&j, i, count[i]);
            if (data == 1) make_small(&j, 1);
            digests expected = normal_run(&j, NULL);
            nc_exec pool = NC_EXEC_INIT;
            pool.num_threads = 4;
            for (int m = 0; m < MODES; m++) {
                if (nc_set_num_threads(1) != NC_OK) die("floating_point: %s", last_error());   /* ends the pool: the next run starts another */
                run_in(&j, m, "a pool started in this mode", &pool, &expected);
                run_in(&j, (m + 1) % MODES, "a pool started in another mode", &pool, &expected);
            }
            job_free(&j);
        }
    ok("floating_point: pools started in each of %d modes compute the same bits", MODES);
}

/* -- what is not computed by tasks --------------------------------------------------------------------------------------------- */

static void other_functions(void)
{
    nc_conv_desc d;
    static char expected[8192], got[8192];
    size_t needed;
    if (nc_conv_desc_init(&d, sizeof d, NC_CONV, 2) != NC_OK) die("floating_point: %s", last_error());
    d.batch = 1;
    d.in_channels = 30;
    d.out_channels = 50;
    for (int a = 0; a < 2; a++) { d.input[a] = 17; d.kernel[a] = 3; }
    nc_plan* plan;
    if (nc_plan_create(&d, &plan) != NC_OK || nc_explain(plan, expected, sizeof expected, &needed) != NC_OK) die("floating_point: %s", last_error());
    nc_plan_destroy(plan);
    int right = 1;
    for (int m = 0; m < MODES && right; m++) {
        nc_exec exec = NC_EXEC_INIT;
        exec.alpha = 0.1;                      /* rounded to f32 before it is judged */
        nc_pass_info info = { .struct_size = sizeof info };
        int64_t shape[3];
        size_t bytes;
        float x[1];
        set_mode(modes[m].mode);
        uint64_t before = get_mode();
        nc_status status = nc_plan_create(&d, &plan);
        if (status == NC_OK) status = nc_explain(plan, got, sizeof got, &needed);
        if (status == NC_OK) status = nc_output_shape(&d, shape);
        if (status == NC_OK) status = nc_plan_pass_info(plan, NC_FORWARD, &info);
        if (status == NC_OK) status = nc_workspace_size(plan, NC_FORWARD, &exec, &bytes);
        nc_status refused = nc_conv_forward(plan, x, x, NULL, x, &exec);        /* alpha is not forward's */
        uint64_t after = get_mode();
        set_mode(DEFAULT_MODE);
        right = status == NC_OK && refused == NC_ERROR_INVALID_ARGUMENT && after == before && strcmp(got, expected) == 0;
        if (status != NC_OK) not_ok("floating_point: %s: %s", modes[m].name, last_error());
        else if (refused != NC_ERROR_INVALID_ARGUMENT) not_ok("floating_point: %s: alpha gives %d: %s", modes[m].name, (int)refused, last_error());
        else if (after != before) not_ok("floating_point: %s: a plan's functions do not keep it", modes[m].name);
        else if (!right) not_ok("floating_point: %s: another plan:\n%s\nexpected\n%s", modes[m].name, got, expected);
        nc_plan_destroy(plan);
    }
    if (right) ok("floating_point: plans, their description and refusals are the same in all modes");
}

/* -- denormals: kept, or zero with the flag ------------------------------------------------------------------------------ */

static void denormals(void)
{
    nc_conv_desc d;
    if (nc_conv_desc_init(&d, sizeof d, NC_CONV, 1) != NC_OK) die("floating_point: %s", last_error());
    d.batch = d.in_channels = d.out_channels = d.kernel[0] = 1;
    d.input[0] = 50;
    for (d.dtype = NC_F32; d.dtype <= NC_F64; d.dtype++) {
        nc_plan* plan;
        if (nc_plan_create(&d, &plan) != NC_OK) die("floating_point: %s", last_error());
        int f64 = d.dtype == NC_F64;
        /* A denormal times 1, and two ordinary numbers with a denormal product. */
        double factors[2][2] = { { f64 ? 1e-310 : 1e-40, 1 }, { f64 ? 1e-155 : 1e-20, f64 ? 1e-155 : 1e-20 } };
        for (int i = 0; i < 2; i++) {
            double x[50], w[1], y[50];         /* room for either type */
            for (int k = 0; k < 50; k++) store(x, d.dtype, k, factors[i][0]);
            store(w, d.dtype, 0, factors[i][1]);
            for (unsigned flags = 0; flags <= NC_EXEC_FLUSH_DENORMALS; flags++) {
                nc_exec exec = NC_EXEC_INIT;
                exec.flags = flags;
                if (nc_conv_forward(plan, x, w, NULL, y, &exec) != NC_OK) die("floating_point: %s", last_error());
                double a = load(x, d.dtype, 0) * load(w, d.dtype, 0), expected = flags ? 0 : f64 ? a : (float)a;
                for (int k = 0; k < 50; k++)
                    if (load(y, d.dtype, k) != expected) { not_ok("floating_point: denormals %s, flags %u: y[%d] is %g, expected %g", f64 ? "f64" : "f32", flags, k, load(y, d.dtype, k), expected); break; }
            }
        }
        nc_plan_destroy(plan);
    }
    volatile float tiny = 1e-40f, one = 1;
    if (tiny * one == 0) not_ok("floating_point: the flag outlived its call");
    ok("floating_point: denormals are kept, or flushed with the flag");
}

int main(int count, char** arguments)
{
    int every = count > 1 ? atoi(arguments[1]) : test_share();
    if (every < 1) die("usage: floating_point [EVERY]");
    first_call();
    callers_modes(every);
    pools_modes();
    other_functions();
    denormals();
    return check_result();
}
