/* A malformed environment variable makes every nc_plan_create fail with its name, and nothing else.
 *
 *     environment LIBRARY */
#include "host.h"
#include <sys/wait.h>
#include <unistd.h>

/* Variables are read once in a process, at the first call: one process for each case. */
static void in_child(const char* path, const char* name, const char* value, nc_status expected)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        setenv(name, value, 1);
        library l = open_library(path);
        for (int i = 0; i < 2; i++) {
            nc_conv_desc desc = small_layer(&l);
            nc_plan* plan = NULL;
            nc_status status = l.plan_create(&desc, &plan);
            if (status != expected || (status != NC_OK && strncmp(message(&l), name, strlen(name)) != 0)) {
                not_ok("%s='%s': %s '%s'", name, value, l.status_string(status), message(&l));
                break;
            }
        }
        if (check_failures == 0) ok("%s='%s'", name, value);
        exit(check_result());
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) die("no child process");
    if (WIFSIGNALED(status)) not_ok("%s='%s': signal %d", name, value, WTERMSIG(status));
    else check_failures += WEXITSTATUS(status) != 0;
}

int main(int count, char** arguments)
{
    if (count != 2) die("usage: environment LIBRARY");
    const char* path = arguments[1];
    in_child(path, "NATIVECONV_MAX_ISA", "", NC_OK);
    in_child(path, "NATIVECONV_MAX_ISA", "neon", NC_OK);
    in_child(path, "NATIVECONV_MAX_ISA", "AVX2", NC_ERROR_INVALID_ARGUMENT);
    in_child(path, "NATIVECONV_MAX_ISA", "sse2", NC_ERROR_INVALID_ARGUMENT);
    in_child(path, "NATIVECONV_MAX_ISA", "avx2 ", NC_ERROR_INVALID_ARGUMENT);
    in_child(path, "NATIVECONV_NUM_THREADS", "", NC_OK);
    in_child(path, "NATIVECONV_NUM_THREADS", "3", NC_OK);
    in_child(path, "NATIVECONV_NUM_THREADS", "-1", NC_ERROR_INVALID_ARGUMENT);
    in_child(path, "NATIVECONV_NUM_THREADS", "two", NC_ERROR_INVALID_ARGUMENT);
    in_child(path, "NATIVECONV_NUM_THREADS", "2x", NC_ERROR_INVALID_ARGUMENT);
    in_child(path, "NATIVECONV_NUM_THREADS", "99999999999999999999", NC_ERROR_INVALID_ARGUMENT);
    in_child(path, "NATIVECONV_ALGORITHM", "", NC_OK);
    in_child(path, "NATIVECONV_ALGORITHM", "no such algorithm", NC_ERROR_INVALID_ARGUMENT);
    return check_result();
}
