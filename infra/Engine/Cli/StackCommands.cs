using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Engine.Planning;
using Reco.Engine.State;
using Reco.Engine.Values;
using Reco.Engine.Workspace;

namespace Reco.Engine.Cli;

/// <summary><c>stack ...</c></summary>
internal sealed class StackCommands(CliContext context)
{
    private static readonly JsonSerializerOptions Exported = DeepJson.Indented(4);

    /// <summary>The command with its verbs.</summary>
    public Command Build()
    {
        var urns = new Option<bool>("--show-urns", "-u") { Description = "Show URNs." };
        var ids = new Option<bool>("--show-ids", "-i") { Description = "Show IDs." };
        var secrets = new Option<bool>("--show-secrets") { Description = "Show secrets in plain text." };
        var showName = new Option<bool>("--show-name") { Description = "Print the name of the stack only." };
        var command = new Command("stack", "Manage stacks.") { urns, ids, secrets, showName, Init(), List(), Select(), Remove(), new StackOutputCommand(context).Build(), Export(), Import(), new StackHistoryCommand(context).Build(), new StackGraphCommand(context).Build(), new StackTagCommands(context).Build(), new StackRenameCommand(context).Build(), Unselect() };
        command.SetAction(parsed => Show(parsed.GetValue(urns), parsed.GetValue(ids), parsed.GetValue(secrets), parsed.GetValue(showName)));
        return command;
    }

    private Command Init()
    {
        var name = new Argument<string?>("name") { Arity = ArgumentArity.ZeroOrOne, Description = "Name of the stack." };
        var noSelect = new Option<bool>("--no-select") { Description = "Do not select it." };
        var provider = new Option<string?>("--secrets-provider") { Description = "What encrypts secrets: passphrase." };
        provider.AcceptOnlyFromAmong("passphrase", "default");
        var copied = new Option<string?>("--copy-config-from") { Description = "Stack whose configuration the new one begins with." };
        var command = new Command("init", "Make a stack.") { name, noSelect, provider, copied };
        command.SetAction(parsed =>
        {
            var project = context.Project();
            var backend = context.Backend(project);
            var stack = StackName.Parse(parsed.GetValue(name) ?? context.StackOption ?? throw new EngineException("give the name of the stack: reco stack init NAME", 2), project.Name);
            using var session = StackSession.Open(project, backend, stack, new Passphrase(context.Environment, context.Tell), context.ConfigFile);
            using var source = parsed.GetValue(copied) is { } from ? Existing(project, backend, StackName.Parse(from, project.Name)) : null;
            backend.Create(stack, session.Secrets);
            if (source is not null)
            {
                ConfigCopyCommand.CopyAll(source, session);
            }

            if (!parsed.GetValue(noSelect))
            {
                new StackSelection(backend.Folder).Set(stack);
            }

            context.Output.WriteLine($"Created stack '{stack.Stack}'");
        });
        return command;
    }

    private StackSession Existing(ProjectFile project, StateBackend backend, StackName name) => backend.Exists(name)
        ? StackSession.Open(project, backend, name, new Passphrase(context.Environment, context.Tell))
        : throw new EngineException($"no stack named '{name.Stack}' found; 'reco stack ls' lists them", 6);

    private Command List()
    {
        var json = new Option<bool>("--json", "-j") { Description = "Print JSON." };
        var all = new Option<bool>("--all", "-a") { Description = "Stacks of every project." };
        var of = new Option<string?>("--project", "-p") { Description = "Stacks of this project." };
        var command = new Command("ls", "List stacks.") { json, all, of };
        command.SetAction(parsed =>
        {
            var project = context.Project();
            var backend = context.Backend(project);
            var current = new StackSelection(backend.Folder).Get(project.Name);
            var stacks = backend.List().Where(name => parsed.GetValue(of) is { } wanted ? name.Project == wanted : parsed.GetValue(all) || name.Project == project.Name).ToArray();
            if (parsed.GetValue(json))
            {
                context.Output.WriteLine(CliJson.Text(new JsonArray([.. stacks.Select(name => Entry(backend, name, current))])));
                return;
            }

            context.Output.WriteLine($"{"NAME",-24}{"LAST UPDATE",-24}RESOURCE COUNT");
            foreach (var name in stacks)
            {
                var shown = (name.Project == project.Name ? name.Stack : $"{name.Project}/{name.Stack}") + (name == current ? "*" : "");
                var when = backend.History(name).Count > 0 && backend.LastUpdate(name) is { } time ? time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "n/a";
                context.Output.WriteLine($"{shown,-24}{when,-24}{Count(backend, name)}");
            }
        });
        return command;
    }

    private static JsonObject Entry(StateBackend backend, StackName name, StackName? current)
    {
        var entry = new JsonObject { ["name"] = name.Stack, ["current"] = name == current };
        if (backend.History(name).Count > 0 && backend.LastUpdate(name) is { } time)
        {
            entry["lastUpdate"] = CliJson.Time(time);
        }

        entry["resourceCount"] = Count(backend, name);
        return entry;
    }

    private static int Count(StateBackend backend, StackName name) => backend.Load(name)["resources"] is JsonArray resources ? resources.Count : 0;

