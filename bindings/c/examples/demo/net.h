/* A small net that doubles the size of gray pictures, written with nothing but the library:
 *
 *     small -> conv 5 x 5, relu -> conv 3 x 3, relu -> deconv 4 x 4, stride 2 -> + bilinear enlargement -> large
 *
 * The bilinear enlargement is added by the last layer itself (exec.addend): the net learns only what it lacks. */
#ifndef NET_H
#define NET_H

#include <stddef.h>
#include <stdint.h>

enum { LAYERS = 3, CHANNELS = 32 };

/* What is learned. Weights and biases of all layers lie in one array, so that Adam is one loop. */
typedef struct net {
    size_t count;
    float *values, *gradients, *mean, *square;  /* mean, square: Adam's averages of the gradient and of its square */
    float *w[LAYERS], *b[LAYERS];               /* into values */
    float *dw[LAYERS], *db[LAYERS];             /* into gradients */
    int steps;
} net;

net  net_new(uint64_t seed);
void net_free(net* n);

/* What is needed to run the net on `batch` small pictures of one size: plans, the layers' outputs, gradients. */
typedef struct frame frame;

frame* frame_new(int batch, int height, int width);
void   frame_free(frame* f);

/* small: batch x height x width; bilinear and the result: twice as high and wide. The result belongs to the frame. */
const float* net_forward(const net* n, frame* f, const float* small, const float* bilinear);

/* One step of training towards `truth`; returns the mean squared error before it. */
double net_train(net* n, frame* f, const float* small, const float* bilinear, const float* truth, double rate);

#endif
