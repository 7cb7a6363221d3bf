using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Reco.Engine.Planning;
using Reco.Engine.State;
using Reco.Engine.Workspace;

namespace Reco.Engine.Cli;

/// <summary><c>ttl ...</c>: stacks that live for a time. A stack's life is <c>reco:ttl</c>, its end <c>reco:expires</c> (UTC), in
/// its configuration file and on its resources as a tag.</summary>
internal sealed class TtlCommands(CliContext context)
{
    private const string TtlKey = "reco:ttl";
    private const string ExpiresKey = "reco:expires";
    private const string EnvironmentKey = "reco:environment";

    /// <summary>The command with its verbs.</summary>
    public Command Build() => new("ttl", "Manage stacks that live for a time only.") { Start(), List(), Down() };

    private Command Start()
    {
        var name = new Argument<string>("stack") { Description = "Name of the new stack." };
        var from = new Option<string>("--from") { Description = "Stack whose configuration it starts with.", DefaultValueFactory = _ => "staging" };
        var life = new Option<string>("--ttl") { Description = "How long it lives: hours or days, such as 8h or 3d.", DefaultValueFactory = _ => "8h" };
        var command = new Command("start", "Write the configuration of a stack that lives for a time.") { name, from, life };
        command.SetAction(parsed => StartStack(parsed.GetValue(name)!, parsed.GetValue(from)!, parsed.GetValue(life)!));
        return command;
    }

    private void StartStack(string name, string from, string life)
    {
        var project = context.Project();
        var source = StackConfigFile.Open(project, StackName.Parse(from, project.Name).Stack);
        var target = StackConfigFile.Open(project, StackName.Parse(name, project.Name).Stack);
        if (!source.Exists)
        {
            throw new EngineException($"there is no {Path.GetFileName(source.Path)} to start from; give another stack with --from", 2);
        }

        if (target.Exists)
        {
            throw new EngineException($"{Path.GetFileName(target.Path)} is there already; choose another name", 2);
        }

        var end = context.Time.GetUtcNow() + Life(life);
        File.Copy(source.Path, target.Path);
        var file = StackConfigFile.Open(project, name);
        foreach (var (key, value) in new[] { (TtlKey, life), (ExpiresKey, end.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)), (EnvironmentKey, name) })
        {
            file.Set(key, project.Name, JsonValue.Create(value));
        }

        file.Save();

        context.Output.WriteLine($"{Path.GetFileName(target.Path)} is written; stack '{name}' ends at {end:u}. Deploy it with 'up --stack {name}'.");
    }

    private Command List()
    {
        var expired = new Option<bool>("--expired") { Description = "Only those whose time is over." };
        var json = new Option<bool>("--json", "-j") { Description = "Print JSON." };
        var command = new Command("list", "List stacks that live for a time.") { expired, json };
        command.Aliases.Add("ls");
        command.SetAction(parsed => ListStacks(parsed.GetValue(expired), parsed.GetValue(json)));
        return command;
    }

    private void ListStacks(bool onlyExpired, bool json)
    {
        var now = context.Time.GetUtcNow();
        var stacks = Stacks().Where(stack => !onlyExpired || stack.Expires <= now).ToList();
        if (json)
        {
            context.Output.WriteLine(new JsonArray([.. stacks.Select(stack => new JsonObject
            {
                ["name"] = stack.Name,
                ["expires"] = stack.Expires.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["expired"] = stack.Expires <= now,
            })]).ToJsonString());
            return;
        }

        context.Output.WriteLine($"{"NAME",-24}{"EXPIRES",-24}STATE");
        foreach (var stack in stacks)
        {
            context.Output.WriteLine($"{stack.Name,-24}{stack.Expires,-24:u}{(stack.Expires <= now ? "expired" : $"{(stack.Expires - now).TotalHours:0.#} h left")}");
        }
    }

    private Command Down()
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Go on without asking." };
        var command = new Command("down", "Destroy and remove every stack whose time is over.") { yes };
        command.SetAction((parsed, _) => DownAsync(parsed.GetValue(yes)));
        return command;
    }

    private async Task<int> DownAsync(bool yes)
    {
        var now = context.Time.GetUtcNow();
        var worst = 0;
        var expired = Stacks().Where(stack => stack.Expires <= now).ToList();
        if (expired.Count == 0)
        {
            context.Output.WriteLine("No stack has expired.");
        }

        foreach (var stack in expired)
        {
            context.Output.WriteLine($"Stack '{stack.Name}' expired at {stack.Expires:u}.");
            context.StackOption = stack.Name;
            try
            {
                worst = Math.Max(worst, await new UpdateRunner(context, new UpdateRequest { Kind = DeploymentKind.Destroy, Yes = yes, Remove = true }).RunAsync());
            }
            catch (EngineException error)
            {
                // One stack that cannot be taken down does not keep the others.
                await context.Error.WriteLineAsync($"error: stack '{stack.Name}': {error.Message}");
                worst = Math.Max(worst, error.ExitCode);
            }
        }

        return worst;
    }

    /// <summary>Stacks with an end, from the project's configuration files.</summary>
    private List<(string Name, DateTimeOffset Expires)> Stacks()
    {
        var project = context.Project();
        var folder = Path.Combine(project.Directory, project.StackConfigDirectory);
        var found = new List<(string, DateTimeOffset)>();
        foreach (var file in Directory.EnumerateFiles(folder, "Pulumi.*.yaml").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file)["Pulumi.".Length..^".yaml".Length];
            if (!StackConfigFile.Open(project, name).Values(project.Name).TryGetValue(ExpiresKey, out var value))
            {
                continue;
            }

            if (!DateTimeOffset.TryParse(value.Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end))
            {
                throw new EngineException($"{Path.GetFileName(file)}: {ExpiresKey} is \"{value.Text}\"; it must be a UTC time such as 2026-01-31T18:00:00Z", 2);
            }

            found.Add((name, end));
        }

        return found;
    }

    private static TimeSpan Life(string text) =>
        text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 8_760
            ? text[^1] switch
            {
                'h' => TimeSpan.FromHours(number),
                'd' => TimeSpan.FromDays(number),
                _ => throw NoLife(text),
            }
            : throw NoLife(text);

    private static EngineException NoLife(string text) => new($"--ttl '{text}' is no life of a stack; give hours or days, such as 8h or 3d", 2);
}
