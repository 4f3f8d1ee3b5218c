# Deliberate faults in a copy of the tree, and which test notices each (native-tests/mutation). Part of build.ps1, whose functions and variables it uses.

$mutation = "$root/artifacts/mutation"
$tree = "$mutation/tree"
$caseList = "$root/native-tests/mutation/mutations.txt"

# A fault's test may hang or crash: that is noticed, too.
$mutantSeconds = '600'

# The faults of the list, in order.
function Read-Mutations {
    $all = [Collections.Generic.List[object]]::new()
    $one = $null
    foreach ($line in [IO.File]::ReadAllLines($caseList)) {
        if ($line.StartsWith('@ ')) {
            $name, $what = $line.Substring(2) -split ': ', 2
            $one = @{ Name = $name; What = $what; File = $null; Old = @(); New = @() }
            $all.Add($one)
        }
        elseif ($line.StartsWith('- ')) { $one.Old += $line.Substring(2) }
        elseif ($line.StartsWith('+ ')) { $one.New += $line.Substring(2) }
        elseif ($line -ne '' -and -not $line.StartsWith('#')) { $one.File = $line }
    }
    $all
}

# The file's text with the fault in it.
function Get-Mutant($one) {
    $text = [IO.File]::ReadAllText("$root/$($one.File)")
    $old = $one.Old -join "`n"
    $at = $text.IndexOf($old, [StringComparison]::Ordinal)
    if ($at -lt 0 -or $text.IndexOf($old, $at + 1, [StringComparison]::Ordinal) -ge 0) { Fail "mutations.txt: $($one.Name): its text is not in $($one.File) exactly once" }
    $text.Substring(0, $at) + ($one.New -join "`n") + $text.Substring($at + $old.Length)
}

# What git knows, as it is now: nothing that a build has left.
function Copy-Tree {
    $process = Start-Tool @('git', 'ls-files', '-z') $null $true
    $files = $process.StandardOutput.ReadToEnd().Split([char]0, [StringSplitOptions]::RemoveEmptyEntries)
    foreach ($file in $files) {
        if ($file.StartsWith('bench/results/') -or -not [IO.File]::Exists("$root/$file")) { continue }
        [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName("$tree/$file"))
        Set-Text "$tree/$file" ([IO.File]::ReadAllBytes("$root/$file"))
    }
}

# Writes only what changed: builds look at times.
$treeChanged = $false
function Set-Text([string]$path, [byte[]]$bytes) {
    if ([IO.File]::Exists($path) -and [Linq.Enumerable]::SequenceEqual([byte[]][IO.File]::ReadAllBytes($path), $bytes)) { return }
    [IO.File]::WriteAllBytes($path, $bytes)
    $script:treeChanged = $true
}

# A command's exit code and output, errors included.
function Invoke-Mutant([string[]]$command) {
    # A part of the volume is enough: a fault that only a rare layer shows would be noticed by chance anyway.
    $variables = @("NATIVECONV_LIBRARY=$tree/artifacts/native/$machine/libnativeconv.so", 'TEST_SHARE=4', 'TEST_WITHOUT_COMPANION=1')
    $process = Start-Tool (@('env', '-C', $tree) + $variables + @('sh', '-c', 'exec "$@" 2>&1', 'sh', 'timeout', '-k', '5', $mutantSeconds) + $command) $null $true
    $text = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    @{ Code = $process.ExitCode; Text = $text }
}

# Which tests of the xunit suite fail: the first one, or how the process ended. $null: none.
function Test-Mutant([string]$filter) {
    $got = Invoke-Mutant @('dotnet', 'vstest', 'artifacts/bin/NativeConv.Tests/release/NativeConv.Tests.dll', "--TestCaseFilter:$filter", '--', 'xUnit.StopOnFail=true')
    if ($got.Code -eq 0) { return $null }
    $failure = [regex]::Match($got.Text, '(?m)^\s*Failed (NativeConv\.Tests\.[\w.]+)')
    if ($failure.Success) { return $failure.Groups[1].Value.Replace('NativeConv.Tests.', '') }
    if ($got.Code -eq 124 -or $got.Code -eq 137) { "NativeConv.Tests does not end" } else { "NativeConv.Tests: the process is ended" }
}

