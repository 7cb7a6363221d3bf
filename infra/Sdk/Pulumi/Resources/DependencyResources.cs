namespace Pulumi;

/// <summary>Stands for a resource that only its URN is known of.</summary>
internal sealed class DependencyResource : CustomResource
{
    public DependencyResource(string urn)
        : base("")
    {
        Urn = new(OutputData.Plain(urn) with { Resources = [this] });
        Id = new(OutputData.Unknown("") with { Resources = [this] });
    }
}

/// <summary>Stands for a provider that only its reference is known of.</summary>
internal sealed class DependencyProviderResource : ProviderResource
{
    public DependencyProviderResource(string reference)
        : base(PackageOf(reference))
    {
        var (urn, id) = Split(reference);
        Urn = new(OutputData.Plain(urn) with { Resources = [this] });
        Id = new(OutputData.Plain(id) with { Resources = [this] });
    }

    private static string PackageOf(string reference) => Pulumi.Urn.Type(Split(reference).Urn).Split(':')[^1];

    private static (string Urn, string Id) Split(string reference)
    {
        var end = reference.LastIndexOf("::", StringComparison.Ordinal);
        return end > 0
            ? (reference[..end], reference[(end + 2)..])
            : throw new ArgumentException($"'{reference}' is no provider reference; those have the form URN::ID.");
    }
}
