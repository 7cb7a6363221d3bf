using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>Options of a component.</summary>
[SuppressMessage("Usage", "CA2227", Justification = "Official API.")]
[SuppressMessage("Design", "CA1002", Justification = "Official API.")]
public sealed class ComponentResourceOptions : ResourceOptions
{
    /// <summary>Providers of the component's children, at most one a package. Not together with Provider.</summary>
    public List<ProviderResource> Providers { get => field ??= []; set; }

    /// <summary>Both options in one; on a conflict the second's count, and lists are joined.</summary>
    public static ComponentResourceOptions Merge(ComponentResourceOptions? options1, ComponentResourceOptions? options2)
    {
        var merged = new ComponentResourceOptions();
        merged.AbsorbComponent(options1);
        merged.AbsorbComponent(options2);
        // Of one package the last provider counts.
        merged.Providers = [.. merged.Providers.AsEnumerable().Reverse().DistinctBy(p => p.Package).Reverse()];
        return merged;
    }

    internal override ResourceOptions Clone()
    {
        var copy = new ComponentResourceOptions();
        copy.AbsorbComponent(this);
        return copy;
    }

    private void AbsorbComponent(ComponentResourceOptions? other)
    {
        if (other is null)
        {
            return;
        }
        Absorb(other);
        Providers.AddRange(other.Providers);
    }
}
