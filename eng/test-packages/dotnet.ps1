# The NuGet packages.

# A program whose only packages are ours, restored into a cache of its own: the version may have been restored before with other contents. False, and counted, if it does not compile.
function Build-DotNet([string]$name, [string]$source) {
    $folder = "$temp/dotnet/$name"
    Copy-Into "$root/bindings/dotnet/examples/Sample/Sample.csproj" $folder $null "$name.csproj"
    Copy-Into $source $folder
    [IO.File]::WriteAllText("$folder/nuget.config", "<configuration><packageSources><clear /><add key=`"packages`" value=`"$packages`" /></packageSources></configuration>")
    $code = Invoke-Tool @('dotnet', 'build', $folder, '-c', 'Release', "-p:NativeConvVersion=$version", "-p:RestorePackagesPath=$temp/dotnet/cache", '-v', 'quiet', '-nologo', '-o', "$folder/out")
    if ($code -eq 0) { return $true }
    Miss "$name with the NuGet packages" "dotnet build ended with exit code $code"
    $false
}

function Test-NuGet {
    Test-Contents "$packages/NativeConv.$version.nupkg" (@('lib/net10.0/NativeConv.dll', 'lib/net10.0/NativeConv.xml', 'README.md', 'LICENSE'))
    $files = @('lib/net10.0/NativeConv.Interop.dll', 'lib/net10.0/NativeConv.Interop.xml', 'README.md', "runtimes/$machine/native/libnativeconv.so") + $licenses
    if ($machine -eq 'linux-x64') { $files += 'runtimes/linux-x64/native/libnativeconv.avx512.so', 'runtimes/linux-arm64/native/libnativeconv.so' }
    Test-Contents "$packages/NativeConv.Interop.$version.nupkg" $files

    if (Build-DotNet 'Sample' "$root/bindings/dotnet/examples/Sample/Program.cs") { Test-Sample '.NET' @('dotnet', "$temp/dotnet/Sample/out/Sample.dll") }
    foreach ($index in 0, 1) {
        $name = "Readme$index"
        Export-Snippet "$root/bindings/dotnet/README.md" 'csharp' "$temp/dotnet/Program.cs" $index
        if (Build-DotNet $name "$temp/dotnet/Program.cs") { Test-FirstProgram ".NET ($index)" @('dotnet', "$temp/dotnet/$name/out/$name.dll") }
    }
    if (-not (Build-DotNet 'Behaviour' "$root/bindings/dotnet/tests/Behaviour.cs")) { return }
    $program = "$temp/dotnet/Behaviour/out/Behaviour.dll"
    Invoke-Program '.NET' @('dotnet', $program)
    Test-Message '.NET, old library' 'DllNotFoundException: nativeconv: the library is too old: its ABI version is 0, 1 is needed' @('dotnet', $program, 'refusals') @{ NATIVECONV_LIBRARY = $oldLibrary }
    Test-Message '.NET, no library' 'DllNotFoundException: nativeconv: the library was not found' @('dotnet', $program, 'refusals') @{ NATIVECONV_LIBRARY = "$temp/nowhere.so" }
    if ($machine -eq 'linux-x64' -and (Test-Tools '.NET on a Nehalem' @('qemu-x86_64'))) {
        Test-Message '.NET on a Nehalem' @('NativeConvException: cpu: x86-64-v3 is needed', 'NotSupportedException: this processor has no fused multiply-add') ($nehalem + @((Get-Tool 'dotnet'), $program, 'refusals'))
    }
}
