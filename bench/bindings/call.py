"""ns for a call of a Python Plan."""
import time

import numpy
import nativeconv

x, w, y = (numpy.ones(shape, "float32") for shape in ((1, 1, 1),) * 3)
plan = nativeconv.Plan("conv", x.shape, w.shape, num_threads=1)
best = 1e30
for _ in range(2000):
    start = time.perf_counter_ns()
    for _ in range(50):
        plan.forward(x, w, out=y)
    best = min(best, (time.perf_counter_ns() - start) / 50)
print(f"Python {best:.0f}")
