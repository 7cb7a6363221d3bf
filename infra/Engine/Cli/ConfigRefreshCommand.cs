using System.CommandLine;
using System.Text.Json.Nodes;
using Reco.Engine.State;
using Reco.Engine.Workspace;

namespace Reco.Engine.Cli;

/// <summary><c>config refresh</c>: the configuration of the stack's last run, for one whose file is lost or has been changed.</summary>
internal sealed class ConfigRefreshCommand(CliContext context)
{
    /// <summary>The command.</summary>
    public Command Build()
    {
        var force = new Option<bool>("--force", "-f") { Description = "Do not keep the file that is there as a backup." };
        var command = new Command("refresh", "Take the configuration of the last run into the configuration file.") { force };
        command.SetAction(parsed => Run(parsed.GetValue(force)));
        return command;
    }

    private void Run(bool force)
    {
        using var session = context.OpenStack();
        var latest = session.Backend.History(session.Name).FirstOrDefault()
            ?? throw new EngineException($"stack '{session.Name.Stack}' has not been updated yet, so there is no configuration of a last run", 1);
        var salt = DeploymentCodec.SecretsOf(session.Backend.Load(session.Name)) is { Type: "passphrase" } provider ? PassphraseSecrets.SaltOf(provider.State) : null;
        using var edit = new ConfigEdit(session);
        var path = session.Config.Path;
        if (!force && File.Exists(path))
        {
            var backup = path + ".bak";
            while (File.Exists(backup))
            {
                backup += ".bak";
            }

            File.Copy(path, backup);
            context.Output.WriteLine($"backed up existing configuration file to {backup}");
        }

        session.Config.Clear();
        if (salt is not null)
        {
            session.Config.SetSalt(salt);
        }

        foreach (var (key, value) in latest["config"] as JsonObject ?? [])
        {
            session.Config.Set(key, session.Project.Name, value?.DeepClone());
        }

        edit.Save();
        context.Output.WriteLine($"refreshed configuration for stack '{session.Name.Stack}'");
    }
}
