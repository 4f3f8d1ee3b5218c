#:package System.Management.Automation
#:property PublishAot=false
#:property TieredPGO=false

// Runs a PowerShell script on a machine without PowerShell:
//
//     dotnet run eng/pwsh.cs -- build.ps1 test
//
// Only the language and .NET are there, no cmdlets and no drives: build.ps1 uses nothing else. The exit code is the script's.

using System.Management.Automation;
using System.Management.Automation.Runspaces;

if (args.Length == 0)
{
    Console.Error.WriteLine("usage: dotnet run eng/pwsh.cs -- SCRIPT.ps1 ARGUMENTS");
    return 2;
}

// An empty session opens twice as fast as a default one.
InitialSessionState session = InitialSessionState.Create();
session.LanguageMode = PSLanguageMode.FullLanguage;
using Runspace runspace = RunspaceFactory.CreateRunspace(session);
runspace.Open();
runspace.SessionStateProxy.Scripts.Add("*");
using PowerShell shell = PowerShell.Create(runspace);
shell.AddCommand(Path.GetFullPath(args[0]));
foreach (string argument in args[1..])
{
    shell.AddArgument(argument);
}
try
{
    foreach (PSObject line in shell.Invoke())
    {
        Console.WriteLine(line);
    }
}
catch (RuntimeException exception)
{
    Console.Error.WriteLine($"{exception.Message}\n{exception.ErrorRecord.ScriptStackTrace}");
    return 1;
}
return runspace.SessionStateProxy.GetVariable("LASTEXITCODE") as int? ?? 0;
