# The package for C and C++.

# What the package has, and where.
function Get-CFiles([string]$rid) {
    $files = @('SHA256SUMS', 'include/nativeconv.h', 'include/nativeconv.hpp', "lib/libnativeconv.so.$version", 'lib/libnativeconv.so.1', 'lib/libnativeconv.so',
        'lib/pkgconfig/nativeconv.pc', 'lib/cmake/NativeConv/NativeConvConfig.cmake', 'lib/cmake/NativeConv/NativeConvConfigVersion.cmake')
    foreach ($license in $licenses) { $files += "share/licenses/nativeconv/$license" }
    if ($rid -eq 'linux-x64') { $files += 'lib/libnativeconv.avx512.so' }
    foreach ($file in $files) { "nativeconv-$version-$rid/$file" }
}

# Compiles against the package; false, and counted, if it does not compile.
function Build-Consumer([string]$name, [string[]]$compiler, [string]$source, [string]$program, [string[]]$more = @()) {
    if ((Invoke-Tool ($compiler + @('-Wall', '-Wextra', '-Werror', $source, '-o', $program) + $script:flags + $more)) -eq 0) { return $true }
    Miss $name 'it does not compile'
    $false
}

function Test-CPackage {
    Test-Contents "$packages/nativeconv-$version-$machine.tar.gz" (Get-CFiles $machine)
    Expand-Package "$packages/nativeconv-$version-$machine.tar.gz" $temp
    $prefix = "$temp/moved to/nativeconv" # with a space
    [void][IO.Directory]::CreateDirectory("$temp/moved to")
    [IO.Directory]::Move("$temp/nativeconv-$version-$machine", $prefix)
    Test-Run 'checksums of the C package' @('sh', '-c', "cd '$prefix' && sha256sum --quiet -c SHA256SUMS")
    if (Test-Tools 'pkg-config' @('pkg-config')) {
        # As `cc $(pkg-config ...)` would be split by a shell: a backslash keeps the space.
        $line = (Read-Output @('pkg-config', '--cflags', '--libs', 'nativeconv') @{ PKG_CONFIG_PATH = "$prefix/lib/pkgconfig" }).Text.Trim()
        $script:flags = @([regex]::Split($line, '(?<!\\) ').ForEach({ $_.Replace('\ ', ' ') }))
        $environment = @{ LD_LIBRARY_PATH = "$prefix/lib" }
        Test-C $environment
        Test-Cpp $environment
    }
    if (Test-Tools 'cmake' @('cmake', 'c++')) { Test-CMake $prefix }
}

function Test-C($environment) {
    $compiler = $cc, '-std=c11', '-O2'
    Export-Snippet "$root/bindings/c/README.md" 'c' "$temp/readme.c"
    if (Build-Consumer 'first program in C' $compiler "$temp/readme.c" "$temp/readme-c") { Test-FirstProgram 'C' @("$temp/readme-c") $environment }
    if (Build-Consumer 'parallel_for on a job system' $compiler "$root/bindings/c/examples/jobs.c" "$temp/jobs" @('-pthread')) {
        Test-Message 'parallel_for on a job system' 'on our own threads: the same bits' @("$temp/jobs") $environment
    }
    if (-not (Build-Consumer 'sample in C, pkg-config' $compiler "$root/bindings/c/examples/sample.c" "$temp/sample-c")) { return }
    Test-Sample 'C, pkg-config' @("$temp/sample-c") $environment
    Test-Refusals 'C' @("$temp/sample-c", $photo, "$temp/none.pgm") $environment
}

# A linked program where there is no library, an old one, or an old processor.
function Test-Refusals([string]$language, [string[]]$command, $environment) {
    Test-Message "$language, no library" 'libnativeconv.so.1: cannot open shared object file' $command
    Test-Message "$language, old library" 'the library is too old: its ABI version is 0, 1 is needed' $command @{ LD_LIBRARY_PATH = "$temp/old" }
    if ($machine -eq 'linux-x64' -and (Test-Tools "$language on a Nehalem" @('qemu-x86_64'))) {
        Test-Message "$language on a Nehalem" @('NC_ERROR_UNSUPPORTED', 'x86-64-v3 is needed') ($nehalem + $command) $environment
    }
}

