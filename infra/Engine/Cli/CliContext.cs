using Reco.Engine.Plugins;
using Reco.Engine.State;
using Reco.Engine.Workspace;
using Spectre.Console;

namespace Reco.Engine.Cli;

/// <summary>What commands work with: the world outside, and what the options common to all of them say.</summary>
internal sealed class CliContext(TextWriter output, TextWriter error, Func<string, string?> environment, TimeProvider time, CancellationToken interrupted)
{
    private readonly HashSet<string> told = new(StringComparer.Ordinal);

    /// <summary>Standard output.</summary>
    public TextWriter Output => output;

    /// <summary>Standard error.</summary>
    public TextWriter Error => error;

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Environment => environment;

    /// <summary>Clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Cancelled by the first Ctrl-C.</summary>
    public CancellationToken Interrupted => interrupted;

    /// <summary>Working directory (<c>--cwd</c>).</summary>
    public string Directory { get => field ??= CurrentDirectory(); set; }

    /// <summary>Name given by <c>--stack</c>; null for the selected one.</summary>
    public string? StackOption { get; set; }

    /// <summary>Configuration file given by <c>--config-file</c> (absolute); null for the stack's own.</summary>
    public string? ConfigFile { get; set; }

    /// <summary>No questions and no live display.</summary>
    public bool NonInteractive { get; set; }

    /// <summary><c>always</c>, <c>never</c> or <c>auto</c>.</summary>
    public string Color { get; set; } = "auto";

    /// <summary>The console for people.</summary>
    public IAnsiConsole Console => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(output),
        Ansi = Color switch { "always" => AnsiSupport.Yes, "never" or "raw" => AnsiSupport.No, _ => IsTerminal ? AnsiSupport.Detect : AnsiSupport.No },
        ColorSystem = Color == "never" || environment("NO_COLOR") is { Length: > 0 } ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        Interactive = IsInteractive ? InteractionSupport.Yes : InteractionSupport.No,
    });

    /// <summary>Whether output goes to a terminal.</summary>
    public bool IsTerminal => ReferenceEquals(output, System.Console.Out) && !System.Console.IsOutputRedirected;

    /// <summary>Whether somebody can answer questions.</summary>
    public bool IsInteractive => !NonInteractive && IsTerminal && !System.Console.IsInputRedirected && environment("CI") is null or "";

    /// <summary>A note for the user, once.</summary>
    public void Tell(string note)
    {
        if (told.Add(note))
        {
            error.WriteLine($"note: {note}");
        }
    }

    /// <summary>The project of the working directory.</summary>
    public ProjectFile Project() => ProjectFile.Find(Directory);

    /// <summary>State of a project.</summary>
    public StateBackend Backend(ProjectFile project) =>
        new(StateBackend.Locate(project.Directory, environment("PULUMI_BACKEND_URL") is { Length: > 0 } url ? url : project.BackendUrl), time);

    /// <summary>The stack that a command is about: <c>--stack</c>, <c>PULUMI_STACK</c>, the selected one, or the only one.</summary>
    /// <exception cref="EngineException">There is none.</exception>
    public StackSession OpenStack(bool create = false)
    {
        var project = Project();
        var backend = Backend(project);
        var selection = new StackSelection(backend.Folder);
        var given = StackOption ?? (environment("PULUMI_STACK") is { Length: > 0 } variable ? variable : null);
        var name = given is not null ? StackName.Parse(given, project.Name) : selection.Get(project.Name) ?? OnlyStack(project, backend);
        var session = StackSession.Open(project, backend, name, new Passphrase(environment, Tell), ConfigFile);
        if (!backend.Exists(name))
        {
            if (!create || !(session.Config.Exists || IsInteractive))
            {
                session.Dispose();
                throw new EngineException($"no stack named '{name.Stack}' found; 'reco stack ls' lists them, 'reco stack init {name.Stack}' makes it", 6);
            }

            backend.Create(name, session.Secrets);
            Tell($"stack '{name.Stack}' did not exist yet; it is created");
        }

        if (create)
        {
            selection.Set(name);
        }

        return session;
    }

    /// <summary>Providers, for a run on a stack.</summary>
    public IProviderFactory Providers(StackSession session) => BuiltInProviders.Factory(session.Project.Directory, session.Name.Stack, environment);

    /// <summary>Asks for consent.</summary>
    /// <exception cref="EngineException">Nobody can be asked.</exception>
    public bool Confirm(string question)
    {
        if (!IsInteractive)
        {
            throw new EngineException("--yes (-y) must be passed to go on without a terminal to ask on", 2);
        }

        return Console.Prompt(new ConfirmationPrompt(question) { DefaultValue = false });
    }

    private static StackName OnlyStack(ProjectFile project, StateBackend backend)
    {
        var known = backend.List().Where(name => name.Project == project.Name).ToArray();
        return known.Length == 1 ? known[0]
            : throw new EngineException("no stack is selected; give --stack NAME, or run 'reco stack select NAME'", 6);
    }

    private static string CurrentDirectory()
    {
        try
        {
            return System.IO.Directory.GetCurrentDirectory();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EngineException("the working directory does not exist any more, or may not be read; change to the project's folder, or name it with --cwd", 1);
        }
    }
}
