using System.CommandLine;
using Reco.Engine.Planning;
using Reco.Engine.State;

namespace Reco.Engine.Cli;

/// <summary><c>state ...</c></summary>
internal sealed class StateCommands(CliContext context)
{
    /// <summary>The command with its verbs.</summary>
    public Command Build() => new("state", "Change the state of a stack by hand.") { Delete(), Protect(), Unprotect(), Rename(), Repair() };

    private Command Delete()
    {
        var urn = new Argument<string?>("urn") { Arity = ArgumentArity.ZeroOrOne, Description = "URN of the resource." };
        var all = new Option<bool>("--all") { Description = "Every resource." };
        var force = new Option<bool>("--force") { Description = "Even where it is protected." };
        var dependents = new Option<bool>("--target-dependents") { Description = "What depends on it, too." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Go on without asking." };
        var command = new Command("delete", "Forget a resource; the real thing stays.") { urn, all, force, dependents, yes };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) == (result.GetValue(urn) is not null))
            {
                result.AddError("give either the URN of a resource, or --all");
            }
        });
        command.SetAction(parsed => Change($"This removes {parsed.GetValue(urn) ?? "every resource"} from the state; the real thing stays. Go on?", parsed.GetValue(yes), snapshot =>
        {
            if (parsed.GetValue(urn) is not { } given)
            {
                return parsed.GetValue(force) || snapshot.Resources.FirstOrDefault(resource => resource.Protect) is not { } kept
                    ? snapshot with { Resources = [] }
                    : throw new EngineException($"{kept.Urn} is protected. Pass --force to remove it all the same, or run 'reco state unprotect' first.", 1);
            }

            var target = Find(snapshot, given);
            var gone = new HashSet<string>(StringComparer.Ordinal) { target.Urn };
            var users = snapshot.Resources.Where(resource => !gone.Contains(resource.Urn) && Uses(resource, gone)).ToList();
            if (users.Count > 0 && !parsed.GetValue(dependents))
            {
                throw new EngineException($"{target.Urn} cannot be removed: {string.Join(", ", users.Select(user => user.Urn))} depend on it. Pass --target-dependents to remove them, too.", 1);
            }

            for (var more = users; more.Count > 0; more = [.. snapshot.Resources.Where(resource => !gone.Contains(resource.Urn) && Uses(resource, gone))])
            {
                gone.UnionWith(more.Select(resource => resource.Urn));
            }

            if (!parsed.GetValue(force) && snapshot.Resources.FirstOrDefault(resource => gone.Contains(resource.Urn) && resource.Protect) is { } shielded)
            {
                throw new EngineException($"{shielded.Urn} is protected. Pass --force to remove it all the same, or run 'reco state unprotect' first.", 1);
            }

            return snapshot with { Resources = [.. snapshot.Resources.Where(resource => !gone.Contains(resource.Urn))] };
        }));
        return command;
    }

    private Command Rename()
    {
        var urn = new Argument<string>("urn") { Description = "URN of the resource." };
        var name = new Argument<string>("new-name") { Description = "New name." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Go on without asking." };
        var command = new Command("rename", "Give a resource another name; the program has to use it, too.") { urn, name, yes };
        command.SetAction(parsed => Change($"This renames {parsed.GetRequiredValue(urn)} in the state. Go on?", parsed.GetValue(yes), snapshot =>
        {
            var (old, given) = (Find(snapshot, parsed.GetRequiredValue(urn)).Urn, parsed.GetRequiredValue(name));
            var renamed = Urn.Create(Urn.Stack(old), Urn.Project(old), "", Urn.QualifiedType(old), given);
            if (given.Length == 0 || snapshot.Resources.Any(resource => resource.Urn == renamed))
            {
                throw new EngineException(given.Length == 0 ? "the new name is empty" : $"the state has a resource '{renamed}' already", 1);
            }

            return snapshot.Rename(reference => reference == old ? renamed : reference);
        }));
        return command;
    }

    private Command Protect()
    {
        var urn = new Argument<string?>("urn") { Arity = ArgumentArity.ZeroOrOne, Description = "URN of the resource." };
        var all = new Option<bool>("--all") { Description = "Every resource." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Go on without asking." };
        var command = new Command("protect", "Let a resource not be deleted.") { urn, all, yes };
        command.SetAction(parsed => Change("This protects resources from being deleted. Go on?", parsed.GetValue(yes), snapshot => Shielded(snapshot, parsed.GetValue(all) ? null : parsed.GetValue(urn) ?? "", shielded: true)));
        return command;
    }

    private static Snapshot Shielded(Snapshot snapshot, string? urn, bool shielded)
    {
        var target = urn switch { null => null, "" => throw new EngineException("give a URN, or --all", 2), _ => Find(snapshot, urn).Urn };
        return snapshot with { Resources = [.. snapshot.Resources.Select(resource => target is null || resource.Urn == target ? resource with { Protect = shielded } : resource)] };
    }

    private Command Unprotect()
    {
        var urn = new Argument<string?>("urn") { Arity = ArgumentArity.ZeroOrOne, Description = "URN of the resource." };
        var all = new Option<bool>("--all") { Description = "Every resource." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Go on without asking." };
        var command = new Command("unprotect", "Let a resource be deleted again.") { urn, all, yes };
        command.SetAction(parsed => Change("This lets protected resources be deleted. Go on?", parsed.GetValue(yes), snapshot => Shielded(snapshot, parsed.GetValue(all) ? null : parsed.GetValue(urn) ?? "", shielded: false)));
        return command;
    }

    private Command Repair()
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Go on without asking." };
        var command = new Command("repair", "Put an inconsistent state in order.") { yes };
        command.SetAction(parsed => Change("This puts the state in order: what refers to missing resources loses those references. Go on?", parsed.GetValue(yes), SnapshotIntegrity.Repair));
        return command;
    }

    private int Change(string question, bool yes, Func<Snapshot, Snapshot> change)
    {
        using var session = context.OpenStack();
        using var held = session.Lock(context.Time, context.Tell);
        var changed = change(session.LoadSnapshot());
        if (!yes && !context.Confirm(question))
        {
            return 8;
        }

        session.Backend.Backup(session.Name);
        session.Backend.Save(session.Name, changed, session.Secrets);
        context.Output.WriteLine("The state is changed; the one before is among the backups.");
        return 0;
    }

    private static ResourceState Find(Snapshot snapshot, string urn) => snapshot.Resources.FirstOrDefault(resource => resource.Urn == urn)
        ?? throw new EngineException($"the state has no resource '{urn}'; 'reco stack --show-urns' lists them", 1);

    private static bool Uses(ResourceState resource, HashSet<string> gone) => gone.Contains(resource.Parent) || resource.Dependencies.Any(gone.Contains)
        || resource.PropertyDependencies.Values.Any(urns => urns.Any(gone.Contains)) || gone.Contains(resource.DeletedWith) || gone.Contains(ProviderReference.UrnOf(resource.Provider));
}
