/* The same program in every language of bindings/: the worked example that the project began with, then a filter over a photo.
 *
 *     sample photo.pgm sharpened.pgm */
#include <nativeconv.h>
#include <stdio.h>
#include <stdlib.h>

static void must(nc_status status)
{
    if (status == NC_OK) return;
    char why[512];
    nc_last_error(why, sizeof why);
    fprintf(stderr, "%s: %s\n", nc_status_string(status), why);
    exit(1);
}

static nc_plan* plan_of(int32_t kind, int height, int width, int stride, int pad, int32_t activation)
{
    nc_conv_desc desc;
    must(nc_conv_desc_init(&desc, sizeof desc, kind, 2));
    desc.batch = desc.in_channels = desc.out_channels = 1;
    desc.input[0] = height;
    desc.input[1] = width;
    desc.activation = activation;
    desc.activation_beta = activation == NC_ACT_CLIP ? 255 : 0;   /* alpha, the lower limit, is 0 */
    for (int axis = 0; axis < 2; axis++) {
        desc.kernel[axis] = 3;
        desc.stride[axis] = stride;
        desc.pad_begin[axis] = desc.pad_end[axis] = pad;
    }
    nc_plan* plan;
    must(nc_plan_create(&desc, &plan));
    return plan;
}

static void print_grid(const char* title, const float* grid, int size)
{
    printf("%s\n", title);
    for (int i = 0; i < size * size; i++) printf("%4g%s", grid[i], (i + 1) % size ? "" : "\n");
}

/* A 9 x 9 picture of ones, a kernel with the weights 1 to 9 that moves by 3; how the sum of the results changes with each pixel; and
   the deconvolution of 3 x 3 ones, which prints the same grid. */
static void article(void)
{
    float ones[81], w[9], y[9], dx[81], enlarged[81];
    for (int i = 0; i < 81; i++) ones[i] = 1;
    for (int i = 0; i < 9; i++) w[i] = (float)(i + 1);

    nc_plan* conv = plan_of(NC_CONV, 9, 9, 3, 0, NC_ACT_IDENTITY);
    must(nc_conv_forward(conv, ones, w, NULL, y, NULL));
    must(nc_conv_backward_data(conv, ones, w, NULL, dx, NULL));
    nc_plan* deconv = plan_of(NC_DECONV, 3, 3, 3, 0, NC_ACT_IDENTITY);
    must(nc_deconv_forward(deconv, ones, w, NULL, enlarged, NULL));

    print_grid("conv:", y, 3);
    print_grid("gradient of its sum:", dx, 9);
    print_grid("deconv:", enlarged, 9);
    nc_plan_destroy(conv);
    nc_plan_destroy(deconv);
}

static void sharpen(const char* from, const char* to)
{
    int width, height;
    FILE* file = fopen(from, "rb");
    if (!file || fscanf(file, "P5 %d %d 255", &width, &height) != 2 || fgetc(file) == EOF) { fprintf(stderr, "%s is not a PGM file\n", from); exit(1); }
    size_t pixels = (size_t)width * (size_t)height;
    unsigned char* bytes = malloc(pixels);
    float *x = malloc(pixels * sizeof *x), *y = malloc(pixels * sizeof *y);
    if (!bytes || !x || !y || fread(bytes, 1, pixels, file) != pixels) { fprintf(stderr, "%s is cut off\n", from); exit(1); }
    fclose(file);

    const float w[9] = { 0, -1, 0, -1, 5, -1, 0, -1, 0 };
    for (size_t i = 0; i < pixels; i++) x[i] = bytes[i];
    nc_plan* plan = plan_of(NC_CONV, height, width, 1, 1, NC_ACT_CLIP);
    must(nc_conv_forward(plan, x, w, NULL, y, NULL));
    nc_plan_destroy(plan);

    double sum = 0;
    for (size_t i = 0; i < pixels; i++) sum += bytes[i] = (unsigned char)y[i];
    printf("photo: %d x %d, sharpened, mean %.4f\n", width, height, sum / (double)pixels);
    file = fopen(to, "wb");
    if (!file || fprintf(file, "P5\n%d %d\n255\n", width, height) < 0 || fwrite(bytes, 1, pixels, file) != pixels || fclose(file)) { fprintf(stderr, "%s cannot be written\n", to); exit(1); }
    free(bytes);
    free(x);
    free(y);
}

int main(int argc, char** argv)
{
    if (argc != 3) { fprintf(stderr, "usage: sample photo.pgm sharpened.pgm\n"); return 2; }
    if (nc_abi_version() < NC_ABI_VERSION) {                      /* the first call also starts the library's runtime */
        fprintf(stderr, "the library is too old: its ABI version is %u, %d is needed\n", (unsigned)nc_abi_version(), NC_ABI_VERSION);
        return 1;
    }
    article();
    sharpen(argv[1], argv[2]);
    return 0;
}
