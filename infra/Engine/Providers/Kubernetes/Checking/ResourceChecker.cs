using System.Text.Json.Nodes;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Configuration;
using Reco.Providers.Kubernetes.Objects;
using Reco.Providers.Kubernetes.Operations;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Checking;

/// <summary>Answers Check: names the object, completes it, and says what is wrong with it before anything is made.</summary>
internal sealed class ResourceChecker(ProviderSettings settings, string defaultNamespace, bool secrets)
{
    private static readonly string[] ServerFields = ["status"];

    /// <summary>The checked inputs and the failures.</summary>
    /// <exception cref="FormatException">The request is not one for a Kubernetes resource.</exception>
    public CheckResponse Check(CheckRequest request)
    {
        var gvk = GroupVersionKind.FromToken(Urn.Type(request.Urn));
        var failures = new List<CheckFailure>();
        var before = WireReader.Read(request.Olds);
        var given = WireReader.Read(request.News);
        Identify(given, gvk, failures);
        var isPatch = PatchResource.IsPatch(gvk, given.Kind());
        if (isPatch)
        {
            CheckPatch(given, failures);
        }
        else if (gvk.Kind.EndsWith("List", StringComparison.Ordinal) && ModelCatalog.Find(gvk) is null && ModelCatalog.Find(gvk with { Kind = gvk.Kind[..^4] }) is not null)
        {
            failures.Add(Failure("", $"{gvk.Kind} is the answer of a list, not an object that can be made: make the objects in it"));
        }

        var after = Normalizer.Normalize(given);
        if (before.Count > 0)
        {
            AutoNaming.Adopt(after, before);
            if (before.Text("metadata", "labels", Annotations.ManagedBy) is { } label && label == ManagedByLabel())
            {
                after.SetLabel(Annotations.ManagedBy, label);
            }
        }

        // Also for an object that had old inputs, but a name only then of the program's.
        if (!isPatch && AutoNaming.Assign(after, request, Urn.Name(request.Urn)) is { } problem)
        {
            failures.Add(Failure("metadata.name", problem));
        }

        if (before.Count == 0 && !settings.ServerSideApply && !isPatch)
        {
            after.SetLabel(Annotations.ManagedBy, ManagedByLabel());
        }

        var kind = isPatch ? PatchResource.Patched(gvk) : gvk;
        SetNamespace(after, kind);
        Validate(after, kind, isPatch, failures);
        var inputs = WireWriter.Write(after);
        if (secrets)
        {
            SecretMarks.Copy(inputs, request.News);
        }

        return new CheckResponse { Inputs = inputs, Failures = { failures } };
    }

    private void CheckPatch(JsonObject given, List<CheckFailure> failures)
    {
        if (!given.IsNamed())
        {
            failures.Add(Failure("metadata.name", "a Patch resource must say which object it patches"));
        }

        if (!settings.ServerSideApply)
        {
            failures.Add(Failure("", "Patch resources need server-side apply: set the provider's enableServerSideApply"));
        }
    }

    private static CheckFailure Failure(string property, string reason) => new() { Property = property, Reason = reason };

    private static void Identify(JsonObject given, GroupVersionKind gvk, List<CheckFailure> failures)
    {
        given["apiVersion"] ??= gvk.ApiVersion;
        given["kind"] ??= PatchResource.IsPatch(gvk, "") ? PatchResource.Patched(gvk).Kind : gvk.Kind;
        if (given.Text("kind") is { } kind && kind != gvk.Kind && kind + "Patch" != gvk.Kind)
        {
            failures.Add(Failure("kind", $"\"{kind}\" is not the kind of this resource type: expected \"{gvk.Kind}\""));
        }

        if (given.Text("apiVersion") is { } version && GroupVersionKind.From(version, gvk.Kind) is { } actual
            && (actual.Group != gvk.Group || actual.Version != gvk.Version))
        {
            failures.Add(Failure("apiVersion", $"\"{version}\" is not the API version of this resource type: expected \"{gvk.ApiVersion}\""));
        }

        if (ModelCatalog.Find(gvk) is null && IsBuiltInGroup(gvk.Group) && ModelCatalog.Named(gvk.Kind).FirstOrDefault() is { } other)
        {
            failures.Add(Failure("apiVersion", $"{gvk} is not served by current Kubernetes versions: use {other.ApiVersion}"));
        }
    }

    private static bool IsBuiltInGroup(string group) =>
        group.Length == 0 || !group.Contains('.', StringComparison.Ordinal) || group.EndsWith(".k8s.io", StringComparison.Ordinal);

    private static void Validate(JsonObject after, GroupVersionKind gvk, bool isPatch, List<CheckFailure> failures)
    {
        if (after.Text("metadata", "generateName") is not null && after.Name().Length == 0)
        {
            failures.Add(Failure("metadata.generateName", "is not supported with server-side apply: set metadata.name, or leave both out for a name by Pulumi"));
        }

        if (after.Name() is { Length: > 0 } name && NameRules.Problem(gvk.Kind, name) is { } problem)
        {
            failures.Add(Failure("metadata.name", problem));
        }

        if (ModelCatalog.Find(gvk) is { } model)
        {
            var shown = after.Copy();
            foreach (var field in ServerFields)
            {
                shown.Remove(field);
            }

            failures.AddRange(SchemaValidator.Validate(shown, model, WireReader.IsUnknown)
                // A patch is a part of an object.
                .Where(mistake => !isPatch || !mistake.IsMissingField).Select(mistake => Failure(mistake.Path, mistake.Reason)));
        }
    }

    private static string ManagedByLabel() => Environment.GetEnvironmentVariable("PULUMI_KUBERNETES_MANAGED_BY_LABEL") ?? "pulumi";

    /// <summary>An object that names no namespace gets the provider's. A kind that is not built in counts as namespaced.</summary>
    private void SetNamespace(JsonObject after, GroupVersionKind gvk)
    {
        var space = after.At("metadata", "namespace");
        if (ResourceScope.IsNamespaced(gvk.Kind) && (space is null || space.Text() == ""))
        {
            after.SetMetadata("namespace", defaultNamespace);
        }
    }
}