# Which program notices: its first `not ok` line.
function Test-MutantProgram([string]$name, [string[]]$command) {
    $got = Invoke-Mutant $command
    if ($got.Code -eq 0) { return $null }
    $line = [regex]::Match($got.Text, '(?m)^not ok (.*)$')
    if ($line.Success) { return "${name}: $(($line.Groups[1].Value -split ': ')[0..1] -join ': ')" }
    "${name}: exit code $($got.Code)"
}

$libraryProject = @('dotnet', 'publish', 'src/NativeConv.Native', '-c', 'Release', '-r', $machine, '-v', 'quiet', '-nologo', '-p:RunAnalyzers=false')
$setOfMachine = if ($machine -eq 'linux-x64') { 'avx2' } else { 'neon' }

# Only this machine's first library: the companion is the same sources.
function Build-Mutant([string]$what) {
    $got = if ($what -eq 'engine') { Invoke-Mutant @('dotnet', 'build', 'src/NativeConv', '--no-restore', '-c', 'Release', '-v', 'quiet', '-nologo', '-p:RunAnalyzers=false', '-p:UseSharedCompilation=true') }
           else { Invoke-Mutant ($libraryProject + "-p:InstructionSet=$setOfMachine") }
    if ($got.Code -ne 0) { Say $got.Text; return $false }
    if ($what -eq 'engine') { Copy-Over "$tree/artifacts/bin/NativeConv/release/NativeConv.dll" "$tree/artifacts/bin/NativeConv.Tests/release/NativeConv.dll" }
    else { Copy-Over "$tree/artifacts/obj/native/$machine/libnativeconv/libnativeconv.so" "$tree/artifacts/native/$machine/libnativeconv.so" }
    $true
}

# What was published knows nothing of an engine that only the JIT has.
$jit = 'FullyQualifiedName!~Published&FullyQualifiedName!~PackedTests&FullyQualifiedName!~Abi.&FullyQualifiedName!~Layering&FullyQualifiedName!~Tests.Bench'
$published = 'FullyQualifiedName~Published|FullyQualifiedName~PackedTests|FullyQualifiedName~Abi.'
$programs = 'bad_input', 'digest', 'reference', 'threads', 'floating_point', 'non_finite', 'edges', 'gradients', 'numerics'
$hostPrograms = 'first-call', 'process', 'environment', 'fork', 'unload'

function Find-InLibrary {
    if (-not (Build-Mutant 'library')) { return 'not built' }
    Test-Library
}

function Test-Library {
    foreach ($program in $programs) {
        $found = Test-MutantProgram $program @("$mutation/programs/$program")
        if ($found) { return $found }
    }
    foreach ($program in $hostPrograms) {
        $found = Test-MutantProgram $program @("$mutation/programs/$program", "$tree/artifacts/native/$machine/libnativeconv.so")
        if ($found) { return $found }
    }
    Test-Mutant $published
}

# The engine that the tests have may still be the last fault's.
$engineIsWhole = $true

# The test that notices a fault; 'nobody' if none does.
function Find-Mutant($one) {
    $found = $null
    $inEngine = $one.File.StartsWith('src/NativeConv/')
    if (-not $inEngine -and -not $script:engineIsWhole) { $script:engineIsWhole = Build-Mutant 'engine' }
    Set-Text "$tree/$($one.File)" ([Text.Encoding]::UTF8.GetBytes((Get-Mutant $one)))
    if ($inEngine) {
        $script:engineIsWhole = $false
        # The tests of the fault's own folder are quick.
        $folder = $one.File.Split('/')[2]
        $found = if (Build-Mutant 'engine') { Test-Mutant "FullyQualifiedName~NativeConv.Tests.$folder." } else { 'not built' }
        # A caller's threads and modes are the library's alone.
        if (-not $found -and $folder -eq 'Threading') { $found = Find-InLibrary }
        if (-not $found) { $found = Test-Mutant $jit }
    }
    if (-not $found) { $found = Find-InLibrary }
    Set-Text "$tree/$($one.File)" ([IO.File]::ReadAllBytes("$root/$($one.File)"))
    if ($found -eq 'not built') { Fail "mutations.txt: $($one.Name) does not compile" }
    if ($found) { $found } else { 'nobody' }
}

