#!/usr/bin/env pwsh
<#
Everything that this repository can do. Each command that runs is printed first.

    build  [-rid RID]     the shared library, in artifacts/native/RID (linux-x64, linux-arm64; default: this machine)
    test   [SUITE ...]    managed, abi, conformance, fuzz, stress, hosts, lint, examples, python, packages, arm64; default: all; the last line counts single tests
                          emulated-avx512, only if named: the digests on an emulated CPU
    pack                  the packages of every ecosystem, in artifacts/packages
    demo   [ARGUMENT ...] the example program, compiled with the system's C compiler; its pictures go to artifacts/demo
    bench  [ARGUMENT ...] the benchmarks
    mutate [NAME ...]     deliberate faults, and which test notices each (native-tests/mutation)
    format [-verify]      the C# sources; -verify changes nothing and fails if something would change
    clean                 deletes artifacts

Needed: the .NET 10 SDK and gcc. linux-arm64 on x64 needs gcc-aarch64-linux-gnu. Tests of other CPUs need qemu-user, those of the Python
binding need numpy and pytest; what is missing is skipped with a line that says so, and is a failure where CI=true.

Runs in PowerShell 7 and, where there is none, as `dotnet run eng/pwsh.cs -- build.ps1 VERB`: the language and .NET only, no cmdlets and no drives.
#>
$ErrorActionPreference = 'Stop'

$root = $PSScriptRoot
$verb = $args[0]
$rest = @()
if ($args.Count -gt 1) { $rest = @($args[1..($args.Count - 1)]) }
$machine = "linux-$([Runtime.InteropServices.RuntimeInformation]::OSArchitecture)".ToLowerInvariant()
$cc = if ([Environment]::GetEnvironmentVariable('CC')) { [Environment]::GetEnvironmentVariable('CC') } else { 'cc' }
$header = "$root/bindings/c/include"

# -- Running things ----------------------------------------------------------------------------------------------------

function Say($text) { [Console]::WriteLine($text) }

function Fail($text, $code = 1) {
    [Console]::Error.WriteLine("build.ps1: $text")
    exit $code
}

