using System.Text.RegularExpressions;
using Azure.Bicep.Types.Concrete;
using Google.Protobuf.WellKnownTypes;
using Reco.Providers.AzureNative.Catalog;
using Reco.Providers.AzureNative.Wire;

namespace Reco.Providers.AzureNative.Schema;

/// <summary>A mistake in what the program gave.</summary>
/// <param name="Path">Property path, for example <c>agentPoolProfiles[0].vmSize</c>.</param>
/// <param name="Reason">What is wrong and what is allowed.</param>
internal sealed record InputProblem(string Path, string Reason);

/// <summary>Checks the inputs of a resource against Azure's types, with no connection: unknown members, missing ones, wrong
/// types, values outside an enumeration, texts and lists that are too long or do not match. A value that is not known yet
/// passes.</summary>
internal sealed class InputValidator
{
    private static readonly TimeSpan PatternTime = TimeSpan.FromSeconds(1);

    private readonly AzureResource resource;
    private readonly List<InputProblem> problems = [];

    private InputValidator(AzureResource resource) => this.resource = resource;

    /// <summary>Every problem of the inputs.</summary>
    /// <exception cref="FormatException">Azure does not have the type.</exception>
    public static IReadOnlyList<InputProblem> Validate(AzureResource resource, Struct inputs)
    {
        var validator = new InputValidator(resource);
        validator.VisitResource(inputs);
        return validator.problems;
    }

    private void VisitResource(Struct inputs)
    {
        var body = ArmObject.Of(ArmTypes.Body(resource), key => Plain.Text(inputs, key))!;
        var isLifted = body.IsLifted(inputs.Fields.Keys.Select(key => Renamed(key, key)));
        foreach (var (key, value) in inputs.Fields.Where(member => !member.Key.StartsWith("__", StringComparison.Ordinal) && member.Key != "azureApiVersion"))
        {
            if (!resource.Inputs.Contains(key))
            {
                Report(key, UnknownMember(key, resource.Inputs));
            }
            else if (resource.Parameters.Contains(key))
            {
                VisitParameter(key, value, body);
            }
            else if (body.Find(Renamed(key, key), isLifted) is { } member)
            {
                Visit(value, member.Type.Type, key, key);
            }
        }

        foreach (var parameter in resource.Parameters.Where(parameter => !Plain.Has(inputs, parameter)))
        {
            Report(parameter, "is missing: it is part of the resource's ID");
        }

        foreach (var required in body.Required(isLifted).Except(["name", "type", "apiVersion"]))
        {
            var key = resource.Rename.FirstOrDefault(pair => pair.Value == required).Key ?? required;
            if (resource.Inputs.Contains(key) && !Plain.Has(inputs, key))
            {
                Report(key, key == "location"
                    ? "is missing: give it, or set it for the stack with: config set azure-native:location REGION"
                    : "is missing: Azure requires it");
            }
        }
    }

    private void VisitParameter(string key, Value value, ArmObject body)
    {
        if (Plain.IsUnknown(value))
        {
            return;
        }

        if (value.KindCase != Value.KindOneofCase.StringValue || value.StringValue.Length == 0)
        {
            Report(key, $"must be a text that is not empty, not {Plain.Describe(value)}");
        }
        else if (key == resource.NameParameter && body.Find("name", isLifted: false) is { } name)
        {
            Visit(value, name.Type.Type, key, key);
        }
    }

    private void Visit(Value value, TypeBase type, string path, string pattern)
    {
        if (Plain.IsUnknown(value) || value.KindCase is Value.KindOneofCase.NullValue or Value.KindOneofCase.None)
        {
            return;
        }

        switch (type)
        {
            case ObjectType or DiscriminatedObjectType:
                VisitObject(value, type, path, pattern);
                break;
            case ArrayType array:
                VisitList(value, array, path, pattern);
                break;
            case UnionType union:
                VisitUnion(value, union, path, pattern);
                break;
            case StringLiteralType literal:
                VisitChoice(value, [literal.Value], path);
                break;
            case StringType text:
                VisitText(value, text, path);
                break;
            case IntegerType integer:
                VisitInteger(value, integer, path);
                break;
            case BooleanType when value.KindCase != Value.KindOneofCase.BoolValue:
                Report(path, $"must be a boolean, not {Plain.Describe(value)}");
                break;
        }
    }

