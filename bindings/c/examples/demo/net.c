#include "net.h"
#include "must.h"

#include <math.h>

/* -- the layers ------------------------------------------------------------------------------------------------------ */

static const struct { int32_t kind; int in, out, kernel, stride, pad, activation; } layers[LAYERS] = {
    { NC_CONV,   1,        CHANNELS, 5, 1, 2, NC_ACT_RELU },
    { NC_CONV,   CHANNELS, CHANNELS, 3, 1, 1, NC_ACT_RELU },
    { NC_DECONV, CHANNELS, 1,        4, 2, 1, NC_ACT_IDENTITY },
};

static size_t weights_of(int layer)
{
    return (size_t)(layers[layer].in * layers[layer].out * layers[layer].kernel * layers[layer].kernel);
}

struct frame {
    nc_plan* plan[LAYERS];
    const float* input;                  /* of the first layer */
    float* output[LAYERS];
    float* gradient[LAYERS];             /* of the loss by each layer's output */
    size_t output_count[LAYERS];
    nc_exec exec;                        /* one thread, and a workspace that is large enough for every call */
};

/* Makes the workspace large enough for one pass of one plan. */
static void reserve(nc_exec* exec, const nc_plan* plan, int32_t pass)
{
    size_t bytes;
    must(nc_workspace_size(plan, pass, exec, &bytes));
    if (bytes <= exec->workspace_bytes) return;
    free(exec->workspace);
    exec->workspace = must_allocate(bytes, 1);
    exec->workspace_bytes = bytes;
}

frame* frame_new(int batch, int height, int width)
{
    frame* f = must_allocate(1, sizeof *f);
    f->exec = (nc_exec)NC_EXEC_INIT;
    f->exec.num_threads = 1;

    int64_t size[2] = { height, width };
    for (int i = 0; i < LAYERS; i++) {
        nc_conv_desc desc;
        must(nc_conv_desc_init(&desc, sizeof desc, layers[i].kind, 2));
        desc.batch = batch;
        desc.in_channels = layers[i].in;
        desc.out_channels = layers[i].out;
        desc.activation = layers[i].activation;
        for (int axis = 0; axis < 2; axis++) {
            desc.input[axis] = size[axis];
            desc.kernel[axis] = layers[i].kernel;
            desc.stride[axis] = layers[i].stride;
            desc.pad_begin[axis] = desc.pad_end[axis] = layers[i].pad;
        }
        must(nc_plan_create(&desc, &f->plan[i]));
        for (int32_t pass = NC_FORWARD; pass <= NC_BACKWARD_WEIGHTS; pass++) reserve(&f->exec, f->plan[i], pass);

        int64_t output[3];
        must(nc_output_shape(&desc, output));
        f->output_count[i] = (size_t)(batch * layers[i].out * output[0] * output[1]);
        f->output[i] = new_floats(f->output_count[i]);
        f->gradient[i] = new_floats(f->output_count[i]);
        size[0] = output[0];
        size[1] = output[1];
    }
    return f;
}

void frame_free(frame* f)
{
    for (int i = 0; i < LAYERS; i++) {
        nc_plan_destroy(f->plan[i]);
        free(f->output[i]);
        free(f->gradient[i]);
    }
    free(f->exec.workspace);
    free(f);
}

/* -- what is learned ------------------------------------------------------------------------------------------------- */

/* Uniform in [-1, 1), by splitmix64. */
static float uniform(uint64_t* state)
{
    uint64_t n = *state += 0x9E3779B97F4A7C15u;
    n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9u;
    n = (n ^ (n >> 27)) * 0x94D049BB133111EBu;
    return (float)((double)((n ^ (n >> 31)) >> 40) / 8388608 - 1);
}

