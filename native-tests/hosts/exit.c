/* The process ends as it should while the library is in use: calls from exit handlers and destructors work, and threads inside a convolution do not matter.
 *
 *     exit LIBRARY */
#include "../conformance/process.h"
#include "host.h"
#include <pthread.h>

enum { ROUNDS = 15, BUSY = 4, CHANNELS = 32, SIDE = 48, TENSOR = CHANNELS * SIDE * SIDE };

/* What a child ends with if all went well: its last step says so. */
enum { WELL = 42 };

static library l;
static const char* path;
static float x[TENSOR], w[CHANNELS * CHANNELS * 9];
static _Atomic int inside;                     /* convolutions begun */
static int calls_from_destructor;

static void fail_at_exit(const char* where, const char* why)
{
    printf("%s: %s\n", where, why);
    fflush(stdout);
    _exit(1);
}

static void call_at_exit(void)
{
    const char* why = try_library(&l);
    if (why) fail_at_exit("exit handler", why);
}

/* Runs after every exit handler. */
__attribute__((destructor)) static void call_from_destructor(void)
{
    if (!calls_from_destructor) return;
    const char* why = try_library(&l);
    if (why) fail_at_exit("destructor", why);
    _exit(WELL);
}

/* Convolutions without end, with the pool. */
static void* compute(void* argument)
{
    nc_conv_desc desc = large_layer(&l, CHANNELS, SIDE);
    nc_plan* plan;
    if (l.plan_create(&desc, &plan) != NC_OK) die("nc_plan_create: %s", message(&l));
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = 3;
    for (;;) {
        inside++;
        if (l.conv_forward(plan, x, w, NULL, argument, &exec) != NC_OK) die("nc_conv_forward: %s", message(&l));
    }
    return NULL;
}

static void start_computing(void)
{
    pthread_t thread;
    l = open_library(path);
    for (int i = 0; i < BUSY; i++)
        if (pthread_create(&thread, NULL, compute, allocate(sizeof x)) != 0) die("no thread");
    while (inside < 2 * BUSY) usleep(100);
}

static void from_exit_handler(void)
{
    l = open_library(path);
    atexit(call_at_exit);                      /* before the first call: runs after what the runtime may have registered */
    const char* why = try_library(&l);
    if (why) fail_at_exit("before exit", why);
    exit(WELL);
}

static void first_call_from_exit_handler(void)
{
    l = open_library(path);
    atexit(call_at_exit);
    exit(WELL);
}

static void from_destructor(void)
{
    l = open_library(path);
    calls_from_destructor = 1;
    const char* why = try_library(&l);
    if (why) fail_at_exit("before exit", why);
    exit(1);                                   /* the destructor makes it WELL */
}

static void while_threads_compute(void)
{
    start_computing();
    exit(WELL);
}

static void handlers_while_threads_compute(void)
{
    atexit(call_at_exit);
    calls_from_destructor = 1;
    start_computing();
    exit(1);
}

static void quickly_while_threads_compute(void)
{
    start_computing();
    quick_exit(WELL);
}

static void* exit_on_thread(void* unused)
{
    (void)unused;
    exit(WELL);
}

static void from_another_thread(void)
{
    pthread_t thread;
    start_computing();
    if (pthread_create(&thread, NULL, exit_on_thread, NULL) != 0) die("no thread");
    pthread_join(thread, NULL);
}

/* The library is closed and the process ends at once. */
static void after_dlclose(void)
{
    start_computing();
    dlclose(l.handle);
    exit(WELL);
}

/* Comes back only if the process did not end. */
static int run_ending(const void* argument)
{
    (*(void (*const*)(void))argument)();
    return 1;
}

static void in_children(const char* name, void (*f)(void), int rounds)
{
    int status = WELL << 8;
    for (int i = 0; i < rounds && WIFEXITED(status) && WEXITSTATUS(status) == WELL; i++) status = in_child(run_ending, &f);
    if (WIFSIGNALED(status)) not_ok("%s: signal %d", name, WTERMSIG(status));
    else if (WEXITSTATUS(status) != WELL) not_ok("%s: exit code %d", name, WEXITSTATUS(status));
    else ok("%s", name);
}

int main(int count, char** arguments)
{
    if (count != 2) die("usage: exit LIBRARY");
    path = arguments[1];
    in_children("calls from an exit handler", from_exit_handler, 1);
    in_children("the first call from an exit handler", first_call_from_exit_handler, 1);
    in_children("calls from a destructor", from_destructor, 1);
    in_children("exit while threads compute", while_threads_compute, ROUNDS);
    in_children("exit handlers and destructors call while threads compute", handlers_while_threads_compute, ROUNDS);
    in_children("quick_exit while threads compute", quickly_while_threads_compute, ROUNDS);
    in_children("exit from another thread while threads compute", from_another_thread, ROUNDS);
    in_children("dlclose and exit while threads compute", after_dlclose, ROUNDS);
    return check_result();
}