    private void VisitObject(Value value, TypeBase type, string path, string pattern)
    {
        if (value.KindCase == Value.KindOneofCase.ListValue && type is ObjectType { AdditionalProperties: not null, Properties.Count: 0 })
        {
            // azure-native gives sets of resource IDs as lists; Azure takes them as the keys of a map.
            foreach (var (item, index) in value.ListValue.Values.Select((item, index) => (item, index)))
            {
                if (item.KindCase != Value.KindOneofCase.StringValue)
                {
                    Report($"{path}[{index}]", $"must be a string, not {Plain.Describe(item)}");
                }
            }

            return;
        }

        if (value.KindCase != Value.KindOneofCase.StructValue)
        {
            Report(path, $"must be an object, not {Plain.Describe(value)}");
            return;
        }

        var members = value.StructValue;
        if (type is DiscriminatedObjectType variants && Plain.Has(members, variants.Discriminator) && Plain.Text(members, variants.Discriminator) is { } choice
            && !variants.Elements.ContainsKey(choice))
        {
            Report($"{path}.{variants.Discriminator}", NotAllowed(choice, variants.Elements.Keys));
            return;
        }

        var shape = ArmObject.Of(type, key => Plain.Text(members, key))!;
        var isLifted = shape.IsLifted(members.Fields.Keys.Select(key => Renamed($"{pattern}.{key}", key)));
        foreach (var (key, member) in members.Fields)
        {
            var name = Renamed($"{pattern}.{key}", key);
            if (shape.Find(name, isLifted) is { } found)
            {
                if (ArmObject.IsReadOnly(found))
                {
                    Report($"{path}.{key}", "is read-only: Azure sets it");
                }
                else
                {
                    Visit(member, found.Type.Type, $"{path}.{key}", $"{pattern}.{key}");
                }
            }
            else if (shape.Values is { } values)
            {
                Visit(member, values, $"{path}{Member(key)}", $"{pattern}.*");
            }
            else
            {
                Report($"{path}.{key}", UnknownMember(key, shape.Writable(isLifted)));
            }
        }

        foreach (var required in shape.Required(isLifted))
        {
            var key = resource.Rename.FirstOrDefault(pair => pair.Value == required && pair.Key.StartsWith(pattern + ".", StringComparison.Ordinal)).Key is { } renamed
                ? renamed[(pattern.Length + 1)..]
                : required;
            if (!Plain.Has(members, key))
            {
                Report($"{path}.{key}", "is missing: Azure requires it");
            }
        }
    }

    private void VisitList(Value value, ArrayType array, string path, string pattern)
    {
        if (value.KindCase != Value.KindOneofCase.ListValue)
        {
            Report(path, $"must be a list, not {Plain.Describe(value)}");
            return;
        }

        var items = value.ListValue.Values;
        if (items.Count < array.MinLength || items.Count > array.MaxLength)
        {
            Report(path, $"has {items.Count} items; allowed: {Range(array.MinLength, array.MaxLength)}");
        }

        for (var i = 0; i < items.Count; i++)
        {
            Visit(items[i], array.ItemType.Type, $"{path}[{i}]", $"{pattern}[]");
        }
    }

    /// <summary>What the agent of Container insights collects (https://learn.microsoft.com/azure/azure-monitor/containers/container-insights-data-collection-configure).</summary>
    private static readonly string[] Insights =
    [
        "Microsoft-ContainerInsights-Group-Default", "Microsoft-ContainerLog", "Microsoft-ContainerLogV2", "Microsoft-ContainerLogV2-HighScale", "Microsoft-KubeEvents", "Microsoft-KubePodInventory",
        "Microsoft-KubeNodeInventory", "Microsoft-KubePVInventory", "Microsoft-KubeServices", "Microsoft-KubeMonAgentEvents", "Microsoft-ContainerInventory", "Microsoft-ContainerNodeInventory",
    ];

    /// <summary>Values that Azure takes at one place where its enumeration is open, though no published version lists them
    /// there: streams of Container insights and of managed Prometheus
    /// (https://learn.microsoft.com/azure/azure-monitor/containers/kubernetes-monitoring-enable).</summary>
    private static readonly Dictionary<(string ArmType, string Pattern), string[]> Unlisted = new()
    {
        [("Microsoft.Insights/dataCollectionRules", "dataFlows[].streams[]")] = ["Microsoft-PrometheusMetrics", .. Insights],
        [("Microsoft.Insights/dataCollectionRules", "dataSources.extensions[].streams[]")] = Insights,
    };

