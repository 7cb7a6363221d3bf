using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Reco.Training.Data;

/// <summary>A data set as a JSON file describes it: where the events are, which column means what, and what to do with flaws.
/// Paths are relative to the file. Example:
/// <code>{ "name": "shop", "events": "events.parquet", "columns": { "user": "customer", "item": "sku", "time": "ts" },
/// "items": { "path": "skus.csv", "id": "sku", "name": "title", "features": ["brand"] }, "rules": { "duplicate": "keep" } }</code>
/// </summary>
internal sealed partial record EventLogConfig
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>What the data set is called; the file's name where it is not said.</summary>
    public string? Name { get; init; }

    /// <summary>A file of events: CSV, plain or gzipped, or <c>.parquet</c>; or a folder of RecBole's atomic files.</summary>
    public required string Events { get; init; }

    /// <summary>Columns of the events; null for atomic files, whose fields have names of their own.</summary>
    public EventColumns? Columns { get; init; }

    /// <summary>The catalogue, or null.</summary>
    public CatalogueConfig? Items { get; init; }

    /// <summary>Policies and bounds.</summary>
    public ValidationRules Rules { get; init; } = new();

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="TrainingException">It is missing or wrong; the message names the key.</exception>
    public static async Task<EventLogConfig> ReadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            await using var stream = File.OpenRead(path);
            var config = await JsonSerializer.DeserializeAsync<EventLogConfig>(stream, Json, cancellation).ConfigureAwait(false)
                ?? throw new TrainingException($"{path} is empty; it must describe a data set.");
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            if (config.Flaw(Directory.Exists(Path.Combine(folder, config.Events))) is { } flaw)
            {
                throw new TrainingException($"{path}: {flaw}");
            }

            return config with
            {
                Name = config.Name ?? Path.GetFileNameWithoutExtension(path),
                Events = Path.Combine(folder, config.Events),
                Items = config.Items is { } items ? items with { Path = System.IO.Path.Combine(folder, items.Path) } : null,
            };
        }
        catch (JsonException error)
        {
            throw new TrainingException($"{path}, line {(error.LineNumber ?? 0) + 1}: {What(error)} See training/README.md for what belongs there.", error);
        }
    }

    private string? Flaw(bool isFolder) => isFolder switch
    {
        true when Columns is not null || Items is not null => "events is a folder of RecBole's atomic files, which say themselves what their fields mean; leave columns and items out.",
        false when Columns is null => "columns is missing. Name the columns of user, item and time.",
        _ => Columns?.Flaw(),
    };

    /// <summary>What the reader says, without names of the program's own types.</summary>
    private static string What(JsonException error)
    {
        var end = error.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        var message = OwnType().Replace(end < 0 ? error.Message : error.Message[..end], "");
        return message.Contains("could not be converted", StringComparison.Ordinal) ? $"the value of {error.Path} is not what belongs there." : message;
    }

    [GeneratedRegex(@" (for|on|to|of)? ?type '[^']*'")]
    private static partial Regex OwnType();
}

/// <summary>Which column of an event means what.</summary>
/// <param name="User">The user's ID.</param>
/// <param name="Item">The item's ID.</param>
/// <param name="Time">When: ISO 8601, or a number of seconds or milliseconds since 1970.</param>
/// <param name="Value">Quantity or rating, or null.</param>
internal sealed record EventColumns(string User, string Item, string Time, string? Value = null)
{
    /// <summary>What is wrong with them; null where nothing is.</summary>
    public string? Flaw() => All.Any(string.IsNullOrWhiteSpace) ? "columns: a column has no name. Name user, item and time."
        : All.GroupBy(column => column, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice ? $"columns: {twice.Key} is named twice; user, item, time and value are columns of their own."
        : null;

    /// <summary>All of them.</summary>
    public IEnumerable<string> All => Value is null ? [User, Item, Time] : [User, Item, Time, Value];
}

/// <summary>A catalogue in CSV.</summary>
/// <param name="Path">The file.</param>
/// <param name="Id">Column of the item's ID.</param>
/// <param name="Name">Column of what a person reads, or null.</param>
/// <param name="Features">Categorical columns.</param>
internal sealed record CatalogueConfig(string Path, string Id, string? Name = null, string[]? Features = null);
