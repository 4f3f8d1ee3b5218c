-- A photo, filtered every frame, and a filter that is learned while you watch.
--
--     1 sharpen   2 edges   3 upscale   t learn the filter   up, down: learning rate   left, right: threads   p screenshot   escape
package.path = package.path .. ";" .. love.filesystem.getSource() .. "/../?.lua"
local ffi = require "ffi"
local nc = require "nativeconv"

local SIZE, LEFT, RIGHT, TOP = 512, 4, 524, 4
local FILTERS = { sharpen = { 0, -1, 0, -1, 5, -1, 0, -1, 0 }, edges = { 0, -1, 0, -1, 4, -1, 0, -1, 0 } }

local mode, threads, rate, training = "sharpen", 1, 0.5, false
local photo, result, photo_image, result_image, result_pixels
local layers, learned = {}, nil
local milliseconds, loss, steps, message = 0, nil, 0, ""

--- The photo's pixels, from 0 to 1.
local function read_photo()
    local source = love.filesystem.getSource()
    local file
    for _, name in ipairs { source .. "/ascent.pgm", source .. "/../../c/examples/photo/ascent.pgm" } do file = file or io.open(name, "rb") end
    local width, height, bytes = assert(file, "ascent.pgm is missing"):read("*a"):match("^P5%s+(%d+)%s+(%d+)%s+255%s(.*)$")
    assert(tonumber(width) == SIZE and tonumber(height) == SIZE, "the photo is not 512 x 512")
    local pixels = nc.floats(SIZE * SIZE)
    for i = 0, SIZE * SIZE - 1 do pixels[i] = bytes:byte(i + 1) / 255 end
    return pixels
end

--- A layer with a workspace and options of its own: running it allocates nothing.
local function layer(fields)
    local plan = nc.plan(fields)
    local made = { plan = plan }
    function made.options(pass)
        local key = pass .. threads
        made[key] = made[key] or nc.exec { num_threads = threads, workspace = plan:make_workspace(pass, { num_threads = threads }) }
        return made[key]
    end
    return made
end

local function gray_image()
    local data = love.image.newImageData(SIZE, SIZE)
    return data, ffi.cast("uint8_t*", data:getFFIPointer()), love.graphics.newImage(data)
end

local function show(numbers, data, pixels, image)
    for i = 0, SIZE * SIZE - 1 do
        local value = math.max(0, math.min(1, numbers[i])) * 255 + 0.5
        local at = 4 * i
        pixels[at], pixels[at + 1], pixels[at + 2], pixels[at + 3] = value, value, value, 255
    end
    image:replacePixels(data)
end

function love.load()
    photo, result = read_photo(), nc.floats(SIZE * SIZE)
    layers.filter = layer { input = { SIZE, SIZE }, channels = { 1, 1 }, kernel = 3, padding = 1 }
    layers.upscale = layer { kind = "deconv", input = { SIZE / 2, SIZE / 2 }, channels = { 1, 1 }, kernel = 4, stride = 2, padding = 1 }
    layers.half, layers.filters = nc.floats(SIZE * SIZE / 4), {}
    for name, weights in pairs(FILTERS) do layers.filters[name] = nc.floats(weights) end
    for row = 0, SIZE / 2 - 1 do
        for column = 0, SIZE / 2 - 1 do layers.half[row * SIZE / 2 + column] = photo[(row + SIZE / 4) * SIZE + column + SIZE / 4] end
    end
    local bilinear = { 0.25, 0.75, 0.75, 0.25 }
    layers.bilinear = nc.floats(16)
    for i = 0, 15 do layers.bilinear[i] = bilinear[math.floor(i / 4) + 1] * bilinear[i % 4 + 1] end
    learned, layers.gradient, layers.wanted, layers.dy = nc.floats(9), nc.floats(9), nc.floats(SIZE * SIZE), nc.floats(SIZE * SIZE)

    local photo_data, photo_pixels
    photo_data, photo_pixels, photo_image = gray_image()
    show(photo, photo_data, photo_pixels, photo_image)
    result_pixels = { gray_image() }
    result_image = result_pixels[3]
end

--- One step of gradient descent: the learned filter becomes more like the one whose pictures it sees.
local function learn()
    local plan = layers.filter.plan
    plan:forward(photo, layers.filters[mode] or layers.filters.sharpen, nil, layers.wanted, layers.filter.options("forward"))
    plan:forward(photo, learned, nil, result, layers.filter.options("forward"))
    local sum, count = 0, SIZE * SIZE
    for i = 0, count - 1 do
        local difference = result[i] - layers.wanted[i]
        sum = sum + difference * difference
        layers.dy[i] = difference / count
    end
    plan:backward_weights(photo, layers.dy, nil, layers.gradient, nil, layers.filter.options("backward_weights"))
    for i = 0, 8 do learned[i] = learned[i] - rate * layers.gradient[i] end
    loss, steps = sum / count, steps + 1
end

function love.update()
    local start = love.timer.getTime()
    if training then learn()
    elseif mode == "upscale" then layers.upscale.plan:forward(layers.half, layers.bilinear, nil, result, layers.upscale.options("forward"))
    else layers.filter.plan:forward(photo, layers.filters[mode], nil, result, layers.filter.options("forward")) end
    milliseconds = 0.9 * milliseconds + 0.1 * 1000 * (love.timer.getTime() - start)
    show(result, unpack(result_pixels))
end

function love.draw()
    love.graphics.draw(photo_image, LEFT, TOP)
    love.graphics.draw(result_image, RIGHT, TOP)
    love.graphics.print(("%s%s   %.2f ms of NativeConv in each frame, %d fps   threads %d   learning rate %.2f   %s"):format(
        mode, training and ", learning" or "", milliseconds, love.timer.getFPS(), threads, rate, nc.isa()), LEFT, 524)
    local weights = {}
    for i = 0, 8 do weights[i + 1] = ("%6.2f"):format(learned[i]) end
    love.graphics.print(("learned in %d steps: %s%s"):format(steps, table.concat(weights), loss and ("   squared error %.6f"):format(loss) or ""), LEFT, 544)
    love.graphics.print("1 sharpen  2 edges  3 upscale  t learn  up/down rate  left/right threads  p screenshot  " .. message, LEFT, 564)
end

function love.keypressed(key)
    if key == "escape" then love.event.quit()
    elseif key == "1" then mode, training = "sharpen", false
    elseif key == "2" then mode, training = "edges", false
    elseif key == "3" then mode, training = "upscale", false
    elseif key == "t" then
        training = not training
        if mode == "upscale" then mode = "sharpen" end
    elseif key == "up" then rate = math.min(0.9, rate + 0.1)
    elseif key == "down" then rate = math.max(0.1, rate - 0.1)
    elseif key == "right" then threads = math.min(8, threads + 1)
    elseif key == "left" then threads = math.max(1, threads - 1)
    elseif key == "p" then
        local name = ("%s-%d.png"):format(training and "learning" or mode, threads)
        love.graphics.captureScreenshot(function(data)
            data:encode("png", name)
            message = "saved " .. name
            print(("saved %s learned %s"):format(name, table.concat({ learned[0], learned[1], learned[4] }, " ")))
            io.stdout:flush()
        end)
    end
end
