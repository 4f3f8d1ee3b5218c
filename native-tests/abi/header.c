/* The header compiles alone, without a warning, in every C and C++ that the system's compilers offer it. CC and CXX name
 * other compilers than cc and c++. Without a C++ compiler that part is skipped, where CI is not true. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER "bindings/c/include/nativeconv.h"

static int compiles(const char* compiler, const char* language, const char* standard)
{
    char command[600];
    snprintf(command, sizeof command, "%s -x %s -std=%s -Wall -Wextra -pedantic -Werror -fsyntax-only " HEADER, compiler, language, standard);
    if (system(command) != 0) { printf("not ok header %s: %s\n", standard, command); return 0; }
    printf("ok header %s\n", standard);
    return 1;
}

static int exists(const char* compiler)
{
    char command[600];
    snprintf(command, sizeof command, "command -v %s > /dev/null", compiler);
    return system(command) == 0;
}

int main(void)
{
    const char *cc = getenv("CC"), *cxx = getenv("CXX");
    cc = cc && *cc ? cc : "cc";
    cxx = cxx && *cxx ? cxx : "c++";
    const char* ci = getenv("CI");
    int good = compiles(cc, "c", "c99") & compiles(cc, "c", "c11");
    if (!exists(cxx) && !(ci && strcmp(ci, "true") == 0)) printf("skipped: the header as C++ (no %s)\n", cxx);
    else good &= compiles(cxx, "c++", "c++11") & compiles(cxx, "c++", "c++17");
    return !good;
}
