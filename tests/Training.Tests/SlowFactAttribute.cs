namespace Reco.Training.Tests;

/// <summary>A test that trains for minutes: run where RECO_SLOW_TESTS is set.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SlowFactAttribute : FactAttribute
{
    /// <summary>Why such a test is left out; null where it is not.</summary>
    public static readonly string? Reason = Environment.GetEnvironmentVariable("RECO_SLOW_TESTS") is { Length: > 0 } ? null : "trains for minutes: set RECO_SLOW_TESTS=1 to run it";

    public SlowFactAttribute() => Skip = Reason;
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SlowTheoryAttribute : TheoryAttribute
{
    public SlowTheoryAttribute() => Skip = SlowFactAttribute.Reason;
}
