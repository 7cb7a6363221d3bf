using Reco.Protocol;

namespace Pulumi;

/// <summary>One run of a program: what it knows, and the parts that do its work.</summary>
internal sealed class DeploymentCore
{
    private Stack? _stack;

    public DeploymentCore(DeploymentSettings settings, IMonitor monitor, IEngineLog engine)
    {
        Settings = settings;
        Monitor = monitor;
        Runner = new(this);
        Logger = new(engine, Runner.RegisterTask);
        Features = new(monitor);
        Packages = new(monitor, Features);
        Callbacks = new(this);
        Registrar = new(this);
        Functions = new(this);
    }

    /// <summary>What the program is told.</summary>
    public DeploymentSettings Settings { get; }

    /// <summary>The engine.</summary>
    public IMonitor Monitor { get; }

    /// <summary>The engine's abilities.</summary>
    public MonitorFeatures Features { get; }

    /// <summary>Messages to the user.</summary>
    public EngineLogger Logger { get; }

    /// <summary>Waits for the program's work.</summary>
    public DeploymentRunner Runner { get; }

    /// <summary>Registers resources.</summary>
    public ResourceRegistrar Registrar { get; }

    /// <summary>Calls functions.</summary>
    public FunctionCaller Functions { get; }

    /// <summary>Packages of resources.</summary>
    public PackageReferences Packages { get; }

    /// <summary>Functions of the program that the engine calls.</summary>
    public CallbackRegistry Callbacks { get; }

    /// <summary>The root of all resources.</summary>
    /// <exception cref="InvalidOperationException">There is none yet.</exception>
    public Stack Stack
    {
        get => _stack ?? throw new InvalidOperationException("There is no stack yet: make resources inside Deployment.RunAsync, in the stack's constructor or function.");
        set => _stack = value;
    }

    /// <summary>Shows a warning.</summary>
    public void Warn(string message, Resource? resource = null)
        => _ = Logger.LogAsync(LogSeverity.Warning, message, resource);
}
