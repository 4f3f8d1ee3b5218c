# Every package, used from a temporary folder as a stranger would. Part of build.ps1, whose functions and variables it uses.

$photo = "$root/bindings/c/examples/photo/ascent.pgm"

# A command's output; counts nothing. `here`: its working directory.
function Read-Output([string[]]$command, $environment) {
    $process = Start-Tool (@('timeout', '300') + $command) $environment $true
    $text = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    @{ Text = $text; Code = $process.ExitCode }
}

# The sample of a language prints and writes what that of C did.
function Test-Sample([string]$language, [string[]]$command, $environment) {
    $picture = "$temp/sample-$($language -replace '\W', '-').pgm"
    $got = Read-Output ($command + @($photo, $picture)) $environment
    if ($got.Code -ne 0) { Miss "sample in $language" "exit code $($got.Code)"; return }
    if (-not $script:sampleText) {
        $script:sampleText = $got.Text
        $script:samplePicture = [IO.File]::ReadAllBytes($picture)
        if ($got.Text -match 'photo: 512 x 512, sharpened, mean') { Pass "sample in $language" } else { Miss "sample in $language" $got.Text }
    }
    elseif ($got.Text -cne $script:sampleText) { Miss "sample in $language" "it printed something else: $($got.Text)" }
    elseif (-not [Linq.Enumerable]::SequenceEqual($script:samplePicture, [IO.File]::ReadAllBytes($picture))) { Miss "sample in $language" 'its picture is another' }
    else { Pass "sample in $language" }
}

# The command's output has the text: what a user reads when something is wrong.
function Test-Message([string]$name, [string]$expected, [string[]]$command, $environment) {
    $got = Read-Output $command $environment
    if ($got.Text.Contains($expected)) { Pass $name } else { Miss $name "it said '$($got.Text.Trim())', expected '$expected'" }
}

# False, and said, if a tool is missing.
function Test-Tools([string]$suite, [string[]]$tools) {
    foreach ($tool in $tools) { if (-not (Get-Tool $tool)) { Skip $suite "$tool is missing"; return $false } }
    $true
}

function Expand-Package([string]$file, [string]$folder) {
    [void][IO.Directory]::CreateDirectory($folder)
    Invoke-OrExit @('tar', '-xzf', $file, '-C', $folder)
}

function Test-CPackage {
    Expand-Package "$packages/nativeconv-$version-$machine.tar.gz" $temp
    $prefix = "$temp/moved/nativeconv"
    [void][IO.Directory]::CreateDirectory("$temp/moved")
    [IO.Directory]::Move("$temp/nativeconv-$version-$machine", $prefix)
    Test-Run 'checksums of the C package' @('sh', '-c', "cd '$prefix' && sha256sum --quiet -c SHA256SUMS")
    Test-Run 'checksums of the packages' @('sh', '-c', "cd '$packages' && sha256sum --quiet -c SHA256SUMS")

    if (Test-Tools 'pkg-config' @('pkg-config')) {
        $script:flags = (Read-Output @('pkg-config', '--cflags', '--libs', 'nativeconv') @{ PKG_CONFIG_PATH = "$prefix/lib/pkgconfig" }).Text.Trim().Split(' ')
        $environment = @{ LD_LIBRARY_PATH = "$prefix/lib" }
        $code = Invoke-Tool (@($cc, '-std=c11', '-Wall', '-Wextra', '-Werror', "$root/bindings/c/examples/sample.c", '-o', "$temp/sample-c") + $script:flags)
        if ($code -eq 0) { Test-Sample 'C, pkg-config' @("$temp/sample-c") $environment } else { Miss 'sample in C, pkg-config' 'it does not compile' }
        Test-Cpp $environment
    }
    if (Test-Tools 'cmake' @('cmake', 'c++')) {
        Copy-Into "$root/native-tests/packages/cmake/CMakeLists.txt" "$temp/cmake" @{ VERSION = $version }
        foreach ($sample in 'c/examples/sample.c', 'cpp/examples/sample.cpp') { Copy-Into "$root/bindings/$sample" "$temp/cmake" }
        $code = Invoke-Tool @('cmake', '-S', "$temp/cmake", '-B', "$temp/cmake/build", "-DCMAKE_PREFIX_PATH=$prefix", '-DCMAKE_BUILD_TYPE=Release', '--log-level=WARNING')
        if ($code -eq 0) { $code = Invoke-Tool @('cmake', '--build', "$temp/cmake/build") }
        if ($code -ne 0) { Miss 'find_package(NativeConv)' "exit code $code"; return }
        Pass 'find_package(NativeConv)'
        Test-Sample 'C, CMake' @("$temp/cmake/build/sample_c")
        Test-Sample 'C++, CMake' @("$temp/cmake/build/sample_cpp")
    }
}

