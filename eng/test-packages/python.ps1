# The wheel, in a virtual environment of its own.

function Test-Wheel {
    $python = '/usr/bin/python3'
    if (-not [IO.File]::Exists($python)) { $python = 'python3' }
    foreach ($wheel in [IO.Directory]::GetFiles($packages, '*.whl')) {
        $info = "nativeconv-$version.dist-info"
        $files = @('nativeconv/__init__.py', 'nativeconv/py.typed', 'nativeconv/libnativeconv.so', "$info/METADATA", "$info/RECORD")
        foreach ($license in $licenses) { $files += "$info/$license" }
        if ($wheel -match 'x86_64') { $files += 'nativeconv/libnativeconv.avx512.so' }
        Test-Contents $wheel $files
    }
    $wheels = [IO.Directory]::GetFiles($packages, "nativeconv-$version-py3-none-manylinux*$(@{ 'linux-x64' = 'x86_64'; 'linux-arm64' = 'aarch64' }[$machine]).whl")
    if ($wheels.Count -ne 1) { Skip 'wheel' 'it was not built'; return }
    $code = Invoke-Tool @($python, '-m', 'venv', '--system-site-packages', "$temp/venv")
    if ($code -ne 0) { Skip 'wheel' 'python3-venv is missing'; return }
    $venv = "$temp/venv/bin/python"
    Test-Run 'pip install of the wheel' @($venv, '-m', 'pip', 'install', '--quiet', '--no-index', '--no-deps', $wheels[0])
    Test-Run 'pip misses nothing of it' @('sh', '-c', "! '$venv' -m pip check | grep nativeconv")
    Test-Sample 'Python' @($venv, '-B', "$root/bindings/python/examples/sample.py")
    Export-Snippet "$root/bindings/python/README.md" 'python' "$temp/readme.py"
    Test-Message 'first program in Python' "[[ 0  1  0]`n [ 1 -4  1]`n [ 0  1  0]] True" @($venv, '-B', "$temp/readme.py")

    # All tests but those that read the checkout, beside a copy of them only.
    foreach ($file in [IO.Directory]::GetFiles("$root/bindings/python/tests", '*.py')) {
        if ([IO.Path]::GetFileName($file) -notin 'conftest.py', 'test_header.py', 'test_readme.py') { Copy-Into $file "$temp/python-tests" }
    }
    $got = Read-Output @($venv, '-B', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--rootdir', "$temp/python-tests", "$temp/python-tests") @{ PYTHONPATH = "$temp/python-tests" }
    $summary = [regex]::Match($got.Text, '(\d+) passed')
    if ($got.Code -eq 0 -and $summary.Success) { Pass "the wheel passes $($summary.Groups[1].Value) tests of the binding" } else { Miss 'tests of the wheel' $got.Text.Trim() }

    $script = "import nativeconv; nativeconv.conv1d(memoryview(bytes(36)).cast('f', (1, 1, 9)), memoryview(bytes(12)).cast('f', (1, 1, 3)))"
    Test-Message 'Python, old library' @('NativeConvLoadError', 'too old: its ABI version is 0, 1 is needed') @($venv, '-c', $script) @{ NATIVECONV_LIBRARY = $oldLibrary }
    Test-Message 'Python, no library' @('NativeConvLoadError', "$temp/nowhere.so: no such file") @($venv, '-c', $script) @{ NATIVECONV_LIBRARY = "$temp/nowhere.so" }
    if ($machine -eq 'linux-x64' -and (Test-Tools 'Python on a Nehalem' @('qemu-x86_64'))) {
        Test-Message 'Python on a Nehalem' @('NativeConvError: cpu: x86-64-v3 is needed', 'NC_ERROR_UNSUPPORTED') ($nehalem + @($venv, '-B', '-c', $script))
    }
}
