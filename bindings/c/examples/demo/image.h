/* Gray pictures, 0 black to 1 white: reading PGM, writing PNG, making smaller and larger. */
#ifndef IMAGE_H
#define IMAGE_H

#include <stddef.h>

typedef struct image {
    int width, height;
    float* pixels;                       /* rows from the top, no gaps */
} image;

image image_new(int width, int height);
void  image_free(image* picture);

image image_read_pgm(const char* path);  /* binary, 8 bits */
void  image_write_png(const image* picture, const char* path);

image image_halved(const image* large);  /* the mean of each 2 x 2 pixels: what a camera of half the resolution sees */
image image_doubled(const image* small); /* each pixel four times */
image image_bilinear(const image* small);/* twice the size, pixel centres at quarters */

/* A part of a picture into `to`, row after row. */
void  image_crop(const image* from, int left, int top, int width, int height, float* to);
void  image_paste(image* onto, int left, int top, const image* from);

/* The mean squared error over the columns [left, right), and as decibels. */
double image_error(const image* a, const image* b, int left, int right);
double decibels(double mean_squared_error);

#endif
