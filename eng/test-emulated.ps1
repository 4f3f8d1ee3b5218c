# The suite emulated-avx512: the digests on a CPU with AVX-512 that exists only in an emulator (native-tests/emulated).

function Test-EmulatedAvx512 {
    foreach ($tool in 'bochs', 'xorriso', 'cpio') {
        if (-not (Get-Tool $tool)) { Skip 'emulated-avx512' "$tool is missing"; return }
    }
    $folder = "$root/artifacts/tests/emulated"
    [void][IO.Directory]::CreateDirectory($folder)
    # Static: there is nothing to be linked with yet when it starts.
    $compile = @($cc, '-std=c11', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', '-Werror', '-static', 'native-tests/emulated/init.c', '-o', "$folder/init")
    if ((Invoke-Tool $compile) -ne 0) { Miss 'emulated-avx512' 'init.c does not compile'; return }
    if (-not (Test-Build $cc 'linux-x64' @("$root/native-tests/conformance/digest.c") "$folder/digest")) { return }
    # A share of the runs: every descriptor once or twice by the library's choice, some by each algorithm.
    Invoke-Program 'emulated-avx512' @('native-tests/emulated/boot.sh', "$folder/machine", "$folder/digest", "$folder/init", "$root/artifacts/native/linux-x64", 'NATIVECONV_MAX_ISA=avx512', 'TEST_SHARE=64') $null 2400
}