    private void VisitUnion(Value value, UnionType union, string path, string pattern)
    {
        var types = union.Elements.Select(element => element.Type).ToList();
        var literals = types.OfType<StringLiteralType>().Select(literal => literal.Value).ToList();
        if (literals.Count > 0 && types.All(type => type is StringLiteralType or StringType or NullType))
        {
            // An enumeration that Azure may extend lists what this API version takes; a newer value needs a newer version.
            VisitChoice(value, Unlisted.TryGetValue((resource.ArmType, pattern), out var unlisted) ? [.. literals, .. unlisted] : literals, path);
            return;
        }

        var attempts = types.Select(type =>
        {
            var attempt = new InputValidator(resource);
            attempt.Visit(value, type, path, pattern);
            return attempt.problems;
        }).ToList();
        if (attempts.Count > 0 && attempts.All(found => found.Count > 0))
        {
            problems.AddRange(attempts.MinBy(found => found.Count)!);
        }
    }

    private void VisitChoice(Value value, IReadOnlyList<string> allowed, string path)
    {
        if (value.KindCase != Value.KindOneofCase.StringValue)
        {
            Report(path, $"must be one of {string.Join(", ", allowed)}, not {Plain.Describe(value)}");
        }
        else if (!allowed.Contains(value.StringValue, StringComparer.Ordinal))
        {
            Report(path, NotAllowed(value.StringValue, allowed));
        }
    }

    private void VisitText(Value value, StringType text, string path)
    {
        if (value.KindCase != Value.KindOneofCase.StringValue)
        {
            Report(path, $"must be a string, not {Plain.Describe(value)}");
            return;
        }

        var length = value.StringValue.Length;
        if (length < text.MinLength || length > text.MaxLength)
        {
            Report(path, $"has {length} characters; allowed: {Range(text.MinLength, text.MaxLength)}");
        }
        else if (text.Pattern is { Length: > 0 } pattern && !Matches(value.StringValue, pattern))
        {
            Report(path, $"must match {pattern}");
        }
    }

    private void VisitInteger(Value value, IntegerType integer, string path)
    {
        if (value.KindCase != Value.KindOneofCase.NumberValue)
        {
            Report(path, $"must be a number, not {Plain.Describe(value)}");
        }
        else if (value.NumberValue < integer.MinValue || value.NumberValue > integer.MaxValue)
        {
            Report(path, $"is {value.NumberValue}; allowed: {Range(integer.MinValue, integer.MaxValue)}");
        }
    }

    private string Renamed(string pattern, string key) => resource.Rename.GetValueOrDefault(pattern, key);

    private void Report(string path, string reason) => problems.Add(new InputProblem(path, reason));

    private static string UnknownMember(string key, IEnumerable<string> allowed)
    {
        var names = allowed.Order(StringComparer.Ordinal).ToList();
        return $"unknown property{Suggestion.For(key, names)}; allowed here: {string.Join(", ", names)}";
    }

    private static string NotAllowed(string given, IEnumerable<string> allowed)
    {
        var values = allowed.ToList();
        return $"\"{given}\" is not allowed{Suggestion.For(given, values)}; allowed: {string.Join(", ", values)}";
    }

    private static string Range(long? least, long? most) => (least, most) switch
    {
        ({ } low, { } high) => $"{low} to {high}",
        ({ } low, null) => $"at least {low}",
        _ => $"at most {most}",
    };

    private static string Member(string key) => key.AsSpan().IndexOfAny(".[]\"") >= 0 ? $"[\"{key}\"]" : $".{key}";

    /// <summary>The patterns are ECMAScript's; one that .NET cannot read is not held against the value.</summary>
    private static bool Matches(string value, string pattern)
    {
        try
        {
            return Regex.IsMatch(value, pattern, RegexOptions.CultureInvariant, PatternTime);
        }
        catch (Exception error) when (error is ArgumentException or RegexMatchTimeoutException)
        {
            return true;
        }
    }
}
