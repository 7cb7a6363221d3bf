using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Security;

/// <summary>What a request wants to do.</summary>
/// <param name="Verb">get, list, watch, create, update, patch, delete or deletecollection.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Space">Namespace, or empty.</param>
/// <param name="Name">Name, or empty.</param>
/// <param name="Subresource">For example <c>log</c>, or empty.</param>
internal sealed record Access(string Verb, ResourceKind Kind, string Space, string Name, string Subresource);

/// <summary>Role-based access control: nothing is allowed that no role allows. The administrator may do everything.</summary>
internal sealed class Authorizer(ObjectStore store)
{
    /// <summary>Whether a caller may do something.</summary>
    public bool Allows(Caller caller, Access access)
    {
        if (caller.IsAdmin)
        {
            return true;
        }

        if (caller.ServiceAccount is not { } account)
        {
            return false;
        }

        var inSpace = access.Space.Length == 0 ? [] : store.List(ResourceKinds.RoleBinding, access.Space);
        return inSpace.Concat(store.List(ResourceKinds.ClusterRoleBinding))
            .Where(binding => binding.Items("subjects").Any(subject => subject.Text("kind") == "ServiceAccount"
                && subject.Text("name") == account.Name && (subject.Text("namespace") ?? binding.Space()) == account.Space))
            .Select(RoleOf)
            .OfType<JsonObject>()
            .SelectMany(role => role.Items("rules"))
            .Any(rule => Allows(rule, access));
    }

    private JsonObject? RoleOf(JsonObject binding)
    {
        var name = binding.Text("roleRef", "name") ?? "";
        return binding.Text("roleRef", "kind") == "ClusterRole"
            ? store.Get(new ObjectKey(ResourceKinds.ClusterRole, "", name))
            : store.Get(new ObjectKey(ResourceKinds.Role, binding.Space(), name));
    }

    private static bool Allows(JsonObject rule, Access access)
    {
        var resource = access.Subresource.Length == 0 ? access.Kind.Plural : $"{access.Kind.Plural}/{access.Subresource}";
        var names = rule.Texts("resourceNames").ToArray();
        return Has(rule.Texts("verbs"), access.Verb)
            && Has(rule.Texts("apiGroups"), access.Kind.Group)
            && Has(rule.Texts("resources"), resource)
            && (names.Length == 0 || (access.Name.Length > 0 && names.Contains(access.Name)));
    }

    private static bool Has(IEnumerable<string> allowed, string wanted) => allowed.Any(entry => entry == "*" || entry == wanted);
}
