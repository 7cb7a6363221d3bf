using System.Globalization;

namespace Reco.Scoring.Configuration;

/// <summary>Binds <see cref="ScoringOptions"/>.</summary>
internal static class ScoringOptionsReader
{
    /// <summary>Section of appsettings.json and the command line.</summary>
    public const string Section = "Reco";

    private const string Prefix = "RECO_";

    /// <summary>Reads the options; variables win over the command line and the file.</summary>
    /// <exception cref="ScoringException">A value is not of its type.</exception>
    public static ScoringOptions Read(IConfiguration configuration)
    {
        var sources = new ConfigurationBuilder()
            .AddInMemoryCollection(configuration.GetSection(Section).AsEnumerable(makePathsRelative: true).Where(entry => entry.Value is not null))
            .AddEnvironmentVariables(Prefix)
            .Build();
        try
        {
            var options = sources.Get<ScoringOptions>() ?? new ScoringOptions();
            return options with
            {
                Security = WithKey(options.Security, sources["API_KEY"]),
                Telemetry = sources["PSEUDONYM_KEY"] is { Length: > 0 } key ? options.Telemetry with { PseudonymKey = key } : options.Telemetry,
            };
        }
        catch (InvalidOperationException error)
        {
            throw new ScoringException(string.Create(CultureInfo.InvariantCulture, $"The configuration cannot be read: {error.Message} Correct section {Section} or the {Prefix} variable of that name."), error);
        }
    }

    /// <summary>The one key of <c>RECO_API_KEY</c> beside those of the list.</summary>
    private static SecurityOptions WithKey(SecurityOptions security, string? key) =>
        string.IsNullOrEmpty(key) ? security : security with { ApiKeys = [.. security.ApiKeys, key] };
}
