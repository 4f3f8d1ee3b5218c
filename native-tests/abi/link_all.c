/* Takes the address of every function of the header: linking this program is the test. The table's types are the
 * header's declarations once more, so a changed parameter does not compile. */
#include <nativeconv.h>
#include <stdio.h>

#define SYMBOLS "native-tests/abi/nativeconv.symbols"

static const struct {
    uint32_t (NC_CALL *abi_version)(void);
    uint32_t (NC_CALL *numerics_version)(void);
    const char* (NC_CALL *version)(void);
    const char* (NC_CALL *isa)(void);
    const char* (NC_CALL *status_string)(nc_status status);
    size_t (NC_CALL *last_error)(char* buffer, size_t capacity);
    nc_status (NC_CALL *set_num_threads)(int32_t num_threads);
    int32_t (NC_CALL *get_num_threads)(void);
    nc_status (NC_CALL *conv_desc_init)(nc_conv_desc* desc, size_t desc_size, int32_t kind, int32_t rank);
    nc_status (NC_CALL *output_shape)(const nc_conv_desc* desc, int64_t shape[3]);
    nc_status (NC_CALL *describe_tensor)(const nc_conv_desc* desc, int32_t tensor, nc_tensor* info);
    nc_status (NC_CALL *plan_create)(const nc_conv_desc* desc, nc_plan** plan);
    void (NC_CALL *plan_destroy)(nc_plan* plan);
    nc_status (NC_CALL *plan_pass_info)(const nc_plan* plan, int32_t pass, nc_pass_info* info);
    nc_status (NC_CALL *workspace_size)(const nc_plan* plan, int32_t pass, const nc_exec* exec, size_t* bytes);
    nc_status (NC_CALL *packed_weights_size)(const nc_plan* plan, int32_t pass, size_t* bytes);
    nc_status (NC_CALL *pack_weights)(const nc_plan* plan, int32_t pass, const void* w, void* packed, size_t packed_bytes);
    nc_status (NC_CALL *explain)(const nc_plan* plan, char* buffer, size_t capacity, size_t* needed);
    nc_status (NC_CALL *conv_forward)(const nc_plan* plan, const void* x, const void* w, const void* bias, void* y, const nc_exec* exec);
    nc_status (NC_CALL *conv_backward_data)(const nc_plan* plan, const void* dy, const void* w, const void* y, void* dx, const nc_exec* exec);
    nc_status (NC_CALL *conv_backward_weights)(const nc_plan* plan, const void* x, const void* dy, const void* y, void* dw, void* db, const nc_exec* exec);
    nc_status (NC_CALL *deconv_forward)(const nc_plan* plan, const void* x, const void* w, const void* bias, void* y, const nc_exec* exec);
    nc_status (NC_CALL *deconv_backward_data)(const nc_plan* plan, const void* dy, const void* w, const void* y, void* dx, const nc_exec* exec);
    nc_status (NC_CALL *deconv_backward_weights)(const nc_plan* plan, const void* x, const void* dy, const void* y, void* dw, void* db, const nc_exec* exec);
    nc_status (NC_CALL *activation_backward)(const nc_plan* plan, const void* dy, const void* y, void* delta, const nc_exec* exec);
} all = {
    nc_abi_version, nc_numerics_version, nc_version, nc_isa, nc_status_string, nc_last_error, nc_set_num_threads, nc_get_num_threads,
    nc_conv_desc_init, nc_output_shape, nc_describe_tensor, nc_plan_create, nc_plan_destroy, nc_plan_pass_info, nc_workspace_size,
    nc_packed_weights_size, nc_pack_weights, nc_explain, nc_conv_forward, nc_conv_backward_data, nc_conv_backward_weights,
    nc_deconv_forward, nc_deconv_backward_data, nc_deconv_backward_weights, nc_activation_backward,
};

int main(void)
{
    const void* const* address = (const void* const*)(const void*)&all;
    size_t count = sizeof all / sizeof *address;
    for (size_t i = 0; i < count; i++)
        if (address[i] == NULL) { printf("not ok link_all: function %zu is NULL\n", i); return 1; }

    size_t lines = 0;
    FILE* symbols = fopen(SYMBOLS, "r");
    for (int c; symbols && (c = fgetc(symbols)) != EOF;) lines += c == '\n';
    if (symbols) fclose(symbols);
    if (lines != count + 1) { printf("not ok link_all: %zu functions here, %zu lines in " SYMBOLS "\n", count, lines); return 1; }

    char expected[32];
    snprintf(expected, sizeof expected, "%d.%d.%d", NC_VERSION_MAJOR, NC_VERSION_MINOR, NC_VERSION_PATCH);
    if (all.abi_version() != NC_ABI_VERSION) { printf("not ok link_all: nc_abi_version() is %u\n", (unsigned)all.abi_version()); return 1; }
    for (int i = 0; expected[i] || all.version()[i]; i++)
        if (expected[i] != all.version()[i]) { printf("not ok link_all: nc_version() is %s, the header says %s\n", all.version(), expected); return 1; }
    if (all.numerics_version() == 0) { printf("not ok link_all: nc_numerics_version() is 0\n"); return 1; }
    printf("ok link_all (%zu functions, version %s, %s)\n", count, all.version(), all.isa());
    return 0;
}
