/* The six operations as one enumeration of products, in double precision: the tests' own idea of the truth. */
#ifndef LAYER_H
#define LAYER_H

#include "check.h"
#include <math.h>

/* One descriptor with its defaults filled in and its sizes counted.
 *
 * A convolution joins a large image to a small one. Through tap k, position s of the small image meets position
 *     l = s * stride - pad_begin + k * dilation
 * of the large one, and the weight is w[small channel][large channel within the group][k]. NC_CONV reads the large
 * image (x) and writes the small (y); NC_DECONV reads the small (x) and writes the large (y). Every operation sums the
 * same products: forward into y, backward-data into x, backward-weights into w. */
typedef struct layer {
    nc_conv_desc desc;
    int64_t groups, output[3];
    int64_t x_image[3], y_image[3], kernel[3], stride[3], dilation[3], pad[3];    /* rank filled up to 3 in front */
    int64_t x_count, y_count, w_count;
} layer;

enum { INTO_X, INTO_W, INTO_Y };

static inline int64_t volume(const int64_t size[3]) { return size[0] * size[1] * size[2]; }

/* Sizes by the formulas of the header, not by the library. */
static inline layer layer_of(const nc_conv_desc* desc)
{
    layer l = { 0 };
    l.desc = *desc;
    l.groups = desc->groups ? desc->groups : 1;
    for (int a = 0; a < 3; a++) l.x_image[a] = l.y_image[a] = l.kernel[a] = l.stride[a] = l.dilation[a] = l.output[a] = 1;

    for (int a = 0; a < desc->rank; a++) {
        int64_t stride = desc->stride[a] ? desc->stride[a] : 1, dilation = desc->dilation[a] ? desc->dilation[a] : 1;
        int64_t extent = dilation * (desc->kernel[a] - 1) + 1, pads = desc->pad_begin[a] + desc->pad_end[a];
        l.output[a] = desc->kind == NC_CONV ? (desc->input[a] + pads - extent) / stride + 1
                                            : stride * (desc->input[a] - 1) + extent - pads + desc->output_padding[a];
        int to = a + 3 - desc->rank;
        l.x_image[to] = desc->input[a];
        l.y_image[to] = l.output[a];
        l.kernel[to] = desc->kernel[a];
        l.stride[to] = stride;
        l.dilation[to] = dilation;
        l.pad[to] = desc->pad_begin[a];
    }
    l.x_count = desc->batch * desc->in_channels * volume(l.x_image);
    l.y_count = desc->batch * desc->out_channels * volume(l.y_image);
    l.w_count = desc->in_channels * desc->out_channels / l.groups * volume(l.kernel);
    return l;
}

/* sum + low + a * b, its error kept in low (Ogita, Rump, Oishi: Accurate sum and dot product, 2005): the sums are then
   as good as if added in twice the precision, and f64 results can be judged too. */
static inline void add_product(double* sum, double* low, double a, double b)
{
    double product = a * b, product_error = fma(a, b, -product);
    double total = *sum + product, part = total - *sum;
    *low += (*sum - (total - part)) + (product - part) + product_error;
    *sum = total;
}

/* Adds up one operation: sum[i] is the exact result i, rounded; scale[i] is the sum of |a * b|. The operand that is
   summed into is not read and may be NULL. */
static inline void layer_sum(const layer* l, int into, const double* x, const double* w, const double* y, double* sum, double* scale)
{
    int64_t count = into == INTO_X ? l->x_count : into == INTO_W ? l->w_count : l->y_count;
    double* low = allocate((size_t)count * sizeof(double));
    for (int64_t i = 0; i < count; i++) sum[i] = scale[i] = 0;

    int conv = l->desc.kind == NC_CONV;
    const int64_t *large = conv ? l->x_image : l->y_image, *small = conv ? l->y_image : l->x_image, *k = l->kernel;
    int64_t large_channels = (conv ? l->desc.in_channels : l->desc.out_channels) / l->groups;
    int64_t small_channels = (conv ? l->desc.out_channels : l->desc.in_channels) / l->groups;
    int64_t large_at[3], s[3], t[3];

    for (int64_t n = 0; n < l->desc.batch; n++)
    for (int64_t g = 0; g < l->groups; g++)
    for (int64_t cs = g * small_channels; cs < (g + 1) * small_channels; cs++)
    for (int64_t cl = 0; cl < large_channels; cl++)
    for (t[0] = 0; t[0] < k[0]; t[0]++) for (t[1] = 0; t[1] < k[1]; t[1]++) for (t[2] = 0; t[2] < k[2]; t[2]++)
    for (s[0] = 0; s[0] < small[0]; s[0]++) for (s[1] = 0; s[1] < small[1]; s[1]++) for (s[2] = 0; s[2] < small[2]; s[2]++) {
        int inside = 1;
        for (int a = 0; a < 3; a++) {
            large_at[a] = s[a] * l->stride[a] - l->pad[a] + t[a] * l->dilation[a];
            inside &= large_at[a] >= 0 && large_at[a] < large[a];
        }
        if (!inside) continue;

        int64_t in_large = (((n * l->groups + g) * large_channels + cl) * large[0] + large_at[0]) * large[1] * large[2] + large_at[1] * large[2] + large_at[2];
        int64_t in_small = ((n * l->groups * small_channels + cs) * small[0] + s[0]) * small[1] * small[2] + s[1] * small[2] + s[2];
        int64_t in_w = ((cs * large_channels + cl) * k[0] + t[0]) * k[1] * k[2] + t[1] * k[2] + t[2];
        int64_t in_x = conv ? in_large : in_small, in_y = conv ? in_small : in_large;

        int64_t at = into == INTO_X ? in_x : into == INTO_W ? in_w : in_y;
        double a = into == INTO_X ? w[in_w] : x[in_x], b = into == INTO_Y ? w[in_w] : y[in_y];
        add_product(&sum[at], &low[at], a, b);
        scale[at] += fabs(a * b);
    }
    for (int64_t i = 0; i < count; i++) sum[i] += low[i];
    free(low);
}

