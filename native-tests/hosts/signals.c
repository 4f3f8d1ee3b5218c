/* A host's own handlers, installed before the library is loaded or after its first call, still get what is theirs, on the stack that they asked for.
 *
 *     signals LIBRARY */
#include "../conformance/process.h"
#include "host.h"
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

enum { ALTERNATE_BYTES = 64 << 10 };

static sigjmp_buf back;
static volatile sig_atomic_t handled, was_on_alternate;
static volatile void* fault_address;
static char alternate[ALTERNATE_BYTES];
static char* forbidden;                        /* a page that may not be touched */
static library l;

static void on_signal(int number, siginfo_t* info, void* context)
{
    (void)context;
    char here;
    handled = number;
    was_on_alternate = &here >= alternate && &here < alternate + sizeof alternate;
    fault_address = info->si_addr;
    siglongjmp(back, 1);
}

static void install(int number, int flags)
{
    struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | flags };
    if (sigaction(number, &action, NULL) != 0) die("sigaction");
}

static void use_alternate_stack(void)
{
    stack_t stack = { .ss_sp = alternate, .ss_size = sizeof alternate };
    if (sigaltstack(&stack, NULL) != 0) die("sigaltstack");
}

/* Faults of the host's own code: near NULL, in a forbidden page, and a division by zero. */
static const char* gets_its_faults(int on_alternate)
{
    static volatile int zero, sink;
    char* const places[] = { (char*)8, forbidden + 100 };
    for (int i = 0; i < 2; i++) {
        handled = 0;
        if (sigsetjmp(back, 1) == 0) {
            *(volatile char*)places[i] = 1;
            return "no fault";
        }
        if (handled != SIGSEGV) return "another signal came";
        if (fault_address != places[i]) return "another address came";
        if (was_on_alternate != on_alternate) return on_alternate ? "the handler did not run on its alternate stack" : "the handler ran on an alternate stack";
    }
#if defined(__x86_64__)                        /* elsewhere a division by zero gives a number */
    handled = 0;
    if (sigsetjmp(back, 1) == 0) {
        sink = 7 / zero;                       /* 1 / x would be compiled to a comparison */
        return "no fault of a division by zero";
    }
    if (handled != SIGFPE) return "another signal came for a division by zero";
#endif
    (void)sink;
    return NULL;
}

static const char* works_and_faults(int on_alternate)
{
    for (int i = 0; i < 3; i++) {
        const char* why = try_library(&l);
        if (!why) why = gets_its_faults(on_alternate);
        if (why) return why;
    }
    return NULL;
}

static const char* keeps_alternate_stack(void)
{
    stack_t now;
    sigaltstack(NULL, &now);
    return now.ss_sp == alternate && now.ss_size == sizeof alternate && now.ss_flags == 0 ? NULL : "the thread has another alternate stack";
}

/* -- each case is a process: the first call is made once ------------------------------------------------------------ */

static const char* path;

static void both_handlers(int flags)
{
    install(SIGSEGV, flags);
    install(SIGFPE, flags);
}

static const char* before(void)
{
    both_handlers(0);
    l = open_library(path);
    return works_and_faults(0);
}

static const char* after(void)
{
    l = open_library(path);
    const char* why = try_library(&l);
    both_handlers(0);
    return why ? why : works_and_faults(0);
}

static const char* before_on_alternate_stack(void)
{
    use_alternate_stack();
    both_handlers(SA_ONSTACK);
    l = open_library(path);
    const char* why = works_and_faults(1);
    return why ? why : keeps_alternate_stack();
}

static const char* after_on_alternate_stack(void)
{
    l = open_library(path);
    const char* why = try_library(&l);
    use_alternate_stack();
    both_handlers(SA_ONSTACK);
    if (!why) why = works_and_faults(1);
    return why ? why : keeps_alternate_stack();
}

static void* faults_on_thread(void* unused)
{
    (void)unused;
    return (void*)works_and_faults(0);
}

static const char* on_another_thread(void)
{
    both_handlers(0);
    l = open_library(path);
    pthread_t thread;
    void* why;
    if (pthread_create(&thread, NULL, faults_on_thread, NULL) != 0) return "no thread";
    pthread_join(thread, &why);
    return why;
}

static int faults(const void* unused)
{
    (void)unused;
    *(volatile char*)forbidden = 1;
    return 0;
}

/* Without a handler a fault ends the process, as it would without the library. */
static const char* without_handler(void)
{
    l = open_library(path);
    const char* why = try_library(&l);
    if (why) return why;
    int status = in_child(faults, NULL);
    return WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGABRT) ? NULL : "the process went on";
}

static const char* writes_to_closed_pipe(void)
{
    int ends[2];
    if (pipe(ends) != 0) return "no pipe";
    close(ends[0]);
    errno = 0;
    const char* why = write(ends[1], "x", 1) == -1 && errno == EPIPE ? NULL : "no EPIPE";
    close(ends[1]);
    return why;
}

/* The default action would end the process. */
static const char* closed_pipe(void)
{
    signal(SIGPIPE, SIG_DFL);
    l = open_library(path);
    const char* why = try_library(&l);
    return why ? why : writes_to_closed_pipe();
}

static volatile sig_atomic_t pipes_broken;

static void on_pipe(int number) { (void)number; pipes_broken++; }

/* A host that wants the signal installs its handler after the first call. */
static const char* closed_pipe_after(void)
{
    l = open_library(path);
    const char* why = try_library(&l);
    signal(SIGPIPE, on_pipe);
    if (!why) why = try_library(&l);
    if (!why) why = writes_to_closed_pipe();
    return why ? why : pipes_broken == 1 ? NULL : "the handler did not run";
}

typedef struct trial { const char* name; const char* (*f)(void); } trial;

static int run_trial(const void* argument)
{
    const trial* t = argument;
    check_failures = 0;
    check(t->name, t->f());
    return check_result();
}

int main(int count, char** arguments)
{
    if (count != 2) die("usage: signals LIBRARY");
    path = arguments[1];
    forbidden = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (forbidden == MAP_FAILED) die("mmap");
    static const trial trials[] = {
        { "handlers installed before loading get the host's faults", before },
        { "handlers installed after the first call get the host's faults", after },
        { "handlers installed before loading run on the host's alternate stack", before_on_alternate_stack },
        { "handlers installed after the first call run on the host's alternate stack", after_on_alternate_stack },
        { "handlers get the faults of another thread", on_another_thread },
        { "without a handler a fault of the host ends the process", without_handler },
        { "a write to a closed pipe is EPIPE after the first call", closed_pipe },
        { "a SIGPIPE handler installed after the first call runs", closed_pipe_after },
    };
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) check_child(trials[i].name, in_child(run_trial, &trials[i]));
    return check_result();
}
