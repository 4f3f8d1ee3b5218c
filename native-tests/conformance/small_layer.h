/* Small legal layers at random: of either kind, with groups, strides, dilations and pads of either sign. */
#ifndef SMALL_LAYER_H
#define SMALL_LAYER_H

#include "layer.h"
#include "random.h"

/* `most`: channels of a group on each side, at most; `sizes`: pixels along the only axis, along each of two, along each of three, at most. */
static inline nc_conv_desc small_layer_desc(random_stream* r, int64_t most, const int64_t sizes[3])
{
    for (;;) {
        nc_conv_desc d;
        int32_t rank = (int32_t)choose(r, 1, 3);
        if (nc_conv_desc_init(&d, sizeof d, (int32_t)choose(r, 0, 1), rank) != NC_OK) die("nc_conv_desc_init: %s", last_error());
        d.algorithm = NC_ALGO_DIRECT;
        d.dtype = (int32_t)choose(r, NC_F32, NC_F64);
        d.batch = choose(r, 1, 2);
        d.groups = choose(r, 1, 3);
        d.in_channels = d.groups * choose(r, 1, most);
        d.out_channels = d.groups * choose(r, 1, most);
        int fits = 1;
        for (int a = 0; a < rank; a++) {
            d.input[a] = choose(r, 3, sizes[rank - 1]);
            d.kernel[a] = choose(r, 1, 4);
            d.stride[a] = choose(r, 1, 3);
            d.dilation[a] = choose(r, 1, 3);
            d.pad_begin[a] = choose(r, -1, 3);
            d.pad_end[a] = choose(r, -1, 3);
            if (d.kind == NC_DECONV) d.output_padding[a] = choose(r, 0, 2);
            fits &= d.kind == NC_DECONV || d.input[a] + d.pad_begin[a] + d.pad_end[a] >= d.dilation[a] * (d.kernel[a] - 1) + 1;
            fits &= layer_of(&d).output[a] >= 1;
        }
        if (fits) return d;
    }
}

/* Enough to find the layer again: what nc_conv_desc has, in the order of descriptors.tsv. */
static inline const char* layer_text(const nc_conv_desc* d)
{
    static char text[512];
    int at = snprintf(text, sizeof text, "%s rank %d %s batch %d channels %d -> %d groups %d", d->kind == NC_CONV ? "conv" : "deconv", (int)d->rank, d->dtype == NC_F64 ? "f64" : "f32",
                      (int)d->batch, (int)d->in_channels, (int)d->out_channels, (int)d->groups);
    const struct { const char* name; const int64_t* values; } lists[] = { { "input", d->input }, { "kernel", d->kernel }, { "stride", d->stride }, { "dilation", d->dilation },
                      { "pad_begin", d->pad_begin }, { "pad_end", d->pad_end }, { "output_padding", d->output_padding } };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (int a = 0; a < d->rank; a++) at += snprintf(text + at, sizeof text - (size_t)at, a == 0 ? " %s %d" : ",%.0s%d", lists[i].name, (int)lists[i].values[a]);
    snprintf(text + at, sizeof text - (size_t)at, " activation %d (%g, %g) rule %d", (int)d->activation, d->activation_alpha, d->activation_beta, (int)d->gradient_rule);
    return text;
}

#endif
