namespace Reco.EndToEnd;

/// <summary>A test that has not been seen to pass on the program as it is: open work, run where RECO_E2E_ALL is set.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OpenFactAttribute : FactAttribute
{
    public OpenFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("RECO_E2E_ALL") is null or "")
        {
            Skip = "open: not seen to pass on the program as it is; set RECO_E2E_ALL=1 to run it";
        }
    }
}
