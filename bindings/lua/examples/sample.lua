-- The same program in every language of bindings/: the worked example that the project began with, then a filter over a photo.
--
--     luajit sample.lua photo.pgm sharpened.pgm
local nc = require "nativeconv"

local function print_grid(title, grid, size)
    print(title)
    for row = 0, size - 1 do
        local line = {}
        for column = 0, size - 1 do line[#line + 1] = ("%4g"):format(grid[row * size + column]) end
        print(table.concat(line))
    end
end

local function ones(count)
    local numbers = nc.floats(count)
    for i = 0, count - 1 do numbers[i] = 1 end
    return numbers
end

-- A 9 x 9 picture of ones, a kernel with the weights 1 to 9 that moves by 3; how the sum of the results changes with each pixel; and
-- the deconvolution of 3 x 3 ones, which prints the same grid.
local function article()
    local w, y, dx, enlarged = nc.floats { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, nc.floats(9), nc.floats(81), nc.floats(81)
    local conv = nc.plan { input = { 9, 9 }, channels = { 1, 1 }, kernel = 3, stride = 3 }
    conv:forward(ones(81), w, nil, y)
    conv:backward_data(ones(9), w, nil, dx)
    local deconv = nc.plan { kind = "deconv", input = { 3, 3 }, channels = { 1, 1 }, kernel = 3, stride = 3 }
    deconv:forward(ones(9), w, nil, enlarged)

    print_grid("conv:", y, 3)
    print_grid("gradient of its sum:", dx, 9)
    print_grid("deconv:", enlarged, 9)
end

local function sharpen(from, to)
    local file = assert(io.open(from, "rb"))
    local content = file:read("*a")
    file:close()
    local width, height, pixels = content:match("^P5%s+(%d+)%s+(%d+)%s+255%s(.*)$")
    if not width then error(from .. " is not a PGM file") end
    width, height = tonumber(width), tonumber(height)

    local x, y = nc.floats(width * height), nc.floats(width * height)
    for i = 0, width * height - 1 do x[i] = pixels:byte(i + 1) end
    local plan = nc.plan { input = { height, width }, channels = { 1, 1 }, kernel = 3, padding = 1, activation = "clip", activation_alpha = 0, activation_beta = 255 }
    plan:forward(x, nc.floats { 0, -1, 0, -1, 5, -1, 0, -1, 0 }, nil, y)

    local sum, bytes = 0, {}
    for i = 0, width * height - 1 do
        sum = sum + y[i]
        bytes[i + 1] = string.char(y[i])
    end
    print(("photo: %d x %d, sharpened, mean %.4f"):format(width, height, sum / (width * height)))
    file = assert(io.open(to, "wb"))
    file:write(("P5\n%d %d\n255\n"):format(width, height), table.concat(bytes))
    file:close()
end

if #arg ~= 2 then
    io.stderr:write("usage: luajit sample.lua photo.pgm sharpened.pgm\n")
    os.exit(2)
end
article()
sharpen(arg[1], arg[2])
