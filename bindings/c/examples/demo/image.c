#include "image.h"
#include "must.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

image image_new(int width, int height)
{
    return (image){ width, height, new_floats((size_t)width * (size_t)height) };
}

void image_free(image* picture)
{
    free(picture->pixels);
    picture->pixels = NULL;
}

static FILE* must_open(const char* path, const char* mode)
{
    FILE* file = fopen(path, mode);
    if (!file) { perror(path); exit(1); }
    return file;
}

image image_read_pgm(const char* path)
{
    FILE* file = must_open(path, "rb");
    int width, height, white;
    if (fscanf(file, "P5 %d %d %d", &width, &height, &white) != 3 || white != 255 || fgetc(file) != '\n' || width < 1 || height < 1) {
        fprintf(stderr, "%s: not an 8 bit PGM\n", path);
        exit(1);
    }
    image picture = image_new(width, height);
    for (int i = 0; i < width * height; i++) {
        int value = fgetc(file);
        if (value == EOF) { fprintf(stderr, "%s: cut off\n", path); exit(1); }
        picture.pixels[i] = (float)value / 255;
    }
    fclose(file);
    return picture;
}

/* -- PNG: a signature and chunks; the pixels are a zlib stream, here of stored (uncompressed) blocks ------------------- */

static void big_endian(unsigned char* to, uint32_t value)
{
    for (int i = 0; i < 4; i++) to[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* A chunk: length, kind, data, and the CRC of kind and data (PNG specification, annex D). */
static void write_chunk(FILE* file, const char* kind, const unsigned char* data, size_t count)
{
    unsigned char number[4];
    big_endian(number, (uint32_t)count);
    fwrite(number, 1, 4, file);
    fwrite(kind, 1, 4, file);
    fwrite(data, 1, count, file);

    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < 4 + count; i++) {
        crc ^= i < 4 ? (unsigned char)kind[i] : data[i - 4];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    big_endian(number, ~crc);
    fwrite(number, 1, 4, file);
}

static unsigned char gray(float value)
{
    return (unsigned char)lrintf(255 * fminf(fmaxf(value, 0), 1));
}

void image_write_png(const image* picture, const char* path)
{
    /* Each row is preceded by its filter: 0, none. */
    size_t row = (size_t)picture->width + 1, raw_count = row * (size_t)picture->height;
    unsigned char* raw = must_allocate(raw_count, 1);
    for (int y = 0; y < picture->height; y++)
        for (int x = 0; x < picture->width; x++) raw[(size_t)y * row + 1 + (size_t)x] = gray(picture->pixels[y * picture->width + x]);

    /* zlib: two bytes, blocks of at most 65535 bytes with a 5 byte head each, the Adler-32 sum (RFC 1950, 1951). */
    const size_t most = 65535;
    unsigned char* stream = must_allocate(raw_count + 5 * (raw_count / most + 1) + 6, 1);
    unsigned char* to = stream;
    *to++ = 0x78;
    *to++ = 0x01;
    for (size_t at = 0; at < raw_count; at += most) {
        size_t count = raw_count - at < most ? raw_count - at : most;
        *to++ = at + count == raw_count;
        *to++ = (unsigned char)count;
        *to++ = (unsigned char)(count >> 8);
        *to++ = (unsigned char)~count;
        *to++ = (unsigned char)(~count >> 8);
        memcpy(to, raw + at, count);
        to += count;
    }
    uint32_t low = 1, high = 0;
    for (size_t i = 0; i < raw_count; i++) {
        low = (low + raw[i]) % 65521;
        high = (high + low) % 65521;
    }
    big_endian(to, high << 16 | low);
    to += 4;

    unsigned char head[13] = { 0 };
    big_endian(head, (uint32_t)picture->width);
    big_endian(head + 4, (uint32_t)picture->height);
    head[8] = 8;                         /* bits; the rest 0: gray, no interlace */

    FILE* file = must_open(path, "wb");
    fwrite("\x89PNG\r\n\x1a\n", 1, 8, file);
    write_chunk(file, "IHDR", head, sizeof head);
    write_chunk(file, "IDAT", stream, (size_t)(to - stream));
    write_chunk(file, "IEND", NULL, 0);
    if (ferror(file) || fclose(file) != 0) { perror(path); exit(1); }
    free(raw);
    free(stream);
}

/* -- sizes -------------------------------------------------------------------------------------------------------- */

image image_halved(const image* large)
{
    image small = image_new(large->width / 2, large->height / 2);
    for (int y = 0; y < small.height; y++)
        for (int x = 0; x < small.width; x++) {
            const float *above = large->pixels + 2 * y * large->width + 2 * x, *below = above + large->width;
            small.pixels[y * small.width + x] = (above[0] + above[1] + below[0] + below[1]) / 4;
        }
    return small;
}

image image_doubled(const image* small)
{
    image large = image_new(2 * small->width, 2 * small->height);
    for (int y = 0; y < large.height; y++)
        for (int x = 0; x < large.width; x++) large.pixels[y * large.width + x] = small->pixels[y / 2 * small->width + x / 2];
    return large;
}

static int clamp(int value, int most) { return value < 0 ? 0 : value > most ? most : value; }

image image_bilinear(const image* small)
{
    image large = image_new(2 * small->width, 2 * small->height);
    for (int y = 0; y < large.height; y++)
        for (int x = 0; x < large.width; x++) {
            /* The nearest small pixel counts 3/4, its neighbour on the other side 1/4, along each axis. */
            int near_x = x / 2, far_x = clamp(near_x + (x % 2 ? 1 : -1), small->width - 1);
            int near_y = y / 2, far_y = clamp(near_y + (y % 2 ? 1 : -1), small->height - 1);
            const float *near_row = small->pixels + near_y * small->width, *far_row = small->pixels + far_y * small->width;
            large.pixels[y * large.width + x] = (9 * near_row[near_x] + 3 * near_row[far_x] + 3 * far_row[near_x] + far_row[far_x]) / 16;
        }
    return large;
}

void image_crop(const image* from, int left, int top, int width, int height, float* to)
{
    for (int y = 0; y < height; y++) memcpy(to + y * width, from->pixels + (top + y) * from->width + left, (size_t)width * sizeof(float));
}

void image_paste(image* onto, int left, int top, const image* from)
{
    for (int y = 0; y < from->height; y++)
        memcpy(onto->pixels + (top + y) * onto->width + left, from->pixels + y * from->width, (size_t)from->width * sizeof(float));
}

double image_error(const image* a, const image* b, int left, int right)
{
    double sum = 0;
    for (int y = 0; y < a->height; y++)
        for (int x = left; x < right; x++) {
            double difference = fmin(fmax(a->pixels[y * a->width + x], 0), 1) - b->pixels[y * b->width + x];
            sum += difference * difference;
        }
    return sum / ((double)a->height * (right - left));
}

double decibels(double mean_squared_error) { return -10 * log10(mean_squared_error); }
