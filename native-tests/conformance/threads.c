/* What a parallel_for is asked for, and the same bits from a small workspace, nested calls, and one plan used by many threads
 * at once. (digest.c has all numbers of threads and kinds of parallel_for.) */
#include "job.h"
#include "parallel.h"

/* -- checks --------------------------------------------------------------------------------------------------------- */

/* Counts its calls and their widest count, then runs in order. */
typedef struct counted { int calls; int32_t widest; } counted;

static void NC_CALL counting(void* user, nc_task_fn fn, void* task, int32_t count)
{
    counted* c = user;
    c->calls++;
    if (count > c->widest) c->widest = count;
    in_order(NULL, fn, task, count);
}

static digests alone(const job* j, const nc_plan* plan)
{
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = 1;
    digests d;
    if (job_run(j, plan, &exec, 0, &d) != NC_OK) die("threads %d: %s", j->id, last_error());
    return d;
}

static void same(const job* j, const digests* got, const digests* expected, const char* how, int32_t threads)
{
    for (int i = 0; i < OUTPUTS; i++)
        if (got->of[i] != expected->of[i]) not_ok("threads: descriptor %d, %s: %d threads, %s: other bits", j->id, output_names[i], threads, how);
}

/* One call of parallel_for per stage, none wider than num_threads, none at all for one thread. */
static void stages(const job* j, const nc_plan* plan)
{
    nc_pass_info info = { .struct_size = sizeof info };
    if (nc_plan_pass_info(plan, NC_FORWARD, &info) != NC_OK) die("nc_plan_pass_info: %s", last_error());
    void* y = allocate((size_t)j->l.y_count * element_bytes(j->l.desc.dtype));
    for (int32_t threads = 1; threads <= 4; threads++) {
        counted c = { 0, 0 };
        nc_exec exec = NC_EXEC_INIT;
        exec.num_threads = threads;
        exec.parallel_for = counting;
        exec.parallel_user = &c;
        if (run_forward(&j->l, plan, j->in[JOB_X], j->in[JOB_W], NULL, y, &exec) != NC_OK) not_ok("threads: descriptor %d: %s", j->id, last_error());
        if (threads == 1 && c.calls != 0) not_ok("threads: descriptor %d: parallel_for called for one thread", j->id);
        if (c.calls > info.stages) not_ok("threads: descriptor %d: %d calls of parallel_for, %d stages", j->id, c.calls, info.stages);
        if (c.widest > threads) not_ok("threads: descriptor %d: %d indices for %d threads", j->id, c.widest, threads);
    }
    free(y);
}

/* A workspace for fewer threads than asked for: fewer run, with the same bits. */
static void small_workspace(const job* j, const nc_plan* plan)
{
    int64_t count = j->l.y_count;
    size_t bytes = (size_t)count * element_bytes(j->l.desc.dtype), one;
    void *first = allocate(bytes), *second = allocate(bytes);
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = 1;
    if (nc_workspace_size(plan, NC_FORWARD, &exec, &one) != NC_OK) die("nc_workspace_size: %s", last_error());
    nc_status status = run_forward(&j->l, plan, j->in[JOB_X], j->in[JOB_W], NULL, first, &exec);

    exec.num_threads = 7;
    exec.parallel_for = on_fresh_threads;
    exec.workspace = one ? allocate(one) : NULL;
    exec.workspace_bytes = one;
    if (status == NC_OK) status = run_forward(&j->l, plan, j->in[JOB_X], j->in[JOB_W], NULL, second, &exec);
    if (status != NC_OK) not_ok("threads: descriptor %d, workspace for one: %s", j->id, last_error());
    else if (memcmp(first, second, bytes) != 0) not_ok("threads: descriptor %d, workspace for one: other bits", j->id);
    free(exec.workspace);
    free(first);
    free(second);
}

/* -- one plan, many threads ------------------------------------------------------------------------------------------ */

enum { CALLERS = 8, ROUNDS = 4 };

typedef struct caller { const job* j; const nc_plan* plan; const digests* expected; int wrong; nc_status status; } caller;

static void* call(void* argument)
{
    caller* c = argument;
    for (int round = 0; round < ROUNDS && c->status == NC_OK; round++) {
        nc_exec exec = NC_EXEC_INIT;
        exec.num_threads = 1 + round % 3;
        digests d;
        c->status = job_run(c->j, c->plan, &exec, round & 1, &d);
        c->wrong += memcmp(&d, c->expected, sizeof d) != 0;
    }
    return NULL;
}

static void many_callers(const job* j, const nc_plan* plan, const digests* expected)
{
    pthread_t threads[CALLERS];
    caller callers[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (caller){ j, plan, expected, 0, NC_OK };
        if (pthread_create(&threads[i], NULL, call, &callers[i]) != 0) die("threads: no thread");
    }
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(threads[i], NULL);
        if (callers[i].status != NC_OK) not_ok("threads: descriptor %d, caller %d: %s", j->id, i, nc_status_string(callers[i].status));
        if (callers[i].wrong) not_ok("threads: descriptor %d, caller %d: other bits", j->id, i);
    }
}

/* A host's task may call the library again: the pool is not waited for. */
typedef struct nested { const job* j; const nc_plan* plan; const digests* expected; } nested;

static void NC_CALL calling_again(void* user, nc_task_fn fn, void* task, int32_t count)
{
    nested* n = user;
    for (int32_t i = 0; i < count; i++) {
        digests d;
        if (job_run(n->j, n->plan, NULL, 0, &d) != NC_OK) not_ok("threads: descriptor %d, nested: %s", n->j->id, last_error());
        else same(n->j, &d, n->expected, "nested", 0);
        fn(task, i);
    }
}

static void nested_calls(const job* j, const nc_plan* plan, const digests* expected)
{
    nested n = { j, plan, expected };
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = 3;
    exec.parallel_for = calling_again;
    exec.parallel_user = &n;
    digests d;
    if (job_run(j, plan, &exec, 0, &d) != NC_OK) not_ok("threads: descriptor %d, nested: %s", j->id, last_error());
    else same(j, &d, expected, "around nested calls", 3);
}

int main(void)
{
    if (nc_set_num_threads(4) != NC_OK || nc_get_num_threads() != 4) not_ok("threads: nc_set_num_threads(4): nc_get_num_threads() is %d", nc_get_num_threads());

    table lines = table_open(DESCRIPTORS);
    int count = 0;
    while (table_next(&lines)) {
        if (integer_of(&lines, "id") % 5 != 2) continue;
        job j = job_read(&lines);
        nc_plan* plan = job_plan(&j);
        digests expected = alone(&j, plan);
        stages(&j, plan);
        small_workspace(&j, plan);
        if (count % 4 == 0) many_callers(&j, plan, &expected);
        if (count % 4 == 1) nested_calls(&j, plan, &expected);
        nc_plan_destroy(plan);
        job_free(&j);
        count++;
    }

    if (nc_set_num_threads(1) != NC_OK || nc_get_num_threads() != 1) not_ok("threads: nc_set_num_threads(1): nc_get_num_threads() is %d", nc_get_num_threads());
    if (nc_set_num_threads(0) != NC_OK || nc_get_num_threads() < 1) not_ok("threads: nc_set_num_threads(0): nc_get_num_threads() is %d", nc_get_num_threads());
    if (check_failures == 0) ok("threads (%d descriptors: stages, nested, small workspace, one plan by %d threads)", count, CALLERS);
    return check_result();
}
