# The packages of every ecosystem, in artifacts/packages. Part of build.ps1, whose functions and variables it uses.

[void][Reflection.Assembly]::Load('System.Formats.Tar')

# Directory.Build.props is the one place that knows the version.
function Get-Version { [regex]::Match([IO.File]::ReadAllText("$root/Directory.Build.props"), '<VersionPrefix>(.*?)</VersionPrefix>').Groups[1].Value }

# An empty folder below artifacts/obj/packages.
function New-Stage([string]$name) {
    $folder = "$root/artifacts/obj/packages/$name"
    if ([IO.Directory]::Exists($folder)) { [IO.Directory]::Delete($folder, $true) }
    [void][IO.Directory]::CreateDirectory($folder)
    $folder
}

# A copy of a file, @NAME@ replaced by its value where values are given.
function Copy-Into([string]$from, [string]$folder, $values, [string]$name = [IO.Path]::GetFileName($from)) {
    [void][IO.Directory]::CreateDirectory($folder)
    if (-not $values) { [IO.File]::Copy($from, "$folder/$name", $true); return }
    $text = [IO.File]::ReadAllText($from)
    foreach ($key in $values.Keys) { $text = $text.Replace("@$key@", $values[$key]) }
    [IO.File]::WriteAllText("$folder/$name", $text)
}

# A copy of a folder, without what builds and interpreters leave behind.
function Copy-Folder([string]$from, [string]$to) {
    [void][IO.Directory]::CreateDirectory($to)
    foreach ($file in [IO.Directory]::GetFiles($from)) { [IO.File]::Copy($file, "$to/$([IO.Path]::GetFileName($file))", $true) }
    foreach ($folder in [IO.Directory]::GetDirectories($from)) {
        $name = [IO.Path]::GetFileName($folder)
        if ($name -notin 'bin', 'obj', '__pycache__') { Copy-Folder $folder "$to/$name" }
    }
}

