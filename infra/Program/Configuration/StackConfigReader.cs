using System.Globalization;
using System.Text.Json;
using Pulumi;

namespace Reco.Infra.Configuration;

/// <summary>Binds the keys under <c>reco:</c> to <see cref="StackConfig"/>. Collects every problem before it fails,
/// so that a user mends the file once.</summary>
internal sealed partial class StackConfigReader
{
    private const string Project = "reco";

    private readonly Config config;
    private readonly string file;
    private readonly List<string> problems = [];
    private readonly SortedSet<string> known = new(StringComparer.Ordinal);

    private StackConfigReader(Config config, string stack)
    {
        this.config = config;
        file = $"Pulumi.{stack}.yaml";
    }

    /// <summary>Reads and validates the configuration of the running stack.</summary>
    /// <exception cref="RunException">A key is unknown, or a value is not allowed; the message names all of them.</exception>
    public static StackConfig Read(string projectRoot)
    {
        var reader = new StackConfigReader(new Config(Project), Deployment.Instance.StackName);
        var bound = reader.Bind();
        reader.RefuseUnknownKeys();
        reader.problems.AddRange(StackConfigValidator.Validate(bound, projectRoot, Deployment.Instance.StackName));
        if (reader.problems.Count > 0)
        {
            throw new RunException($"{reader.file}: {reader.problems.Count} problem(s) in the configuration:"
                + string.Concat(reader.problems.Select(problem => $"{Environment.NewLine}  - {problem}")));
        }

        return bound;
    }

    private StackConfig Bind()
    {
        var defaults = new StackConfig();
        var controllers = BindControllers();
        return new StackConfig
        {
            Target = Enumeration("target", defaults.Target),
            KubeContext = Text("kubeContext"),
            Namespace = Text("namespace") ?? defaults.Namespace,
            Dataset = Text("dataset") ?? defaults.Dataset,
            ModelName = Text("modelName") ?? defaults.ModelName,
            ApiKey = Secret("apiKey", "a key without blanks; an empty one would leave the service open", text => text.Length > 0 && !text.Any(char.IsWhiteSpace)),
            Training = BindTraining(defaults.Training),
            Scoring = BindScoring(defaults.Scoring, controllers),
            Monitoring = BindMonitoring(defaults.Monitoring),
            Controllers = controllers,
            Gpu = BindGpu(defaults.Gpu),
            Azure = BindAzure(defaults.Azure),
        };
    }

    private string? Text(string key)
    {
        known.Add(key);
        return config.Get(key);
    }

    /// <summary>A secret; what is wrong with it is said without its value.</summary>
    private Output<string>? Secret(string key, string allowed, Func<string, bool> isAllowed)
    {
        known.Add(key);
        if (config.Get(key) is not { } text)
        {
            return null;
        }

        if (!isAllowed(text))
        {
            problems.Add($"{Project}:{key} (a secret, not shown) must be {allowed}; set it anew with: config set --secret {key}, or remove it with: config rm {key}");
        }

        return config.GetSecret(key);
    }

    private int Integer(string key, int fallback) =>
        Parse(key, fallback, "a whole number", text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null);

    private double Number(string key, double fallback) =>
        Parse(key, fallback, "a number", text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null);

    private bool Flag(string key, bool fallback) =>
        Parse(key, fallback, "true or false", text => bool.TryParse(text, out var value) ? value : null);

    private IReadOnlyList<string> List(string key) => Text(key)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private IReadOnlyList<int> Integers(string key, IReadOnlyList<int> fallback)
    {
        if (Text(key) is null)
        {
            return fallback;
        }

        var texts = List(key);
        var values = texts.Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : (int?)null).OfType<int>().ToList();
        if (values.Count == 0 || values.Count != texts.Count)
        {
            problems.Add($"{Project}:{key} is \"{Text(key)}\"; it must be whole numbers separated by commas.");
            return fallback;
        }

        return values;
    }

    private T Enumeration<T>(string key, T fallback)
        where T : struct, Enum =>
        Parse(key, fallback, $"one of {Names<T>()}", Member<T>);

    private IReadOnlyList<T> Enumerations<T>(string key)
        where T : struct, Enum
    {
        var texts = List(key);
        var values = texts.Select(Member<T>).OfType<T>().Distinct().ToList();
        if (values.Count != texts.Count)
        {
            problems.Add($"{Project}:{key} is \"{Text(key)}\"; it must be different ones of {Names<T>()}, separated by commas.");
        }

        return values;
    }

    private static string Names<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(name => char.ToLowerInvariant(name[0]) + name[1..]));

    private static T? Member<T>(string text)
        where T : struct, Enum => Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) && !int.TryParse(text, out _) ? value : null;

    private T Parse<T>(string key, T fallback, string allowed, Func<string, T?> parse)
        where T : struct
    {
        if (Text(key) is not { } text)
        {
            return fallback;
        }

        if (parse(text) is { } value)
        {
            return value;
        }

        problems.Add($"{Project}:{key} is \"{text}\"; it must be {allowed}.");
        return fallback;
    }

    /// <summary>The SDK has no call that lists keys: the engine hands them over in PULUMI_CONFIG, a JSON object.</summary>
    private void RefuseUnknownKeys()
    {
        if (Environment.GetEnvironmentVariable("PULUMI_CONFIG") is not { Length: > 0 } json)
        {
            return;
        }

        using var keys = JsonDocument.Parse(json);
        foreach (var property in keys.RootElement.EnumerateObject())
        {
            var parts = property.Name.Split(':');
            var key = parts[^1];
            if (parts[0] == Project && !known.Contains(key))
            {
                problems.Add($"{Project}:{key} is not a key of this project{Suggest(key)}. Known keys: {string.Join(", ", known)}. Remove it with: config rm {key}");
            }
        }
    }

    private string Suggest(string key) =>
        known.Select(candidate => (candidate, distance: Distance(key.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .Where(pair => pair.distance <= 2)
            .OrderBy(pair => pair.distance)
            .Select(pair => $" (did you mean {pair.candidate}?)")
            .FirstOrDefault("");

    /// <summary>Levenshtein distance.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substitution = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
