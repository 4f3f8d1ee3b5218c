// ns for a call of nativeconv.hpp.
#include <nativeconv.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

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
    double best = 1e30;
    for (int round = 0; round < 2000; round++) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < 200; i++) plan.forward(x, w, nullptr, y, exec);
        best = std::min(best, std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / 200);
    }
    std::printf("C++ %.0f\n", best);
}
