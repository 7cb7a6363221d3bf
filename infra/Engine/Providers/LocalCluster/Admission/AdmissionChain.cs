using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Admission;

/// <summary>What becomes of fields that the API does not know (<c>fieldValidation</c>).</summary>
internal enum FieldValidation
{
    /// <summary>They are dropped.</summary>
    Ignore,

    /// <summary>They are dropped, and the client is told.</summary>
    Warn,

    /// <summary>The request is refused.</summary>
    Strict,
}

/// <summary>Completes objects before they are stored, and refuses what a real cluster would refuse.</summary>
/// <param name="store">The cluster's objects.</param>
internal sealed class AdmissionChain(ObjectStore store)
{
    private const int MostDataBytes = 1 << 20;
    private const int MostObjectBytes = 3 << 19;

    /// <summary>Checks and completes an object that is to be created.</summary>
    /// <param name="served">Its kind.</param>
    /// <param name="value">The object; changed.</param>
    /// <param name="unknown">What becomes of unknown fields.</param>
    /// <param name="warn">Takes warnings for the client.</param>
    /// <exception cref="ApiException">It is refused.</exception>
    public void Create(ServedKind served, JsonObject value, FieldValidation unknown = FieldValidation.Ignore, Action<string>? warn = null)
    {
        var kind = served.Kind;
        var metadata = value.Member("metadata");
        if (metadata.Text("name") is null or "" && metadata.Text("generateName") is { } prefix)
        {
            metadata["name"] = prefix + Names.Suffix();
        }

        var name = value.Name();
        if (NameRules.Problem(kind.Kind, name) is { } problem)
        {
            throw ApiException.Invalid(kind.Kind, name, "metadata.name", name.Length == 0 ? "Required value: name or generateName is required" : $"Invalid value: {problem}");
        }

        if (kind.Namespaced)
        {
            var space = store.Get(new ObjectKey(ResourceKinds.Namespace, "", value.Space()))
                ?? throw ApiException.NotFound(ResourceKinds.Namespace, value.Space());
            if (space.IsDeleting())
            {
                throw ApiException.Forbidden($"{kind.FullName} \"{name}\" is forbidden: unable to create new content in namespace {value.Space()} because it is being terminated");
            }
        }

        if (kind == ResourceKinds.Claim)
        {
            Finalizers.Add(value, Controllers.ClaimController.Protection);
        }
        else if (kind == ResourceKinds.Definition)
        {
            Finalizers.Add(value, Controllers.DefinitionController.Cleanup);
        }

        Check(served, value, null, unknown, warn);
        if (warn is not null && ResourceKinds.NotEnforced.TryGetValue(kind, out var why))
        {
            warn($"{kind.Kind} objects are stored and checked, but not enforced: {why}");
        }
    }

    /// <summary>Checks and completes an object that is to replace another.</summary>
    public void Update(ServedKind served, JsonObject old, JsonObject value, FieldValidation unknown = FieldValidation.Ignore, Action<string>? warn = null)
    {
        // Identity is the server's.
        var metadata = value.Member("metadata");
        foreach (var field in new[] { "uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "name", "namespace" })
        {
            if (old.At("metadata", field) is { } kept)
            {
                metadata[field] = kept.DeepClone();
            }
            else
            {
                metadata.Remove(field);
            }
        }

        Defaults.Carry(served.Kind, old, value);
        Check(served, value, old, unknown, warn);
        Immutability.Check(served.Kind, old, value);
    }

    private void Check(ServedKind served, JsonObject value, JsonObject? old, FieldValidation unknown, Action<string>? warn)
    {
        var kind = served.Kind;
        Structure.Check(served, value, unknown, warn);
        Defaults.Fill(kind, value);
        Validation.Check(kind, value);
        foreach (var port in kind == ResourceKinds.Service ? value.Items("spec", "ports") : [])
        {
            if (port.Number("nodePort") is { } number && store.List(ResourceKinds.Service).Any(other => other.Uid() != (old?.Uid() ?? "")
                && other.Items("spec", "ports").Any(taken => taken.Number("nodePort") == number)))
            {
                throw ApiException.Invalid(kind.Kind, value.Name(), "spec.ports.nodePort", $"Invalid value: {number}: provided port is already allocated");
            }
        }

        var data = value.Map("data").Sum(entry => entry.Value.Length) + value.Map("binaryData").Sum(entry => entry.Value.Length);
        if (kind == ResourceKinds.ConfigMap && data > MostDataBytes)
        {
            throw ApiException.Invalid(kind.Kind, value.Name(), "", $"Too long: may not be more than {MostDataBytes} bytes");
        }

        if (kind == ResourceKinds.Secret && value.Map("data").Sum(entry => entry.Value.Length / 4 * 3) > MostDataBytes)
        {
            throw ApiException.Invalid(kind.Kind, value.Name(), "data", $"Too long: may not be more than {MostDataBytes} bytes");
        }

        if (value.ToJsonString().Length > MostObjectBytes)
        {
            throw new ApiException(413, "RequestEntityTooLarge", $"Request entity too large: an object has at most {MostObjectBytes} bytes");
        }
    }
}
