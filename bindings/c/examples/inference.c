/* A layer that runs often with the same weights: packed weights, one workspace, no allocation per call.
 * The weights are packed once, the workspace is asked for once; each call after that only computes. */
#include <nativeconv.h>
#include <stdio.h>
#include <stdlib.h>

static void must(nc_status status, const char* what)
{
    if (status == NC_OK) return;
    char why[512];
    nc_last_error(why, sizeof why);
    fprintf(stderr, "%s: %s: %s\n", what, nc_status_string(status), why);
    exit(1);
}

int main(void)
{
    /* 16 channels of 60 x 80 -> 32 channels of 30 x 40, relu. */
    nc_conv_desc desc;
    must(nc_conv_desc_init(&desc, sizeof desc, NC_CONV, 2), "descriptor");
    desc.batch = 1;
    desc.in_channels = 16;
    desc.out_channels = 32;
    desc.input[0] = 60;
    desc.input[1] = 80;
    desc.activation = NC_ACT_RELU;
    for (int axis = 0; axis < 2; axis++) {
        desc.kernel[axis] = 3;
        desc.stride[axis] = 2;
        desc.pad_begin[axis] = desc.pad_end[axis] = 1;
    }
    nc_plan* plan;
    must(nc_plan_create(&desc, &plan), "plan");

    nc_tensor x_info = { .struct_size = sizeof x_info }, w_info = x_info, y_info = x_info;
    must(nc_describe_tensor(&desc, NC_X, &x_info), "x");
    must(nc_describe_tensor(&desc, NC_W, &w_info), "w");
    must(nc_describe_tensor(&desc, NC_Y, &y_info), "y");
    float *x = malloc(x_info.bytes), *w = malloc(w_info.bytes), *y = malloc(y_info.bytes);
    if (!x || !w || !y) return 1;
    for (size_t i = 0; i < x_info.bytes / sizeof *x; i++) x[i] = (float)(i % 5) - 2;
    for (size_t i = 0; i < w_info.bytes / sizeof *w; i++) w[i] = (float)(i % 7) - 3;

    /* Once. */
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = 1;
    must(nc_packed_weights_size(plan, NC_FORWARD, &exec.packed_bytes), "packed size");
    void* packed = malloc(exec.packed_bytes);
    if (!packed) return 1;
    must(nc_pack_weights(plan, NC_FORWARD, w, packed, exec.packed_bytes), "pack");
    exec.packed_weights = packed;
    free(w);                             /* not needed any more */

    must(nc_workspace_size(plan, NC_FORWARD, &exec, &exec.workspace_bytes), "workspace size");
    exec.workspace = malloc(exec.workspace_bytes ? exec.workspace_bytes : 1);
    if (!exec.workspace) return 1;

    /* As often as there is a picture. */
    for (int picture = 0; picture < 3; picture++) must(nc_conv_forward(plan, x, NULL, NULL, y, &exec), "forward");

    double sum = 0;
    for (size_t i = 0; i < y_info.bytes / sizeof *y; i++) sum += y[i];
    nc_pass_info info = { .struct_size = sizeof info };
    must(nc_plan_pass_info(plan, NC_FORWARD, &info), "pass info");
    printf("y: %lld x %lld x %lld, sum %.0f\n", (long long)y_info.shape[1], (long long)y_info.shape[2], (long long)y_info.shape[3], sum);
    printf("algorithm %s, %.1f million operations, workspace %zu bytes, packed weights %zu bytes\n", info.algorithm, info.flops / 1e6, exec.workspace_bytes, exec.packed_bytes);

    free(exec.workspace);
    free(packed);
    free(x);
    free(y);
    nc_plan_destroy(plan);
    return 0;
}
