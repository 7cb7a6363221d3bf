namespace Reco.Engine.Workspace;

/// <summary>Where the passphrase of secrets comes from: <c>PULUMI_CONFIG_PASSPHRASE</c>, the file that
/// <c>PULUMI_CONFIG_PASSPHRASE_FILE</c> names, or none, which is told once.</summary>
internal sealed class Passphrase(Func<string, string?> environment, Action<string> tell)
{
    private string? value;

    /// <summary>The passphrase.</summary>
    /// <exception cref="EngineException">The file cannot be read.</exception>
    public string Get() => value ??= Find();

    private string Find()
    {
        if (environment("PULUMI_CONFIG_PASSPHRASE") is { } given)
        {
            return given;
        }

        if (environment("PULUMI_CONFIG_PASSPHRASE_FILE") is { Length: > 0 } file)
        {
            try
            {
                return File.ReadAllText(file).TrimEnd('\r', '\n');
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new EngineException($"the passphrase file '{file}' (PULUMI_CONFIG_PASSPHRASE_FILE) cannot be read: {error.Message}", 1);
            }
        }

        tell("no passphrase is set: secrets of this stack are encrypted with an empty one, which protects nothing. Set PULUMI_CONFIG_PASSPHRASE for any stack that matters.");
        return "";
    }
}
