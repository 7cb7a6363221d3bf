namespace Reco.Infra.Quota;

/// <summary>Where Azure is asked, and what the run's surroundings say of who asks.</summary>
internal sealed record AzureAccess
{
    /// <summary>Reads an environment variable.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Where tokens come from.</summary>
    public Uri Authority { get; init; } = new("https://login.microsoftonline.com/");

    /// <summary>Azure Resource Manager.</summary>
    public Uri Management { get; init; } = new("https://management.azure.com/");

    /// <summary>Longest time that all questions may take together: a preview does not wait for a slow network.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>The process's own surroundings. <c>AZURE_AUTHORITY_HOST</c> is what workload identity sets in other clouds.</summary>
    public static AzureAccess FromEnvironment()
    {
        var access = new AzureAccess { Variable = Environment.GetEnvironmentVariable };
        return Uri.TryCreate(access.Text("AZURE_AUTHORITY_HOST"), UriKind.Absolute, out var authority) && authority.Scheme == Uri.UriSchemeHttps
            ? access with { Authority = authority }
            : access;
    }

    /// <summary>A variable that is set and not empty; null else.</summary>
    public string? Text(string name) => Variable(name) is { Length: > 0 } value ? value : null;
}

/// <summary>Azure could not be asked; the message says why and holds no secret.</summary>
internal sealed class AzureAccessException(string message, Exception? inner = null) : Exception(message, inner);
