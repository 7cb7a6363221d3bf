using System.Text.RegularExpressions;

namespace Reco.Infra.Tests;

/// <summary>The README is true of the configuration, in both directions.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public async Task ConfigurationTable_OfReadme_NamesExactlyTheKnownKeys()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => ProgramRun.StartAsync(new Dictionary<string, string> { ["no-such-key"] = "1" }));
        var known = KnownKeys().Match(error.ToString()).Groups[1].Value.Split(", ");
        Assert.Contains("target", known);

        var readme = File.ReadAllText(Path.Combine(Root(), "README.md"));
        var documented = TableKey().Matches(readme).Select(match => match.Groups[1].Value).ToArray();
        Assert.Equal(known.Order(), documented.Order());
    }

    /// <summary>Folder of the checkout.</summary>
    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Reco.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("Reco.sln is not above the test's folder.");
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"Known keys: ([A-Za-z0-9, ]+)\.")]
    private static partial Regex KnownKeys();

    [GeneratedRegex(@"^\| `([A-Za-z0-9]+)` \|", RegexOptions.Multiline)]
    private static partial Regex TableKey();
}
