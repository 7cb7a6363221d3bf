using System.CommandLine;

namespace Reco.Engine.Cli;

/// <summary>Options of every command.</summary>
internal sealed class CommonOptions
{
    private readonly Option<string?> stack = new("--stack", "-s") { Description = "Name of the stack.", Recursive = true };
    private readonly Option<string?> directory = new("--cwd", "-C") { Description = "Run as if started in this folder.", Recursive = true };
    private readonly Option<string?> configFile = new("--config-file") { Description = "Configuration file of the stack, instead of Pulumi.STACK.yaml.", Recursive = true };
    private readonly Option<bool> nonInteractive = new("--non-interactive") { Description = "Ask nothing and draw nothing.", Recursive = true };
    private readonly Option<string> color = new("--color") { Description = "always, never, raw or auto.", Recursive = true, DefaultValueFactory = _ => "auto" };
    private readonly Option<int?> verbose = new("--verbose", "-v") { Arity = ArgumentArity.ZeroOrOne, Description = "Write details of internal errors to a file.", Recursive = true };

    // Of the official CLI, whose logs and traces this engine does not have.
    private readonly Option[] ignored =
    [
        new Option<bool>("--logtostderr") { Hidden = true, Recursive = true },
        new Option<bool>("--logflow") { Hidden = true, Recursive = true },
        new Option<bool>("--emoji", "-e") { Hidden = true, Recursive = true },
        new Option<string?>("--tracing") { Hidden = true, Recursive = true },
        new Option<string?>("--otel-traces") { Hidden = true, Recursive = true },
        new Option<string?>("--profiling") { Hidden = true, Recursive = true },
        new Option<int>("--memprofilerate") { Hidden = true, Recursive = true },
        new Option<bool>("--disable-integrity-checking") { Hidden = true, Recursive = true },
        new Option<bool>("--fully-qualify-stack-names", "-Q") { Hidden = true, Recursive = true },
    ];

    private bool details;

    /// <summary>Adds them.</summary>
    public void AddTo(RootCommand root)
    {
        color.AcceptOnlyFromAmong("always", "never", "raw", "auto");
        foreach (var option in new Option[] { stack, directory, configFile, nonInteractive, color, verbose }.Concat(ignored))
        {
            root.Options.Add(option);
        }
    }

    /// <summary>Hands them on.</summary>
    /// <exception cref="EngineException">The folder does not exist.</exception>
    public void Apply(ParseResult parsed, CliContext context)
    {
        context.StackOption = parsed.GetValue(stack);
        context.NonInteractive = parsed.GetValue(nonInteractive);
        context.Color = parsed.GetValue(color) ?? "auto";
        details = parsed.GetResult(verbose) is not null;
        if (parsed.GetValue(directory) is { } folder)
        {
            context.Directory = Directory.Exists(folder) ? Path.GetFullPath(folder) : throw new EngineException($"--cwd: the folder '{folder}' does not exist", 2);
        }

        context.ConfigFile = parsed.GetValue(configFile) is { Length: > 0 } file ? Path.GetFullPath(file, context.Directory) : null;
    }

    /// <summary>Where the details of an internal error are.</summary>
    public string Details(Exception error, CliContext context)
    {
        if (!details)
        {
            return "This is a fault of the engine. Run the command again with --verbose to have its details written to a file.";
        }

        var file = Path.Combine(Path.GetTempPath(), $"reco-{context.Time.GetUtcNow():yyyyMMddHHmmss}.log");
        File.WriteAllText(file, error.ToString());
        return $"This is a fault of the engine. Its details are in {file}.";
    }
}
