using System.CommandLine;
using Reco.Engine.State;

namespace Reco.Engine.Cli;

/// <summary><c>cancel</c>: breaks the locks of a stack whose run is gone.</summary>
internal sealed class CancelCommand(CliContext context)
{
    /// <summary>The command.</summary>
    public Command Build()
    {
        var name = new Argument<string?>("stack") { Arity = ArgumentArity.ZeroOrOne, Description = "Name of the stack." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Go on without asking." };
        var command = new Command("cancel", "Break the lock of a stack whose run is gone.") { name, yes };
        command.SetAction(parsed =>
        {
            context.StackOption = parsed.GetValue(name) ?? context.StackOption;
            using var session = context.OpenStack();
            if (!parsed.GetValue(yes) && context.IsInteractive && !context.Confirm($"This breaks the lock of '{session.Name.Stack}'. A run that still goes on would damage the state. Go on?"))
            {
                return 8;
            }

            var holders = StackLock.Break(session.Backend.Folder, session.Name);

            // What the run did up to its end is in its journal; from here on it is in the checkpoint, for any engine to see.
            session.Lock(context.Time, context.Tell).Dispose();
            context.Output.WriteLine(holders.Count == 0 ? $"stack '{session.Name.Stack}' is not locked" : $"the lock of {string.Join(" and ", holders)} is broken");
            return 0;
        });
        return command;
    }
}
