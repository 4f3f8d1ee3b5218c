# The Unity package: its files, and its code under the Mono runtime.

# Unity refers to everything by the GUID of its .meta: each has one, of its own, and the same one for ever.
function Test-Metas([string]$package) {
    $guids = @{}
    $why = @()
    foreach ($path in [IO.Directory]::GetFileSystemEntries($package, '*', [IO.SearchOption]::AllDirectories)) {
        $name = [IO.Path]::GetRelativePath($package, $path)
        if ($name -match '^Documentation~|~$|\.meta$') { continue }
        if (-not [IO.File]::Exists("$path.meta")) { $why += "$name has no .meta"; continue }
        $guid = [regex]::Match([IO.File]::ReadAllText("$path.meta"), '(?m)^guid: ([0-9a-f]{32})$').Groups[1].Value
        if (-not $guid -or $guids.ContainsKey($guid)) { $why += "$name has no GUID of its own" }
        $guids[$guid] = $name
    }
    # The assembly definition's, as other assemblies wrote it down.
    if ($guids['75ea0850168ac7093e22a24c4c972479'] -cne 'Runtime/NativeConv.asmdef') { $why += 'GUIDs are not those of earlier versions' }
    if ($why.Count -eq 0) { Pass "unity: $($guids.Count) .meta files" } else { Miss 'unity: .meta files' ($why -join ', ') }
}

function Test-Unity {
    if (-not (Test-Tools 'unity' @('mono'))) { return }
    $archive = "$packages/com.nativeconv-$version.tgz"
    $files = @('package.json', 'README.md', 'CHANGELOG.md', 'Runtime/NativeConv.asmdef', 'Samples~/Photo/SharpenPhoto.cs', 'Samples~/Photo/SharpenPhoto.cs.meta', 'Tests/Runtime/NativeConv.Tests.asmdef', 'Documentation~/index.md',
        'Plugins/Linux/x86_64/libnativeconv.so', 'Plugins/Linux/x86_64/libnativeconv.so.meta', 'Plugins/Linux/x86_64/libnativeconv.avx512.so') + $licenses
    Test-Contents $archive @($files.ForEach({ "package/$_" }))
    Expand-Package $archive "$temp/unity"
    $package = "$temp/unity/package"
    Test-Metas $package

    foreach ($file in [IO.Directory]::GetFiles("$root/bindings/unity/host")) { Copy-Into $file "$temp/unity/host" }
    Export-Snippet "$package/Documentation~/index.md" 'csharp' "$temp/unity/host/FirstProgram.cs"
    $out = "$temp/unity/out"
    $code = Invoke-Tool @('dotnet', 'build', "$temp/unity/host", '-c', 'Release', "-p:Package=$package", '-v', 'quiet', '-nologo', '-o', $out)
    if ($code -ne 0) { Miss 'unity: C# 9 over .NET Standard 2.1' "dotnet build ended with exit code $code"; return }
    Pass 'unity: C# 9 over .NET Standard 2.1'
    foreach ($library in [IO.Directory]::GetFiles("$package/Plugins/Linux/x86_64", '*.so')) { Copy-Into $library $out }
    Invoke-Program 'mono' @('mono', "$out/MonoHost.dll", $photo, "$temp/mono.pgm", '10')
    if ([IO.File]::Exists("$temp/mono.pgm") -and [Linq.Enumerable]::SequenceEqual($script:samplePicture, [IO.File]::ReadAllBytes("$temp/mono.pgm"))) { Pass 'mono: the same picture' }
    else { Miss 'mono: the same picture' 'it is another, or there is none' }
    $refusals = 'mono', "$out/MonoHost.dll", 'refusals'
    # Interpreted: the code that Mono's compiler makes does not fit into the emulator's address space.
    if (Test-Tools 'mono on a Nehalem' @('qemu-x86_64')) { Test-Message 'mono on a Nehalem' 'NativeConvException: cpu: x86-64-v3 is needed' ($nehalem + @((Get-Tool 'mono'), '--interpreter', "$out/MonoHost.dll", 'refusals')) }
    Copy-Into $oldLibrary $out $null 'libnativeconv.so'
    Test-Message 'mono: old library' 'DllNotFoundException: nativeconv: the library is too old' $refusals
    [IO.File]::Delete("$out/libnativeconv.so")
    Test-Message 'mono: no library' 'DllNotFoundException: nativeconv: the library was not found' $refusals
}
