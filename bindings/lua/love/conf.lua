function love.conf(t)
    t.identity = "nativeconv"
    t.version = "11.4"
    t.window.title = "NativeConv"
    t.window.width, t.window.height = 1064, 772
    t.modules.audio, t.modules.sound, t.modules.physics, t.modules.joystick, t.modules.video = false, false, false, false, false
end
