using System.Text.Json.Nodes;
using Reco.Engine.State;

namespace Reco.Engine.Workspace;

/// <summary>One stack, with everything that commands need of it.</summary>
internal sealed class StackSession : IDisposable
{
    private readonly Passphrase passphrase;
    private readonly string? configFile;
    private PassphraseSecrets? secrets;
    private StackConfigFile? config;

    private StackSession(ProjectFile project, StateBackend backend, StackName name, Passphrase passphrase, string? configFile)
    {
        (Project, Backend, Name, this.passphrase, this.configFile) = (project, backend, name, passphrase, configFile);
    }

    /// <summary>The project.</summary>
    public ProjectFile Project { get; }

    /// <summary>Where state is.</summary>
    public StateBackend Backend { get; }

    /// <summary>Name of the stack.</summary>
    public StackName Name { get; }

    /// <summary>Its configuration file, as it was when it was first asked for.</summary>
    public StackConfigFile Config => config ??= configFile is null ? StackConfigFile.Open(Project, Name.Stack) : StackConfigFile.Open(configFile);

    /// <summary>Its secrets provider; made at first use.</summary>
    public PassphraseSecrets Secrets => secrets ??= OpenSecrets();

    /// <summary>Begins to derive the key of the secrets while other things are done.</summary>
    /// <param name="writes">Whether the state will be written, which needs the key of a new stack, too.</param>
    /// <returns>Completes when the passphrase was checked.</returns>
    public Task CheckPassphraseAsync(bool writes)
    {
        secrets ??= KnownSalt() is { } salt ? PassphraseSecrets.Begin(passphrase.Get(), salt) : PassphraseSecrets.Create(passphrase.Get(), soon: writes);
        return secrets.Checked;
    }

    /// <summary>Opens a stack.</summary>
    /// <param name="project">Project.</param>
    /// <param name="backend">Where state is.</param>
    /// <param name="name">Stack.</param>
    /// <param name="passphrase">Where the passphrase is taken from.</param>
    /// <param name="configFile">Configuration file (absolute) in place of the stack's own, or null.</param>
    public static StackSession Open(ProjectFile project, StateBackend backend, StackName name, Passphrase passphrase, string? configFile = null) =>
        new(project, backend, name, passphrase, configFile);

    /// <summary>The stack's state, with what an interrupted update did.</summary>
    public Snapshot LoadSnapshot() => Load().Snapshot;

    /// <summary>The stack's deployment, encrypted, and its state.</summary>
    public LoadedState Load() => Backend.Open(Name, SecretsFor);

    /// <summary>Takes the stack's lock, and takes what an interrupted update did into the checkpoint.</summary>
    /// <exception cref="EngineException">Somebody else holds the lock, or the state cannot be read.</exception>
    public IDisposable Lock(TimeProvider time, Action<string> tell)
    {
        var held = StackLock.Take(Backend.Folder, Name, time, tell);
        try
        {
            TakeInJournal(tell);
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The decrypted configuration.</summary>
    public StackConfiguration LoadConfig() => StackConfiguration.Load(Project, Config, () =>
    {
        // A wrong passphrase is told as such, not as a value that cannot be decrypted.
        Secrets.Check();
        return Secrets;
    });

    /// <summary>Encrypts text for the configuration file, which gets the salt that goes with it when it is saved.</summary>
    public string EncryptForConfig(string text)
    {
        var sealedText = Secrets.Encrypt(text);
        if (Config.Salt != Secrets.Salt)
        {
            Config.SetSalt(Secrets.Salt);
        }

        return sealedText;
    }

    /// <summary>Lets the configuration file be read again when it is next asked for.</summary>
    public void ForgetConfig() => config = null;

    /// <summary>Removes the stack's configuration file. One that was named for a command may be that of many stacks.</summary>
    public void DeleteConfig()
    {
        if (configFile is null)
        {
            Config.Delete();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => secrets?.Dispose();

    /// <summary>The provider that a deployment's secrets were encrypted with: the stack's own, or one of another salt.</summary>
    public PassphraseSecrets? SecretsFor(JsonObject deployment)
    {
        if (DeploymentCodec.SecretsOf(deployment) is not { } provider)
        {
            return null;
        }

        if (provider.Type != "passphrase" || PassphraseSecrets.SaltOf(provider.State) is not { } salt)
        {
            throw new EngineException($"stack '{Name.Stack}' keeps its secrets with the provider '{provider.Type}'; the embedded engine has 'passphrase' only. Change it with 'pulumi stack change-secrets-provider passphrase'.", 1);
        }

        return Secrets.Salt == salt ? Secrets : PassphraseSecrets.Open(passphrase.Get(), salt);
    }

    private void TakeInJournal(Action<string> tell)
    {
        if (!File.Exists(Backend.Folder.Journal(Name)))
        {
            return;
        }

        Secrets.Check();
        var state = Load();
        switch (state.Journal)
        {
            case JournalState.Replayed:
                Backend.TakeInJournal(Name, state.Snapshot, Secrets);
                tell($"an earlier run on stack '{Name.Stack}' was interrupted; what it did is taken into the state");
                break;
            case JournalState.Foreign when Backend.SetJournalAside(Name) is { } aside:
                tell($"an earlier run on stack '{Name.Stack}' was interrupted, and another engine has written the state since. What the earlier run did is in '{aside}': import or delete by hand what it made.");
                break;
            default:
                Backend.DropJournal(Name);
                break;
        }
    }

    private PassphraseSecrets OpenSecrets() =>
        KnownSalt() is { } salt ? PassphraseSecrets.Open(passphrase.Get(), salt) : PassphraseSecrets.Create(passphrase.Get());

    private string? KnownSalt() => Config.Salt
        ?? (Backend.Exists(Name) && DeploymentCodec.SecretsOf(Backend.Load(Name)) is { Type: "passphrase" } provider ? PassphraseSecrets.SaltOf(provider.State) : null);
}
