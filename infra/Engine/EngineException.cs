namespace Reco.Engine;

/// <summary>An error that a person is to read: what is wrong, where, and what to do. Carries the process exit code
/// (Pulumi's: 1 error, 2 configuration, 3 auth, 4 resource, 5 policy, 6 stack not found, 7 expect-no-changes,
/// 8 cancelled, 9 timeout, 255 internal).</summary>
public sealed class EngineException(string message, int exitCode = 255, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The exit code of the command that fails with this.</summary>
    public int ExitCode { get; } = exitCode;
}
