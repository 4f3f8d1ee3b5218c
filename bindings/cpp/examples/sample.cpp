// The same program in every language of bindings/: the worked example that the project began with, then a filter over a photo.
//
//     sample photo.pgm sharpened.pgm
#include <nativeconv.hpp>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

namespace nc = nativeconv;

static void print_grid(const char* title, const std::vector<float>& grid, int size)
{
    std::printf("%s\n", title);
    for (int i = 0; i < size * size; i++) std::printf("%4g%s", grid[i], (i + 1) % size ? "" : "\n");
}

// A 9 x 9 picture of ones, a kernel with the weights 1 to 9 that moves by 3; how the sum of the results changes with each pixel; and
// the deconvolution of 3 x 3 ones, which prints the same grid.
static void article()
{
    std::vector<float> w(9), y(9), dx(81), enlarged(81);
    std::iota(w.begin(), w.end(), 1.0f);

    nc::plan<float> conv(nc::desc::conv({9, 9}).channels(1, 1).kernel(3).stride(3));
    conv.forward(std::vector<float>(81, 1), w, nullptr, y);
    conv.backward_data(std::vector<float>(9, 1), w, nullptr, dx);
    nc::plan<float> deconv(nc::desc::deconv({3, 3}).channels(1, 1).kernel(3).stride(3));
    deconv.forward(std::vector<float>(9, 1), w, nullptr, enlarged);

    print_grid("conv:", y, 3);
    print_grid("gradient of its sum:", dx, 9);
    print_grid("deconv:", enlarged, 9);
}

static void sharpen(const char* from, const char* to)
{
    std::ifstream file(from, std::ios::binary);
    std::string magic;
    int width = 0, height = 0, white = 0;
    file >> magic >> width >> height >> white;
    file.get();
    std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    if (magic != "P5" || white != 255 || bytes.size() != std::size_t(width) * std::size_t(height)) throw std::runtime_error(std::string(from) + " is not a PGM file");

    std::vector<float> x, y(bytes.size());
    for (char byte : bytes) x.push_back(static_cast<unsigned char>(byte));
    const float w[] = {0, -1, 0, -1, 5, -1, 0, -1, 0};
    nc::plan<float> plan(nc::desc::conv({height, width}).channels(1, 1).kernel(3).padding(1).act(nc::activation::clip, 0, 255));
    plan.forward(x, w, nullptr, y);

    std::printf("photo: %d x %d, sharpened, mean %.4f\n", width, height, std::accumulate(y.begin(), y.end(), 0.0) / double(y.size()));
    std::ofstream out(to, std::ios::binary);
    out << "P5\n" << width << ' ' << height << "\n255\n";
    for (float pixel : y) out.put(static_cast<char>(static_cast<unsigned char>(pixel)));
    if (!out.flush()) throw std::runtime_error(std::string(to) + " cannot be written");
}

int main(int argc, char** argv)
{
    if (argc != 3) { std::cerr << "usage: sample photo.pgm sharpened.pgm\n"; return 2; }
    try {
        article();
        sharpen(argv[1], argv[2]);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
