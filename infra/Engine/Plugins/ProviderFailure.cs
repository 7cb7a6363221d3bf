using System.Collections.Immutable;
using Grpc.Core;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Plugins;

/// <summary>A provider operation that failed, with what is known of the resource all the same.</summary>
internal sealed class ProviderFailure : Exception
{
    private ProviderFailure(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>True where the resource exists (or changed) but did not get ready.</summary>
    public bool IsPartial { get; private init; }

    /// <summary>True where it is not known what the failed call has left behind.</summary>
    public bool IsUnknown { get; private init; }

    /// <summary>True where the provider gave no answer at all: it died, or the connection to it did. What it was doing may
    /// have happened.</summary>
    public bool IsUnanswered { get; private init; }

    /// <summary>ID of the resource, for a partial failure.</summary>
    public string Id { get; private init; } = "";

    /// <summary>Its properties, for a partial failure.</summary>
    public PropertyMap Properties { get; private init; } = PropertyMap.Empty;

    /// <summary>Its inputs as read, for a partial failure of a read.</summary>
    public PropertyMap? Inputs { get; private init; }

    /// <summary>Why it is not ready.</summary>
    public ImmutableArray<string> Reasons { get; private init; } = [];

    /// <summary>Reads a failed call.</summary>
    public static ProviderFailure From(RpcException error, MarshalOptions decode)
    {
        if (StatusDetails.Find<ErrorResourceInitFailed>(error) is { } failed)
        {
            var text = failed.Reasons.Count switch
            {
                0 => error.Status.Detail,
                1 => failed.Reasons[0],
                _ => $"{failed.Reasons.Count} errors occurred:\n" + string.Join("\n", failed.Reasons.Select(reason => $"  * {reason}")),
            };
            return new ProviderFailure(text, error)
            {
                IsPartial = true,
                Id = failed.Id,
                Properties = PropertyDecoder.Decode(failed.Properties, decode),
                Inputs = failed.Inputs is null ? null : PropertyDecoder.Decode(failed.Inputs, decode),
                Reasons = [.. failed.Reasons.DefaultIfEmpty(text)],
            };
        }

        return new ProviderFailure(Describe(error), error)
        {
            IsUnknown = error.StatusCode is StatusCode.Internal or StatusCode.DataLoss or StatusCode.Unknown,
            IsUnanswered = error.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.DeadlineExceeded,
        };
    }

    /// <summary>What a person reads of a failed call.</summary>
    public static string Describe(RpcException error)
    {
        if (StatusDetails.Find<ConfigureErrorMissingKeys>(error) is { } missing)
        {
            return string.Join('\n', missing.MissingKeys.Select(key =>
                $"Missing required configuration key '{key.Name}': {key.Description}. Set it with: config set {key.Name} <value>"));
        }

        var text = error.Status.Detail;
        if (error.StatusCode == StatusCode.Unavailable)
        {
            text = $"the provider is not reachable (did it crash?): {text}";
        }

        if (StatusDetails.Find<InputPropertiesError>(error) is { } properties)
        {
            text += string.Concat(properties.Errors.Select(property => $"\n  - property {property.PropertyPath}: {property.Reason}"));
        }

        return text.Length > 0 ? text : $"the provider failed with status {error.StatusCode}";
    }
}
