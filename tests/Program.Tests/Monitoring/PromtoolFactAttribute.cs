namespace Reco.Infra.Tests.Monitoring;

/// <summary>A test that needs Prometheus' own checker of rules.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PromtoolFactAttribute : FactAttribute
{
    /// <summary>Skips the test where the checker is not installed.</summary>
    public PromtoolFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "promtool"))))
        {
            Skip = "promtool is not installed; on Debian: apt-get install prometheus";
        }
    }
}
