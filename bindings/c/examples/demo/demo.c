/* Trains a net on one photo to double the size of pictures, and shows what it learned.
 *
 *     demo [FOLDER] [--seconds S] [--steps N] [--photo FILE]
 *
 * Writes PNG pictures to FOLDER (artifacts/demo). --steps N trains N steps, however long they take: then every number
 * comes out the same each time. Ends with 0 if the net is better than bilinear enlargement. */
#include "article.h"
#include "image.h"
#include "must.h"
#include "net.h"

#include <math.h>
#include <string.h>
#include <time.h>

enum {
    BATCH = 8, PATCH = 32,               /* patches of the small photo, for one step */
    WORST_RATE_IN_10000 = 20,            /* the learning rate at the start, 0.002; it falls to nothing */
};

/* The photo in all its sizes. The net sees the columns before `held_out` while it learns, and none behind. */
typedef struct scene {
    image truth, small, doubled, bilinear;
    int held_out;
} scene;

typedef struct options { const char *folder, *photo; double seconds; int steps; } options;

static double now(void)
{
    struct timespec time;
    timespec_get(&time, TIME_UTC);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static scene scene_open(const char* path)
{
    scene s = { .truth = image_read_pgm(path) };
    if (s.truth.width % 8 || s.truth.height % 2 || s.truth.width < 8 * PATCH || s.truth.height < 2 * PATCH) {
        fprintf(stderr, "%s: %d x %d is not a size for this demo\n", path, s.truth.width, s.truth.height);
        exit(1);
    }
    s.small = image_halved(&s.truth);
    s.doubled = image_doubled(&s.small);
    s.bilinear = image_bilinear(&s.small);
    s.held_out = s.truth.width / 4 * 3;
    return s;
}

static void scene_free(scene* s)
{
    image_free(&s->truth);
    image_free(&s->small);
    image_free(&s->doubled);
    image_free(&s->bilinear);
}

/* The whole photo through the net. */
static image enlarge(const net* n, frame* whole, const scene* s)
{
    image large = image_new(s->truth.width, s->truth.height);
    const float* result = net_forward(n, whole, s->small.pixels, s->bilinear.pixels);
    memcpy(large.pixels, result, (size_t)large.width * (size_t)large.height * sizeof(float));
    return large;
}

static double whole_psnr(const net* n, frame* whole, const scene* s)
{
    image large = enlarge(n, whole, s);
    double psnr = decibels(image_error(&large, &s->truth, 0, large.width));
    image_free(&large);
    return psnr;
}

/* Patches at random places of the part to learn from: as small pictures, enlarged, and the truth. */
static void choose_patches(const scene* s, uint64_t* seed, float* small, float* bilinear, float* truth)
{
    for (int i = 0; i < BATCH; i++) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;   /* Knuth's MMIX generator */
        int left = (int)((*seed >> 33) % (uint64_t)(s->held_out / 2 - PATCH + 1));
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        int top = (int)((*seed >> 33) % (uint64_t)(s->small.height - PATCH + 1));
        image_crop(&s->small, left, top, PATCH, PATCH, small + i * PATCH * PATCH);
        image_crop(&s->bilinear, 2 * left, 2 * top, 2 * PATCH, 2 * PATCH, bilinear + i * 4 * PATCH * PATCH);
        image_crop(&s->truth, 2 * left, 2 * top, 2 * PATCH, 2 * PATCH, truth + i * 4 * PATCH * PATCH);
    }
}

static void train(net* n, const scene* s, const options* o, frame* whole)
{
    frame* patches = frame_new(BATCH, PATCH, PATCH);
    float *small = new_floats(BATCH * PATCH * PATCH), *bilinear = new_floats(4 * BATCH * PATCH * PATCH), *truth = new_floats(4 * BATCH * PATCH * PATCH);
    uint64_t seed = 1;
    double begin = now(), reported = begin, sum = 0;
    int summed = 0;

    for (double done = 0; done < 1;) {
        choose_patches(s, &seed, small, bilinear, truth);
        double rate = WORST_RATE_IN_10000 / 10000.0 * (1 - done);
        sum += net_train(n, patches, small, bilinear, truth, rate);
        summed++;

        double time = now();
        done = o->steps ? (double)n->steps / o->steps : (time - begin) / o->seconds;
        if (time - reported < 1 && done < 1 && n->steps > 1) continue;
        double left = done < 1 ? (time - begin) * (1 - done) / done : 0;
        printf("step %6d   loss %.6f   PSNR %.2f dB   %3.0f s left\n", n->steps, sum / summed, whole_psnr(n, whole, s), left);
        fflush(stdout);
        reported = now();
        sum = 0;
        summed = 0;
    }
    frame_free(patches);
    free(small);
    free(bilinear);
    free(truth);
}

