/*
 * gate.c - the public functions, and what must happen before any managed code runs.
 *
 * A NativeAOT library aborts its process at the first exported call on a CPU below the level that it was compiled for,
 * and can contain one level only. So the public functions are these, in plain C for the baseline CPU: the first call
 * checks the CPU, loads the AVX-512 companion if it is there and wanted, starts the runtime of whichever library will do
 * the work, and publishes a table of entry points. Every later call costs one load, one test and one indirect call.
 */
#include "gate.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The result of the first call. Once published it never changes and is never freed. */
struct opening {
    const struct nativeconv_calls* calls; /* NULL: refused, with status */
    nc_status status;
    struct nativeconv_process process;
    char reason[256];
    char note[512];
    char max_isa[64], num_threads[64], algorithm[64];
};

static _Atomic(const struct opening*) opened;

static _Thread_local char last_error[NATIVECONV_LAST_ERROR_BYTES];

char* nativeconv_last_error(void) { return last_error; }

const struct nativeconv_process* nativeconv_process(void)
{
    return &atomic_load_explicit(&opened, memory_order_acquire)->process;
}

#if defined(__x86_64__)

static const struct nativeconv_host host = { nativeconv_last_error, nativeconv_process };

static void choose(struct opening* opening, enum nativeconv_isa widest)
{
    char lacks[128];
    nativeconv_cpu_lacks(CPU_MAIN, lacks, sizeof lacks);
    if (lacks[0] != 0) {
        opening->status = NC_ERROR_UNSUPPORTED;
        snprintf(opening->reason, sizeof opening->reason, "cpu: x86-64-v3 is needed; this one lacks %s", lacks);
        return;
    }
    opening->calls = &nativeconv_managed;
    opening->process.isa = widest == ISA_PORTABLE ? ISA_PORTABLE : ISA_AVX2;
    if (widest != ISA_AVX512) {
        snprintf(opening->note, sizeof opening->note, "NATIVECONV_MAX_ISA is %s", opening->max_isa);
        return;
    }
    nativeconv_cpu_lacks(CPU_COMPANION, lacks, sizeof lacks);
    if (lacks[0] != 0) {
        snprintf(opening->note, sizeof opening->note, "avx512 is not used: the CPU lacks %s", lacks);
        return;
    }
    const struct nativeconv_calls* companion = nativeconv_load_companion(&host, opening->note, sizeof opening->note);
    if (companion != NULL) {
        opening->calls = companion;
        opening->process.isa = ISA_AVX512;
    }
}

#else

static void choose(struct opening* opening, enum nativeconv_isa widest)
{
    opening->calls = &nativeconv_managed;
    opening->process.isa = widest == ISA_PORTABLE ? ISA_PORTABLE : ISA_NEON;
    if (widest == ISA_PORTABLE)
        snprintf(opening->note, sizeof opening->note, "NATIVECONV_MAX_ISA is %s", opening->max_isa);
}

#endif

/* A word of the other architecture means its width: neon is 128 bits, avx2 and avx512 are wider than neon. */
static enum nativeconv_isa widest_allowed(struct opening* opening)
{
    static const struct { const char* word; enum nativeconv_isa x64, arm64; } words[] = {
        { "",         ISA_AVX512,   ISA_NEON },
        { "portable", ISA_PORTABLE, ISA_PORTABLE },
        { "neon",     ISA_PORTABLE, ISA_NEON },
        { "avx2",     ISA_AVX2,     ISA_NEON },
        { "avx512",   ISA_AVX512,   ISA_NEON },
    };
#if defined(__x86_64__)
#define ALLOWED(i) words[i].x64
#else
#define ALLOWED(i) words[i].arm64
#endif
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(opening->max_isa, words[i].word) == 0)
            return ALLOWED(i);
    opening->process.max_isa_malformed = 1; /* every nc_plan_create says so */
    return ALLOWED(0);
}

static const char* read_variable(const char* name, char* copy, size_t capacity)
{
    const char* value = getenv(name);
    snprintf(copy, capacity, "%s", value == NULL ? "" : value);
    return copy;
}

/* Any number of threads may come here at once, and a fork may interrupt them: there is no lock and no once-flag to be
   found half-done. Each prepares an opening, the first publishes it, the others take the published one. */
static const struct opening* open_gate(void)
{
    static const struct opening no_memory = {
        .status = NC_ERROR_OUT_OF_MEMORY, .reason = "out of memory at the first call", .process = { .isa_note = "", .max_isa = "", .num_threads = "", .algorithm = "" } };

    struct opening* mine = calloc(1, sizeof *mine);
    if (mine == NULL)
        return &no_memory;
    mine->process.isa_note = mine->note;
    mine->process.max_isa = read_variable("NATIVECONV_MAX_ISA", mine->max_isa, sizeof mine->max_isa);
    mine->process.num_threads = read_variable("NATIVECONV_NUM_THREADS", mine->num_threads, sizeof mine->num_threads);
    mine->process.algorithm = read_variable("NATIVECONV_ALGORITHM", mine->algorithm, sizeof mine->algorithm);
    choose(mine, widest_allowed(mine));
    if (mine->calls != NULL) {
        uint64_t mode = nativeconv_enter_fp(0);
        mine->calls->start(); /* a trivial method: the first one to run may not have a stack cookie */
        nativeconv_leave_fp(mode);
    }

    const struct opening* published = NULL;
    if (atomic_compare_exchange_strong_explicit(&opened, &published, mine, memory_order_acq_rel, memory_order_acquire))
        return mine;
    free(mine);
    return published;
}

