namespace Reco.Sdk.Tests.Support;

/// <summary>Runs programs in this process against a <see cref="FakeEngine"/>, as a language host does: through the environment.</summary>
internal static class EngineRun
{
    // The environment and the exit code belong to the process.
    private static readonly SemaphoreSlim OneAtATime = new(1);

    /// <summary>Runs a program that no engine started, while no other runs.</summary>
    public static async Task<int> WithoutEngineAsync(Func<Task<int>> program)
    {
        await OneAtATime.WaitAsync();
        try
        {
            return await program();
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    /// <summary>Runs a program; gives its exit code.</summary>
    public static async Task<int> RunAsync(FakeEngine engine, Func<Task<int>> program, string? config = null)
    {
        var variables = new Dictionary<string, string>
        {
            ["PULUMI_MONITOR"] = engine.Address,
            ["PULUMI_ENGINE"] = engine.Address,
            ["PULUMI_PROJECT"] = "shop",
            ["PULUMI_STACK"] = "dev",
            ["PULUMI_ORGANIZATION"] = "acme",
            ["PULUMI_DRY_RUN"] = engine.DryRun ? "true" : "false",
            ["PULUMI_PARALLEL"] = "8",
            ["PULUMI_CONFIG"] = config ?? """{"shop:text":"hello","shop:number":"7","shop:flag":"true","shop:secret":"hush","shop:object":"{\"a\":[1,2]}"}""",
            ["PULUMI_CONFIG_SECRET_KEYS"] = """["shop:secret"]""",
        };
        await OneAtATime.WaitAsync();
        var exitCode = Environment.ExitCode;
        try
        {
            foreach (var (name, value) in variables)
            {
                Environment.SetEnvironmentVariable(name, value);
            }

            return await program().WaitAsync(TimeSpan.FromSeconds(60));
        }
        finally
        {
            foreach (var name in variables.Keys)
            {
                Environment.SetEnvironmentVariable(name, null);
            }

            Environment.ExitCode = exitCode;
            OneAtATime.Release();
        }
    }
}