    private Command Select()
    {
        var name = new Argument<string?>("name") { Arity = ArgumentArity.ZeroOrOne, Description = "Name of the stack." };
        var create = new Option<bool>("--create", "-c") { Description = "Make it where it does not exist." };
        var provider = new Option<string?>("--secrets-provider") { Description = "What encrypts secrets of a new stack: passphrase." };
        provider.AcceptOnlyFromAmong("passphrase", "default");
        var command = new Command("select", "Choose the stack that commands are about.") { name, create, provider };
        command.SetAction(parsed =>
        {
            var project = context.Project();
            var backend = context.Backend(project);
            var stack = StackName.Parse(parsed.GetValue(name) ?? context.StackOption ?? throw new EngineException("give the name of the stack: reco stack select NAME", 2), project.Name);
            if (!backend.Exists(stack))
            {
                if (!parsed.GetValue(create))
                {
                    throw new EngineException($"no stack named '{stack.Stack}' found", 6);
                }

                using var session = StackSession.Open(project, backend, stack, new Passphrase(context.Environment, context.Tell));
                backend.Create(stack, session.Secrets);
            }

            new StackSelection(backend.Folder).Set(stack);
        });
        return command;
    }

    private Command Unselect()
    {
        var command = new Command("unselect", "Let no stack be selected.");
        command.SetAction(_ =>
        {
            var project = context.Project();
            var selection = new StackSelection(context.Backend(project).Folder);
            if (selection.Get(project.Name) is { } selected)
            {
                selection.Clear(selected);
            }

            context.Output.WriteLine("Stack was unselected");
        });
        return command;
    }

    private Command Remove()
    {
        var name = new Argument<string?>("name") { Arity = ArgumentArity.ZeroOrOne, Description = "Name of the stack." };
        var force = new Option<bool>("--force", "-f") { Description = "Even where it still has resources: they are left alone, and forgotten." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Go on without asking." };
        var preserve = new Option<bool>("--preserve-config") { Description = "Keep the configuration file." };
        var backups = new Option<bool>("--remove-backups") { Description = "Remove its earlier states, too." };
        var command = new Command("rm", "Remove a stack and its configuration.") { name, force, yes, preserve, backups };
        command.SetAction(parsed =>
        {
            context.StackOption = parsed.GetValue(name) ?? context.StackOption;
            using var session = context.OpenStack();
            using var held = session.Lock(context.Time, context.Tell);
            var resources = session.LoadSnapshot().Resources;
            if (resources.Length > 0 && !parsed.GetValue(force))
            {
                throw new EngineException($"stack '{session.Name.Stack}' still has {resources.Length} resources; run 'reco destroy', or pass --force to forget them", 1);
            }

            if (!parsed.GetValue(yes) && !context.Confirm($"This removes stack '{session.Name.Stack}'. Go on?"))
            {
                return 8;
            }

            session.Backend.Remove(session.Name, parsed.GetValue(backups));
            new StackSelection(session.Backend.Folder).Clear(session.Name);
            if (!parsed.GetValue(preserve))
            {
                session.DeleteConfig();
            }

            context.Output.WriteLine($"Stack '{session.Name.Stack}' has been removed.");
            return 0;
        });
        return command;
    }

    private Command Export()
    {
        var file = new Option<string?>("--file") { Description = "File to write to." };
        var secrets = new Option<bool>("--show-secrets") { Description = "Secrets in plain text." };
        var command = new Command("export", "Print the state of a stack.") { file, secrets };
        command.SetAction(parsed =>
        {
            using var session = context.OpenStack();
            var state = session.Load();
            var deployment = parsed.GetValue(secrets) || state.Journal == JournalState.Replayed
                ? DeploymentCodec.Encode(state.Snapshot, session.Secrets, parsed.GetValue(secrets), context.Time.GetLocalNow())
                : state.Deployment.DeepClone().AsObject();
            var text = DeploymentCodec.Envelope(state.Snapshot, "deployment", deployment).ToJsonString(Exported);
            if (parsed.GetValue(file) is { } path)
            {
                DurableFile.Write(Path.GetFullPath(path, context.Directory), text + "\n");
            }
            else
            {
                context.Output.WriteLine(text);
            }
        });
        return command;
    }

    private Command Import()
    {
        var file = new Option<string?>("--file") { Description = "File to read from; standard input where none is given." };
        var force = new Option<bool>("--force", "-f") { Description = "Even where resources are of another stack or the state is inconsistent." };
        var command = new Command("import", "Replace the state of a stack by an exported one.") { file, force };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var session = context.OpenStack();
            using var held = session.Lock(context.Time, context.Tell);
            var text = parsed.GetValue(file) is { } path ? await ReadAsync(Path.GetFullPath(path, context.Directory), cancellation) : await Console.In.ReadToEndAsync(cancellation);
            StateImport.Apply(session, text, parsed.GetValue(force));
            context.Output.WriteLine("Import complete.");
        });
        return command;
    }

    private static async Task<string> ReadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' cannot be read: {error.Message}", 1);
        }
    }

    private void Show(bool urns, bool ids, bool secrets, bool nameOnly)
    {
        using var session = context.OpenStack();
        if (nameOnly)
        {
            context.Output.WriteLine(session.Name.Stack);
            return;
        }

        var snapshot = session.LoadSnapshot();
        context.Output.WriteLine($"Current stack is {session.Name.Stack}:");
        context.Output.WriteLine($"    Managed by {System.Environment.MachineName}, state in {session.Backend.Folder.Root}");
        context.Output.WriteLine($"Current stack resources ({snapshot.Resources.Length}):");
        foreach (var resource in snapshot.Resources)
        {
            context.Output.WriteLine($"    {resource.Type}  {Urn.Name(resource.Urn)}");
            if (urns)
            {
                context.Output.WriteLine($"        URN: {resource.Urn}");
            }

            if (ids && resource.Id.Length > 0)
            {
                context.Output.WriteLine($"        ID: {resource.Id}");
            }
        }

        context.Output.WriteLine("");
        StackOutputCommand.Print(context.Output, StackOutputs.Of(snapshot), secrets);
    }
}
