#include "article.h"
#include "must.h"

static void print_grid(const char* title, const float* grid, int size)
{
    printf("\n%s\n", title);
    for (int i = 0; i < size * size; i++) printf("%4g%s", grid[i], (i + 1) % size ? "" : "\n");
}

/* One picture, one channel, a 3 x 3 kernel that moves by 3: its windows touch, but do not overlap. */
static nc_plan* plan_of(int32_t kind, int size)
{
    nc_conv_desc desc;
    must(nc_conv_desc_init(&desc, sizeof desc, kind, 2));
    desc.batch = desc.in_channels = desc.out_channels = 1;
    for (int axis = 0; axis < 2; axis++) {
        desc.input[axis] = size;
        desc.kernel[axis] = 3;
        desc.stride[axis] = 3;
    }
    nc_plan* plan;
    must(nc_plan_create(&desc, &plan));
    return plan;
}

int article_examples(void)
{
    float ones[81], weights[9], y[9], dx[81], enlarged[81];
    for (int i = 0; i < 81; i++) ones[i] = 1;
    for (int i = 0; i < 9; i++) weights[i] = (float)(i + 1);

    /* A 9 x 9 picture of ones: each window sums the weights, 1 + ... + 9 = 45, and there are nine windows. */
    nc_plan* conv = plan_of(NC_CONV, 9);
    must(nc_conv_forward(conv, ones, weights, NULL, y, NULL));
    float sum = 0;
    for (int i = 0; i < 9; i++) sum += y[i];
    print_grid("Convolution of 9 x 9 ones with the weights 1 to 9, stride 3:", y, 3);
    printf("sum: %g\n", sum);

    /* How that sum changes with each pixel: dy is 1 everywhere, and each pixel meets exactly one weight. */
    must(nc_conv_backward_data(conv, ones, weights, NULL, dx, NULL));
    print_grid("Gradient of the sum with respect to each pixel:", dx, 9);

    /* The deconvolution of 3 x 3 ones spreads the same weights: it prints the same grid. */
    nc_plan* deconv = plan_of(NC_DECONV, 3);
    must(nc_deconv_forward(deconv, ones, weights, NULL, enlarged, NULL));
    print_grid("Deconvolution of 3 x 3 ones with the same weights, stride 3:", enlarged, 9);

    int wrong = sum != 405;
    for (int i = 0; i < 81; i++) {
        float expected = weights[i / 9 % 3 * 3 + i % 3];
        wrong += dx[i] != expected || enlarged[i] != expected;
    }
    nc_plan_destroy(conv);
    nc_plan_destroy(deconv);
    if (wrong) fprintf(stderr, "these numbers are wrong\n");
    return wrong;
}