# The same bytes from the same files: names in order, one date, no owner.
function New-TarGz([string]$folder, [string]$top, [string]$file) {
    [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($file))
    $gzip = [IO.Compression.GZipStream]::new([IO.File]::Create($file), [IO.Compression.CompressionLevel]::SmallestSize)
    $tar = [Formats.Tar.TarWriter]::new($gzip, [Formats.Tar.TarEntryFormat]::Pax, $false)
    $paths = [IO.Directory]::GetFiles($folder, '*', [IO.SearchOption]::AllDirectories)
    [Array]::Sort($paths, [StringComparer]::Ordinal)
    foreach ($path in $paths) {
        $name = "$top/" + [IO.Path]::GetRelativePath($folder, $path).Replace('\', '/')
        $link = [IO.FileInfo]::new($path).LinkTarget
        $entry = [Formats.Tar.PaxTarEntry]::new($(if ($link) { [Formats.Tar.TarEntryType]::SymbolicLink } else { [Formats.Tar.TarEntryType]::RegularFile }), $name)
        $entry.ModificationTime = [DateTimeOffset]::FromUnixTimeSeconds(946684800) # 2000-01-01
        $entry.Mode = [IO.UnixFileMode]$(if ($path -match '\.so(\.|$)') { 493 } else { 420 }) # rwxr-xr-x, rw-r--r--
        if ($link) { $entry.LinkName = $link } else { $entry.DataStream = [IO.File]::OpenRead($path) }
        $tar.WriteEntry($entry)
        if ($entry.DataStream) { $entry.DataStream.Dispose() }
    }
    $tar.Dispose()
    $gzip.Dispose()
}

# `sha256sum -c` reads it.
function Write-Sums([string]$folder) {
    $lines = @()
    $files = [IO.Directory]::GetFiles($folder, '*', [IO.SearchOption]::AllDirectories)
    [Array]::Sort($files, [StringComparer]::Ordinal)
    foreach ($file in $files) {
        $sum = [Convert]::ToHexStringLower([Security.Cryptography.SHA256]::HashData([IO.File]::ReadAllBytes($file)))
        $lines += "$sum  $([IO.Path]::GetRelativePath($folder, $file).Replace('\', '/'))`n"
    }
    [IO.File]::WriteAllText("$folder/SHA256SUMS", -join $lines)
}

# The licenses: ours, the runtime's that is inside the libraries, and what that one mentions.
function Copy-Licenses([string]$folder) {
    $version = [regex]::Match([IO.File]::ReadAllText("$root/Directory.Packages.props"), '<ILCompilerVersion>(.*?)</ILCompilerVersion>').Groups[1].Value
    $packages = [Environment]::GetEnvironmentVariable('NUGET_PACKAGES')
    if (-not $packages) { $packages = "$([Environment]::GetFolderPath('UserProfile'))/.nuget/packages" }
    foreach ($file in 'LICENSE', 'THIRD-PARTY-NOTICES.md') { Copy-Into "$root/$file" $folder }
    Copy-Into "$packages/runtime.$machine.microsoft.dotnet.ilcompiler/$version/THIRD-PARTY-NOTICES.TXT" $folder $null 'DOTNET-NOTICES.txt'
}

function Get-Libraries([string]$rid) { [IO.Directory]::GetFiles("$root/artifacts/native/$rid", '*.so') }

# C and C++: what `make install` would leave, in a folder that may be moved.
function Pack-C([string]$rid, [string]$version, [string]$target) {
    $name = "nativeconv-$version-$rid"
    $stage = New-Stage $name
    $numbers = $version.Split('.')
    $values = @{ VERSION = $version; RID = $rid; MAJOR = $numbers[0]; MINOR = $numbers[1] }
    Copy-Into "$header/nativeconv.h" "$stage/include"
    Copy-Into "$root/bindings/cpp/include/nativeconv.hpp" "$stage/include"
    foreach ($library in Get-Libraries $rid) {
        if ([IO.Path]::GetFileName($library) -ne 'libnativeconv.so') { Copy-Into $library "$stage/lib"; continue }
        Copy-Into $library "$stage/lib" $null "libnativeconv.so.$version"
        [void][IO.File]::CreateSymbolicLink("$stage/lib/libnativeconv.so.1", "libnativeconv.so.$version")
        [void][IO.File]::CreateSymbolicLink("$stage/lib/libnativeconv.so", 'libnativeconv.so.1')
    }
    foreach ($file in [IO.Directory]::GetFiles("$root/bindings/c/cmake")) { Copy-Into $file "$stage/lib/cmake/NativeConv" $values }
    Copy-Into "$root/bindings/c/pkgconfig/nativeconv.pc" "$stage/lib/pkgconfig" $values
    Copy-Licenses "$stage/share/licenses/nativeconv"
    Write-Sums $stage
    New-TarGz $stage $name "$target/$name.tar.gz"
}

# A wheel for every CPython: nothing in it is compiled for one. Its tag says which glibc the libraries need.
function Pack-Wheel([string]$rid, [string]$version, [string]$target) {
    $probe = 'import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ("pip", "setuptools", "wheel"))))'
    $python = $null
    foreach ($candidate in 'python3', '/usr/bin/python3') {
        if (-not $python -and (Get-Tool $candidate) -and (Invoke-Tool @($candidate, '-c', $probe)) -eq 0) { $python = $candidate }
    }
    if (-not $python -or -not (Get-Tool 'readelf')) { Skip "wheel for $rid" 'python3 with pip, setuptools and wheel, or readelf, is missing'; return }
    $stage = New-Stage "wheel-$rid"
    Copy-Folder "$root/bindings/python/nativeconv" "$stage/nativeconv"
    Copy-Into "$root/bindings/python/pyproject.toml" $stage @{ VERSION = $version }
    Copy-Into "$root/bindings/python/README.md" $stage
    Copy-Licenses $stage
    $glibc = 17
    foreach ($library in Get-Libraries $rid) {
        Copy-Into $library "$stage/nativeconv"
        $process = Start-Tool @('readelf', '-V', $library) $null $true
        foreach ($match in [regex]::Matches($process.StandardOutput.ReadToEnd(), 'GLIBC_2\.(\d+)')) { $glibc = [Math]::Max($glibc, [int]$match.Groups[1].Value) }
    }
    $machineName = @{ 'linux-x64' = 'x86_64'; 'linux-arm64' = 'aarch64' }[$rid]
    [IO.File]::WriteAllText("$stage/setup.cfg", "[bdist_wheel]`nplat_name = manylinux_2_${glibc}_$machineName`n")
    Invoke-OrExit @($python, '-m', 'pip', 'wheel', '--quiet', '--no-deps', '--no-build-isolation', '--wheel-dir', $target, $stage) @{ SOURCE_DATE_EPOCH = '946684800' }
}

# The same path has the same GUID in every version: scenes refer to it.
function Get-Guid([string]$path) { [Convert]::ToHexStringLower([Security.Cryptography.MD5]::HashData([Text.Encoding]::UTF8.GetBytes("com.nativeconv/$path"))) }

# Unity wants a .meta for everything that it shows. Folders that end with ~ it does not, but samples are copied out of theirs, and scenes refer to their scripts.
function Write-Metas([string]$stage, [string]$folder) {
    foreach ($path in [IO.Directory]::GetFileSystemEntries($folder)) {
        if ($path.EndsWith('~')) {
            if ($path.EndsWith('Samples~')) { Write-Metas $stage $path }
            continue
        }
        $name = [IO.Path]::GetRelativePath($stage, $path).Replace('\', '/')
        $meta = "fileFormatVersion: 2`nguid: $(Get-Guid $name)`n"
        if ([IO.Directory]::Exists($path)) {
            $meta += "folderAsset: yes`n"
            Write-Metas $stage $path
        }
        elseif ($name -match '\.so$') { $meta += [IO.File]::ReadAllText("$root/bindings/unity/plugin-linux-x86_64.meta") }
        [IO.File]::WriteAllText("$path.meta", $meta)
    }
}

# The editor and players of Unity on Linux are x86-64.
function Pack-Unity([string]$version, [string]$target) {
    $stage = New-Stage 'com.nativeconv'
    Copy-Folder "$root/bindings/unity/com.nativeconv" $stage
    Copy-Into "$root/bindings/unity/com.nativeconv/package.json" $stage @{ VERSION = $version }
    Copy-Folder "$root/bindings/dotnet/NativeConv.Interop/Shared" "$stage/Runtime/Shared"
    foreach ($library in Get-Libraries 'linux-x64') { Copy-Into $library "$stage/Plugins/Linux/x86_64" }
    Copy-Licenses $stage
    Copy-Into "$root/CHANGELOG.md" $stage
    Write-Metas $stage $stage
    New-TarGz $stage 'package' "$target/com.nativeconv-$version.tgz"
}

function Pack-Lua([string]$version, [string]$target) {
    $stage = New-Stage 'lua'
    Copy-Folder "$root/bindings/lua" $stage
    Copy-Folder "$root/bindings/c/examples/photo" "$stage/love/photo"
    foreach ($library in Get-Libraries 'linux-x64') { Copy-Into $library $stage }
    Copy-Licenses $stage
    New-TarGz $stage "nativeconv-lua-$version" "$target/nativeconv-lua-$version-linux-x64.tar.gz"
}

# Everything, for the runtimes that this machine builds.
function Pack-All {
    $version = Get-Version
    $target = "$root/artifacts/packages"
    if ([IO.Directory]::Exists($target)) { [IO.Directory]::Delete($target, $true) }
    [void][IO.Directory]::CreateDirectory($target)
    $rids = @($machine)
    Build-Library $machine
    if ($machine -eq 'linux-x64') {
        if (Get-Tool 'aarch64-linux-gnu-gcc') { $rids += 'linux-arm64'; Build-Library 'linux-arm64' }
        else { Skip 'packages for linux-arm64' 'aarch64-linux-gnu-gcc is missing' }
    }
    foreach ($rid in $rids) {
        Pack-C $rid $version $target
        Pack-Wheel $rid $version $target
    }
    $licenses = New-Stage 'nuget-licenses'
    Copy-Licenses $licenses
    foreach ($project in 'src/NativeConv', 'bindings/dotnet/NativeConv.Interop') {
        Invoke-OrExit @('dotnet', 'pack', $project, '-c', 'Release', '-o', $target, "-p:Licenses=$licenses", '-v', 'quiet', '-nologo')
    }
    if ($machine -eq 'linux-x64') {
        Pack-Unity $version $target
        Pack-Lua $version $target
    }
    Write-Sums $target
    foreach ($file in [IO.Directory]::GetFiles($target)) { Say "$($file.Replace("$root/", '')): $([IO.FileInfo]::new($file).Length) bytes" }
}