# The tree without a fault: everything is built, and nothing fails that the faults are judged by. The latter is known while nothing has changed.
function Initialize-Mutation([bool]$withEngine) {
    Copy-Tree
    if ($script:treeChanged) { foreach ($part in 'engine', 'library') { [IO.File]::Delete("$mutation/whole-$part") } }
    $got = Invoke-Mutant @('dotnet', 'build', 'native-tests/NativeConv.Tests', '-c', 'Release', '-v', 'quiet', '-nologo', '-p:RunAnalyzers=false')
    if ($got.Code -ne 0) { Say $got.Text; Fail 'the tests do not compile' }
    $native = "$tree/artifacts/native/$machine"
    [void][IO.Directory]::CreateDirectory($native)
    [void][IO.Directory]::CreateDirectory("$mutation/programs")
    if (-not (Build-Mutant 'library')) { Fail 'the library does not compile' }
    [IO.File]::Delete("$native/libnativeconv.so.1")
    [void][IO.File]::CreateSymbolicLink("$native/libnativeconv.so.1", 'libnativeconv.so')
    Copy-Over "$header/nativeconv.h" "$native/nativeconv.h"
    foreach ($program in $programs + $hostPrograms) {
        $folder = if ($program -in $programs) { 'conformance' } else { 'hosts' }
        $code = Invoke-Tool @($cc, '-std=c11', '-D_GNU_SOURCE', '-O2', "-I$native", "$root/native-tests/$folder/$program.c", '-o', "$mutation/programs/$program",
            "-L$native", "-Wl,-rpath,$native", '-Wl,--as-needed', '-lnativeconv', '-lm', '-ldl', '-pthread')
        if ($code -ne 0) { Fail "$program does not compile" $code }
    }
    foreach ($part in 'library', 'engine') {
        if ([IO.File]::Exists("$mutation/whole-$part") -or ($part -eq 'engine' -and -not $withEngine)) { continue }
        $found = if ($part -eq 'engine') { Test-Mutant $jit } else { Test-Library }
        if ($found) { Fail "without any fault: $found" }
        [IO.File]::WriteAllText("$mutation/whole-$part", '')
    }
}

# The results that are there, and rows of faults that did not run here, in the order of the list.
function Write-MutationTable($all) {
    $lines = @('# Who notices', '', 'Written by `build.ps1 mutate`; README.md says how. A name is a test of NativeConv.Tests, or a program of `conformance` or `hosts` with its first failing line.', '',
        '| fault | what it breaks | where | noticed by |', '|---|---|---|---|')
    $table = "$root/native-tests/mutation/RESULTS.md"
    $before = [IO.File]::ReadAllLines($table)
    foreach ($one in $all) {
        $file = "$mutation/results/$($one.Name).txt"
        if ([IO.File]::Exists($file)) { $lines += "| $($one.Name) | $($one.What) | $($one.File.Replace('src/', '')) | $([IO.File]::ReadAllText($file).Replace('|', '\|')) |" }
        else { foreach ($line in $before) { if ($line.StartsWith("| $($one.Name) | ")) { $lines += $line } } } # of another checkout's run
    }
    [IO.File]::WriteAllText($table, ($lines -join "`n") + "`n")
}

function Test-Mutations([string[]]$names) {
    $all = Read-Mutations
    [void][IO.Directory]::CreateDirectory("$mutation/results")
    foreach ($name in $names) { if ($name -ne '-missing' -and $name -notin @($all.ForEach({ $_.Name }))) { Fail "mutations.txt has no '$name'" 2 } }
    foreach ($one in $all) { [void](Get-Mutant $one) }
    $chosen = @(foreach ($one in $all) {
        if ($names -contains '-missing' ? -not [IO.File]::Exists("$mutation/results/$($one.Name).txt") : ($names.Count -eq 0 -or $one.Name -in $names)) { $one }
    })
    Initialize-Mutation ("$($chosen.ForEach({ $_.File }))" -match 'src/NativeConv/')
    $unnoticed = 0
    foreach ($one in $chosen) {
        $found = Find-Mutant $one
        [IO.File]::WriteAllText("$mutation/results/$($one.Name).txt", $found)
        Say "$($one.Name): $found"
        if ($found -eq 'nobody') { $unnoticed++ }
        Write-MutationTable $all
    }
    Say "$unnoticed faults that nobody notices"
    exit [int]($unnoticed -gt 0)
}
