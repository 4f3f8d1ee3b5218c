using NativeConv.Tests.Support;
using Xunit;

namespace NativeConv.Tests.Layering;

/// <summary>Folders have a page of one screen, files have the name of what is in them, snippets are the examples that run.</summary>
public class FileTests
{
    // Files that hold a family of small types under the family's name.
    private static readonly string[] Families = ["Vocabulary", "Activations", "AbiTypes"];

    [Fact]
    public void FoldersHaveAPageOfOneScreen()
    {
        string[] folders =
        [
            Repository.Path("src", "NativeConv"), Repository.Path("src", "NativeConv.Native"), Repository.Path("src", "NativeConv.Native", "gate"),
            .. HouseTable.Read().Folders.Select(folder => Repository.Path("src", "NativeConv", folder)),
        ];
        foreach (var folder in folders)
        {
            var page = Path.Combine(folder, "README.md");
            Assert.True(File.Exists(page), page);
            Assert.True(File.ReadAllLines(page).Length is >= 3 and <= 40, page);
        }
    }

    [Fact]
    public void FilesAreNamedLikeATypeInThem()
    {
        foreach (var file in SourceFile.ReadAll(Repository.Path("src", "NativeConv")).Concat(SourceFile.ReadAll(Repository.Path("src", "NativeConv.Native"))))
        {
            if (Families.Contains(file.Name))
            {
                Assert.True(file.Types.Length > 1, file.Path);
                continue;
            }

            Assert.True(file.Types.Any(type => type.Name == file.Name), $"{file.Path}: {string.Join(", ", file.Types.Select(type => type.Name))}");
        }
    }

    [Theory]
    [InlineData("c", "bindings/c/examples/readme.c")]
    [InlineData("python", "bindings/python/examples/readme.py")]
    public void SnippetsAreTheExamples(string language, string example)
    {
        var page = Repository.ReadText("README.md");
        var fence = $"\n```{language}\n";
        var start = page.IndexOf(fence, StringComparison.Ordinal) + fence.Length;
        Assert.True(start >= fence.Length, "no snippet");
        Assert.Equal(-1, page.IndexOf(fence, start, StringComparison.Ordinal));
        var end = page.IndexOf("```", start, StringComparison.Ordinal);
        Assert.Equal(Repository.ReadText(example), page[start..end]);
    }
}