static void save(const image* picture, const char* folder, const char* name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.png", folder, name);
    image_write_png(picture, path);
    printf("%s\n", path);
}

/* The same part of all four pictures, pixels twice as large: half of it is from where the net never learned. */
static void save_side_by_side(const image* const pictures[4], const scene* s, const char* folder)
{
    const int size = 160, gap = 8, left = s->held_out - size / 2, top = s->truth.height / 2 - size / 2;
    image row = image_new(4 * 2 * size + 3 * gap, 2 * size);
    for (int i = 0; i < row.width * row.height; i++) row.pixels[i] = 1;
    for (int i = 0; i < 4; i++) {
        image part = image_new(size, size);
        image_crop(pictures[i], left, top, size, size, part.pixels);
        image large = image_doubled(&part);
        image_paste(&row, i * (2 * size + gap), 0, &large);
        image_free(&part);
        image_free(&large);
    }
    save(&row, folder, "side-by-side");
    image_free(&row);
}

/* Prints and saves; 1 if the net is better than bilinear enlargement on the whole photo and where it never learned. */
static int report(const net* n, frame* whole, const scene* s, const char* folder)
{
    image large = enlarge(n, whole, s);
    const image* const pictures[4] = { &s->doubled, &s->bilinear, &large, &s->truth };
    static const char* const names[4] = { "doubled", "bilinear", "net", "truth" };

    double all[3], held_out[3];
    printf("\nPSNR in dB         whole photo   never trained on\n");
    for (int i = 0; i < 3; i++) {
        all[i] = decibels(image_error(pictures[i], &s->truth, 0, s->truth.width));
        held_out[i] = decibels(image_error(pictures[i], &s->truth, s->held_out, s->truth.width));
        printf("  %-10s %17.2f %18.2f\n", names[i], all[i], held_out[i]);
    }
    int better = all[2] > all[1] && held_out[2] > held_out[1];
    printf("The net is %s than bilinear enlargement: %+.2f dB, where it never learned %+.2f dB.\n\n", better ? "better" : "NOT better", all[2] - all[1], held_out[2] - held_out[1]);

    for (int i = 0; i < 4; i++) save(pictures[i], folder, names[i]);
    save_side_by_side(pictures, s, folder);
    image_free(&large);
    return better;
}

static options read_options(int arguments, char** argument)
{
    options o = { .folder = "artifacts/demo", .photo = "bindings/c/examples/photo/ascent.pgm", .seconds = 30 };
    for (int i = 1; i < arguments; i++) {
        int more = i + 1 < arguments;
        if (more && strcmp(argument[i], "--seconds") == 0) o.seconds = atof(argument[++i]);
        else if (more && strcmp(argument[i], "--steps") == 0) o.steps = atoi(argument[++i]);
        else if (more && strcmp(argument[i], "--photo") == 0) o.photo = argument[++i];
        else if (argument[i][0] != '-') o.folder = argument[i];
        else { fprintf(stderr, "demo [FOLDER] [--seconds S] [--steps N] [--photo FILE]\n"); exit(2); }
    }
    if (!(o.seconds > 0) || o.steps < 0) { fprintf(stderr, "demo: --seconds and --steps take numbers above 0\n"); exit(2); }
    return o;
}

int main(int arguments, char** argument)
{
    options o = read_options(arguments, argument);
    printf("NativeConv %s, %s\n", nc_version(), nc_isa());
    if (article_examples() != 0) return 1;

    scene s = scene_open(o.photo);
    frame* whole = frame_new(1, s.small.height, s.small.width);
    net n = net_new(1);
    printf("\nLearning to enlarge %d x %d to %d x %d from the left three quarters of %s, on one thread:\n", s.small.width, s.small.height, s.truth.width, s.truth.height, o.photo);
    train(&n, &s, &o, whole);
    int better = report(&n, whole, &s, o.folder);

    frame_free(whole);
    net_free(&n);
    scene_free(&s);
    return better ? 0 : 1;
}
