/* managed.c - the table of this library's own entry points into managed code (Exports.cs). */
#include "gate.h"

#include <unistd.h>

void managed_start(void);
int32_t managed_get_num_threads(void);
nc_status managed_plan_create(const nc_conv_desc* desc, nc_plan** plan);
void managed_plan_destroy(nc_plan* plan);
#define DECLARE(name, parameters, arguments) nc_status managed_##name parameters;
NATIVECONV_STATUS_CALLS(DECLARE)

const struct nativeconv_calls nativeconv_managed = {
    .start = managed_start,
    .get_num_threads = managed_get_num_threads,
    .plan_create = managed_plan_create,
    .plan_destroy = managed_plan_destroy,
#define ROW(name, parameters, arguments) .name = managed_##name,
    NATIVECONV_STATUS_CALLS(ROW)
};

int32_t nativeconv_process_id(void) { return getpid(); }
