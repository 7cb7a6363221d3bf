using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>Finds the entry of the state that a registration is about: by its URN, else by a former one. Called while the
/// plan's gate is held.</summary>
internal sealed class AliasResolver(Deployment deployment)
{
    /// <summary>The old entry and the former URN by which it was found (empty for its present one).</summary>
    /// <exception cref="EngineException">Another resource has claimed the entry already.</exception>
    public (ResourceState? Old, string Alias) Find(string urn, string type, string name, string parent, IReadOnlyList<AliasSpec> aliases)
    {
        var plan = deployment.Plan;
        if (plan.Aliased.TryGetValue(urn, out var claimant))
        {
            throw new EngineException($"Resource '{urn}' is registered, but '{claimant}' has taken over its entry by an alias. Remove that alias or rename one of the two.", 4);
        }

        if (deployment.Olds.TryGetValue(urn, out var old))
        {
            return (old, "");
        }

        foreach (var alias in Candidates(type, name, parent, aliases))
        {
            if (alias == urn || !deployment.Olds.TryGetValue(alias, out old))
            {
                continue;
            }

            if (plan.Urns.Contains(alias) || plan.Aliased.ContainsKey(alias))
            {
                throw new EngineException($"Resource '{urn}' has the alias '{alias}', but another resource of the program has that URN or alias already.", 4);
            }

            plan.Aliased[alias] = urn;
            plan.FormerUrns[urn] = alias;
            deployment.Providers.RegisterAlias(urn, alias);
            return (old, alias);
        }

        return (null, "");
    }

    private IEnumerable<string> Candidates(string type, string name, string parent, IReadOnlyList<AliasSpec> aliases)
    {
        foreach (var alias in aliases)
        {
            yield return Collapse(type, name, parent, alias);
        }

        // A child of a renamed parent was called after the parent's former URN.
        if (parent.Length > 0 && deployment.Plan.FormerUrns.TryGetValue(parent, out var formerParent))
        {
            yield return Inherit(type, name, parent, formerParent);
            foreach (var alias in aliases)
            {
                var former = Collapse(type, name, parent, alias);
                yield return Inherit(Urn.Type(former), Urn.Name(former), parent, formerParent);
            }
        }
    }

    private string Collapse(string type, string name, string parent, AliasSpec alias)
    {
        if (alias.Urn.Length > 0)
        {
            return alias.Urn;
        }

        var formerParent = alias.ParentUrn.Length == 0 ? parent : deployment.Plan.FormerUrns.GetValueOrDefault(alias.ParentUrn, alias.ParentUrn);
        return Urn.Create(
            alias.Stack.Length > 0 ? alias.Stack : deployment.Options.Stack,
            alias.Project.Length > 0 ? alias.Project : deployment.Options.Project,
            alias.NoParent ? "" : formerParent,
            alias.Type.Length > 0 ? alias.Type : type,
            alias.Name.Length > 0 ? alias.Name : name);
    }

    // By convention the name of a child begins with that of its parent, and then it was renamed with it.
    private string Inherit(string type, string name, string parent, string formerParent)
    {
        var parentName = Urn.Name(parent);
        var former = name.StartsWith(parentName, StringComparison.Ordinal) ? Urn.Name(formerParent) + name[parentName.Length..] : name;
        return Urn.Create(deployment.Options.Stack, deployment.Options.Project, formerParent, type, former);
    }
}
