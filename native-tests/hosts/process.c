/* What the library does to the process that loads it, and what it leaves alone.
 *
 *     process LIBRARY */
#include "../conformance/process.h"
#include "host.h"
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>

/* -- the caller's floating-point mode is neither used nor changed -------------------------------------------------- */

static const char* keeps_mode(const library* l, const nc_plan* plan)
{
    static const int modes[] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO };
    float x[LENGTH] = { 0.1f, 1e-3f, 3.3f, 0.7f, 1e-41f }, w[3] = { 0.3f, 1e-7f, 1.1f }, expected[LENGTH], y[LENGTH];
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = 1;
    fesetenv(FE_DFL_ENV);
    if (l->conv_forward(plan, x, w, NULL, expected, &exec) != NC_OK) return message(l);

    const char* why = NULL;
    for (size_t i = 0; i < sizeof modes / sizeof *modes && !why; i++) {
        fenv_t before, after;
        memset(&before, 0, sizeof before);
        memset(&after, 0, sizeof after);
        fesetround(modes[i]);
        feclearexcept(FE_ALL_EXCEPT);
#if defined(__x86_64__)
        feenableexcept(FE_DIVBYZERO | FE_INVALID | FE_INEXACT); /* traps, if the library used the caller's mode */
#endif
        fegetenv(&before);
        nc_status status = l->conv_forward(plan, x, w, NULL, y, &exec);
        fegetenv(&after);
        fesetenv(FE_DFL_ENV);
        if (status != NC_OK) why = message(l);
        else if (memcmp(&before, &after, sizeof before) != 0) why = "the mode is not restored";
        else if (memcmp(y, expected, sizeof y) != 0) why = "the bits depend on the mode";
    }
    return why;
}

/* -- the process's own handlers still run -------------------------------------------------------------------------- */

static sigjmp_buf back;

static void on_fault(int signal)
{
    (void)signal;
    siglongjmp(back, 1);
}

static const char* chains_faults(void)
{
    static volatile int* volatile nowhere;
    if (sigsetjmp(back, 1) == 0) {
        *nowhere = 1;
        return "no fault";
    }
    return NULL;
}

int main(int count, char** arguments)
{
    if (count != 2) die("usage: process LIBRARY");
    struct sigaction action = { .sa_handler = on_fault }, found;
    sigaction(SIGSEGV, &action, NULL);
    signal(SIGPIPE, SIG_DFL); /* whatever this process was started with */

    int threads = entries("/proc/self/task");
    library l = open_library(arguments[1]);
    check("dlopen alone starts no thread", entries("/proc/self/task") == threads ? NULL : "it does");
    check("dlopen alone leaves SIGPIPE alone", sigaction(SIGPIPE, NULL, &found) == 0 && found.sa_handler == SIG_DFL ? NULL : "it does not");

    nc_plan* plan = small_plan(&l);
    check("computes", run_small(&l, plan));
    check("one thread more, the runtime's", entries("/proc/self/task") == threads + 1 ? NULL : "another number");
    check("SIGPIPE is ignored after the first call", sigaction(SIGPIPE, NULL, &found) == 0 && found.sa_handler == SIG_IGN ? NULL : "it is not");
    check("an earlier SIGSEGV handler still gets its faults", chains_faults());
    check("computes after a fault", run_small(&l, plan));

    int files = entries("/proc/self/fd");
    const char* why = NULL;
    for (int i = 0; i < 100 && !why; i++) why = try_library(&l);
    check("calls leave no file open", why ? why : entries("/proc/self/fd") == files ? NULL : "they do");
    check("the caller's floating-point mode is neither used nor changed", keeps_mode(&l, plan));
    l.plan_destroy(plan);
    return check_result();
}
