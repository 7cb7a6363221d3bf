using System.CommandLine;
using Reco.Engine.State;
using Reco.Engine.Workspace;

namespace Reco.Engine.Cli;

/// <summary><c>stack rename</c>: another name for a stack, its resources' URNs, its history and its configuration.</summary>
internal sealed class StackRenameCommand(CliContext context)
{
    /// <summary>The command.</summary>
    public Command Build()
    {
        var name = new Argument<string>("new-stack-name") { Description = "New name: STACK, or organization/PROJECT/STACK to give the project another name, too." };
        var command = new Command("rename", "Rename a stack.") { name };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(name)));
        return command;
    }

    private void Run(string given)
    {
        using var session = context.OpenStack();
        var (old, backend) = (session.Name, session.Backend);
        var fresh = StackName.Parse(given, old.Project);
        using var held = session.Lock(context.Time, context.Tell);
        if (backend.Exists(fresh))
        {
            throw new EngineException($"a stack named '{fresh.Stack}' already exists in project '{fresh.Project}'", 1);
        }

        var (before, after) = (StackConfigFile.PathOf(session.Project, old.Stack), StackConfigFile.PathOf(session.Project, fresh.Stack));
        if (before != after && File.Exists(before) && File.Exists(after))
        {
            throw new EngineException($"'{after}' is there already and would be lost; move it away first", 1);
        }

        // The new name is complete before the old one goes: whatever interrupts this, one of the two holds the whole state.
        backend.Save(fresh, session.LoadSnapshot().Rename(SnapshotRename.Stack(old, fresh)), session.Secrets);
        backend.MoveRecords(old, fresh);
        if (before != after && File.Exists(before))
        {
            File.Move(before, after);
        }

        new StackSelection(backend.Folder).Clear(old);
        new StackSelection(backend.Folder).Set(fresh);
        backend.Remove(old);
        context.Output.WriteLine($"Renamed {old.Stack} to {fresh.Stack}");
        if (fresh.Project != old.Project)
        {
            context.Tell($"the stack is of project '{fresh.Project}' now: 'name' in Pulumi.yaml, and the keys in {Path.GetFileName(after)}, have to say so, too");
        }
    }
}
