/* A malformed environment variable of the library makes every nc_plan_create fail with its name, and nothing else. Those of the .NET runtime, which a host
 * may have set for another program of the kind, do not break it.
 *
 *     environment LIBRARY */
#include "../conformance/process.h"
#include "host.h"

typedef struct setting { const char *path, *name, *value; nc_status expected; } setting;

static int try_setting(const void* argument)
{
    const setting* s = argument;
    check_failures = 0;                        /* those of earlier children are not this one's */
    setenv(s->name, s->value, 1);
    library l = open_library(s->path);
    for (int i = 0; i < 2 && check_failures == 0; i++) {
        nc_conv_desc desc = small_layer(&l);
        nc_plan* plan = NULL;
        nc_status status = l.plan_create(&desc, &plan);
        if (status != s->expected || (status != NC_OK && strncmp(message(&l), s->name, strlen(s->name)) != 0)) not_ok("%s='%s': %s '%s'", s->name, s->value, l.status_string(status), message(&l));
        const char* why = status == NC_OK ? run_small(&l, plan) : NULL;
        if (why) not_ok("%s='%s': %s", s->name, s->value, why);
        l.plan_destroy(plan);
    }
    if (check_failures == 0) ok("%s='%s'", s->name, s->value);
    return check_result();
}

/* Variables are read once in a process, at the first call: one process for each case. */
static void expect(const char* path, const char* name, const char* value, nc_status expected)
{
    setting s = { path, name, value, expected };
    check_child(name, in_child(try_setting, &s));
}

int main(int count, char** arguments)
{
    if (count != 2) die("usage: environment LIBRARY");
    const char* path = arguments[1];
    expect(path, "NATIVECONV_MAX_ISA", "", NC_OK);
    expect(path, "NATIVECONV_MAX_ISA", "neon", NC_OK);
    expect(path, "NATIVECONV_MAX_ISA", "AVX2", NC_ERROR_INVALID_ARGUMENT);
    expect(path, "NATIVECONV_MAX_ISA", "sse2", NC_ERROR_INVALID_ARGUMENT);
    expect(path, "NATIVECONV_MAX_ISA", "avx2 ", NC_ERROR_INVALID_ARGUMENT);
    expect(path, "NATIVECONV_NUM_THREADS", "", NC_OK);
    expect(path, "NATIVECONV_NUM_THREADS", "3", NC_OK);
    expect(path, "NATIVECONV_NUM_THREADS", "-1", NC_ERROR_INVALID_ARGUMENT);
    expect(path, "NATIVECONV_NUM_THREADS", "two", NC_ERROR_INVALID_ARGUMENT);
    expect(path, "NATIVECONV_NUM_THREADS", "2x", NC_ERROR_INVALID_ARGUMENT);
    expect(path, "NATIVECONV_NUM_THREADS", "99999999999999999999", NC_ERROR_INVALID_ARGUMENT);
    expect(path, "NATIVECONV_ALGORITHM", "", NC_OK);
    expect(path, "NATIVECONV_ALGORITHM", "no such algorithm", NC_ERROR_INVALID_ARGUMENT);

    /* The collector's: a heap of 16 MB and of 2 MB, sizes that are none, its kinds; what only other .NET programs have: a compiler, diagnostics. */
    static const char* const runtime[][2] = {
        { "DOTNET_GCHeapHardLimit", "1000000" }, { "DOTNET_GCHeapHardLimit", "200000" }, { "DOTNET_GCHeapHardLimit", "not a number" }, { "DOTNET_GCHeapHardLimitPercent", "1" },
        { "DOTNET_GCgen0size", "10000" }, { "DOTNET_GCgen0size", "4000000" }, { "DOTNET_GCgen0size", "ffffffffffffffff" }, { "DOTNET_GCgen0MaxBudget", "10000" },
        { "DOTNET_gcServer", "1" }, { "DOTNET_gcConcurrent", "1" }, { "DOTNET_GCHeapCount", "2" }, { "DOTNET_GCHeapAffinitizeMask", "1" }, { "DOTNET_GCNoAffinitize", "1" },
        { "DOTNET_GCConserveMemory", "9" }, { "DOTNET_GCRegionSize", "100000" }, { "DOTNET_GCName", "libclrgc.so" },
        { "DOTNET_PROCESSOR_COUNT", "1" }, { "DOTNET_Thread_DefaultStackSize", "20000" }, { "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "0" },
        { "DOTNET_TieredCompilation", "0" }, { "DOTNET_TieredPGO", "0" }, { "DOTNET_ReadyToRun", "0" }, { "DOTNET_EnableHWIntrinsic", "0" }, { "DOTNET_EnableAVX2", "0" },
        { "DOTNET_DbgEnableMiniDump", "1" }, { "DOTNET_EnableEventPipe", "1" }, { "DOTNET_EnableDiagnostics", "1" }, { "DOTNET_ROOT", "/nowhere" }, { "COMPlus_GCHeapHardLimit", "200000" } };
    for (size_t i = 0; i < sizeof runtime / sizeof *runtime; i++) expect(path, runtime[i][0], runtime[i][1], NC_OK);
    return check_result();
}
