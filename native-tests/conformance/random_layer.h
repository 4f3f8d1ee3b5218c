/* Random small descriptors of both kinds, each from its number alone, and the line that names one. */
#ifndef RANDOM_LAYER_H
#define RANDOM_LAYER_H

#include "layer.h"
#include "random.h"

/* By turns: any layer, groups of one channel (all that direct-lanes takes; half of them have one tap, too), one tap (all
   that direct-columns and direct-tiles take). */
enum { ANY_LAYER, LANES_LAYER, ONE_TAP_LAYER, LAYER_SORTS };

static inline void random_channels(random_stream* r, nc_conv_desc* desc, int sort, int large)
{
    static const int64_t choices[] = { 1, 2, 3, 4, 5, 7, 8, 13, 16, 17, 31, 33 };
    int64_t widest = desc->rank == 1 ? 11 : desc->rank == 2 ? 9 : 5;
    desc->in_channels = large ? choose(r, 20, 66) : choices[choose(r, 0, widest)];
    desc->out_channels = large ? choose(r, 20, 66) : choices[choose(r, 0, widest)];
    if (sort == LANES_LAYER) {
        desc->out_channels = desc->groups = desc->in_channels;
        return;
    }
    int64_t grouping = choose(r, 0, 5);
    if (grouping == 0) desc->out_channels = desc->groups = desc->in_channels;                     /* depthwise */
    if (grouping == 1) desc->out_channels = (desc->groups = desc->in_channels) * choose(r, 2, 3); /* depthwise with a multiplier */
    if (grouping == 2) { desc->groups = choose(r, 2, 3); desc->in_channels = desc->groups * choose(r, 1, 5); desc->out_channels = desc->groups * choose(r, 1, 5); }
}

/* Whatever makes an output of at least one position and not of very many. */
static inline void random_axis(random_stream* r, nc_conv_desc* desc, int a, int one_tap, int large)
{
    int64_t largest = desc->rank == 1 ? 70 : desc->rank == 2 ? 18 : 7;
    for (;;) {
        desc->input[a] = large ? choose(r, 12, 20) : choose(r, 0, 3) == 0 ? choose(r, 1, largest) : choose(r, 1, 9);
        desc->kernel[a] = one_tap ? 1 : large || choose(r, 0, 2) == 0 ? 3 : choose(r, 1, desc->rank == 1 ? 9 : 5);
        desc->stride[a] = choose(r, 0, 1) ? choose(r, 0, 1) : choose(r, 2, 5);              /* 0 means 1 */
        desc->dilation[a] = choose(r, 0, 1) ? choose(r, 0, 1) : choose(r, 2, 4);
        desc->pad_begin[a] = choose(r, -3, 5);
        desc->pad_end[a] = choose(r, -3, 5);
        desc->output_padding[a] = desc->kind == NC_DECONV && choose(r, 0, 1) ? choose(r, 0, 6) : 0;
        layer l = layer_of(desc);
        int64_t extent = (desc->dilation[a] ? desc->dilation[a] : 1) * (desc->kernel[a] - 1) + 1;
        int fits = desc->kind == NC_DECONV || desc->input[a] + desc->pad_begin[a] + desc->pad_end[a] >= extent;
        if (fits && l.output[a] >= 1 && l.output[a] <= 3 * largest) return;
    }
}

static inline nc_conv_desc random_layer(uint64_t number)
{
    random_stream stream = { .seed = number }, *r = &stream;
    nc_conv_desc desc;
    int sort = (int)(number % LAYER_SORTS);
    int large = choose(r, 0, 99) == 0;         /* several blocks of channels and pixels */
    int32_t rank = large ? 2 : (int32_t)choose(r, 1, 3);
    nc_conv_desc_init(&desc, sizeof desc, (int32_t)choose(r, 0, 1), rank);
    desc.dtype = (int32_t)choose(r, NC_F32, NC_F64);
    desc.algorithm = (int32_t)choose(r, NC_ALGO_AUTO, NC_ALGO_DIRECT);
    desc.batch = choose(r, 0, 9) == 0 ? 0 : choose(r, 1, large ? 3 : 5);
    random_channels(r, &desc, sort, large);
    int one_tap = sort == ONE_TAP_LAYER || (sort == LANES_LAYER && choose(r, 0, 1));
    for (int a = 0; a < rank; a++) random_axis(r, &desc, a, one_tap, large);

    desc.activation = (int32_t)choose(r, NC_ACT_IDENTITY, NC_ACT_ELU);
    if (desc.activation == NC_ACT_RELU) desc.gradient_rule = (int32_t)choose(r, NC_RULE_BACKPROP, NC_RULE_GUIDED);
    if (desc.activation == NC_ACT_LEAKY_RELU || desc.activation == NC_ACT_ELU) desc.activation_alpha = (double)choose(r, 1, 24) / 16;
    if (desc.activation == NC_ACT_CLIP) { desc.activation_alpha = (double)choose(r, -8, 0) / 16; desc.activation_beta = (double)choose(r, 1, 16) / 16; }
    return desc;
}

/* One line that names the descriptor when something is wrong with it. */
static inline const char* describe(const nc_conv_desc* d)
{
    static char text[600];
    int at = snprintf(text, sizeof text, "%s rank %d %s %s batch %lld channels %lld -> %lld groups %lld activation %d rule %d;",
        d->kind == NC_DECONV ? "deconv" : "conv", d->rank, d->dtype == NC_F64 ? "f64" : "f32", d->algorithm ? "direct" : "auto", (long long)d->batch,
        (long long)d->in_channels, (long long)d->out_channels, (long long)d->groups, d->activation, d->gradient_rule);
    for (int a = 0; a < d->rank; a++)
        at += snprintf(text + at, sizeof text - (size_t)at, " input %lld kernel %lld stride %lld dilation %lld pads %lld %lld output_padding %lld;", (long long)d->input[a],
            (long long)d->kernel[a], (long long)d->stride[a], (long long)d->dilation[a], (long long)d->pad_begin[a], (long long)d->pad_end[a], (long long)d->output_padding[a]);
    return text;
}

#endif
