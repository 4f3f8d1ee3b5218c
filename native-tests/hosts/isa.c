/* The library runs with one instruction set, computes, and nc_explain says why it is not a wider one.
 *
 *     isa LIBRARY EXPECTED [REASON]    REASON: words that nc_explain must contain */
#include "host.h"

static const char* explains(const library* l, const char* reason)
{
    nc_plan* plan = small_plan(l);
    size_t needed = 0;
    if (l->explain(plan, NULL, 0, &needed) != NC_OK) return message(l);
    char* text = allocate(needed);
    if (l->explain(plan, text, needed, NULL) != NC_OK) return message(l);
    l->plan_destroy(plan);
    return strstr(text, reason) ? NULL : text;
}

int main(int count, char** arguments)
{
    if (count < 3) die("usage: isa LIBRARY EXPECTED [REASON]");
    library l = open_library(arguments[1]);
    const char* expected = arguments[2];
    char name[256];

    snprintf(name, sizeof name, "%s runs", expected);
    check(name, strcmp(l.isa(), expected) == 0 ? NULL : l.isa());
    snprintf(name, sizeof name, "%s computes", expected);
    check(name, try_library(&l));
    if (count > 3) {
        snprintf(name, sizeof name, "nc_explain says: %s", arguments[3]);
        check(name, explains(&l, arguments[3]));
    }
    return check_result();
}
