/* On a CPU that cannot run the library (an emulated one) every function answers, and nothing aborts.
 *
 *     lesser-cpu LIBRARY */
#include "host.h"

static library l;

static void refused(const char* name, nc_status status)
{
    if (status != NC_ERROR_UNSUPPORTED) not_ok("%s on a lesser CPU: %s", name, l.status_string(status));
    else if (!strstr(message(&l), "avx2")) not_ok("%s on a lesser CPU: '%s' does not name what is missing", name, message(&l));
    else ok("%s on a lesser CPU", name);
}

#define REFUSED(name, ...) refused("nc_" #name, l.name(__VA_ARGS__))

int main(int count, char** arguments)
{
    if (count != 2) die("usage: lesser-cpu LIBRARY");
    l = open_library(arguments[1]);
    float numbers[64] = { 0 };
    int64_t shape[3] = { 7, 7, 7 };
    size_t bytes = 7;
    nc_conv_desc desc = { .struct_size = sizeof desc };
    nc_exec exec = NC_EXEC_INIT;
    nc_tensor tensor = { .struct_size = sizeof tensor };
    nc_pass_info info = { .struct_size = sizeof info };
    nc_plan* plan = (nc_plan*)numbers;
    const nc_plan* none = NULL;

    check("nc_last_error is empty at first", l.last_error(NULL, 0) == 1 ? NULL : message(&l));
    check("nc_isa on a lesser CPU", strcmp(l.isa(), "none") == 0 ? NULL : l.isa());
    check("nc_abi_version on a lesser CPU", l.abi_version() == NC_ABI_VERSION ? NULL : "wrong");
    check("nc_numerics_version on a lesser CPU", l.numerics_version() >= 1 ? NULL : "wrong");
    check("nc_version on a lesser CPU", l.version()[0] != 0 ? NULL : "empty");
    check("nc_status_string on a lesser CPU", strcmp(l.status_string(NC_ERROR_OVERLAP), "NC_ERROR_OVERLAP") == 0 ? NULL : l.status_string(NC_ERROR_OVERLAP));
    check("nc_get_num_threads on a lesser CPU", l.get_num_threads() == 1 ? NULL : "not 1");

    REFUSED(set_num_threads, 2);
    REFUSED(conv_desc_init, &desc, sizeof desc, NC_CONV, 2);
    REFUSED(output_shape, &desc, shape);
    REFUSED(describe_tensor, &desc, NC_X, &tensor);
    REFUSED(plan_create, &desc, &plan);
    check("nc_plan_create clears the plan on a lesser CPU", plan == NULL ? NULL : "it does not");
    REFUSED(plan_create, &desc, NULL);
    REFUSED(plan_pass_info, none, NC_FORWARD, &info);
    REFUSED(explain, none, (char*)numbers, sizeof numbers, &bytes);
    REFUSED(workspace_size, none, NC_FORWARD, &exec, &bytes);
    REFUSED(packed_weights_size, none, NC_FORWARD, &bytes);
    REFUSED(pack_weights, none, NC_FORWARD, numbers, numbers, sizeof numbers);
    REFUSED(conv_forward, none, numbers, numbers, NULL, numbers, &exec);
    REFUSED(conv_backward_data, none, numbers, numbers, NULL, numbers, &exec);
    REFUSED(conv_backward_weights, none, numbers, numbers, NULL, numbers, numbers, &exec);
    REFUSED(deconv_forward, none, numbers, numbers, NULL, numbers, &exec);
    REFUSED(deconv_backward_data, none, numbers, numbers, NULL, numbers, &exec);
    REFUSED(deconv_backward_weights, none, numbers, numbers, NULL, numbers, numbers, &exec);
    REFUSED(activation_backward, none, numbers, numbers, numbers, &exec);

    l.plan_destroy(NULL);
    ok("nc_plan_destroy on a lesser CPU");
    check("outputs are untouched on a lesser CPU", shape[0] == 7 && bytes == 7 && numbers[0] == 0 ? NULL : "they are not");
    return check_result();
}
