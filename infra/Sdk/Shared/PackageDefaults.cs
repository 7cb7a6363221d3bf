using System.Collections.Immutable;
using System.Globalization;

namespace Pulumi;

/// <summary>What the generated resources of every package share. Compiled into each package; the package's version is generated.</summary>
internal static partial class PackageDefaults
{
    /// <summary>The options of a resource: the package's, then the program's.</summary>
    /// <param name="options">The program's options.</param>
    /// <param name="id">Id to read instead of managing; empty if none.</param>
    /// <param name="secretOutputs">Outputs that are always secret.</param>
    /// <param name="replaceOnChanges">Property paths whose change always replaces.</param>
    /// <param name="aliases">Former type tokens, with blanks between; a token that has no colon is a version of the same module.</param>
    /// <param name="token">The type token that such versions belong to.</param>
    public static CustomResourceOptions MakeOptions(
        CustomResourceOptions? options, Input<string>? id,
        string[]? secretOutputs = null, string[]? replaceOnChanges = null, string aliases = "", string token = "")
    {
        var defaults = new CustomResourceOptions { Version = Version };
        defaults.AdditionalSecretOutputs.AddRange(secretOutputs ?? []);
        defaults.ReplaceOnChanges.AddRange(replaceOnChanges ?? []);
        foreach (var alias in aliases.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            defaults.Aliases.Add(new Alias { Type = alias.Contains(':', StringComparison.Ordinal) ? alias : InVersion(token, alias) });
        }
        var merged = CustomResourceOptions.Merge(defaults, options);
        merged.Id = id ?? merged.Id;
        return merged;
    }

    /// <summary>The options of a component that its provider makes.</summary>
    public static ComponentResourceOptions MakeOptions(ComponentResourceOptions? options, Input<string>? id)
    {
        var merged = ComponentResourceOptions.Merge(new ComponentResourceOptions { Version = Version }, options);
        merged.Id = id ?? merged.Id;
        return merged;
    }

    /// <summary>The options of a function call.</summary>
    public static InvokeOptions MakeOptions(InvokeOptions? options)
    {
        options ??= new InvokeOptions();
        options.Version ??= Version;
        return options;
    }

    /// <summary>The options of a function call that gives an output.</summary>
    public static InvokeOutputOptions MakeOptions(InvokeOutputOptions? options)
    {
        options ??= new InvokeOutputOptions();
        options.Version ??= Version;
        return options;
    }

    /// <summary>The same input, marked secret.</summary>
    public static Input<T>? Secret<T>(Input<T>? value)
        => Output.Tuple<Input<T>?, int>(value, Output.CreateSecret(0)).Apply(both => both.Item1);

    /// <summary>The same map, marked secret.</summary>
    public static InputMap<T> Secret<T>(InputMap<T> value)
        => Output.All(value, Output.CreateSecret(ImmutableDictionary<string, T>.Empty)).Apply(both => both[0]);

    /// <summary>The same list, marked secret.</summary>
    public static InputList<T> Secret<T>(InputList<T> value)
        => Output.All(value, Output.CreateSecret(ImmutableArray<T>.Empty)).Apply(both => both[0]);

    /// <summary>An environment variable; null if it is not set.</summary>
    public static string? GetEnv(string name) => Environment.GetEnvironmentVariable(name);

    /// <summary>An environment variable as a flag, in the spellings that Pulumi's SDKs share; null if it is no flag.</summary>
    public static bool? GetEnvBoolean(string name)
        => GetEnv(name) switch
        {
            "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
            "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
            _ => null,
        };

    /// <summary>An environment variable as a whole number; null if it is none.</summary>
    public static int? GetEnvInt32(string name)
        => int.TryParse(GetEnv(name), CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>An environment variable as a number; null if it is none.</summary>
    public static double? GetEnvDouble(string name)
        => double.TryParse(GetEnv(name), CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string InVersion(string token, string version)
        => token.Insert(token.LastIndexOf(':'), $"/{version}");
}
