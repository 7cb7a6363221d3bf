using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace Pulumi;

/// <summary>Configuration values of the stack, by key.</summary>
public sealed class Config
{
    private readonly string _name;

    /// <summary>Reads the values of a namespace; the project's own if none is given.</summary>
    public Config(string? name = null)
    {
        name ??= Deployment.Instance.ProjectName;
        _name = name.EndsWith(":config", StringComparison.Ordinal) ? name[..^":config".Length] : name;
    }

    /// <summary>A text, or null.</summary>
    public string? Get(string key) => Deployment.Instance.Inner.Settings.Config.GetValueOrDefault(FullKey(key));

    /// <summary>A text as a secret, or null.</summary>
    public Output<string>? GetSecret(string key) => Get(key) is { } value ? Output.CreateSecret(value) : null;

    /// <summary>True or false, or null.</summary>
    /// <exception cref="RunException">The value is neither.</exception>
    public bool? GetBoolean(string key)
        => Get(key) switch
        {
            null => null,
            "true" => true,
            "false" => false,
            var value => throw WrongType(key, value, "true or false"),
        };

    /// <summary>True or false as a secret, or null.</summary>
    /// <exception cref="RunException">The value is neither.</exception>
    public Output<bool>? GetSecretBoolean(string key) => GetBoolean(key) is { } value ? Output.CreateSecret(value) : null;

    /// <summary>A whole number, or null.</summary>
    /// <exception cref="RunException">The value is no such number.</exception>
    [SuppressMessage("Naming", "CA1720", Justification = "Official API.")]
    public int? GetInt32(string key)
        => Get(key) is not { } value ? null
            : int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number
            : throw WrongType(key, value, "whole number of 32 bits");

    /// <summary>A whole number as a secret, or null.</summary>
    /// <exception cref="RunException">The value is no such number.</exception>
    public Output<int>? GetSecretInt32(string key) => GetInt32(key) is { } value ? Output.CreateSecret(value) : null;

    /// <summary>A number, or null.</summary>
    /// <exception cref="RunException">The value is no number.</exception>
    public double? GetDouble(string key)
        => Get(key) is not { } value ? null
            : double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : throw WrongType(key, value, "number");

    /// <summary>A number as a secret, or null.</summary>
    /// <exception cref="RunException">The value is no number.</exception>
    public Output<double>? GetSecretDouble(string key) => GetDouble(key) is { } value ? Output.CreateSecret(value) : null;

    /// <summary>An object from JSON, or its type's default.</summary>
    /// <exception cref="RunException">The value is no such object.</exception>
    [return: MaybeNull]
    public T GetObject<T>(string key) => Get(key) is { } value ? Parse<T>(key, value, null) : default;

    /// <summary>An object from JSON, or its type's default.</summary>
    /// <exception cref="RunException">The value is no such object.</exception>
    [return: MaybeNull]
    public T GetObject<T>(string key, JsonSerializerOptions options) => Get(key) is { } value ? Parse<T>(key, value, options) : default;

    /// <summary>An object from JSON as a secret, or null.</summary>
    /// <exception cref="RunException">The value is no such object.</exception>
    public Output<T>? GetSecretObject<T>(string key) => Get(key) is { } value ? Output.CreateSecret(Parse<T>(key, value, null)) : null;

    /// <summary>An object from JSON as a secret, or null.</summary>
    /// <exception cref="RunException">The value is no such object.</exception>
    public Output<T>? GetSecretObject<T>(string key, JsonSerializerOptions options)
        => Get(key) is { } value ? Output.CreateSecret(Parse<T>(key, value, options)) : null;

    /// <summary>A text.</summary>
    /// <exception cref="RunException">There is no value.</exception>
    public string Require(string key) => Get(key) ?? throw Missing(key);

    /// <summary>A text as a secret.</summary>
    /// <exception cref="RunException">There is no value.</exception>
    public Output<string> RequireSecret(string key) => Output.CreateSecret(Require(key));

    /// <summary>True or false.</summary>
    /// <exception cref="RunException">There is no value, or it is neither.</exception>
    public bool RequireBoolean(string key) => GetBoolean(key) ?? throw Missing(key);

    /// <summary>True or false as a secret.</summary>
    /// <exception cref="RunException">There is no value, or it is neither.</exception>
    public Output<bool> RequireSecretBoolean(string key) => Output.CreateSecret(RequireBoolean(key));

    /// <summary>A whole number.</summary>
    /// <exception cref="RunException">There is no value, or it is no such number.</exception>
    public int RequireInt32(string key) => GetInt32(key) ?? throw Missing(key);

    /// <summary>A whole number as a secret.</summary>
    /// <exception cref="RunException">There is no value, or it is no such number.</exception>
    public Output<int> RequireSecretInt32(string key) => Output.CreateSecret(RequireInt32(key));

    /// <summary>A number.</summary>
    /// <exception cref="RunException">There is no value, or it is no number.</exception>
    public double RequireDouble(string key) => GetDouble(key) ?? throw Missing(key);

    /// <summary>A number as a secret.</summary>
    /// <exception cref="RunException">There is no value, or it is no number.</exception>
    public Output<double> RequireSecretDouble(string key) => Output.CreateSecret(RequireDouble(key));

    /// <summary>An object from JSON.</summary>
    /// <exception cref="RunException">There is no value, or it is no such object.</exception>
    public T RequireObject<T>(string key) => Parse<T>(key, Require(key), null);

    /// <summary>An object from JSON.</summary>
    /// <exception cref="RunException">There is no value, or it is no such object.</exception>
    public T RequireObject<T>(string key, JsonSerializerOptions options) => Parse<T>(key, Require(key), options);

    /// <summary>An object from JSON as a secret.</summary>
    /// <exception cref="RunException">There is no value, or it is no such object.</exception>
    public Output<T> RequireSecretObject<T>(string key) => Output.CreateSecret(RequireObject<T>(key));

    /// <summary>An object from JSON as a secret.</summary>
    /// <exception cref="RunException">There is no value, or it is no such object.</exception>
    public Output<T> RequireSecretObject<T>(string key, JsonSerializerOptions options) => Output.CreateSecret(RequireObject<T>(key, options));

    private T Parse<T>(string key, string value, JsonSerializerOptions? options)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(value, options)!;
        }
        catch (JsonException e)
        {
            throw WrongType(key, value, $"JSON of a {typeof(T).Name} ({e.Message})", e);
        }
    }

    private string FullKey(string key) => $"{_name}:{key}";

    private RunException Missing(string key)
        => new($"Configuration '{FullKey(key)}' is required but has no value.\n\tSet it with: pulumi config set {FullKey(key)} <value>");

    private RunException WrongType(string key, string value, string expected, Exception? inner = null)
    {
        // The message goes to logs and screens: a secret must not.
        var secret = Deployment.Instance.Inner.Settings.SecretKeys.Contains(FullKey(key));
        return new($"Configuration '{FullKey(key)}' is {(secret ? "a secret that is" : $"'{value}', which is")} no {expected}.", inner);
    }
}
