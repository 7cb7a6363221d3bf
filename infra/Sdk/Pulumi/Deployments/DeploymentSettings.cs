using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Pulumi;

/// <summary>What a program is told about its run.</summary>
internal sealed record DeploymentSettings
{
    /// <summary>Name of the project.</summary>
    public required string Project { get; init; }

    /// <summary>Name of the stack.</summary>
    public required string Stack { get; init; }

    /// <summary>Organization of the stack.</summary>
    public string Organization { get; init; } = "organization";

    /// <summary>Folder of Pulumi.yaml; null if the engine does not tell.</summary>
    public string? RootDirectory { get; init; }

    /// <summary>Whether this is a preview.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Configuration by full key, as PROJECT:KEY.</summary>
    public ImmutableDictionary<string, string> Config { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Full keys whose values are secret.</summary>
    public ImmutableHashSet<string> SecretKeys { get; init; } = [];

    /// <summary>Name of the stack's root resource.</summary>
    public string RootName => $"{Project}-{Stack}";

    /// <summary>Reads the environment that a language host gives a program.</summary>
    /// <param name="read">Reads an environment variable.</param>
    /// <exception cref="InvalidOperationException">The program was not started by an engine.</exception>
    public static (DeploymentSettings Settings, string Monitor, string Engine) FromEnvironment(Func<string, string?> read)
    {
        var monitor = read("PULUMI_MONITOR");
        var engine = read("PULUMI_ENGINE");
        var project = read("PULUMI_PROJECT");
        var stack = read("PULUMI_STACK");
        if (string.IsNullOrEmpty(monitor) || string.IsNullOrEmpty(engine) || string.IsNullOrEmpty(project) || string.IsNullOrEmpty(stack)
            || !bool.TryParse(read("PULUMI_DRY_RUN"), out var dryRun)
            || !int.TryParse(read("PULUMI_PARALLEL"), NumberStyles.Integer, CultureInfo.InvariantCulture, out _))
        {
            throw new InvalidOperationException("This program describes a stack and needs an engine to run it. Start it with `pulumi up` or `./reco up`.");
        }
        var settings = new DeploymentSettings
        {
            Project = project,
            Stack = stack,
            Organization = read("PULUMI_ORGANIZATION") is { Length: > 0 } organization ? organization : "organization",
            RootDirectory = read("PULUMI_ROOT_DIRECTORY"),
            IsDryRun = dryRun,
            Config = ParseConfig(read("PULUMI_CONFIG")),
            SecretKeys = ParseKeys(read("PULUMI_CONFIG_SECRET_KEYS")),
        };
        return (settings, monitor, engine);
    }

    /// <summary>Configuration from a JSON object of strings.</summary>
    public static ImmutableDictionary<string, string> ParseConfig(string? json)
    {
        if (string.IsNullOrEmpty(json))
        {
            return ImmutableDictionary<string, string>.Empty;
        }
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToImmutableDictionary(entry => CleanKey(entry.Name), entry => entry.Value.ToString());
    }

    /// <summary>Keys from a JSON list of strings.</summary>
    public static ImmutableHashSet<string> ParseKeys(string? json)
    {
        if (string.IsNullOrEmpty(json))
        {
            return [];
        }
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(key => CleanKey(key.ToString()))];
    }

    // Old engines write PROJECT:config:KEY.
    private static string CleanKey(string key)
        => key.Split(':', 3) is [var project, "config", var rest] ? $"{project}:{rest}" : key;
}