# Every compiler, with exceptions and without.
function Test-Cpp($environment) {
    foreach ($compiler in 'g++', 'clang++') {
        if (-not (Test-Tools "C++ by $compiler" @($compiler))) { continue }
        foreach ($mode in @('-std=c++17'), @('-std=c++20'), @('-std=c++17', '-fno-exceptions'), @('-std=c++17', '-DNATIVECONV_NO_EXCEPTIONS')) {
            $command = @($compiler) + $mode + @('-O1', '-pedantic')
            if (Build-Consumer "$compiler $mode" $command "$root/bindings/cpp/tests/behaviour.cpp" "$temp/behaviour") { Invoke-Program "$compiler $mode" @("$temp/behaviour") $environment }
        }
    }
    $compiler = 'c++', '-std=c++17', '-O2', '-pedantic'
    Export-Snippet "$root/bindings/cpp/README.md" 'cpp' "$temp/readme.cpp"
    if (Build-Consumer 'first program in C++' $compiler "$temp/readme.cpp" "$temp/readme-cpp") {
        Test-FirstProgram 'C++' @("$temp/readme-cpp") $environment
        Test-Refusals 'C++' @("$temp/readme-cpp") $environment
    }
    if (-not [IO.File]::Exists('/usr/include/tbb/parallel_for.h')) { Skip 'parallel_for on TBB' 'libtbb-dev is missing' }
    elseif (Build-Consumer 'parallel_for on TBB' @('c++', '-std=c++17', '-O2') "$root/bindings/cpp/examples/tbb.cpp" "$temp/tbb" @('-ltbb')) {
        Test-Message 'parallel_for on TBB' "on TBB's threads: the same bits" @("$temp/tbb") $environment
    }
}

function Test-CMake([string]$prefix) {
    Copy-Into "$root/native-tests/packages/cmake/CMakeLists.txt" "$temp/cmake" @{ VERSION = $version }
    foreach ($sample in 'c/examples/sample.c', 'cpp/examples/sample.cpp') { Copy-Into "$root/bindings/$sample" "$temp/cmake" }
    $code = Invoke-Tool @('cmake', '-S', "$temp/cmake", '-B', "$temp/cmake/build", "-DCMAKE_PREFIX_PATH=$prefix", '-DCMAKE_BUILD_TYPE=Release', '--log-level=WARNING')
    if ($code -eq 0) { $code = Invoke-Tool @('cmake', '--build', "$temp/cmake/build") }
    if ($code -ne 0) { Miss 'find_package(NativeConv)' "exit code $code"; return }
    Pass 'find_package(NativeConv)'
    Test-Sample 'C, CMake' @("$temp/cmake/build/sample_c")
    Test-Sample 'C++, CMake' @("$temp/cmake/build/sample_cpp")
}

# The packages of the other architecture: what they contain, and that the library of the C package runs, emulated.
function Test-CrossPackages {
    if (-not (Test-Tools 'packages for linux-arm64' @('aarch64-linux-gnu-gcc', 'qemu-aarch64'))) { return }
    Test-Contents "$packages/nativeconv-$version-linux-arm64.tar.gz" (Get-CFiles 'linux-arm64')
    Expand-Package "$packages/nativeconv-$version-linux-arm64.tar.gz" "$temp/arm64"
    $prefix = "$temp/arm64/nativeconv-$version-linux-arm64"
    $script:flags = "-I$prefix/include", "-L$prefix/lib", '-lnativeconv'
    if (Build-Consumer 'sample in C, arm64' @('aarch64-linux-gnu-gcc', '-std=c11', '-O2') "$root/bindings/c/examples/sample.c" "$temp/sample-arm64") {
        Test-Sample 'C, arm64' @('qemu-aarch64', '-L', '/usr/aarch64-linux-gnu', '-E', "LD_LIBRARY_PATH=$prefix/lib", "$temp/sample-arm64")
    }
}
