# The NuGet packages.

# Programs whose only packages are ours, restored into a cache of its own: the version may have been restored before with other contents. All in one build.
# programs: name -> source. False, and counted, if one does not compile.
function Build-DotNet($programs) {
    $projects = ''
    foreach ($name in $programs.Keys) {
        Copy-Into "$root/bindings/dotnet/examples/Sample/Sample.csproj" "$temp/dotnet/$name" $null "$name.csproj"
        Copy-Into $programs[$name] "$temp/dotnet/$name" $null 'Program.cs'
        $projects += "<Project Path=`"$name/$name.csproj`" />"
    }
    [IO.File]::WriteAllText("$temp/dotnet/nuget.config", "<configuration><packageSources><clear /><add key=`"packages`" value=`"$packages`" /></packageSources></configuration>")
    [IO.File]::WriteAllText("$temp/dotnet/programs.slnx", "<Solution>$projects</Solution>")
    $code = Invoke-Tool @('dotnet', 'build', "$temp/dotnet/programs.slnx", '-c', 'Release', "-p:NativeConvVersion=$version", "-p:RestorePackagesPath=$temp/dotnet/cache", '-v', 'quiet', '-nologo')
    if ($code -eq 0) { return $true }
    Miss 'programs with the NuGet packages' "dotnet build ended with exit code $code"
    $false
}

function Get-Program([string]$name) { "$temp/dotnet/$name/bin/Release/net10.0/$name.dll" }

function Test-NuGet {
    Test-Contents "$packages/NativeConv.$version.nupkg" (@('lib/net10.0/NativeConv.dll', 'lib/net10.0/NativeConv.xml', 'README.md', 'LICENSE'))
    $files = @('lib/net10.0/NativeConv.Interop.dll', 'lib/net10.0/NativeConv.Interop.xml', 'README.md', "runtimes/$machine/native/libnativeconv.so") + $licenses
    if ($machine -eq 'linux-x64') { $files += 'runtimes/linux-x64/native/libnativeconv.avx512.so', 'runtimes/linux-arm64/native/libnativeconv.so' }
    Test-Contents "$packages/NativeConv.Interop.$version.nupkg" $files

    $examples = "$root/bindings/dotnet"
    $programs = @{ Sample = "$examples/examples/Sample/Program.cs"; Behaviour = "$examples/tests/Behaviour.cs"; Interop = "$temp/Interop.cs"; Managed = "$temp/Managed.cs" }
    Export-Snippet "$examples/README.md" 'csharp' $programs.Interop 0
    Export-Snippet "$examples/README.md" 'csharp' $programs.Managed 1
    if (-not (Build-DotNet $programs)) { return }
    Test-Sample '.NET' @('dotnet', (Get-Program 'Sample'))
    Test-FirstProgram '.NET, NativeConv.Interop' @('dotnet', (Get-Program 'Interop'))
    Test-FirstProgram '.NET, NativeConv' @('dotnet', (Get-Program 'Managed'))
    $program = Get-Program 'Behaviour'
    Invoke-Program '.NET' @('dotnet', $program)
    Test-Message '.NET, old library' 'DllNotFoundException: nativeconv: the library is too old: its ABI version is 0, 1 is needed' @('dotnet', $program, 'refusals') @{ NATIVECONV_LIBRARY = $oldLibrary }
    Test-Message '.NET, no library' 'DllNotFoundException: nativeconv: the library was not found' @('dotnet', $program, 'refusals') @{ NATIVECONV_LIBRARY = "$temp/nowhere.so" }
    if ($machine -eq 'linux-x64' -and (Test-Tools '.NET on a Nehalem' @('qemu-x86_64'))) {
        Test-Message '.NET on a Nehalem' @('NativeConvException: cpu: x86-64-v3 is needed', 'NotSupportedException: this processor has no fused multiply-add') ($nehalem + @((Get-Tool 'dotnet'), $program, 'refusals'))
    }
}
