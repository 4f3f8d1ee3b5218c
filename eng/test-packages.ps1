# Every package, used from a temporary folder as a stranger would. Part of build.ps1, whose functions and variables it uses; each language has a file of its own in test-packages/.

foreach ($file in [IO.Directory]::GetFiles("$root/eng/test-packages", '*.ps1')) { . $file }

$photo = "$root/bindings/c/examples/photo/ascent.pgm"

# A processor without AVX2.
$nehalem = 'qemu-x86_64', '-cpu', 'Nehalem'

# A command's output; counts nothing.
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

# The first program of a README prints the picture that it should: a bright pixel, blurred.
function Test-FirstProgram([string]$language, [string[]]$command, $environment) {
    $got = Read-Output $command $environment
    $expected = " 0  0  1  2  1`n 0  0  2  4  2`n 0  0  1  2  1`n 0  0  0  0  0`n 0  0  0  0  0`n"
    if ($got.Text -ceq $expected) { Pass "first program in $language" } else { Miss "first program in $language" "it printed $($got.Text)" }
}

# The code that a page shows: its block number `index` of this language, in a file.
function Export-Snippet([string]$page, [string]$language, [string]$file, [int]$index = 0) {
    $blocks = [regex]::Matches([IO.File]::ReadAllText($page), "(?s)``````$language\n(.*?)``````")
    if ($blocks.Count -le $index) { Fail "$page shows no block $index in $language" }
    [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($file))
    [IO.File]::WriteAllText($file, $blocks[$index].Groups[1].Value)
}

# What a user reads when something is wrong: all of these texts are in what the command prints, messages of errors included.
function Test-Message([string]$name, [string[]]$expected, [string[]]$command, $environment) {
    $got = Read-Output (@('sh', '-c', 'exec "$@" 2>&1', 'sh') + $command) $environment
    foreach ($text in $expected) {
        if (-not $got.Text.Contains($text)) { Miss $name "it said '$($got.Text.Trim())', expected '$text'"; return }
    }
    Pass $name
}

# False, and said, if a tool is missing.
function Test-Tools([string]$suite, [string[]]$tools) {
    foreach ($tool in $tools) { if (-not (Get-Tool $tool)) { Skip $suite "$tool is missing"; return $false } }
    $true
}

# The files of an archive, by names that it must have among others.
function Test-Contents([string]$archive, [string[]]$expected) {
    $name = [IO.Path]::GetFileName($archive)
    if ($archive -match '\.(whl|nupkg)$') {
        $zip = [IO.Compression.ZipFile]::OpenRead($archive)
        $files = @($zip.Entries.FullName)
        $zip.Dispose()
    }
    else { $files = (Read-Output @('tar', '-tzf', $archive)).Text.Trim().Split("`n") }
    foreach ($file in $expected) { if ($file -cnotin $files) { Miss "contents of $name" "$file is missing"; return } }
    Pass "contents of $name ($($files.Count) files)"
}

function Expand-Package([string]$file, [string]$folder) {
    [void][IO.Directory]::CreateDirectory($folder)
    Invoke-OrExit @('tar', '-xzf', $file, '-C', $folder)
}

# A library from before the first one: it has every function, and says that its ABI is number 0.
function Build-OldLibrary([string]$file) {
    $functions = [regex]::Matches([IO.File]::ReadAllText("$header/nativeconv.h"), '(?m)^NC_API (const char\*)?.*?\b(nc_\w+)\(').ForEach({
        if ($_.Groups[1].Success) { "const char* $($_.Groups[2].Value)(void) { return `"`"; }`n" } else { "long $($_.Groups[2].Value)(void) { return 0; }`n" }
    })
    [IO.File]::WriteAllText("$temp/old.c", -join $functions)
    Invoke-OrExit @($cc, '-shared', '-fPIC', '-Wl,-soname,libnativeconv.so.1', '-o', $file, "$temp/old.c")
}

function Test-Packages {
    Pack-All
    $version = Get-Version
    $packages = "$root/artifacts/packages"
    $licenses = 'LICENSE', 'THIRD-PARTY-NOTICES.md', 'DOTNET-NOTICES.txt'
    $temp = [IO.Directory]::CreateTempSubdirectory('nativeconv-').FullName
    $oldLibrary = "$temp/old/libnativeconv.so.1"
    $script:sampleText = $null
    $script:samplePicture = $null
    try {
        [void][IO.Directory]::CreateDirectory("$temp/old")
        Build-OldLibrary $oldLibrary
        Test-Run 'checksums of the packages' @('sh', '-c', "cd '$packages' && sha256sum --quiet -c SHA256SUMS")
        Test-CPackage
        Test-Wheel
        Test-NuGet
        if ($machine -eq 'linux-x64') {
            Test-CrossPackages
            Test-Unity
            Test-Lua
        }
    }
    finally { [IO.Directory]::Delete($temp, $true) }
}
