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
            .Where(binding => binding.Items("subjects").Any(subject => Names(subject, caller, account, binding.Space())))
            .Select(RoleOf)
            .OfType<JsonObject>()
            .SelectMany(role => role.Items("rules"))
            .Any(rule => Allows(rule, access));
    }

    /// <summary>Answers a <c>SelfSubjectAccessReview</c>.</summary>
    public JsonObject Review(Caller caller, JsonObject review)
    {
        var asked = review.At("spec", "resourceAttributes");
        var (group, resource) = (asked.Text("group") ?? "", asked.Text("resource") ?? "");
        var kind = store.Kinds.All.FirstOrDefault(served => served.Kind.Group == group && served.Kind.Plural == resource)?.Kind ?? new ResourceKind(group, "", "", resource, true);
        var answer = review.Copy();
        answer["status"] = new JsonObject
        {
            ["allowed"] = Allows(caller, new Access(asked.Text("verb") ?? "", kind, asked.Text("namespace") ?? "", asked.Text("name") ?? "", asked.Text("subresource") ?? "")),
        };
        return answer;
    }

    /// <summary>Whether objects of a kind give rights.</summary>
    public static bool Grants(ResourceKind kind) => kind.Group == ResourceKinds.Role.Group;

    /// <summary>Refuses a role or binding by which a caller would give what it does not have itself.</summary>
    /// <exception cref="ApiException">It would.</exception>
    public void RefuseEscalation(Caller caller, Api.ResourcePath at, JsonObject value)
    {
        if (caller.IsAdmin || !Grants(at.Kind))
        {
            return;
        }

        var bound = value.At("roleRef") is null ? value : RoleOf(value.Space().Length > 0 || at.Space.Length == 0 ? value : WithSpace(value, at.Space)) ?? [];
        foreach (var rule in bound.Items("rules"))
        {
            foreach (var verb in rule.Texts("verbs"))
            {
                foreach (var group in rule.Texts("apiGroups"))
                {
                    foreach (var resource in rule.Texts("resources"))
                    {
                        var parts = resource.Split('/', 2);
                        var kind = new ResourceKind(group, "", "", parts[0], true);
                        foreach (var name in rule.Texts("resourceNames").DefaultIfEmpty(""))
                        {
                            if (!Allows(caller, new Access(verb, kind, at.Space, name, parts.Length > 1 ? parts[1] : "")))
                            {
                                throw ApiException.Forbidden($"{at.Kind.FullName} \"{value.Name()}\" is forbidden: user \"{caller.Name}\" is attempting to grant RBAC permissions not currently held: {verb} {resource} in API group \"{group}\"");
                            }
                        }
                    }
                }
            }
        }
    }

    private static JsonObject WithSpace(JsonObject value, string space)
    {
        var copy = value.Copy();
        copy.Member("metadata")["namespace"] = space;
        return copy;
    }

    private static bool Names(JsonObject subject, Caller caller, (string Space, string Name) account, string bindingSpace) => subject.Text("kind") switch
    {
        "ServiceAccount" => subject.Text("name") == account.Name && (subject.Text("namespace") ?? bindingSpace) == account.Space,
        "User" => subject.Text("name") == caller.Name,
        "Group" => subject.Text("name") is "system:serviceaccounts" or "system:authenticated" || subject.Text("name") == $"system:serviceaccounts:{account.Space}",
        _ => false,
    };

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
            && Has(rule.Texts("resources"), resource, access.Subresource)
            && (names.Length == 0 || (access.Name.Length > 0 && names.Contains(access.Name)));
    }

    private static bool Has(IEnumerable<string> allowed, string wanted, string subresource = "") =>
        allowed.Any(entry => entry == "*" || entry == wanted || (subresource.Length > 0 && entry == $"*/{subresource}"));
}
