namespace Reco.Engine.Tests.Lifecycle;

/// <summary>A search for cases that are not known yet: run where RECO_LIFECYCLE_CASES says how many.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LongFactAttribute : FactAttribute
{
    /// <summary>The variable with the number of cases.</summary>
    public const string Cases = "RECO_LIFECYCLE_CASES";

    public LongFactAttribute()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Cases)))
        {
            Skip = $"set {Cases} to search that many new cases; README.md beside this file lists what is open";
        }
    }
}