static inline const struct opening* enter(void)
{
    const struct opening* gate = atomic_load_explicit(&opened, memory_order_acquire);
    return __builtin_expect(gate != NULL, 1) ? gate : open_gate();
}

static nc_status refuse(const struct opening* gate)
{
    snprintf(last_error, sizeof last_error, "%s", gate->reason);
    return gate->status;
}

/* The functions that work on every CPU. */

#define TEXT(number) TEXT_OF(number)
#define TEXT_OF(number) #number
_Static_assert(NATIVECONV_ABI_VERSION == NC_ABI_VERSION, "Directory.Build.props and nativeconv.h disagree");
_Static_assert(__builtin_strcmp(NATIVECONV_VERSION, TEXT(NC_VERSION_MAJOR) "." TEXT(NC_VERSION_MINOR) "." TEXT(NC_VERSION_PATCH)) == 0, "Directory.Build.props and nativeconv.h disagree");

uint32_t nc_abi_version(void)
{
    enter(); /* calling this while loading starts the runtime */
    return NATIVECONV_ABI_VERSION;
}

uint32_t nc_numerics_version(void) { return NATIVECONV_NUMERICS_VERSION; }

const char* nc_version(void) { return NATIVECONV_VERSION; }

const char* nc_isa(void)
{
    static const char* const names[] = { "none", "portable", "avx2", "avx512", "neon" };
    return names[enter()->process.isa];
}

const char* nc_status_string(nc_status status)
{
    switch (status) {
#define NAME(value) case value: return #value
    NAME(NC_OK);
    NAME(NC_ERROR_NULL_POINTER);
    NAME(NC_ERROR_INVALID_ARGUMENT);
    NAME(NC_ERROR_INVALID_SHAPE);
    NAME(NC_ERROR_OVERFLOW);
    NAME(NC_ERROR_UNSUPPORTED);
    NAME(NC_ERROR_WORKSPACE);
    NAME(NC_ERROR_OVERLAP);
    NAME(NC_ERROR_OUT_OF_MEMORY);
    NAME(NC_ERROR_PARALLEL);
    NAME(NC_ERROR_INTERNAL);
#undef NAME
    default: return "unknown status";
    }
}

size_t nc_last_error(char* buffer, size_t capacity)
{
    size_t needed = strlen(last_error) + 1;
    if (buffer != NULL && capacity > 0) {
        size_t length = needed <= capacity ? needed - 1 : capacity - 1;
        while (length < needed - 1 && length > 0 && ((unsigned char)last_error[length] & 0xC0) == 0x80)
            length--; /* a cut does not leave half a UTF-8 character */
        memcpy(buffer, last_error, length);
        buffer[length] = 0;
    }
    return needed;
}

/* The functions that managed code answers. It plans in doubles, and checks what it is given, in the mode that results are defined in: the caller's may
   round otherwise, or trap, which would end the process. */

#define ANSWER(result, call) \
    do { \
        uint64_t mode = nativeconv_enter_fp(0); \
        result = call; \
        nativeconv_leave_fp(mode); \
    } while (0)

int32_t nc_get_num_threads(void)
{
    const struct opening* gate = enter();
    int32_t threads = 1;
    if (gate->calls != NULL)
        ANSWER(threads, gate->calls->get_num_threads());
    return threads;
}

void nc_plan_destroy(nc_plan* plan)
{
    const struct opening* gate = enter();
    if (gate->calls != NULL) {
        uint64_t mode = nativeconv_enter_fp(0);
        gate->calls->plan_destroy(plan);
        nativeconv_leave_fp(mode);
    }
}

nc_status nc_plan_create(const nc_conv_desc* desc, nc_plan** plan)
{
    const struct opening* gate = enter();
    if (gate->calls != NULL) {
        nc_status status;
        ANSWER(status, gate->calls->plan_create(desc, plan));
        return status;
    }
    if (plan != NULL)
        *plan = NULL;
    return refuse(gate);
}

#define FORWARD(name, parameters, arguments) \
    nc_status nc_##name parameters \
    { \
        const struct opening* gate = enter(); \
        if (gate->calls == NULL) \
            return refuse(gate); \
        nc_status status; \
        ANSWER(status, gate->calls->name arguments); \
        return status; \
    }
NATIVECONV_STATUS_CALLS(FORWARD)
