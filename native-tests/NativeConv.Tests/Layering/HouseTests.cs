using System.Text.RegularExpressions;
using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Layering;

/// <summary>The sources keep to the table of docs/design.md.</summary>
public class HouseTests
{
    private static readonly SourceFile[] Engine = SourceFile.ReadAll(Repository.Path("src", "NativeConv"));
    private static readonly SourceFile[] Library = SourceFile.ReadAll(Repository.Path("src", "NativeConv.Native"));
    private static readonly HouseTable Table = HouseTable.Read();

    [Fact]
    public void EveryFolderHasItsRow() => Assert.Equal(Table.Folders.Order(), Engine.Select(file => file.Folder).Where(folder => folder.Length > 0).Distinct().Order());

    [Fact]
    public void TheReaderSeesTypes()
    {
        // A reader that finds nothing would let everything pass.
        Assert.Contains(Engine, file => file.Folder == "Problem" && file.Types.Contains(new DeclaredType("AxisPhases", false)));
        Assert.Contains(Engine, file => file.Folder == "Kernels" && file.Types.Contains(new DeclaredType("PlaneTile", true)));
        Assert.Contains(Engine, file => file.Folder == "Engine" && file.Mentions(new DeclaredType("ConvProblem", false)));
        Assert.Contains(Engine, file => file.Folder == "Planning" && file.Mentions(new DeclaredType("KernelSet", true)));
        Assert.All(Engine.Where(file => file.Name != "AssemblyInfo"), file => Assert.NotEmpty(file.Types));
    }

    [Fact]
    public void FoldersNameOnlyWhatTheyMayUse()
    {
        var wrong = new List<string>();
        foreach (var file in Engine.Where(file => file.Folder.Length > 0))
        {
            var allowed = Table.MayUse(file.Folder);
            foreach (var other in Engine.Where(other => other.Folder != file.Folder && !allowed.Contains(other.Folder)))
            {
                wrong.AddRange(other.Types.Where(file.Mentions).Select(type => $"{file.Folder}/{file.Name} names {type.Name} of {other.Folder}/{other.Name}"));
            }

            wrong.AddRange(file.Usings.Where(name => name.StartsWith("NativeConv.", StringComparison.Ordinal))
                .Where(name => name.Split('.')[1] is var folder && folder != file.Folder && !allowed.Contains(folder)).Select(name => $"{file.Folder}/{file.Name} uses {name}"));

            // Nor by a qualified name; a member of the same name (plan.Problem) is not one.
            foreach (var folder in Table.Folders.Where(folder => folder != file.Folder && !allowed.Contains(folder)))
            {
                wrong.AddRange(Regex.Matches(file.Code, $@"(?<!\w)(NativeConv\.|(?<![.>])){folder}\.\w+")
                    .Select(match => $"{file.Folder}/{file.Name} names {match.Value}"));
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void NobodyBelowUsesTheFacade() =>
        Assert.DoesNotContain(Engine, file => file.Folder.Length > 0 && file.Mentions(new DeclaredType("ConvPlan", false)));

    [Fact]
    public void TheVocabularyUsesNothingBelow()
    {
        // Without a using directive a type of a folder would be named with its folder.
        var folders = string.Join('|', Table.Folders);
        foreach (var file in Engine.Where(file => file.Folder.Length == 0 && file.Name != "ConvPlan"))
        {
            Assert.DoesNotContain(file.Usings, name => name.StartsWith("NativeConv", StringComparison.Ordinal));
            Assert.DoesNotMatch($@"\b({folders})\.\w", file.Code);
        }
    }

    [Fact]
    public void StatusCodesExistOnlyInTheLibrary()
    {
        Assert.Contains(Library, file => file.Code.Contains("NcStatus", StringComparison.Ordinal));
        Assert.DoesNotContain(Engine, file => file.Code.Contains("NcStatus", StringComparison.Ordinal) || File.ReadAllText(file.Path).Contains("NC_ERROR", StringComparison.Ordinal));
    }

    [Fact]
    public void KernelsSeeNoGeometry()
    {
        // Of the vocabulary only what chooses a kernel.
        string[] words = [.. Engine.Where(file => file.Folder.Length == 0).SelectMany(file => file.Types).Select(type => type.Name).Except(["Activation", "GradientRule"])];
        Assert.Contains("ConvDescriptor", words);
        foreach (var file in Engine.Where(file => file.Folder == "Kernels"))
        {
            Assert.DoesNotContain(words, word => file.Mentions(new DeclaredType(word, false)));
            Assert.DoesNotMatch(@"(?i)\b\w*(stride|dilation|padding|channel)\w*\b", file.Code);
        }
    }

    [Fact]
    public void TheEngineChoosesNoInstructionSet()
    {
        foreach (var file in Engine.Where(file => file.Folder is "Engine" or "Packing" or "Problem" or "Threading"))
        {
            Assert.DoesNotContain("System.Runtime.Intrinsics", file.Code, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"\bIsaSupport\b|\bIsa\.\w|\.IsSupported\b", file.Code);
        }
    }
}
