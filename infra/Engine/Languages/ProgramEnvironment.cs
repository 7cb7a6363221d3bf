using System.Globalization;
using System.Text.Json;
using Reco.Engine.Planning;

namespace Reco.Engine.Languages;

/// <summary>The environment contract between Pulumi engines and programs.</summary>
internal static class ProgramEnvironment
{
    /// <summary>Configuration as the JSON object that programs read from <c>PULUMI_CONFIG</c>.</summary>
    public static string Config(DeploymentOptions options) => JsonSerializer.Serialize(options.Config);

    /// <summary>Keys of secret configuration, as a JSON list.</summary>
    public static string SecretKeys(DeploymentOptions options) => JsonSerializer.Serialize(options.ConfigSecretKeys);

    /// <summary>Sets the variables.</summary>
    /// <param name="environment">Environment of the program's process.</param>
    /// <param name="run">The run.</param>
    public static void Apply(IDictionary<string, string?> environment, ProgramRun run)
    {
        var options = run.Options;
        environment["PULUMI_MONITOR"] = run.MonitorAddress;
        environment["PULUMI_ENGINE"] = run.EngineAddress;
        environment["PULUMI_ORGANIZATION"] = options.Organization;
        environment["PULUMI_PROJECT"] = options.Project;
        environment["PULUMI_ROOT_DIRECTORY"] = options.ProjectDirectory;
        environment["PULUMI_STACK"] = options.Stack;
        environment["PULUMI_PWD"] = options.ProjectDirectory;
        environment["PULUMI_DRY_RUN"] = IsDryRun(options) ? "true" : "false";
        environment["PULUMI_QUERY_MODE"] = "false";
        environment["PULUMI_PARALLEL"] = options.Parallel.ToString(CultureInfo.InvariantCulture);
        environment["PULUMI_CONFIG"] = Config(options);
        environment["PULUMI_CONFIG_SECRET_KEYS"] = SecretKeys(options);

        // The passphrase is the engine's: a program has its secrets already.
        environment.Remove("PULUMI_CONFIG_PASSPHRASE");
        environment.Remove("PULUMI_CONFIG_PASSPHRASE_FILE");
    }

    /// <summary>Whether programs are to plan only.</summary>
    public static bool IsDryRun(DeploymentOptions options) => options.DryRun || options.Kind == DeploymentKind.Preview;
}