net net_new(uint64_t seed)
{
    net n = { 0 };
    for (int i = 0; i < LAYERS; i++) n.count += weights_of(i) + (size_t)layers[i].out;
    n.values = new_floats(n.count);
    n.gradients = new_floats(n.count);
    n.mean = new_floats(n.count);
    n.square = new_floats(n.count);

    size_t at = 0;
    for (int i = 0; i < LAYERS; i++) {
        n.w[i] = n.values + at;
        n.dw[i] = n.gradients + at;
        at += weights_of(i);
        n.b[i] = n.values + at;
        n.db[i] = n.gradients + at;
        at += (size_t)layers[i].out;
    }

    /* Layers with a relu begin with variance 2 / inputs (He et al. 2015; a uniform of width a has a^2 / 3). The last one
       begins with zeros: before the first step the net is the bilinear enlargement. */
    for (int i = 0; i + 1 < LAYERS; i++) {
        float width = sqrtf(6.0f / (float)(layers[i].in * layers[i].kernel * layers[i].kernel));
        for (size_t k = 0; k < weights_of(i); k++) n.w[i][k] = width * uniform(&seed);
    }
    return n;
}

void net_free(net* n)
{
    free(n->values);
    free(n->gradients);
    free(n->mean);
    free(n->square);
}

/* -- running and training --------------------------------------------------------------------------------------------- */

const float* net_forward(const net* n, frame* f, const float* small, const float* bilinear)
{
    f->input = small;
    must(nc_conv_forward(f->plan[0], small, n->w[0], n->b[0], f->output[0], &f->exec));
    must(nc_conv_forward(f->plan[1], f->output[0], n->w[1], n->b[1], f->output[1], &f->exec));

    nc_exec skip = f->exec;              /* y = deconv(x, w) + bias + 1 * bilinear */
    skip.beta = 1;
    skip.addend = bilinear;
    must(nc_deconv_forward(f->plan[2], f->output[1], n->w[2], n->b[2], f->output[2], &skip));
    return f->output[2];
}

/* The mean squared error, and its gradient by the net's output. */
static double loss(frame* f, const float* truth)
{
    size_t count = f->output_count[LAYERS - 1];
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        float difference = f->output[LAYERS - 1][i] - truth[i];
        sum += (double)difference * difference;
        f->gradient[LAYERS - 1][i] = 2 * difference / (float)count;
    }
    return sum / (double)count;
}

/* From the last layer to the first: each one's gradients by its weights, then by its input. Each call is given the y that
   forward wrote, and applies the relu's gradient while it reads dy. The skip has no weights: there is nothing to do. */
static void backward(net* n, frame* f)
{
    float **y = f->output, **dy = f->gradient;
    must(nc_deconv_backward_weights(f->plan[2], y[1], dy[2], NULL, n->dw[2], n->db[2], &f->exec));
    must(nc_deconv_backward_data(f->plan[2], dy[2], n->w[2], NULL, dy[1], &f->exec));
    must(nc_conv_backward_weights(f->plan[1], y[0], dy[1], y[1], n->dw[1], n->db[1], &f->exec));
    must(nc_conv_backward_data(f->plan[1], dy[1], n->w[1], y[1], dy[0], &f->exec));
    must(nc_conv_backward_weights(f->plan[0], f->input, dy[0], y[0], n->dw[0], n->db[0], &f->exec));
}

/* Adam (Kingma, Ba 2015) with its usual constants. */
static void adam(net* n, double rate)
{
    const float keep_mean = 0.9f, keep_square = 0.999f, tiny = 1e-8f;
    n->steps++;
    float mean_scale = (float)(1 / (1 - pow(keep_mean, n->steps))), square_scale = (float)(1 / (1 - pow(keep_square, n->steps)));
    for (size_t i = 0; i < n->count; i++) {
        float g = n->gradients[i];
        n->mean[i] = keep_mean * n->mean[i] + (1 - keep_mean) * g;
        n->square[i] = keep_square * n->square[i] + (1 - keep_square) * g * g;
        n->values[i] -= (float)rate * n->mean[i] * mean_scale / (sqrtf(n->square[i] * square_scale) + tiny);
    }
}

double net_train(net* n, frame* f, const float* small, const float* bilinear, const float* truth, double rate)
{
    net_forward(n, f, small, bilinear);
    double error = loss(f, truth);
    backward(n, f);
    adam(n, rate);
    return error;
}
