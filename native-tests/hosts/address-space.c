/* The library loads and computes in a process that may map 600,000 KiB in all.
 *
 *     address-space LIBRARY */
#include "host.h"
#include <sys/resource.h>

int main(int count, char** arguments)
{
    if (count != 2) die("usage: address-space LIBRARY");
    struct rlimit limit = { 600000 * 1024L, 600000 * 1024L };
    if (setrlimit(RLIMIT_AS, &limit) != 0) die("setrlimit");
    library l = open_library(arguments[1]);
    check("600,000 KiB of address space", try_library(&l));
    return check_result();
}
