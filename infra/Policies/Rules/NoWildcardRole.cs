using static Reco.Policies.PolicyResource;

namespace Reco.Policies.Rules;

/// <summary>Nobody may do everything.</summary>
internal sealed class NoWildcardRole : ResourceRule
{
    /// <summary>Built-in roles of Azure that can do, or grant, anything.</summary>
    private static readonly Dictionary<string, string> Broad = new(StringComparer.OrdinalIgnoreCase)
    {
        ["8e3af657-a8ff-443c-a75c-2fe8c4bcb635"] = "Owner",
        ["b24988ac-6180-42a0-ab88-20f7382dd24c"] = "Contributor",
        ["18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"] = "User Access Administrator",
        ["f58310d9-a9f6-439a-9e8d-f62e7b41a168"] = "Role Based Access Control Administrator",
    };

    /// <inheritdoc/>
    public override string Name => "no-wildcard-role";

    /// <inheritdoc/>
    public override string Description => "Kubernetes roles name their verbs, resources and API groups; roles made for Azure do, too; Azure role assignments are none of Owner, Contributor or those that grant roles, and not on a whole subscription or management group.";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(PolicyResource resource, PolicyContext context) => resource.Type switch
    {
        "kubernetes:rbac.authorization.k8s.io/v1:Role" or "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole" => Rules(resource),
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding" or "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding" => Binding(resource),
        "azure-native:authorization:RoleAssignment" => Assignment(resource),
        "azure-native:authorization:RoleDefinition" => Definition(resource),
        _ => [],
    };

    private static IEnumerable<string> Rules(PolicyResource resource)
    {
        var index = 0;
        foreach (var rule in Items(resource.At("rules")))
        {
            foreach (var field in new[] { "apiGroups", "resources", "verbs", "nonResourceURLs" })
            {
                if (Items(At(rule, field)).Any(item => Text(item) == "*"))
                {
                    yield return $"rules[{index}].{field} holds \"*\": name what the role needs.";
                }
            }

            index++;
        }
    }

    private static IEnumerable<string> Definition(PolicyResource resource)
    {
        var index = 0;
        foreach (var permission in Items(resource.At("permissions")))
        {
            foreach (var field in new[] { "actions", "dataActions" })
            {
                if (Items(At(permission, field)).Any(item => Text(item) is "*" or "*/write" or "*/delete"))
                {
                    yield return $"permissions[{index}].{field} holds an action on everything: name the operations of the role.";
                }
            }

            index++;
        }
    }

    private static IEnumerable<string> Binding(PolicyResource resource)
    {
        if (Text(resource.At("roleRef", "name")) is "cluster-admin")
        {
            yield return "roleRef.name is cluster-admin: bind a role of its own.";
        }
    }

    private static IEnumerable<string> Assignment(PolicyResource resource)
    {
        if (Text(resource.At("roleDefinitionId")) is { } definition && Broad.TryGetValue(definition[(definition.LastIndexOf('/') + 1)..], out var role))
        {
            yield return $"roleDefinitionId is {role}: assign the narrowest role that does.";
        }

        if (Text(resource.At("scope")) is { } scope && scope.Trim('/').Split('/') is ["subscriptions", _] or [""] or ["providers", "Microsoft.Management", "managementGroups", _])
        {
            yield return $"scope is {scope}: assign the role on the resource, or at most on the resource group.";
        }
    }
}
