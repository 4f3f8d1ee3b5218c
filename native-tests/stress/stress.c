/* Sixteen host threads that do everything at once, for as long as asked: whatever the others do, each result has its bits and each failure its own message.
 *
 *     stress [SECONDS [SEED]]
 *
 * Layers are lines of descriptors.tsv. What each must give is found first, alone and on one thread. Three quarters of the time no process is forked; then the pool has
 * its threads, and some of the host's threads fork while the others compute: a fork must not come while a thread of the library starts or ends (nativeconv.h, 15). */
#include "../conformance/job.h"
#include "../conformance/process.h"
#include "../conformance/parallel.h"
#include <time.h>

enum { HOSTS = 16, LAYERS = 24, SHORT_THREADS = 8 };

typedef struct subject { job j; nc_plan* plan; digests expected; } subject;

static subject subjects[LAYERS];
static uint64_t seed;
static _Atomic int stop;
static int forking;                            /* the second part: no thread starts or ends */

enum { PLANS, SHARED, NESTED, FAILURES, POOL_SIZES, THREADS, FORKS, ACTIONS };
static const char* const action_names[ACTIONS] = { "own plans", "shared plans", "nested calls", "failures", "pool sizes", "short threads", "forks" };
static _Atomic long done[ACTIONS];

/* not_ok counts without a lock. */
static pthread_mutex_t reporting = PTHREAD_MUTEX_INITIALIZER;
#define WRONG(...) (pthread_mutex_lock(&reporting), not_ok(__VA_ARGS__), pthread_mutex_unlock(&reporting))

/* -- actions ---------------------------------------------------------------------------------------------------------------- */

static void run(const subject* s, const nc_plan* plan, nc_exec* exec, int packed, const char* action)
{
    digests d;
    nc_status status = job_run(&s->j, plan, exec, packed, &d);
    if (status != NC_OK) { WRONG("stress: %s, descriptor %d: %s", action, s->j.id, last_error()); return; }
    for (int i = 0; i < OUTPUTS; i++)
        if (d.of[i] != s->expected.of[i]) WRONG("stress: %s, descriptor %d, %s: other bits (%d threads, packed %d)", action, s->j.id, output_names[i], exec->num_threads, packed);
}

static nc_exec random_exec(random_stream* r)
{
    static const nc_parallel_for_fn ways[] = { NULL, NULL, in_order, on_fresh_threads };
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = (int32_t)choose(r, 0, 4);
    exec.parallel_for = ways[choose(r, 0, forking ? 2 : 3)];
    if (exec.parallel_for == on_fresh_threads && exec.num_threads == 0) exec.num_threads = 4;
    return exec;
}

static const subject* random_subject(random_stream* r) { return &subjects[choose(r, 0, LAYERS - 1)]; }

static void own_plan(random_stream* r)
{
    const subject* s = random_subject(r);
    nc_plan* plan;
    if (nc_plan_create(&s->j.l.desc, &plan) != NC_OK) { WRONG("stress: descriptor %d: %s", s->j.id, last_error()); return; }
    nc_exec exec = random_exec(r);
    run(s, plan, &exec, (int)choose(r, 0, 1), "own plan");
    nc_plan_destroy(plan);
}

static void shared_plan(random_stream* r)
{
    const subject* s = random_subject(r);
    nc_exec exec = random_exec(r);
    run(s, s->plan, &exec, (int)choose(r, 0, 1), "shared plan");
}

/* Each index first runs another layer, with the pool. */
static void NC_CALL calling_again(void* user, nc_task_fn fn, void* task, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        nc_exec exec = NC_EXEC_INIT;
        exec.num_threads = 3;
        run(user, ((const subject*)user)->plan, &exec, 0, "nested call");
        fn(task, i);
    }
}

static void nested_call(random_stream* r)
{
    const subject *outer = random_subject(r), *inner = random_subject(r);
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = 2;
    exec.parallel_for = calling_again;
    exec.parallel_user = (void*)inner;
    run(outer, outer->plan, &exec, 0, "around nested calls");
}

/* The message is this thread's, however many others fail meanwhile. */
static void failure(random_stream* r)
{
    nc_conv_desc d = random_subject(r)->j.l.desc;
    int64_t kernel = choose(r, 1000, 1000000000), shape[3];
    char expected[64];
    d.kernel[0] = -kernel;
    snprintf(expected, sizeof expected, "kernel[0]: -%lld;", (long long)kernel);
    for (int i = 0; i < 20; i++)
        if (nc_output_shape(&d, shape) != NC_ERROR_INVALID_SHAPE || strncmp(last_error(), expected, strlen(expected)) != 0) { WRONG("stress: expected %s, the message is %s", expected, last_error()); return; }
}

static void pool_size(random_stream* r)
{
    if (nc_set_num_threads((int32_t)choose(r, 0, 4)) != NC_OK || nc_get_num_threads() < 1) WRONG("stress: nc_set_num_threads: %s", last_error());
}

static void* short_thread(void* argument)
{
    random_stream r = { (uint64_t)(uintptr_t)argument, 0 };
    shared_plan(&r);
    return NULL;
}