# Starts a program in the root folder, without input. `environment` is added to ours.
function Start-Tool([string[]]$command, $environment, [bool]$redirect) {
    $start = [Diagnostics.ProcessStartInfo]::new($command[0])
    for ($i = 1; $i -lt $command.Count; $i++) { $start.ArgumentList.Add($command[$i]) }
    $shown = @()
    if ($environment) {
        foreach ($name in $environment.Keys) {
            $start.Environment[$name] = $environment[$name]
            $shown += "$name=$($environment[$name])"
        }
    }
    foreach ($word in $command) { $shown += if ($word -match '[\s;"*]' -or $word -eq '') { "'$word'" } else { $word } }
    Say "> $($shown -join ' ')".Replace("$root/", '')
    $start.WorkingDirectory = $root
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $redirect
    $process = [Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    $process
}

# Its output goes straight to ours; returns the exit code.
function Invoke-Tool([string[]]$command, $environment) {
    $process = Start-Tool $command $environment $false
    $process.WaitForExit()
    $process.ExitCode
}

# The same, and a failure ends the script.
function Invoke-OrExit([string[]]$command, $environment) {
    $code = Invoke-Tool $command $environment
    if ($code -ne 0) { Fail "$($command[0]) ended with exit code $code" $code }
}

function Get-Tool([string]$name) {
    foreach ($folder in [Environment]::GetEnvironmentVariable('PATH').Split(':')) {
        if ([IO.File]::Exists([IO.Path]::Combine($folder, $name))) { return [IO.Path]::Combine($folder, $name) }
    }
}

# Replaces a file in one step: a program that has the old one mapped keeps it.
function Copy-Over([string]$from, [string]$to) {
    [IO.File]::Copy($from, "$to.new", $true)
    [IO.File]::Move("$to.new", $to, $true)
}

# -- build -------------------------------------------------------------------------------------------------------------

# True if no source is newer than the stamp. A deleted or added file changes its folder's time.
function Test-Current([string]$stamp, [string[]]$products) {
    foreach ($file in @($stamp) + $products) { if (-not [IO.File]::Exists($file)) { return $false } }
    $time = [IO.File]::GetLastWriteTimeUtc($stamp)
    $sources = @("$root/build.ps1", "$root/global.json", "$root/Directory.Build.props", "$root/Directory.Packages.props")
    foreach ($folder in "$root/src", $header) {
        $sources += $folder
        $sources += [IO.Directory]::GetFileSystemEntries($folder, '*', [IO.SearchOption]::AllDirectories)
    }
    foreach ($source in $sources) {
        if ($source -match '/(bin|obj)(/|$)|\.md$') { continue }
        if ([IO.File]::GetLastWriteTimeUtc($source) -gt $time) { return $false }
    }
    $true
}

# Two builds at once would write the same files: the second waits.
function Enter-Build {
    [void][IO.Directory]::CreateDirectory("$root/artifacts")
    while ($true) {
        try { return [IO.File]::Open("$root/artifacts/.lock", 'OpenOrCreate', 'ReadWrite', 'None') }
        catch [IO.IOException] { [Threading.Thread]::Sleep(200) }
    }
}

function Build-Library([string]$rid) {
    $libraries = switch ($rid) {
        'linux-x64' { 'libnativeconv', 'libnativeconv.avx512' }
        'linux-arm64' { , 'libnativeconv' }
        default { Fail "'$rid' is not a runtime that this script builds for: linux-x64, linux-arm64" 2 }
    }
    $folder = "$root/artifacts/native/$rid"
    $stamp = "$root/artifacts/obj/native/$rid/stamp"
    $products = @("$folder/nativeconv.h")
    foreach ($library in $libraries) { $products += "$folder/$library.so" }

    $lock = Enter-Build
    if (Test-Current $stamp $products) {
        $lock.Dispose()
        Say "artifacts/native/$rid is up to date"
        return
    }
    $begin = [DateTime]::UtcNow
    [void][IO.Directory]::CreateDirectory($folder)
    foreach ($library in $libraries) {
        $set = if ($library -eq 'libnativeconv.avx512') { 'avx512' } elseif ($rid -eq 'linux-x64') { 'avx2' } else { 'neon' }
        Invoke-OrExit @('dotnet', 'publish', 'src/NativeConv.Native', '-c', 'Release', '-r', $rid, "-p:InstructionSet=$set", '-v', 'quiet', '-nologo')
        foreach ($suffix in 'so', 'so.dbg') { Copy-Over "$root/artifacts/obj/native/$rid/$library/$library.$suffix" "$folder/$library.$suffix" }
    }
    Copy-Over "$header/nativeconv.h" "$folder/nativeconv.h"
    # The name that programs linked with the library look for (its soname).
    [IO.File]::Delete("$folder/libnativeconv.so.1")
    [void][IO.File]::CreateSymbolicLink("$folder/libnativeconv.so.1", 'libnativeconv.so')
    [IO.File]::WriteAllText($stamp, '')
    [IO.File]::SetLastWriteTimeUtc($stamp, $begin)
    $lock.Dispose()
    foreach ($product in $products) { Say "$($product.Replace("$root/", '')): $([IO.FileInfo]::new($product).Length) bytes" }
}

# Compiles a C program against the published library; returns the compiler's exit code.
function Build-Program([string]$compiler, [string]$rid, [string[]]$sources, [string]$program) {
    $native = "$root/artifacts/native/$rid"
    [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($program))
    $command = @($compiler, '-std=c11', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', '-Werror', "-I$native") + $sources + @('-o', $program)
    # As needed: a program that opens the library by path is not linked with it.
    Invoke-Tool ($command + @("-L$native", "-Wl,-rpath,$native", '-Wl,--as-needed', '-lnativeconv', '-lm', '-ldl', '-pthread'))
}

function Get-Sources([string]$folder) {
    $sources = [IO.Directory]::GetFiles("$root/$folder", '*.c')
    [Array]::Sort($sources)
    $sources
}

# -- test --------------------------------------------------------------------------------------------------------------

$passed = 0
$failed = 0

function Pass([string]$name) { $script:passed++; Say "ok $name" }

function Miss([string]$name, [string]$why) { $script:failed++; Say "not ok ${name}: $why" }

# A suite that this machine lacks something for.
function Skip([string]$suite, [string]$why) {
    if ([Environment]::GetEnvironmentVariable('CI') -eq 'true') { Miss $suite $why } else { Say "skipped: $suite ($why)" }
}

# Runs a program that prints `ok NAME` and `not ok NAME: why` lines, and counts them.
function Invoke-Program([string]$name, [string[]]$command, $environment, [int]$seconds = 900) {
    $process = Start-Tool (@('timeout', "$seconds") + $command) $environment $true
    $before = $script:passed + $script:failed
    $failures = $script:failed
    while ($null -ne ($line = $process.StandardOutput.ReadLine())) {
        Say $line
        if ($line.StartsWith('ok ')) { $script:passed++ }
        elseif ($line.StartsWith('not ok ')) { $script:failed++ }
    }
    $process.WaitForExit()
    $code = $process.ExitCode
    if ($code -ne 0 -and $script:failed -eq $failures) { Miss $name "exit code $code" }
    elseif ($script:passed + $script:failed -eq $before) { Miss $name 'it checked nothing' }
}

# Compiles a C program as Build-Program does; false, and counted, if it does not compile.
function Test-Build([string]$compiler, [string]$rid, [string[]]$sources, [string]$program) {
    if ((Build-Program $compiler $rid $sources $program) -eq 0) { return $true }
    Miss $program.Replace("$root/artifacts/tests/", '') 'it does not compile'
    $false
}

# Every C file of a folder is a program of its own. `runs`: the values of NATIVECONV_MAX_ISA to run it with, '' for none.
function Test-Folder([string]$name, [string]$rid, [string]$compiler, [string[]]$emulator, [string[]]$runs) {
    $sources = @(Get-Sources "native-tests/$name")
    if ($sources.Count -eq 0) { Miss $name 'no programs' }
    foreach ($source in $sources) {
        $title = [IO.Path]::GetFileNameWithoutExtension($source)
        $program = "$root/artifacts/tests/$rid/$name/$title"
        if (-not (Test-Build $compiler $rid $source $program)) { continue }
        # These two go through the instruction sets themselves.
        $own = if ($title -in 'digest', 'edges') { , '' } else { $runs }
        foreach ($isa in $own) {
            $environment = @{}
            if ($isa) { $environment.NATIVECONV_MAX_ISA = $isa }
            if ($emulator.Count -gt 0) { $environment.TEST_SHARE = '16' }
            Invoke-Program "$title $isa" ($emulator + $program) $environment
        }
    }
}

# Hostile calls from a seed; fewer of them with an instruction set that is not the CPU's own.
function Test-Fuzz([string]$rid, [string]$compiler, [string[]]$emulator, [string]$calls, [string]$other, [string]$otherCalls) {
    $program = "$root/artifacts/tests/$rid/fuzz/fuzz"
    if (-not (Test-Build $compiler $rid (Get-Sources 'native-tests/fuzz') $program)) { return }
    Invoke-Program 'fuzz' ($emulator + @($program, $calls))
    if ($other) { Invoke-Program "fuzz $other" ($emulator + @($program, $otherCalls, '2')) @{ NATIVECONV_MAX_ISA = $other } }
}

function Test-Stress {
    $program = "$root/artifacts/tests/$machine/stress/stress"
    if (Test-Build $cc $machine (Get-Sources 'native-tests/stress') $program) { Invoke-Program 'stress' @($program, '60') }
}

function Test-Managed {
    $results = "$root/artifacts/tests/managed.trx"
    [IO.File]::Delete($results)
    $command = @('dotnet', 'test', 'native-tests/NativeConv.Tests', '-c', 'Release', '-nologo', '--logger', 'trx;LogFileName=managed.trx', '--results-directory', "$root/artifacts/tests")
    $code = Invoke-Tool $command @{ NATIVECONV_LIBRARY = "$root/artifacts/native/$machine/libnativeconv.so" }
    $failures = $script:failed
    if ([IO.File]::Exists($results)) {
        $counters = ([xml][IO.File]::ReadAllText($results)).TestRun.ResultSummary.Counters
        $script:passed += [int]$counters.passed
        $script:failed += [int]$counters.total - [int]$counters.passed
    }
    if ($code -ne 0 -and $script:failed -eq $failures) { Miss 'managed' "dotnet test ended with exit code $code" }
}

function Test-Python {
    $probe = 'import importlib.util as u, sys; sys.exit(not (u.find_spec("numpy") and u.find_spec("pytest")))'
    $python = $null
    foreach ($candidate in 'python3', '/usr/bin/python3') {
        if (-not $python -and (Get-Tool $candidate) -and (Invoke-Tool @($candidate, '-c', $probe)) -eq 0) { $python = $candidate }
    }
    if (-not $python) { Skip 'python' 'numpy or pytest is missing'; return }

    $results = "$root/artifacts/tests/python.xml"
    [IO.File]::Delete($results)
    $command = @($python, '-B', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', "--junitxml=$results", 'bindings/python/tests')
    $code = Invoke-Tool $command @{ NATIVECONV_LIBRARY = "$root/artifacts/native/$machine/libnativeconv.so" }
    $failures = $script:failed
    if ([IO.File]::Exists($results)) {
        $counters = ([xml][IO.File]::ReadAllText($results)).testsuites.testsuite
        $bad = [int]$counters.failures + [int]$counters.errors + [int]$counters.skipped
        $script:passed += [int]$counters.tests - $bad
        $script:failed += $bad
    }
    if ($code -ne 0 -and $script:failed -eq $failures) { Miss 'python' "pytest ended with exit code $code" }
}

function Test-Arm64 {
    foreach ($tool in 'aarch64-linux-gnu-gcc', 'qemu-aarch64') {
        if (-not (Get-Tool $tool)) { Skip 'arm64' "$tool is missing"; return }
    }
    Build-Library 'linux-arm64'
    $emulator = @('qemu-aarch64', '-L', '/usr/aarch64-linux-gnu')
    Test-Folder 'conformance' 'linux-arm64' 'aarch64-linux-gnu-gcc' $emulator @('')
    Test-Fuzz 'linux-arm64' 'aarch64-linux-gnu-gcc' $emulator '50000'
    Test-Size 'linux-arm64' @('libnativeconv.so')
    Test-Tiles 'linux-arm64' 'aarch64-linux-gnu-objdump'
}

# The examples are what the README shows, compile without a warning and run; the demo in 500 steps is already better than bilinear enlargement.
function Test-Examples {
    $readme = [IO.File]::ReadAllText("$root/README.md")
    foreach ($shown in @{ c = 'bindings/c/examples/readme.c'; python = 'bindings/python/examples/readme.py' }.GetEnumerator()) {
        $block = [regex]::Match($readme, "(?s)``````$($shown.Key)\n(.*?)``````").Groups[1].Value
        if ($block -ceq [IO.File]::ReadAllText("$root/$($shown.Value)")) { Pass "README.md shows $($shown.Value)" } else { Miss "README.md shows $($shown.Value)" 'it shows something else' }
    }
    $folder = "$root/artifacts/tests/$machine/examples"
    foreach ($source in Get-Sources 'bindings/c/examples') {
        $title = [IO.Path]::GetFileNameWithoutExtension($source)
        if (Test-Build $cc $machine $source "$folder/$title") { Test-Run "example $title" @("$folder/$title", "$root/bindings/c/examples/photo/ascent.pgm", "$folder/$title.pgm") }
    }
    if (Test-Build $cc $machine (Get-Sources 'bindings/c/examples/demo') "$folder/demo") { Test-Run 'demo' @("$folder/demo", "$folder/pictures", '--steps', '500') }
}

# One test: the program ends with 0.
function Test-Run([string]$name, [string[]]$command) {
    $code = Invoke-Tool (@('timeout', '900') + $command)
    if ($code -eq 0) { Pass $name } else { Miss $name "exit code $code" }
}

# The files themselves.
function Test-Size([string]$rid, [string[]]$libraries) {
    foreach ($library in $libraries) {
        $bytes = [IO.FileInfo]::new("$root/artifacts/native/$rid/$library").Length
        if ($bytes -le 1500000) { Pass "$rid/$library has $bytes bytes" } else { Miss "$rid/$library" "$bytes bytes are more than 1.5 MB" }
    }
}

# Bits are the same without them: only the machine code tells that the compiler was allowed the vectors that the library is for.
function Test-Vectors([string]$library, [string]$pattern) {
    $process = Start-Tool @('objdump', '-d', '--no-show-raw-insn', $library) $null $true
    $count = [regex]::Matches($process.StandardOutput.ReadToEnd(), $pattern).Count
    $name = "$([IO.Path]::GetFileName($library)) has '$pattern'"
    if ($count -ge 100) { Pass "$name ($count times)" } else { Miss $name "$count times, expected 100 or more" }
}

$lint = 'dotnet', 'run', '-c', 'Release', '--project', 'native-tests/lint', '--'

# First the lint itself, on snippets with known faults.
function Test-Lint {
    Invoke-Program 'lint' $lint
    Test-Tiles $machine 'objdump'
}

# What the compiler made of the tiles' loops.
function Test-Tiles([string]$rid, [string]$objdump) {
    if (-not (Get-Tool $objdump)) { Skip "lint of $rid" "$objdump is missing"; return }
    Invoke-Program "lint of $rid" ($lint + [IO.Directory]::GetFiles("$root/artifacts/native/$rid", '*.so'))
}

function Test-Exports([string]$library, [string[]]$expected) {
    $process = Start-Tool @('nm', '-D', '--defined-only', '-j', $library) $null $true
    $exported = $process.StandardOutput.ReadToEnd().Trim() -split "`n"
    [Array]::Sort($exported)
    [Array]::Sort($expected)
    $name = "exports of $([IO.Path]::GetFileName($library))"
    if ("$exported" -ceq "$expected") { Pass "$name ($($expected.Count))" } else { Miss $name "$exported, expected $expected" }
}

# A folder with the library and, as its companion, `bytes` (nothing if $null).
function New-Pair([string]$name, [byte[]]$bytes) {
    $folder = "$root/artifacts/tests/companions/$name"
    if ([IO.Directory]::Exists($folder)) { [IO.Directory]::Delete($folder, $true) }
    [void][IO.Directory]::CreateDirectory($folder)
    Copy-Over "$root/artifacts/native/linux-x64/libnativeconv.so" "$folder/libnativeconv.so"
    if ($null -ne $bytes) { [IO.File]::WriteAllBytes("$folder/libnativeconv.avx512.so", $bytes) }
    $folder
}

# Folders with companions that must not be used; each with the words that say why. By the loader alone on any CPU, by the whole library where there is AVX-512.
function Test-Companions([string]$programs) {
    $companion = [IO.File]::ReadAllBytes("$root/artifacts/native/linux-x64/libnativeconv.avx512.so")
    $foreignMachine = [byte[]]$companion.Clone()
    $foreignMachine[18] = 183 # e_machine: EM_AARCH64
    $headers = [byte[]]$companion.Clone()
    for ($i = 64; $i -lt 4096; $i++) { $headers[$i] = 255 } # the segments' headers
    $cases = @(
        @('absent', 'there is no such file', $null),
        @('empty', 'it is not a library', [byte[]]@()),
        @('short', 'it is not a library', [byte[]]$companion[0..40]),
        @('headers-only', 'the file is cut off', [byte[]]$companion[0..4095]),
        @('cut', 'the file is cut off', [byte[]]$companion[0..($companion.Length / 2)]),
        @('text', 'it is not a library', [Text.Encoding]::ASCII.GetBytes('not a library')),
        @('foreign-machine', 'the loader refuses it', $foreignMachine),
        @('headers', 'the file is cut off', $headers))
    $pairs = @()
    foreach ($case in $cases) { $pairs += , @($case[1], (New-Pair $case[0] $case[2])) }
    $folder = New-Pair 'folder' $null
    [void][IO.Directory]::CreateDirectory("$folder/libnativeconv.avx512.so")
    $pairs += , @('it is not a library', $folder)
    foreach ($kind in 'foreign', 'other-version') {
        $folder = New-Pair $kind $null
        $pairs += , @($(if ($kind -eq 'foreign') { 'it is another library' } else { 'it is of another version' }), $folder)
        if ((Invoke-Tool @($cc, '-shared', '-fPIC', '-o', "$folder/libnativeconv.avx512.so", "native-tests/hosts/companions/$kind.c")) -ne 0) { Miss $kind 'it does not compile' }
    }

    $version = ([xml][IO.File]::ReadAllText("$root/Directory.Build.props")).SelectSingleNode('//VersionPrefix').InnerText
    if (Test-Build $cc $machine @('native-tests/hosts/companions/load.c', 'src/NativeConv.Native/gate/load.c', "-DNATIVECONV_VERSION=`"$version`"") "$programs/load") {
        foreach ($pair in @(, @('', (New-Pair 'whole' $companion))) + $pairs) {
            Copy-Over "$programs/load" "$($pair[1])/load"
            Invoke-Program "companion in $($pair[1])" @("$($pair[1])/load", $pair[0])
        }
    }
    if ([IO.File]::ReadAllText('/proc/cpuinfo') -match '(?m)^flags\b.* avx512vl\b') {
        Invoke-Program 'isa avx512' @("$programs/isa", "$root/artifacts/native/linux-x64/libnativeconv.so", 'avx512')
        foreach ($pair in $pairs) { Invoke-Program "companion in $($pair[1])" @("$programs/isa", "$($pair[1])/libnativeconv.so", 'avx2', $pair[0]) }
    }
    else {
        # No companion, whole or damaged, concerns this CPU.
        foreach ($pair in @(, @('', (New-Pair 'whole' $companion))) + $pairs) { Invoke-Program "companion in $($pair[1])" @("$programs/isa", "$($pair[1])/libnativeconv.so", 'avx2', 'the CPU lacks avx512f') }
    }
}

function Test-Hosts {
    $native = "$root/artifacts/native/$machine"
    $programs = "$root/artifacts/tests/$machine/hosts"
    $library = "$native/libnativeconv.so"
    foreach ($source in Get-Sources 'native-tests/hosts') {
        $title = [IO.Path]::GetFileNameWithoutExtension($source)
        if (-not (Test-Build $cc $machine $source "$programs/$title")) { return }
        # These two want more arguments, or another CPU.
        if ($title -ne 'isa' -and $title -ne 'lesser-cpu') { Invoke-Program $title @("$programs/$title", $library) }
    }
    Test-Exports $library @([regex]::Matches([IO.File]::ReadAllText("$header/nativeconv.h"), '(?m)^NC_API .*?\b(nc_\w+)\(').ForEach({ $_.Groups[1].Value }))
    if ($machine -ne 'linux-x64') {
        Test-Size $machine @('libnativeconv.so')
        Invoke-Program 'isa neon' @("$programs/isa", $library, 'neon')
        Invoke-Program 'isa portable' @("$programs/isa", $library, 'portable', 'NATIVECONV_MAX_ISA is portable') @{ NATIVECONV_MAX_ISA = 'portable' }
        return
    }

    Test-Size $machine @('libnativeconv.so', 'libnativeconv.avx512.so')
    Test-Vectors $library 'vfmadd.*%ymm'
    Test-Vectors "$native/libnativeconv.avx512.so" 'vfmadd.*%zmm'
    Test-Exports "$native/libnativeconv.avx512.so" @('nativeconv_companion')
    foreach ($isa in 'avx2', 'portable') {
        Invoke-Program "isa $isa" @("$programs/isa", $library, $isa, "NATIVECONV_MAX_ISA is $isa") @{ NATIVECONV_MAX_ISA = $isa }
    }
    Test-Companions $programs

    if (-not (Get-Tool 'qemu-x86_64')) { Skip 'lesser CPUs' 'qemu-x86_64 is missing'; return }
    # The second has AVX, but not AVX2.
    foreach ($cpu in 'Nehalem', 'IvyBridge,-pcid,-x2apic,-tsc-deadline') { Invoke-Program $cpu @('qemu-x86_64', '-cpu', $cpu, "$programs/lesser-cpu", $library) }
    # A Haswell without what the emulator would warn of.
    Invoke-Program 'Haswell' @('qemu-x86_64', '-cpu', 'Haswell,-pcid,-x2apic,-tsc-deadline,-hle,-invpcid,-rtm', "$programs/isa", $library, 'avx2', 'the CPU lacks avx512f')
}

. "$root/eng/pack.ps1"
. "$root/eng/test-packages.ps1"
. "$root/eng/bench-bindings.ps1"
. "$root/eng/mutate.ps1"
. "$root/eng/test-emulated.ps1"

# -- Verbs -------------------------------------------------------------------------------------------------------------

switch ($verb) {
    'build' {
        $rid = if ($rest.Count -eq 2 -and $rest[0] -eq '-rid') { $rest[1] } elseif ($rest.Count -eq 0) { $machine } else { Fail 'build [-rid RID]' 2 }
        Build-Library $rid
    }
    'test' {
        $all = 'managed', 'abi', 'conformance', 'fuzz', 'stress', 'hosts', 'lint', 'examples', 'python', 'packages', 'arm64'
        $suites = if ($rest.Count -gt 0) { $rest } else { $all }
        foreach ($suite in $suites) { if ($suite -notin $all -and $suite -ne 'emulated-avx512') { Fail "'$suite' is not a suite: $($all -join ', ')" 2 } }
        Build-Library $machine
        [void][IO.Directory]::CreateDirectory("$root/artifacts/tests")
        $isas = if ($machine -eq 'linux-x64') { '', 'avx2', 'portable' } else { '', 'portable' }
        foreach ($suite in $suites) {
            switch ($suite) {
                'managed' { Test-Managed }
                'abi' { Test-Folder 'abi' $machine $cc @() @('') }
                'conformance' { Test-Folder 'conformance' $machine $cc @() $isas }
                'fuzz' { Test-Fuzz $machine $cc @() '2000000' $isas[-1] '500000' }
                'stress' { Test-Stress }
                'hosts' { Test-Hosts }
                'lint' { Test-Lint }
                'examples' { Test-Examples }
                'python' { Test-Python }
                'packages' { Test-Packages }
                'arm64' { if ($machine -eq 'linux-x64') { Test-Arm64 } }
                'emulated-avx512' { if ($machine -eq 'linux-x64') { Test-EmulatedAvx512 } }
            }
        }
        Say "$passed passed, $failed failed"
        exit [int]($failed -gt 0)
    }
    'pack' { Pack-All }
    'demo' {
        Build-Library $machine
        [void][IO.Directory]::CreateDirectory("$root/artifacts/demo")
        $code = Build-Program $cc $machine (Get-Sources 'bindings/c/examples/demo') "$root/artifacts/demo/demo"
        if ($code -ne 0) { Fail 'the demo does not compile' $code }
        Invoke-OrExit (@("$root/artifacts/demo/demo", 'artifacts/demo') + $rest)
    }
    'bench' {
        Build-Library $machine
        if ($rest.Count -gt 0 -and $rest[0] -eq '--') { $rest = @($rest[1..$rest.Count]) }
        if ("$rest" -eq 'bindings') { Measure-Bindings; exit 0 }
        $peers = if ($rest.Count -gt 0 -and $rest[0] -eq 'peers') { @('-p:Peers=true') } else { @() }
        Invoke-OrExit (@('dotnet', 'run', '-c', 'Release', '--project', 'bench/NativeConv.Bench') + $peers + @('--') + $rest) @{ NATIVECONV_LIBRARY = "$root/artifacts/native/$machine/libnativeconv.so" }
    }
    'mutate' { Test-Mutations $rest }
    'format' {
        $command = @('dotnet', 'format', 'NativeConv.sln')
        if ("$rest" -eq '-verify') { $command += '--verify-no-changes' } elseif ($rest.Count -gt 0) { Fail 'format [-verify]' 2 }
        Invoke-OrExit $command
    }
    'clean' {
        if ([IO.Directory]::Exists("$root/artifacts")) {
            Say '> delete artifacts'
            [IO.Directory]::Delete("$root/artifacts", $true)
        }
    }
    default { Fail 'verbs: build, test, pack, demo, bench, mutate, format, clean (see the head of this file)' 2 }
}
