/* What the programs in this folder share: the library opened by path, as an engine or a scripting language opens it. */
#ifndef HOST_H
#define HOST_H

#include "../conformance/check.h"
#include <dlfcn.h>

/* Every function of nativeconv.h. */
#define FUNCTIONS(F) \
    F(status_string) F(last_error) F(conv_desc_init) F(output_shape) F(describe_tensor) F(plan_create) F(plan_destroy) \
    F(plan_pass_info) F(explain) F(conv_forward) F(conv_backward_data) F(conv_backward_weights) F(deconv_forward) \
    F(deconv_backward_data) F(deconv_backward_weights) F(activation_backward) F(set_num_threads) F(get_num_threads) \
    F(workspace_size) F(packed_weights_size) F(pack_weights) F(abi_version) F(numerics_version) F(version) F(isa)

typedef struct library {
    void* handle;
#define FIELD(name) __typeof__(nc_##name)* name;
    FUNCTIONS(FIELD)
#undef FIELD
} library;

static inline library open_library(const char* path)
{
    library l;
    l.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!l.handle) die("dlopen: %s", dlerror());
#define LOAD(name) \
    *(void**)&l.name = dlsym(l.handle, "nc_" #name); \
    if (!l.name) die("nc_" #name " is missing");
    FUNCTIONS(LOAD)
#undef LOAD
    return l;
}

static inline const char* message(const library* l)
{
    static _Thread_local char text[512];
    l->last_error(text, sizeof text);
    return text;
}

enum { LENGTH = 5 };

/* y[i] = x[i-1] + 2 x[i] + 4 x[i+1], plus 0.5. */
static inline nc_conv_desc small_layer(const library* l)
{
    nc_conv_desc desc;
    nc_status status = l->conv_desc_init(&desc, sizeof desc, NC_CONV, 1);
    if (status != NC_OK) die("nc_conv_desc_init: %s", message(l));
    desc.batch = desc.in_channels = desc.out_channels = 1;
    desc.input[0] = LENGTH;
    desc.kernel[0] = 3;
    desc.pad_begin[0] = desc.pad_end[0] = 1;
    return desc;
}

static inline nc_plan* small_plan(const library* l)
{
    nc_conv_desc desc = small_layer(l);
    nc_plan* plan = NULL;
    if (l->plan_create(&desc, &plan) != NC_OK) die("nc_plan_create: %s", message(l));
    return plan;
}

/* A layer that is worth sharing: 3x3, as many channels and pixels of y as of x. */
static inline nc_conv_desc large_layer(const library* l, int64_t channels, int64_t side)
{
    nc_conv_desc desc;
    nc_status status = l->conv_desc_init(&desc, sizeof desc, NC_CONV, 2);
    if (status != NC_OK) die("nc_conv_desc_init: %s", message(l));
    desc.batch = 1;
    desc.in_channels = desc.out_channels = channels;
    for (int axis = 0; axis < 2; axis++) {
        desc.input[axis] = side;
        desc.kernel[axis] = 3;
        desc.pad_begin[axis] = desc.pad_end[axis] = 1;
    }
    return desc;
}

static const float small_x[LENGTH] = { 1, 2, 3, 4, 5 }, small_w[3] = { 1, 2, 4 }, small_bias[1] = { 0.5f };
static const float small_y[LENGTH] = { 10.5f, 17.5f, 24.5f, 31.5f, 14.5f };

/* NULL if the small layer gives what it must, on the calling thread alone. */
static inline const char* run_small(const library* l, const nc_plan* plan)
{
    float y[LENGTH] = { 0 };
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = 1;
    if (l->conv_forward(plan, small_x, small_w, small_bias, y, &exec) != NC_OK) return message(l);
    return memcmp(y, small_y, sizeof y) == 0 ? NULL : "nc_conv_forward computes something else";
}

/* NULL if the library works from plan to result. */
static inline const char* try_library(const library* l)
{
    nc_plan* plan = small_plan(l);
    const char* why = run_small(l, plan);
    l->plan_destroy(plan);
    return why;
}

/* One line: `ok NAME`, or `not ok NAME: why` if there is a why. */
static inline void check(const char* name, const char* why)
{
    if (why) not_ok("%s: %s", name, why);
    else ok("%s", name);
}

#endif
