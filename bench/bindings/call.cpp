// ns for a call of nativeconv.hpp, and for the same call of the C function, in turn.
#include <nativeconv.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

// The best of the rounds so far, with this one.
template <class Call>
static void measure(double& best, Call call)
{
    constexpr int calls = 200;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; i++) call();
    best = std::min(best, std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / calls);
}

int main()
{
    namespace nc = nativeconv;
    nc::plan<float> plan(nc::desc::conv({1}).channels(1, 1).kernel(1));
    std::vector<float> x(1, 1), w(1, 1), y(1);
    nc::buffer workspace;
    nc::exec exec;
    exec.threads(1);
    plan.make_workspace(nc::pass::forward, workspace, exec);
    exec.workspace(workspace);
    double binding = 1e30, raw = 1e30;
    for (int round = 0; round < 2000; round++) {
        measure(raw, [&] { if (nc_conv_forward(plan.get(), x.data(), w.data(), nullptr, y.data(), exec.get()) != NC_OK) std::abort(); });
        measure(binding, [&] { plan.forward(x, w, nullptr, y, exec); });
    }
    std::printf("C++ %.0f, raw %.0f\n", binding, raw);
}