static void short_threads(random_stream* r)
{
    pthread_t threads[SHORT_THREADS];
    int count = 0;
    while (count < SHORT_THREADS && pthread_create(&threads[count], NULL, short_thread, (void*)(uintptr_t)choose(r, 0, 1 << 30)) == 0) count++;
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

/* A child computes alone, and with a pool of its own, whatever the others were doing here. */
static int works_in_child(const void* subject_of_it)
{
    const subject* s = subject_of_it;
    for (int threads = 1; threads <= 3; threads += 2) {
        nc_exec exec = NC_EXEC_INIT;
        exec.num_threads = threads;
        digests d;
        if (job_run(&s->j, s->plan, &exec, 0, &d) != NC_OK) return 1;
        if (memcmp(&d, &s->expected, sizeof d) != 0) return 2;
    }
    return 0;
}

static void fork_now(random_stream* r)
{
    const subject* s = random_subject(r);
    int status = in_child(works_in_child, s);
    if (status != 0) WRONG("stress: descriptor %d in a child: exit code %d, signal %d", s->j.id, WEXITSTATUS(status), WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

/* -- sixteen of them ----------------------------------------------------------------------------------------------------------- */

static void act(random_stream* r)
{
    int64_t which = choose(r, 0, 99);
    int action = which < 30 ? PLANS : which < 65 ? SHARED : which < 72 ? NESTED : which < 84 ? FAILURES : forking ? FORKS : which < 92 ? POOL_SIZES : THREADS;
    static void (*const actions[ACTIONS])(random_stream*) = { own_plan, shared_plan, nested_call, failure, pool_size, short_threads, fork_now };
    actions[action](r);
    done[action]++;
}

static void* host(void* argument)
{
    random_stream r = { seed * 1000 + (uint64_t)(uintptr_t)argument, 0 };
    while (!stop) act(&r);
    return NULL;
}

/* Sixteen threads for some seconds; then all of them have ended. */
static int64_t stress_for(unsigned seconds)
{
    pthread_t threads[HOSTS];
    stop = 0;
    for (intptr_t i = 0; i < HOSTS; i++)
        if (pthread_create(&threads[i], NULL, host, (void*)i) != 0) die("stress: no thread");
    for (struct timespec left = { seconds, 0 }; nanosleep(&left, &left) != 0;) {}
    stop = 1;
    for (int i = 0; i < HOSTS; i++) pthread_join(threads[i], NULL);
    return resident_bytes();
}

/* As many threads as any call here asks for. */
static void fill_pool(void)
{
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = 4;
    if (nc_set_num_threads(4) != NC_OK) die("stress: %s", last_error());
    for (int i = 0; i < LAYERS; i++) run(&subjects[i], subjects[i].plan, &exec, 0, "filling the pool");
}

static void read_subjects(void)
{
    table lines = table_open(DESCRIPTORS);
    int count = 0;
    for (int line = 0; table_next(&lines) && count < LAYERS; line++) {
        if (line != 1 && line % 9 != 4) continue; /* the second is large enough for the pool */
        subject* s = &subjects[count++];
        nc_exec alone = NC_EXEC_INIT;
        alone.num_threads = 1;
        s->j = job_read(&lines);
        s->plan = job_plan(&s->j);
        if (job_run(&s->j, s->plan, &alone, 0, &s->expected) != NC_OK) die("stress: descriptor %d: %s", s->j.id, last_error());
    }
    if (count != LAYERS) die("stress: %d layers", count);
}

/* What is resident may grow by stacks and caches of threads, which depend on how many met: not by more, however long it runs. */
enum { MAY_GROW = 16 << 20 };

int main(int argument_count, char** arguments)
{
    unsigned seconds = argument_count > 1 ? (unsigned)strtoul(arguments[1], NULL, 10) : 60;
    seed = argument_count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
    read_subjects();
    int threads_before = thread_count();
    int64_t warm = stress_for(seconds / 4 + 1), end = stress_for(seconds / 2 + 1);
    fill_pool();
    forking = 1;
    stress_for(seconds / 4 + 1);
    nc_set_num_threads(1);
    for (int i = 0; i < 1000 && thread_count() > threads_before; i++) usleep(10000); /* the pool's end themselves */

    printf("stress: seed %llu, %d threads, %u seconds; memory after a quarter and after three: %lld, %lld KiB;", (unsigned long long)seed, HOSTS, seconds, (long long)warm >> 10, (long long)end >> 10);
    for (int i = 0; i < ACTIONS; i++) printf(" %ld %s%s", done[i], action_names[i], i + 1 < ACTIONS ? "," : "\n");
    for (int i = 0; i < ACTIONS; i++)
        if (done[i] == 0) not_ok("stress: no %s", action_names[i]);
    if (end - warm > MAY_GROW) not_ok("stress: memory grew from %lld to %lld bytes", (long long)warm, (long long)end);
    if (thread_count() > threads_before) not_ok("stress: %d threads at the end, %d at the beginning", thread_count(), threads_before);
    if (check_failures == 0) ok("stress (plans, executions, nested calls, failures, pool sizes, short threads and forks on %d threads at once)", HOSTS);
    return check_result();
}