# Every compiler, with exceptions and without.
function Test-Cpp($environment) {
    foreach ($compiler in 'g++', 'clang++') {
        if (-not (Test-Tools "C++ by $compiler" @($compiler))) { continue }
        foreach ($mode in @('-std=c++17'), @('-std=c++20'), @('-std=c++17', '-fno-exceptions'), @('-std=c++17', '-DNATIVECONV_NO_EXCEPTIONS')) {
            $title = "$compiler $mode"
            $command = @($compiler) + $mode + @('-O2', '-Wall', '-Wextra', '-pedantic', '-Werror', "$root/bindings/cpp/tests/behaviour.cpp", '-o', "$temp/behaviour") + $script:flags
            if ((Invoke-Tool $command) -eq 0) { Invoke-Program $title @("$temp/behaviour") $environment } else { Miss $title 'it does not compile' }
        }
    }
    if ($machine -eq 'linux-x64' -and (Test-Tools 'C++ on a Nehalem' @('qemu-x86_64'))) {
        Test-Message 'C++ on a Nehalem' 'bad input: ' @('qemu-x86_64', '-cpu', 'Nehalem', "$temp/behaviour") $environment
    }
    if ((Invoke-Tool (@('c++', '-std=c++17', '-O2', '-Wall', '-Wextra', "$root/bindings/cpp/examples/tbb.cpp", '-o', "$temp/tbb") + $script:flags + @('-ltbb'))) -eq 0) {
        Test-Message 'parallel_for on TBB' 'the same bits' @("$temp/tbb") $environment
    }
    else { Skip 'parallel_for on TBB' 'it does not compile without libtbb-dev' }
}

