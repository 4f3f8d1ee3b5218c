// A convolution on oneTBB's threads: exec::parallel_for with tbb::parallel_for. Needs libtbb-dev, and -ltbb.
#include <nativeconv.hpp>

#include <tbb/parallel_for.h>

#include <cstdio>
#include <cstring>
#include <vector>

int main()
{
    namespace nc = nativeconv;
    nc::plan<float> plan(nc::desc::conv({64, 64}).channels(32, 32).kernel(3).padding(1));
    std::vector<float> x(plan.x_elements()), w(plan.w_elements()), alone(plan.y_elements()), together(plan.y_elements());
    for (std::size_t i = 0; i < x.size(); i++) x[i] = float(i % 17) / 17 - 0.5f;
    for (std::size_t i = 0; i < w.size(); i++) w[i] = float(i % 23) / 23 - 0.5f;

    int batches = 0;
    auto tbb_jobs = [&](std::int32_t count, auto task) {
        batches++;
        tbb::parallel_for(std::int32_t(0), count, task);
    };
    plan.forward(x, w, nullptr, alone, nc::exec().threads(1));
    plan.forward(x, w, nullptr, together, nc::exec().threads(4).parallel_for(tbb_jobs));

    const bool same = std::memcmp(alone.data(), together.data(), alone.size() * sizeof(float)) == 0;
    std::printf("%d batches of work on TBB's threads: %s bits\n", batches, same ? "the same" : "other");
    return !same || batches == 0;
}
