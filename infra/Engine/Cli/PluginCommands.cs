using System.CommandLine;
using System.Text.Json.Nodes;
using Reco.Engine.Plugins;

namespace Reco.Engine.Cli;

/// <summary><c>plugin ...</c>: what is in the plugin cache. Plugins are downloaded by the official CLI.</summary>
internal sealed class PluginCommands(CliContext context)
{
    /// <summary>The command with its verbs.</summary>
    public Command Build() => new("plugin", "See which plugins are installed.") { List(), Install() };

    private Command List()
    {
        var json = new Option<bool>("--json", "-j") { Description = "Print JSON." };
        var command = new Command("ls", "List installed plugins.") { json };
        command.SetAction(parsed =>
        {
            var plugins = PluginLocator.FromEnvironment().Installed();
            if (parsed.GetValue(json))
            {
                context.Output.WriteLine(CliJson.Text(new JsonArray([.. plugins.Select(plugin => new JsonObject
                {
                    ["name"] = plugin.Name,
                    ["kind"] = plugin.Kind,
                    ["version"] = plugin.Version,
                    ["installTime"] = CliJson.Time(Directory.GetCreationTimeUtc(plugin.Folder)),
                })])));
                return;
            }

            context.Output.WriteLine($"{"NAME",-24}{"KIND",-12}VERSION");
            foreach (var plugin in plugins)
            {
                context.Output.WriteLine($"{plugin.Name,-24}{plugin.Kind,-12}{plugin.Version}");
            }
        });
        return command;
    }

    private Command Install()
    {
        var kind = new Argument<string>("kind") { Description = "resource." };
        kind.AcceptOnlyFromAmong("resource");
        var name = new Argument<string>("name") { Description = "Name of the plugin." };
        var version = new Argument<string?>("version") { Arity = ArgumentArity.ZeroOrOne, Description = "Its version." };
        var command = new Command("install", "Make sure that a plugin is installed.") { kind, name, version };
        command.SetAction(parsed =>
        {
            var plugin = parsed.GetRequiredValue(name);
            if (!BuiltInProviders.Names.Contains(plugin, StringComparer.Ordinal))
            {
                PluginLocator.FromEnvironment().Find(new ProviderRequest { Plugin = plugin, Version = (parsed.GetValue(version) ?? "").TrimStart('v') }, context.Directory);
            }
        });
        return command;
    }
}