function Test-Wheel {
    $python = '/usr/bin/python3'
    if (-not [IO.File]::Exists($python)) { $python = 'python3' }
    $wheels = [IO.Directory]::GetFiles($packages, "nativeconv-$version-py3-none-manylinux*$(@{ 'linux-x64' = 'x86_64'; 'linux-arm64' = 'aarch64' }[$machine]).whl")
    if ($wheels.Count -ne 1) { Skip 'wheel' 'it was not built'; return }
    $code = Invoke-Tool @($python, '-m', 'venv', '--system-site-packages', "$temp/venv")
    if ($code -ne 0) { Skip 'wheel' 'python3-venv is missing'; return }
    $venv = "$temp/venv/bin/python"
    Test-Run 'pip install of the wheel' @($venv, '-m', 'pip', 'install', '--quiet', '--no-index', '--no-deps', $wheels[0])
    Test-Sample 'Python' @($venv, '-B', "$root/bindings/python/examples/sample.py")

    # The tests that do not read the checkout, beside a copy of them only.
    foreach ($file in 'test_functional.py', 'test_operations.py', 'test_arguments.py', 'test_arrays.py', 'test_identities.py', 'oracle.py', 'layer.py', 'problems.py') {
        Copy-Into "$root/bindings/python/tests/$file" "$temp/python-tests"
    }
    $got = Read-Output @($venv, '-B', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--rootdir', "$temp/python-tests", "$temp/python-tests") @{ PYTHONPATH = "$temp/python-tests" }
    $summary = [regex]::Match($got.Text, '(\d+) passed')
    if ($got.Code -eq 0 -and $summary.Success) { Pass "the wheel passes $($summary.Groups[1].Value) tests of the binding" } else { Miss 'tests of the wheel' $got.Text.Trim() }
    $script = "try: import nativeconv`nexcept ImportError as error: print(error)"
    Test-Message 'Python, old library' 'too old' @($venv, '-c', $script) @{ NATIVECONV_LIBRARY = $oldLibrary }
    Test-Message 'Python, no library' 'no such file' @($venv, '-c', $script) @{ NATIVECONV_LIBRARY = "$temp/nowhere.so" }
}

function Test-NuGet {
    [void][IO.Directory]::CreateDirectory("$temp/dotnet")
    foreach ($file in 'Sample.csproj', 'Program.cs') { Copy-Into "$root/bindings/dotnet/examples/Sample/$file" "$temp/dotnet" }
    # Restored from our files alone, into a cache of its own: the version may have been restored before with other contents.
    [IO.File]::WriteAllText("$temp/dotnet/nuget.config", "<configuration><packageSources><clear /><add key=`"packages`" value=`"$packages`" /></packageSources></configuration>")
    $code = Invoke-Tool @('dotnet', 'build', "$temp/dotnet", '-c', 'Release', "-p:NativeConvVersion=$version", "-p:RestorePackagesPath=$temp/dotnet/cache", '-v', 'quiet', '-nologo', '-o', "$temp/dotnet/out")
    if ($code -ne 0) { Miss 'a program with the NuGet packages' "dotnet build ended with exit code $code"; return }
    Test-Sample '.NET' @('dotnet', "$temp/dotnet/out/Sample.dll")
    $shell = @('sh', '-c', "dotnet '$temp/dotnet/out/Sample.dll' '$photo' '$temp/none.pgm' 2>&1 || true")
    Test-Message '.NET, old library' 'the library is too old: its ABI version is 0, 1 is needed' $shell @{ NATIVECONV_LIBRARY = $oldLibrary; DOTNET_DbgEnableMiniDump = '0' }
    Test-Message '.NET, no library' 'the library was not found' $shell @{ NATIVECONV_LIBRARY = "$temp/nowhere.so"; DOTNET_DbgEnableMiniDump = '0' }
}

function Test-Unity {
    if (-not (Test-Tools 'unity' @('mono'))) { return }
    Expand-Package "$packages/com.nativeconv-$version.tgz" "$temp/unity"
    $package = "$temp/unity/package"
    $missing = @()
    foreach ($path in [IO.Directory]::GetFileSystemEntries($package, '*', [IO.SearchOption]::AllDirectories)) {
        if ($path -notmatch '~(/|$)|\.meta$' -and -not [IO.File]::Exists("$path.meta")) { $missing += $path }
    }
    if ($missing.Count -eq 0) { Pass 'unity: everything has its .meta' } else { Miss 'unity: everything has its .meta' "$missing" }

    foreach ($file in [IO.Directory]::GetFiles("$root/bindings/unity/host")) { Copy-Into $file "$temp/unity/host" }
    $out = "$temp/unity/out"
    $code = Invoke-Tool @('dotnet', 'build', "$temp/unity/host", '-c', 'Release', "-p:Package=$package", '-v', 'quiet', '-nologo', '-o', $out)
    if ($code -ne 0) { Miss 'unity: C# 9 over .NET Standard 2.1' "dotnet build ended with exit code $code"; return }
    Pass 'unity: C# 9 over .NET Standard 2.1'
    foreach ($library in [IO.Directory]::GetFiles("$package/Plugins/Linux/x86_64", '*.so')) { Copy-Into $library $out }
    Invoke-Program 'mono' @('mono', "$out/MonoHost.dll", $photo, "$temp/mono.pgm", '10')
    if ([IO.File]::Exists("$temp/mono.pgm") -and [Linq.Enumerable]::SequenceEqual($script:samplePicture, [IO.File]::ReadAllBytes("$temp/mono.pgm"))) { Pass 'mono: the same picture' }
    else { Miss 'mono: the same picture' 'it is another, or there is none' }
    Copy-Into $oldLibrary $out $null 'libnativeconv.so'
    Test-Message 'mono: old library' 'the library is too old' @('mono', "$out/MonoHost.dll", 'version')
    [IO.File]::Delete("$out/libnativeconv.so")
    Test-Message 'mono: no library' 'the library was not found' @('mono', "$out/MonoHost.dll", 'version')
}

function Test-Lua {
    if (-not (Test-Tools 'lua' @('luajit'))) { return }
    Expand-Package "$packages/nativeconv-lua-$version-linux-x64.tar.gz" $temp
    $folder = "$temp/nativeconv-lua-$version"
    $environment = @{ LUA_PATH = "$folder/?.lua" }
    Invoke-Program 'lua' @('luajit', "$folder/tests/test.lua") $environment
    Test-Sample 'Lua' @('luajit', "$folder/examples/sample.lua") $environment
    $script = 'local _, why = pcall(require, "nativeconv") print(why)'
    Test-Message 'lua: old library' 'too old' @('luajit', '-e', $script) @{ LUA_PATH = "$folder/?.lua"; NATIVECONV_LIBRARY = $oldLibrary }
    Test-Message 'lua: no library' 'nativeconv found no library' @('luajit', '-e', $script) @{ LUA_PATH = "$folder/?.lua"; NATIVECONV_LIBRARY = "$temp/nowhere.so" }
    if (Test-Tools 'lua on a Nehalem' @('qemu-x86_64')) {
        $script = 'local nc = require "nativeconv" local _, why = pcall(nc.plan, { input = 9, channels = { 1, 1 }, kernel = 3 }) print(why)'
        Test-Message 'lua: a Nehalem' 'NC_ERROR_UNSUPPORTED' @('qemu-x86_64', '-cpu', 'Nehalem', (Get-Tool 'luajit'), '-joff', '-e', $script) $environment
    }
    Test-Love "$folder/love"
}

# The game under a virtual screen, played by xdotool.
function Test-Love([string]$game) {
    if (-not (Test-Tools 'love' @('love', 'Xvfb', 'xdotool'))) { return }
    $got = Read-Output @('sh', "$root/native-tests/packages/play.sh", $game, "$temp/love")
    Say $got.Text
    $saves = "$temp/love/love/nativeconv"
    foreach ($screenshot in 'sharpen-1', 'edges-2', 'upscale-2', 'learning-2') {
        if ([IO.File]::Exists("$saves/$screenshot.png")) { Pass "love: $screenshot" } else { Miss "love: $screenshot" 'no screenshot' }
    }
    # The game computes from 0 to 1 what the sample computes from 0 to 255.
    [IO.File]::WriteAllBytes("$temp/expected.pgm", $script:samplePicture)
    Test-Run 'love: the sharpened photo is the one of the samples' @('python3', "$root/bindings/lua/tests/screenshot.py", "$saves/sharpen-1.png", "$temp/expected.pgm")
    $learned = [regex]::Match($got.Text, 'saved learning-2\.png learned (\S+) (\S+) (\S+)')
    if ($learned.Success -and [Math]::Abs([double]$learned.Groups[3].Value) -gt 0.05) { Pass "love: it learned ($($learned.Value))" } else { Miss 'love: it learned' "$($learned.Value)" }
    [void][IO.Directory]::CreateDirectory("$root/artifacts/tests/love")
    if ([IO.Directory]::Exists($saves)) { foreach ($file in [IO.Directory]::GetFiles($saves, '*.png')) { Copy-Into $file "$root/artifacts/tests/love" } }
}

function Test-Packages {
    Pack-All
    $version = Get-Version
    $packages = "$root/artifacts/packages"
    $temp = [IO.Directory]::CreateTempSubdirectory('nativeconv-').FullName
    $oldLibrary = "$temp/libold.so"
    $script:sampleText = $null
    $script:samplePicture = $null
    Invoke-OrExit @($cc, '-shared', '-fPIC', '-o', $oldLibrary, "$root/native-tests/packages/old-library.c")
    try {
        Test-CPackage
        Test-Wheel
        Test-NuGet
        if ($machine -eq 'linux-x64') {
            Test-Unity
            Test-Lua
        }
    }
    finally { [IO.Directory]::Delete($temp, $true) }
}
