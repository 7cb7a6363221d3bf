namespace Reco.Providers.Kubernetes.Objects;

/// <summary>Annotations and labels that mean something to the provider (Pulumi's Kubernetes provider documents them).</summary>
internal static class Annotations
{
    /// <summary>The provider chose the name.</summary>
    public const string Autonamed = "pulumi.com/autonamed";

    /// <summary>Do not wait for the object to be ready.</summary>
    public const string SkipAwait = "pulumi.com/skipAwait";

    /// <summary>Wait for these conditions instead of the built-in ones.</summary>
    public const string WaitFor = "pulumi.com/waitFor";

    /// <summary>How long to wait, in seconds.</summary>
    public const string TimeoutSeconds = "pulumi.com/timeoutSeconds";

    /// <summary>Replace a Job that is not complete.</summary>
    public const string ReplaceUnready = "pulumi.com/replaceUnready";

    /// <summary>Take over fields that another manager owns.</summary>
    public const string PatchForce = "pulumi.com/patchForce";

    /// <summary>Name of the field manager.</summary>
    public const string PatchFieldManager = "pulumi.com/patchFieldManager";

    /// <summary>How dependents are deleted: foreground (default), background, orphan.</summary>
    public const string DeletionPropagation = "pulumi.com/deletionPropagationPolicy";

    /// <summary>Label of the tool that manages an object.</summary>
    public const string ManagedBy = "app.kubernetes.io/managed-by";
}
