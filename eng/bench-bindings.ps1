# What a call costs in each language. Part of build.ps1, whose functions and variables it uses.

function Measure-Bindings {
    $folder = "$root/artifacts/obj/bench-bindings"
    $native = "$root/artifacts/native/$machine"
    [void][IO.Directory]::CreateDirectory($folder)
    $link = @("-I$native", "-I$root/bindings/cpp/include", "-L$native", "-Wl,-rpath,$native", '-lnativeconv')
    Invoke-OrExit (@($cc, '-O2', "$root/bench/bindings/call.c", '-o', "$folder/c") + $link)
    Invoke-OrExit @('dotnet', 'build', 'bench/bindings/Call', '-c', 'Release', '-v', 'quiet', '-nologo', '-o', "$folder/dotnet")
    $environment = @{ NATIVECONV_LIBRARY = "$native/libnativeconv.so"; PYTHONPATH = "$root/bindings/python"; LUA_PATH = "$root/bindings/lua/?.lua" }
    $programs = @(@("$folder/c"), @('dotnet', "$folder/dotnet/Call.dll"), @('/usr/bin/python3', '-B', "$root/bench/bindings/call.py"))
    if ((Get-Tool 'c++') -and (Invoke-Tool (@('c++', '-std=c++17', '-O2', "$root/bench/bindings/call.cpp", '-o', "$folder/cpp") + $link)) -eq 0) { $programs += , @("$folder/cpp") }
    if (Get-Tool 'luajit') { $programs += , @('luajit', "$root/bench/bindings/call.lua") }
    for ($round = 0; $round -lt 3; $round++) { foreach ($program in $programs) { [void](Invoke-Tool $program $environment) } }
}
