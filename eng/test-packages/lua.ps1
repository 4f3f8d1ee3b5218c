# The package for LuaJIT and LÖVE.

function Test-Lua {
    if (-not (Test-Tools 'lua' @('luajit'))) { return }
    $archive = "$packages/nativeconv-lua-$version-linux-x64.tar.gz"
    $files = @('nativeconv.lua', 'README.md', 'examples/sample.lua', 'love/main.lua', 'love/photo/ascent.pgm', 'love/photo/LICENSE', 'libnativeconv.so', 'libnativeconv.avx512.so') + $licenses
    Test-Contents $archive @($files.ForEach({ "nativeconv-lua-$version/$_" }))
    Expand-Package $archive $temp
    $folder = "$temp/nativeconv-lua-$version"
    $environment = @{ LUA_PATH = "$folder/?.lua" }
    Invoke-Program 'lua' @('luajit', "$folder/tests/test.lua") $environment
    Test-Sample 'Lua' @('luajit', "$folder/examples/sample.lua") $environment
    Export-Snippet "$folder/README.md" 'lua' "$temp/readme.lua"
    Test-FirstProgram 'Lua' @('luajit', "$temp/readme.lua") $environment
    $script = 'require("nativeconv").plan { input = 9, channels = { 1, 1 }, kernel = 3 }'
    Test-Message 'lua: old library' 'too old: its ABI version is 0, 1 is needed' @('luajit', '-e', $script) @{ LUA_PATH = "$folder/?.lua"; NATIVECONV_LIBRARY = $oldLibrary }
    Test-Message 'lua: no library' 'nativeconv found no library that it can use' @('luajit', '-e', $script) @{ LUA_PATH = "$folder/?.lua"; NATIVECONV_LIBRARY = "$temp/nowhere.so" }
    if (Test-Tools 'lua on a Nehalem' @('qemu-x86_64')) {
        Test-Message 'lua on a Nehalem' @('nativeconv: cpu: x86-64-v3 is needed', 'NC_ERROR_UNSUPPORTED') ($nehalem + @((Get-Tool 'luajit'), '-joff', '-e', $script)) $environment
    }
    Test-Love "$folder/love"
}

# The game under a virtual screen, played by xdotool.
function Test-Love([string]$game) {
    if (-not (Test-Tools 'love' @('love', 'Xvfb', 'xdotool'))) { return }
    $got = Read-Output @('sh', "$root/native-tests/packages/play.sh", $game, "$temp/love")
    Say $got.Text
    $saves = "$temp/love/love/nativeconv"
    Invoke-Program 'love: screenshots' @('python3', "$root/bindings/lua/tests/screenshot.py", $saves, $photo)
    foreach ($said in 'saved sharpen threads 1', 'saved edges threads 2') { if ($got.Text.Contains($said)) { Pass "love: $said" } else { Miss "love: $said" $got.Text } }
    # The key Down made the learning rate 0.15, the mouse set it to 153 of the slider's 236 pixels, of 0.5.
    $learned = [regex]::Match($got.Text, 'saved learning threads 2 rate 0\.32 error (\S+) then (\S+) after \d+ steps(?!.*steps)', 'Singleline') # the last one
    if ($learned.Success -and [double]$learned.Groups[2].Value -lt 0.1 * [double]$learned.Groups[1].Value) { Pass "love: $($learned.Value)" } else { Miss 'love: learning' $got.Text }
    [void][IO.Directory]::CreateDirectory("$root/artifacts/tests/love")
    if ([IO.Directory]::Exists($saves)) { foreach ($file in [IO.Directory]::GetFiles($saves, '*.png')) { Copy-Into $file "$root/artifacts/tests/love" } }
}
