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

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { BATCH = 8, PATCH = 32 };          /* one step: 8 squares of 32 x 32 pixels of the small photo */
static const double FIRST_RATE = 0.002;  /* the learning rate at the start; it falls to nothing */

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

/* How good it is on the whole photo, and where it never learned. */
typedef struct quality { double whole, held_out; } quality;

static quality quality_of(const image* picture, const scene* s)
{
    return (quality){ decibels(image_error(picture, &s->truth, 0, s->truth.width)), decibels(image_error(picture, &s->truth, s->held_out, s->truth.width)) };
}

/* A number in [0, count), by Knuth's MMIX generator. */
static int random_below(uint64_t* state, int count)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (int)((*state >> 33) % (uint64_t)count);
}

static void swap(float* a, float* b)
{
    float kept = *a;
    *a = *b;
    *b = kept;
}

/* One of the eight ways to lay down a square: one photo then teaches as much as eight. */
static void turn(float* square, int size, int way)
{
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size / 2 && way & 1; x++) swap(&square[y * size + x], &square[y * size + size - 1 - x]);
    for (int y = 0; y < size / 2 && way & 2; y++)
        for (int x = 0; x < size; x++) swap(&square[y * size + x], &square[(size - 1 - y) * size + x]);
    for (int y = 0; y < size && way & 4; y++)
        for (int x = 0; x < y; x++) swap(&square[y * size + x], &square[x * size + y]);
}

/* One batch of squares: from the small photo, from its enlargement, and from the truth. */
typedef struct patches { float *small, *bilinear, *truth; } patches;

static patches patches_new(void)
{
    enum { SMALL = BATCH * PATCH * PATCH };
    return (patches){ new_floats(SMALL), new_floats(4 * SMALL), new_floats(4 * SMALL) };
}

static void patches_free(patches* p)
{
    free(p->small);
    free(p->bilinear);
    free(p->truth);
}

/* Squares at random places of the part to learn from. */
static void patches_choose(patches* p, const scene* s, uint64_t* seed)
{
    for (int i = 0; i < BATCH; i++) {
        int left = random_below(seed, s->held_out / 2 - PATCH + 1), top = random_below(seed, s->small.height - PATCH + 1), way = random_below(seed, 8);
        float *small = p->small + i * PATCH * PATCH, *bilinear = p->bilinear + i * 4 * PATCH * PATCH, *truth = p->truth + i * 4 * PATCH * PATCH;
        image_crop(&s->small, left, top, PATCH, PATCH, small);
        image_crop(&s->bilinear, 2 * left, 2 * top, 2 * PATCH, 2 * PATCH, bilinear);
        image_crop(&s->truth, 2 * left, 2 * top, 2 * PATCH, 2 * PATCH, truth);
        turn(small, PATCH, way);
        turn(bilinear, 2 * PATCH, way);
        turn(truth, 2 * PATCH, way);
    }
}

static void train(net* n, const scene* s, const options* o, frame* whole)
{
    frame* small = frame_new(BATCH, PATCH, PATCH);
    patches p = patches_new();
    uint64_t seed = 1;
    double begin = now(), reported = begin, sum = 0;
    int summed = 0;

    for (double done = 0; done < 1;) {
        patches_choose(&p, s, &seed);
        sum += net_train(n, small, p.small, p.bilinear, p.truth, FIRST_RATE * (1 - done));
        summed++;

        double time = now();
        done = o->steps ? (double)n->steps / o->steps : (time - begin) / o->seconds;
        if (time - reported < 1 && done < 1 && n->steps > 1) continue;

        image large = enlarge(n, whole, s);
        quality q = quality_of(&large, s);
        image_free(&large);
        double left = done < 1 ? (time - begin) * (1 - done) / done : 0;
        printf("step %6d   loss %.6f   PSNR %.2f dB, never trained on %.2f dB   %3.0f s left\n", n->steps, sum / summed, q.whole, q.held_out, left);
        fflush(stdout);
        reported = now();
        sum = 0;
        summed = 0;
    }
    frame_free(small);
    patches_free(&p);
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

    quality q[3];
    printf("\nPSNR in dB         whole photo   never trained on\n");
    for (int i = 0; i < 3; i++) {
        q[i] = quality_of(pictures[i], s);
        printf("  %-10s %17.2f %18.2f\n", names[i], q[i].whole, q[i].held_out);
    }
    double gain = q[2].whole - q[1].whole, held_out_gain = q[2].held_out - q[1].held_out;
    int better = gain > 0 && held_out_gain > 0;
    printf("The net is %s than bilinear enlargement: %+.2f dB, where it never learned %+.2f dB.\n\n", better ? "better" : "NOT better", gain, held_out_gain);

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
    if (mkdir(o.folder, 0777) != 0 && errno != EEXIST) { perror(o.folder); return 2; }
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
