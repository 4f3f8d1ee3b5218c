-- ns for a call from LuaJIT.
local ffi = require "ffi"
local nc = require "nativeconv"
ffi.cdef "typedef struct { long seconds, nanoseconds; } timespec_t; int clock_gettime(int, timespec_t*);"
local time = ffi.new("timespec_t")
local function now()
    ffi.C.clock_gettime(1, time)
    return tonumber(time.seconds) * 1e9 + tonumber(time.nanoseconds)
end

local plan = nc.plan { input = 1, channels = { 1, 1 }, kernel = 1 }
local x, w, y = nc.floats(1), nc.floats(1), nc.floats(1)
local options = nc.exec { num_threads = 1, workspace = plan:make_workspace("forward", { num_threads = 1 }) }
local best = 1e30
for _ = 1, 2000 do
    local start = now()
    for _ = 1, 200 do plan:forward(x, w, nil, y, options) end
    best = math.min(best, (now() - start) / 200)
end
print(("Lua %.0f"):format(best))