/* The sum of dy over images and positions, for each output channel. */
static inline void layer_bias_sum(const layer* l, const double* dy, double* sum, double* scale)
{
    int64_t channels = l->desc.out_channels, plane = volume(l->y_image);
    for (int64_t c = 0; c < channels; c++) {
        double low = 0;
        sum[c] = scale[c] = 0;
        for (int64_t n = 0; n < l->desc.batch; n++)
            for (int64_t i = 0; i < plane; i++) {
                double value = dy[(n * channels + c) * plane + i];
                add_product(&sum[c], &low, value, 1);
                scale[c] += fabs(value);
            }
        sum[c] += low;
    }
}

/* h of the header's table. */
static inline double activate(const nc_conv_desc* desc, double a)
{
    double alpha = desc->activation_alpha, beta = desc->activation_beta;
    switch (desc->activation) {
        case NC_ACT_RELU:       return a <= 0 ? 0 : a;
        case NC_ACT_LEAKY_RELU: return a > 0 ? a : alpha * a;
        case NC_ACT_CLIP:       return a < alpha ? alpha : a > beta ? beta : a;
        case NC_ACT_SIGMOID:    return 1 / (1 + exp(-a));
        case NC_ACT_TANH:       return tanh(a);
        case NC_ACT_ELU:        return a > 0 ? a : alpha * expm1(a);
        default:                return a;
    }
}

/* How much an error before h can grow through it. */
static inline double activation_slope(const nc_conv_desc* desc)
{
    int scaled = desc->activation == NC_ACT_LEAKY_RELU || desc->activation == NC_ACT_ELU;
    return scaled && desc->activation_alpha > 1 ? desc->activation_alpha : 1;
}

/* dy * h'(y) under the descriptor's rule, in the arithmetic of its dtype: these bits are the library's, too. */
static inline double gate(const nc_conv_desc* desc, double dy, double y)
{
    double alpha = desc->activation_alpha, beta = desc->activation_beta;
    int f32 = desc->dtype != NC_F64;
    switch (desc->activation) {
        case NC_ACT_RELU: {
            int open = (desc->gradient_rule == NC_RULE_DECONVNET || !(y <= 0)) && (desc->gradient_rule == NC_RULE_BACKPROP || !(dy <= 0));
            return open ? dy : 0;
        }
        case NC_ACT_LEAKY_RELU: return y > 0 ? dy : f32 ? (float)alpha * (float)dy : alpha * dy;
        case NC_ACT_CLIP:       return f32 ? ((float)alpha < y && y < (float)beta ? dy : 0) : (alpha < y && y < beta ? dy : 0);
        case NC_ACT_SIGMOID:    return f32 ? (float)dy * fmaf(-(float)y, (float)y, (float)y) : dy * fma(-y, y, y);
        case NC_ACT_TANH:       return f32 ? (float)dy * fmaf(-(float)y, (float)y, 1.0f) : dy * fma(-y, y, 1.0);
        case NC_ACT_ELU:        return y > 0 ? dy : f32 ? (float)dy * ((float)y + (float)alpha) : dy * (y + alpha);
        default:                return dy;
    }
}

/* f32 and f64 buffers. */
static inline size_t element_bytes(int32_t dtype) { return dtype == NC_F64 ? 8 : 4; }

static inline double load(const void* buffer, int32_t dtype, int64_t i)
{
    return dtype == NC_F64 ? ((const double*)buffer)[i] : ((const float*)buffer)[i];
}

static inline void store(void* buffer, int32_t dtype, int64_t i, double value)
{
    if (dtype == NC_F64) ((double*)buffer)[i] = value;
    else ((float*)buffer)[i] = (float)value;
}

/* Each operation's function by the plan's kind. */
static inline nc_status run_forward(const layer* l, const nc_plan* plan, const void* x, const void* w, const void* bias, void* y, const nc_exec* exec)
{
    return (l->desc.kind == NC_CONV ? nc_conv_forward : nc_deconv_forward)(plan, x, w, bias, y, exec);
}

static inline nc_status run_backward_data(const layer* l, const nc_plan* plan, const void* dy, const void* w, const void* y, void* dx, const nc_exec* exec)
{
    return (l->desc.kind == NC_CONV ? nc_conv_backward_data : nc_deconv_backward_data)(plan, dy, w, y, dx, exec);
}

static inline nc_status run_backward_weights(const layer* l, const nc_plan* plan, const void* x, const void* dy, const void* y, void* dw, void* db, const nc_exec* exec)
{
    return (l->desc.kind == NC_CONV ? nc_conv_backward_weights : nc_deconv_backward_weights)(plan, x, dy, y, dw, db, exec);
}

#endif
