/* What every call is held to: it ends, in time, with a pinned status; a failure has a message that begins with the name of what is wrong.
 *
 *     status = CALL(nc_plan_create, &desc, &plan); */
#ifndef WATCH_H
#define WATCH_H

#include "../conformance/check.h"
#include <signal.h>
#include <time.h>
#include <unistd.h>

typedef struct watch {
    uint64_t seed, input;                      /* what is running: fuzz SEED INPUT repeats it */
    const char* function;
    struct timespec begin;
    uint64_t calls, failures, executions, worst_ns;
    const char* worst_function;
    uint64_t worst_input;
    nc_conv_desc desc;                         /* what the calls are about */
} watch;

static watch watched;

/* -- names that a message may begin with ------------------------------------------------------------------------------ */

#define DESC_NAMES "desc|struct_size|kind|rank|dtype|w_dtype|layout|activation|gradient_rule|algorithm|flags|activation_alpha|activation_beta|workspace_limit|batch|" \
                   "in_channels|out_channels|groups|input|kernel|stride|dilation|pad_begin|pad_end|output_padding|x_strides|y_strides|dx_strides|dy_strides|"
#define EXEC_NAMES "exec|struct_size|num_threads|flags|reserved|alpha|beta|addend|workspace|workspace_bytes|packed_weights|packed_bytes|parallel_for|"

static const struct { const char *function, *names; } names_of[] = {
    { "nc_set_num_threads", "num_threads|" },
    { "nc_conv_desc_init", "desc|desc_size|kind|rank|" },
    { "nc_output_shape", DESC_NAMES "shape|" },
    { "nc_describe_tensor", DESC_NAMES "tensor|info|" },
    { "nc_plan_create", DESC_NAMES "plan|memory|" },
    { "nc_plan_pass_info", "plan|pass|info|struct_size|" },
    { "nc_workspace_size", EXEC_NAMES "plan|pass|bytes|" },
    { "nc_packed_weights_size", "plan|pass|bytes|" },
    { "nc_pack_weights", "plan|pass|w|packed|packed_bytes|" },
    { "nc_explain", "plan|buffer|" },
    { "nc_conv_forward", EXEC_NAMES "plan|x|w|bias|y|memory|" },
    { "nc_conv_backward_data", EXEC_NAMES "plan|dy|w|y|dx|memory|" },
    { "nc_conv_backward_weights", EXEC_NAMES "plan|x|dy|y|dw|db|memory|" },
    { "nc_deconv_forward", EXEC_NAMES "plan|x|w|bias|y|memory|" },
    { "nc_deconv_backward_data", EXEC_NAMES "plan|dy|w|y|dx|memory|" },
    { "nc_deconv_backward_weights", EXEC_NAMES "plan|x|dy|y|dw|db|memory|" },
    { "nc_activation_backward", EXEC_NAMES "plan|dy|y|delta|memory|" },
};

static inline int begins_with_a_name(const char* function, const char* message)
{
    for (size_t f = 0; f < sizeof names_of / sizeof *names_of; f++) {
        if (strcmp(names_of[f].function, function) != 0) continue;
        for (const char* name = names_of[f].names; *name; name += strcspn(name, "|") + 1) {
            size_t length = strcspn(name, "|");
            if (strncmp(message, name, length) != 0) continue;
            if (strncmp(message + length, ": ", 2) == 0) return 1;
            if (message[length] == '[' && message[length + 1] >= '0' && message[length + 1] <= '4' && strncmp(message + length + 2, "]: ", 3) == 0) return 1;
        }
    }
    return 0;
}

/* -- failures --------------------------------------------------------------------------------------------------------- */

static inline const char* watched_descriptor(void)
{
    static char text[900];
    const nc_conv_desc* d = &watched.desc;
    int at = snprintf(text, sizeof text, "kind %d rank %d dtype %d algorithm %d activation %d limit %lld batch %lld channels %lld %lld groups %lld", d->kind, d->rank, d->dtype, d->algorithm,
        d->activation, (long long)d->workspace_limit, (long long)d->batch, (long long)d->in_channels, (long long)d->out_channels, (long long)d->groups);
    for (int a = 0; a < 3; a++)
        at += snprintf(text + at, sizeof text - (size_t)at, "; input %lld kernel %lld stride %lld dilation %lld pads %lld %lld output_padding %lld", (long long)d->input[a],
            (long long)d->kernel[a], (long long)d->stride[a], (long long)d->dilation[a], (long long)d->pad_begin[a], (long long)d->pad_end[a], (long long)d->output_padding[a]);
    return text;
}

static inline void wrong(const char* format, ...)
{
    char why[700];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    not_ok("fuzz %llu %llu: %s: %s [last message: %s] {%s}", (unsigned long long)watched.seed, (unsigned long long)watched.input, watched.function, why,
        last_error(), watched_descriptor());
#ifdef FUZZ_LIBFUZZER
    fflush(stdout);
    abort();
#endif
}

/* The process is over: formatting here is for whoever reads the line. */
static void on_signal(int number)
{
    static char text[1200];
    int length = snprintf(text, sizeof text, "not ok fuzz %llu %llu: %s: %s (signal %d) {%s}\n", (unsigned long long)watched.seed, (unsigned long long)watched.input, watched.function,
        number == SIGALRM || number == SIGPROF ? "hangs" : "crashes", number, watched_descriptor());
    if (write(1, text, (size_t)length) < 0) _exit(2);
    _exit(1);
}

static inline void watch_signals(void)
{
    static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM, SIGPROF };
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], on_signal);
}

/* -- around each call -------------------------------------------------------------------------------------------------- */

/* The processor's time: the machine may be busy with something else. A call that waits is found by the alarm. */
static inline void call_begin(const char* function)
{
    watched.function = function;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &watched.begin);
}

static inline void call_end(void)
{
    struct timespec end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    uint64_t ns = (uint64_t)(end.tv_sec - watched.begin.tv_sec) * 1000000000u + (uint64_t)end.tv_nsec - (uint64_t)watched.begin.tv_nsec;
    watched.calls++;
    if (ns <= watched.worst_ns) return;
    watched.worst_ns = ns;
    watched.worst_function = watched.function;
    watched.worst_input = watched.input;
}

static inline nc_status call_checked(nc_status status)
{
    call_end();
    if (status == NC_OK) return status;
    watched.failures++;
    const char* message = last_error();
    if (status == NC_ERROR_INTERNAL || status > 0 || status < NC_ERROR_PARALLEL) wrong("status %d", status);
    else if (!begins_with_a_name(watched.function, message)) wrong("%s, and the message begins with no name of its arguments", nc_status_string(status));
    return status;
}

#define CALL(function, ...) (call_begin(#function), call_checked(function(__VA_ARGS__)))

#endif
